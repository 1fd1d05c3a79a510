"""What the accounts server does when it is called: a module for its page, one for its tokens."""
