"""How a call to the API is carried out, whatever brought it."""
