from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    configuration.add_allowed_domain(domain="shop.example.com")
    configuration.delete_allowed_domain(domain="shop.example.com")
    print(configuration.list_allowed_domains().domains)
