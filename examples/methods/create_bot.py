from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    bot = configuration.create_bot(
        name="Parcels", max_chats_count=50, default_group_priority="first", type="ai_agent"
    )
    # Keep `bot.secret` where you keep your tokens: it is not shown again.
    print(bot.id)
