from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bot = configuration.create_bot(name="Parcels")
    configuration.delete_bot(id=bot.id)
    print([other.name for other in configuration.list_bots(all=True)])
