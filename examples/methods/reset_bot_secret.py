from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bot = configuration.create_bot(name="Parcels")
    new = configuration.reset_bot_secret(id=bot.id)
    assert new.secret != bot.secret
