"""Rules: what Desk does by itself with what customers write. Pure: what they say, and what that comes to.

`words` reads and judges them, `planning` says what they would make of a conversation; `desk.service.rules` does it.
"""
