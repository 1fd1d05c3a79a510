"""The drivers of the RTM clients, sync and async."""
