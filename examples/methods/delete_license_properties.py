from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    # What LiveChat begins with counts again.
    configuration.delete_license_properties(properties={"chats": ["prefer_recent_agent"]})
