"""What is given on the command line, and what its help says of it."""
