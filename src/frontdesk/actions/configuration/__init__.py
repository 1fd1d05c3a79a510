"""The methods of the Configuration API."""

from frontdesk.spec.actions import CONFIGURATION_ACTIONS

__all__ = ["CONFIGURATION_ACTIONS"]
