"""Agents and customers who act at random on one sandbox, each over a connection of its own.

What each of them is pushed, and what each reads, is the same conversation, less what the one may
not see. ``python -m tests.simulation.both_ends SEED`` plays a seed and prints what happened.
"""
