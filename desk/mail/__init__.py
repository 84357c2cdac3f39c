"""Internet mail as data: bytes in, `Parsed` out. Pure, no store, no network.

`parse` never raises on what a stranger wrote; `pool` runs it where it can be killed.
"""
