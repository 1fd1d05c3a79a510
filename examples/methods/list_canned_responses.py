from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    for response in configuration.iter_canned_responses(include_private=True):
        print(response.group_id, response.tags, response.text)
