"""From JSON to models and back, and what is done about damage."""
