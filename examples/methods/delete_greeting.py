from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    created = configuration.create_greeting(
        type="announcement", active=False, name="Summer sale", group=0, rules=[]
    )
    configuration.delete_greeting(id=created.id)
