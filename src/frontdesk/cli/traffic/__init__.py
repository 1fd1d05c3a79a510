"""Commands about what goes over the wire: to record it, and to compare it."""
