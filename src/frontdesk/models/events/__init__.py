"""Events, as received and as sent."""
