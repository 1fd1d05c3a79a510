"""Threads, event loops and forks: what several parts of the library need of them."""
