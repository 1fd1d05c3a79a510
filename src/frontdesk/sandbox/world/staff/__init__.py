"""Agents, bots and groups: who works here, when, in which role, and who is connected."""
