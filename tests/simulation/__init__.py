"""Clients, sandbox, network and disk in one process, on a simulated clock, driven by one integer.

``python -m tests.simulation SEED`` plays a seed and prints what happened; ``simulate`` in
``run.py`` is where a run is put together.
"""
