from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    made = configuration.create_canned_response(text="Thanks!", tags=["thanks"], group_id=1)
    configuration.update_canned_response(id=made.id, text="Thank you!", is_private=True)
    page = configuration.list_canned_responses(group_ids=[1], include_private=True)
    print([response.text for response in page.canned_responses if response.id == made.id])
