from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    result = configuration.batch_update_translations(
        requests=[
            {"group_id": 3, "language": "de", "phrases": {"Client": "Gast"}},
            {"group_id": 3, "language": "fr", "phrases": {"Client": "Client"}},
        ]
    )
    print([item.error for item in result.responses])
