"""The web chat from outside: in a browser, by HTTP API and by MCP."""
