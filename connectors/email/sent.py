"""The folder of sent mail: asking it whether a message went out, and filing copies in it."""

from __future__ import annotations

from imapclient import IMAPClient

from connectors.base import Permanent, SecretSource, Temporary, Wire
from connectors.email.connection import Client, Line, session
from connectors.email.settings import EmailSettings
from connectors.email.trouble import Trouble, quoted

_SENT = rb"\Sent"


def find_folder(client: Client, settings: EmailSettings) -> str | None:
    """The folder named, or the one the server marks `\\Sent` (RFC 6154), or one with a usual name; None if none is."""
    if settings.sent_folder == "auto":
        found = client.find_special_folder(_SENT)
        return None if found is None else str(found)
    if settings.sent_folder and client.folder_exists(settings.sent_folder):
        return settings.sent_folder
    return None


def holds(client: Client, folder: str, rfc_message_id: str) -> bool:
    """Whether a message with that Message-ID lies in the folder."""
    client.select_folder(folder, readonly=True)
    return bool(client.search(["HEADER", "Message-ID", f"<{rfc_message_id}>"]))


def was_sent(settings: EmailSettings, secret: SecretSource, rfc_message_id: str) -> bool | None:
    """True if the folder holds it; False if it does not where the server files what it sends, else None."""
    try:
        with session(settings.imap, secret, Line()) as client:
            folder = find_folder(client, settings)
            if folder is None:
                return None
            if holds(client, folder, rfc_message_id):
                return True
    except Trouble:
        return None
    return False if settings.sent_copy == "server" else None


def file_copy(settings: EmailSettings, secret: SecretSource, wire: Wire) -> None:
    """Append a copy, seen, unless one is there. Raises Temporary or Permanent."""
    if not settings.sent_folder or settings.sent_copy == "server":
        return
    try:
        with session(settings.imap, secret, Line()) as client:
            folder = find_folder(client, settings)
            if folder is None:
                raise Permanent(_no_folder(client, settings))
            if not holds(client, folder, wire.rfc_message_id):
                _append(client, folder, wire.raw)
    except Trouble as trouble:
        raise Temporary(f"the copy was not filed: {trouble}") from trouble


def _append(client: Client, folder: str, raw: bytes) -> None:
    try:
        client.append(folder, raw, flags=[rb"\Seen"])
    except IMAPClient.AbortError:
        raise
    except IMAPClient.Error as error:
        raise Temporary(f"the copy was not filed in {folder}: {quoted(str(error))}") from error


def _no_folder(client: Client, settings: EmailSettings) -> str:
    names = ", ".join(sorted(name for _, _, name in client.list_folders()))
    which = "marked as such by the server" if settings.sent_folder == "auto" else f"called {settings.sent_folder}"
    return f"there is no folder for sent mail {which}; set sent_folder to one of: {quoted(names)}"
