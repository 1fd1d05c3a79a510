from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    page = configuration.list_greetings(groups=[1, 2])
    print(page.found_greetings, [greeting.name for greeting in page.greetings])
