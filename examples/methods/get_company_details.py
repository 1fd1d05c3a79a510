from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    details = configuration.get_company_details()
    print(details.company, details.city, details.url)
