from frontdesk import ConfigurationClient
from frontdesk.errors import AuthorizationError

with ConfigurationClient() as configuration:
    try:
        configuration.request_agent_unsuspension()
    except AuthorizationError:
        print("Whoever is not suspended has nothing to ask for.")
