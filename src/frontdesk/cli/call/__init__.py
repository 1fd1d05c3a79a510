"""``frontdesk call``: every method of every API as a command, made of its declaration."""
