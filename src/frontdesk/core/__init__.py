"""When to say what: retries, pages, sessions, as state machines without any input or output."""
