"""Commands that log in and out, and what they keep: profiles."""
