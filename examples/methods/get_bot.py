from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    created = configuration.create_bot(name="Parcels", job_title="Finds your parcel")
    bot = configuration.get_bot(id=created.id, fields=["job_title"])
    print(bot.name, bot.job_title, bot.max_chats_count)
