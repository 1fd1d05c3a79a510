from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for rule in configuration.list_auto_accesses():
        print(rule.description, rule.access.groups)
