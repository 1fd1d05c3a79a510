from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.update_company_details(company="Example Furniture", city="Dallas")
    print(configuration.get_company_details())
