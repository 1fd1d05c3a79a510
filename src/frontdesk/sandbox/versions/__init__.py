"""How requests, results, pushes and webhooks of 3.6 look in the other versions of the API."""
