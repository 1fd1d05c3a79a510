from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for ban in configuration.list_customer_bans():
        print(ban.customer_id or ban.ip, "until", ban.expires_at, "by", ban.agent_id)
