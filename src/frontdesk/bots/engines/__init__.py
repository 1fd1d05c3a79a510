"""What moves the work of a bot: this process, or NATS."""
