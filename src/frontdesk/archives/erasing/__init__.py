"""How one customer is removed from each kind of target."""
