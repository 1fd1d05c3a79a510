from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    # Nobody comes in from this address for an hour.
    configuration.ban_customer(ip="203.0.113.7", seconds=3600)
