"""The server: owns the store, runs the connectors, answers terminals over the workspace's socket."""
