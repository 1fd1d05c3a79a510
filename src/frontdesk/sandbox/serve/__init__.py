"""How callers reach the sandbox: HTTP and WebSocket over a socket, or a call in this process."""
