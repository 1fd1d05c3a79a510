"""What a chat window shows: phrases, forms, and the configuration of a group."""
