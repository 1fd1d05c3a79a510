from datetime import UTC, datetime

from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    greeting = configuration.list_greetings(limit=1).greetings[0]
    configuration.update_greeting(
        id=greeting.id, active=True, active_until=datetime(2031, 1, 1, tzinfo=UTC)
    )
