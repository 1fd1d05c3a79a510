from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bots = configuration.list_bots(all=True)
    batch = configuration.batch_update_bots(
        requests=[{"id": bot.id, "max_chats_count": 50} for bot in bots]
    )
    print([response.error for response in batch.responses])
