"""What a declaration of an API method is made of, and how its arguments are checked."""
