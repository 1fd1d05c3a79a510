from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    made = configuration.create_canned_response(
        text="Thank you for your patience!", tags=["thanks"], group_id=1
    )
    print(made.id)
