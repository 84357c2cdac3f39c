"""The Textual app: modes, the connection to the server, and nothing a screen could do itself."""
