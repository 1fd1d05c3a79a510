"""A bot on the engine of one process, whose process, disk and servers fail. See ``run.simulate``.

It is driven by the same loop, disk and trace as the simulation of sessions and webhooks.
"""
