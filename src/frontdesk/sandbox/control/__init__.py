"""Control of the sandbox at ``/__sandbox__/…``, a module per resource."""
