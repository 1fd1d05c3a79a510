"""What the sandbox says of itself: OpenAPI, AsyncAPI, the table of its fidelity."""
