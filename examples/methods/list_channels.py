from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for channel in configuration.list_channels():
        print(channel.channel_type, channel.first_activity_timestamp)
