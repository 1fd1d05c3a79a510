from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for excess in configuration.check_product_limits_for_plan(plan="starter"):
        print(excess.resource, excess.id, excess.limit_balance)
