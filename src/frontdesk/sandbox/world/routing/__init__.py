"""Who takes which chat: the router, the queue, transfers, and what happens when nobody responds."""
