"""Bots: handlers declared on a ``Bot``, run in one process or on many machines.

Nothing here needs an extra: engines and state stores that do are modules of their own.
"""
