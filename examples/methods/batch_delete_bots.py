from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bots = [configuration.create_bot(name=name) for name in ("Parcels", "Returns")]
    batch = configuration.batch_delete_bots(requests=[{"id": bot.id} for bot in bots])
    print([response.error for response in batch.responses])
