"""The console, ``/__sandbox__/console``: the sandbox in a browser.

The server has no more of it than its files (``pages``), and the stream of what happens that any
client may read (``feed``, ``overview``). Everything that is done with it is done through the APIs
and the other controls.
"""
