from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    batch = configuration.batch_create_bots(requests=[{"name": "Parcels"}, {"name": "Returns"}])
    for response in batch.responses:
        print(response.id or response.error)
