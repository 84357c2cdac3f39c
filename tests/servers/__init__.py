"""Real servers on loopback for tests and benchmarks, each in a directory of its own."""
