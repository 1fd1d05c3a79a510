from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    print(configuration.get_product_source())
