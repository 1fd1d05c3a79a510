"""Controls of the accounts server: clients, organizations, and log-ins without a browser."""
