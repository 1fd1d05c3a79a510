"""What is done with one item: state in, handlers, state out."""
