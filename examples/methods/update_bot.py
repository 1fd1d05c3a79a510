from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bot = configuration.create_bot(name="Parcels")
    configuration.update_bot(id=bot.id, groups=[{"id": 1, "priority": "first"}])
    print(configuration.get_bot(id=bot.id).groups)
