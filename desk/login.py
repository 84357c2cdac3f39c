"""Who types, as far as the operating system knows. Imports next to nothing."""

from __future__ import annotations


def user_name() -> str:
    """The login of a rep who has no other."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "agent"
