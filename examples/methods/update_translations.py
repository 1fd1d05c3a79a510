from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    configuration.update_translations(
        group_id=3, language="de", phrases={"Welcome_title": "Willkommen!"}
    )
    print(configuration.list_translations(group_id=3, language="de").phrases)
