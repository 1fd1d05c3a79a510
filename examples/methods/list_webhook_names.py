from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for webhook in configuration.list_webhook_names(version="3.6"):
        print(webhook)
