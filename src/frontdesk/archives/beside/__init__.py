"""What lies beside the rows of an export: downloaded files, and who was erased."""
