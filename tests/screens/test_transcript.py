"""What the transcript says of a message on its way out, and of links."""

from __future__ import annotations

from desk.clock import DAY, SECOND
from desk.model import Address, Message, NewReply, OutboxItem
from screens.transcript import Look, Named, message_lines

NOW = 1_800_000_000_000


def said(*, mine: bool, later: bool) -> str:
    until = NOW + (3 * DAY if later else 7 * SECOND)
    item = OutboxItem(
        message_id=1, conversation_id=1, account="shop", rfc_message_id="x", hold_until=until,
        content=NewReply(body="Hi", send_at=until if later else None),
    )  # fmt: skip
    message = Message(
        id=1, conversation_id=1, direction="out", body="Hi", at=NOW, agent_name="Ada", outbox_id=1, outbox_state="held",
        to=(Address(email="c@x.example"),),
    )  # fmt: skip
    look = Look(width=78, now=NOW, outbox=item, mine=mine, keys=Named("enter", "u", "O"))
    return "\n".join("".join(text for text, _ in line.spans) for line in message_lines(message, look))


def test_only_who_wrote_it_takes_it_back_with_a_key() -> None:
    assert "sending in 7 s — u takes it back" in said(mine=True, later=False)
    assert "sending in 7 s" in said(mine=False, later=False)
    assert "u takes it back" not in said(mine=False, later=False)


def test_what_waits_for_its_time_is_not_counted_in_seconds() -> None:
    assert "unless they write before — O takes it back" in said(mine=True, later=True)
    assert " s —" not in said(mine=True, later=True)


def test_a_link_that_is_written_as_another_place_says_so_in_the_text() -> None:
    message = Message(
        id=1, conversation_id=1, direction="in", at=NOW, sender=Address(email="c@x.example"),
        body="Pay at https://www.bank.example/pay [1] or on our page [2].",
        links=("https://evil.example/x", "https://shop.example/y"),
    )  # fmt: skip
    look = Look(width=78, now=NOW, outbox=None, mine=False, keys=Named("enter", "u", "O"))
    lines = message_lines(message, look)
    told = "\n".join("".join(text for text, _ in line.spans) for line in lines)
    plain = " ".join(told.replace("│", "").split())
    assert "https://www.bank.example/pay [1 → evil.example] or on our page [2]." in plain
    assert "[1] https://evil.example/x  ! written as www.bank.example" in told
    assert [line.spans[-1][1] for line in lines if "[1] https" in "".join(text for text, _ in line.spans)] == ["warn"]
