from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    first = configuration.list_greetings(limit=1).greetings[0]
    greeting = configuration.get_greeting(id=first.id)
    print(greeting.name, [rule.type for rule in greeting.rules])
