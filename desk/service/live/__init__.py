"""The live queue: what waits, how we are doing, and how many people it takes."""
