"""The methods of the APIs as tools of an MCP server, as ``frontdesk mcp`` serves them.

The Model Context Protocol is how applications with a language model (Claude, ChatGPT, editors) use
tools of others. Nothing of it is loaded before this package is imported.
"""

from frontdesk.extras import importing_extra

with importing_extra("mcp", "frontdesk.mcp"):
    from frontdesk.mcp.http import serve_http
    from frontdesk.mcp.server import make_server
    from frontdesk.mcp.settings import ServerOptions
    from frontdesk.mcp.standard_streams import serve_stdio

__all__ = ["ServerOptions", "make_server", "serve_http", "serve_stdio"]
