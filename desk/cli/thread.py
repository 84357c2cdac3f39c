"""A conversation as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desk.cli.output import Output, Styled
from desk.cli.times import local
from desk.model import Address, Conversation, Fold, Message

_DIRECTIONS = {
    "in": ("from", "bold"),
    "out": ("to", "bold green"),
    "note": ("note by", "yellow"),
    "event": ("·", "dim"),
}
_OUTBOX_STYLES = {"failed": "red", "bounced": "red", "unknown": "red bold", "held": "yellow", "sending": "yellow"}


def write_conversation(
    out: Output, conversation: Conversation, messages: Sequence[Message], *, full: bool = False
) -> None:
    """The head of a conversation and its messages, oldest first; quotes and signatures folded unless `full`."""
    out.line(Styled(conversation.subject or "(no subject)", "bold"))
    out.line(Styled(" · ".join(_facts(conversation)), "dim"))
    hidden = conversation.messages - sum(message.direction != "event" for message in messages)
    if hidden > 0 and messages:
        out.line(Styled(f"{hidden} older: --before {messages[0].id}", "dim"))
    for message in messages:
        out.line()
        write_message(out, message, full=full)


def write_message(out: Output, message: Message, *, full: bool = False) -> None:
    """One message, note or event."""
    word, style = _DIRECTIONS[message.direction]
    when = Styled(f"  {local(message.at)}", "dim")
    if message.direction == "event":
        out.line(Styled(f"{word} {message.body}", style), when)
        return
    who = message.agent_name or "?" if message.direction == "note" else _people(message)
    out.line(Styled(f"{word} {who}", style), when, Styled(f"  #{message.id}", "dim"), *_marks(message))
    for line, folded in body_lines(message.body, message.folds, full=full):
        out.line("  ", Styled(line, "dim") if folded else line)
    for number, link in enumerate(message.links, start=1):
        out.line(Styled(f"  [{number}] {link}", "cyan"))
    for attachment in message.attachments:
        out.line(Styled(f"  + {attachment.name}  {attachment.media_type}, {size(attachment.size)}", "cyan"))


def body_lines(body: str, folds: Sequence[Fold], *, full: bool = False) -> Iterator[tuple[str, bool]]:
    """The lines of a body and whether each is part of a fold; a fold is one line that counts, unless `full`."""
    lines = body.split("\n")
    position = 0
    for fold in sorted(folds, key=lambda fold: fold.start):
        for line in lines[position : fold.start]:
            yield line, False
        hidden = lines[max(position, fold.start) : fold.end]
        if full:
            yield from ((line, True) for line in hidden)
        elif any(line.strip() for line in hidden):
            yield f"[{fold.kind}: {len(hidden)} line{'s' * (len(hidden) != 1)}]", True
        position = max(position, fold.end)
    for line in lines[position:]:
        yield line, False


def size(bytes: int) -> str:
    """A number of bytes for people."""
    if bytes < 1000:
        return f"{bytes} B"
    return f"{bytes / 1000:.0f} kB" if bytes < 1_000_000 else f"{bytes / 1_000_000:.1f} MB"


def address(address: Address) -> str:
    """`Name <mailbox>`, or the mailbox alone."""
    return f"{address.name} <{address.email}>" if address.name else address.email


def _facts(conversation: Conversation) -> Iterator[str]:
    yield f"#{conversation.id} {conversation.state}"
    yield f"{conversation.customer_name} <{conversation.customer_address}>"
    yield f"with {conversation.assignee_name}" if conversation.assignee_name else "unassigned"
    if conversation.priority != "normal":
        yield conversation.priority
    if conversation.queue_name:
        yield conversation.queue_name
    yield from (f"#{tag}" for tag in conversation.tags)
    if conversation.due_at is not None:
        yield f"due {local(conversation.due_at)}"
    if conversation.snoozed_until is not None:
        yield f"snoozed until {local(conversation.snoozed_until)}"


def _people(message: Message) -> str:
    if message.direction == "in":
        return address(message.sender) if message.sender else "nobody known"
    return ", ".join(map(address, (*message.to, *message.cc))) or "?"


def _marks(message: Message) -> Iterator[Styled]:
    if message.third_party:
        yield Styled("  third party", "yellow")
    if message.kind != "message":
        yield Styled(f"  {message.kind}", "yellow")
    if message.outbox_state:
        yield Styled(f"  {message.outbox_state}", _OUTBOX_STYLES.get(message.outbox_state, "dim"))
