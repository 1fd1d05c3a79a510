"""The sandbox's webhooks on their way to whoever is registered."""
