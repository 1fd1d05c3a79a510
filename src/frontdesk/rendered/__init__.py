"""The clients' methods, rendered from the declarations; nothing else lies here."""
