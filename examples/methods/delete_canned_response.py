from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    made = configuration.create_canned_response(text="Thanks!", tags=["thanks"], group_id=1)
    configuration.delete_canned_response(id=made.id)
    print(configuration.list_canned_responses(group_ids=[1]))
