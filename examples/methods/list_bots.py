from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for bot in configuration.list_bots(all=True, fields=["max_chats_count"]):
        print(bot.id, bot.name, bot.max_chats_count)
