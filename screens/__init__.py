"""What a person sees. Knows the client, never the store, the service, the server or a connector."""
