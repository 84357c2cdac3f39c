"""Which conversation a mail belongs to, and why.

The strongest evidence wins: our own token; then In-Reply-To and References that name a stored message, with a sender
who takes part in that conversation; then stored messages that themselves refer to this one (the parent came late);
then an equal subject, only from somebody who takes part, within 30 days and the same account. Otherwise it is new.

What is forged most easily is never enough: somebody who takes no part joins only on evidence that the thread reached
them (a token, an answer to what we sent, having been addressed), and is marked as a third party. The sender's address
itself is believed, as every mail program does; what vouches for it (SPF, DKIM) is the receiving server's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import DAY, Millis
from desk.mail.parsed import Parsed
from desk.model import Rule
from desk.service.threads import REFERENCES_AT_MOST, Place, Threads
from desk.text import fold_address, fold_subject

BOUNCE_WINDOW: Millis = 14 * DAY
_STRANGERS_TRY = 5
"""Conversations in which somebody who takes no part is looked up."""


class Decision(Struct, frozen=True, kw_only=True):
    """Where a mail goes. `conversation_id` None: into a new conversation."""

    conversation_id: int | None = None
    rule: Rule = "new"
    detail: str = ""
    """For the rep, in words: what matched, and what looked like a match but was not believed."""
    third_party: bool = False
    message_id: int | None = None
    """The stored message it answers, or that a bounce reports on."""


class Case(Struct, frozen=True, kw_only=True):
    """A mail, and what is known of it from elsewhere."""

    mail: Parsed
    account: str
    at: Millis
    outbound: bool = False
    """It comes from one of our own addresses."""
    proven: bool = False
    """It lay where only the account's owner can put mail (the Sent folder), so `outbound` is more than a claim."""
    for_others: bool = False
    """Its From is ours: a form on our site perhaps, through which anybody writes."""
    spoke: frozenset[str] = frozenset()
    """Folded addresses of the other side: the sender, or whom we wrote to."""
    people: frozenset[str] = frozenset()
    """`spoke`, and what else the sender is known to write from."""

    @property
    def who(self) -> str:
        """The sender, in words."""
        return self.mail.sender.email if self.mail.sender else "somebody without an address"


def decide(threads: Threads, case: Case) -> Decision:
    """Apply the rule. Reads only; see the module's docstring."""
    doubts: list[str] = []
    decision = _first(threads, case, doubts) or Decision(detail="" if doubts else "nothing ties it to earlier mail")
    if doubts:
        decision = replace(decision, detail="; ".join(dict.fromkeys(filter(None, (decision.detail, *doubts)))))
    return decision


def _first(threads: Threads, case: Case, doubts: list[str]) -> Decision | None:
    if case.mail.kind == "bounce" and (decision := _by_report(threads, case)):
        return decision
    return (
        _by_token(threads, case, doubts)
        or _by_reference(threads, case, doubts)
        or _by_child(threads, case, doubts)
        or _by_subject(threads, case, doubts)
    )


# --- the rules, strongest first ---------------------------------------------------------------------------


def _by_token(threads: Threads, case: Case, doubts: list[str]) -> Decision | None:
    for text, where in _token_places(case):
        found = threads.tokens.find(text)
        if found is None:
            continue
        if found.conversation_id is None:
            doubts.append(f"its {where} carries a token that this workspace did not sign")
            continue
        placed = threads.placed(text)
        conversation_id = placed[0].conversation_id if placed else threads.store.placing.target(found.conversation_id)
        if not threads.participants(conversation_id) and threads.store.conversations.get(conversation_id) is None:
            doubts.append(f"its {where} carries our token of conversation {conversation_id}, which is gone")
            continue
        return _join(
            threads,
            case,
            Place(placed[0].message_id if placed else 0, conversation_id),
            "token",
            f"carries our token in {where}",
        )
    return None


def _token_places(case: Case) -> Iterator[tuple[str, str]]:
    mail = case.mail
    if case.proven:
        yield mail.message_id, "Message-ID"
    yield mail.in_reply_to, "In-Reply-To"
    for reference in reversed(mail.references[-REFERENCES_AT_MOST:]):
        yield reference, "References"
    for address in (*mail.to, *mail.cc):
        yield address.email, "recipient address"
    for delivered in mail.delivered_to:
        yield delivered, "Delivered-To"


def _by_reference(threads: Threads, case: Case, doubts: list[str]) -> Decision | None:
    places = [place for rfc_id in threads.referred(case.mail) for place in threads.placed(rfc_id)]
    for place in places:
        if _takes_part(threads, case, place.conversation_id):
            return _join(threads, case, place, "references", f"answers <{place.tie}>")
    for place in _one_a_conversation(places)[:_STRANGERS_TRY]:
        if threads.sent_by_us(place.message_id):
            return _join(threads, case, place, "references", f"answers <{place.tie}>, which we sent")
        if (case.outbound and case.proven) or _was_addressed(threads, case, place.conversation_id):
            return _join(threads, case, place, "references", f"answers <{place.tie}>")
        doubts.append(f"refers to conversation {place.conversation_id}, but {case.who} is a stranger there")
    return None


def _by_child(threads: Threads, case: Case, doubts: list[str]) -> Decision | None:
    """Stored messages that refer to this one, or to what this one refers to and nobody has seen."""
    own = _one_a_conversation(threads.children(case.mail.message_id)) if case.mail.message_id else []
    siblings = [place for rfc_id in threads.referred(case.mail) for place in threads.children(rfc_id)]
    for place in own:
        if _takes_part(threads, case, place.conversation_id):
            return _join(threads, case, place, "references", "an answer to it came earlier")
    for place in _one_a_conversation(siblings):
        if _takes_part(threads, case, place.conversation_id):
            return _join(threads, case, place, "references", f"answers <{place.tie}>, as an earlier message does")
    for place in own[:_STRANGERS_TRY]:
        if _was_addressed(threads, case, place.conversation_id):
            return _join(threads, case, place, "references", "an answer to it came earlier")
        doubts.append(f"conversation {place.conversation_id} refers to it, but {case.who} is a stranger there")
    return None


def _by_subject(threads: Threads, case: Case, doubts: list[str]) -> Decision | None:
    subject = fold_subject(case.mail.subject)
    if not subject or not case.people or not _speaks_for_itself(case):
        return None
    for span in threads.with_subject(subject, case.at):
        if _takes_part(threads, case, span.conversation_id):
            return _join(threads, case, Place(0, span.conversation_id), "subject", "has the same subject")
    return None


def _by_report(threads: Threads, case: Case) -> Decision | None:
    """A bounce goes to the message that bounced, or else to the last conversation with who did not get it."""
    report = case.mail.report
    named = [report.original_message_id] if report and report.original_message_id else []
    for rfc_id in (*named, *threads.referred(case.mail)):
        for place in threads.placed(rfc_id):
            if threads.sent_by_us(place.message_id):
                return Decision(
                    conversation_id=place.conversation_id,
                    rule="bounce",
                    detail=f"reports on <{place.tie}>, which we sent",
                    message_id=place.message_id,
                )
    for recipient in report.recipients if report else ():
        address = fold_address(recipient.address)
        id = _last_with(threads, address, case)
        if id is not None:
            detail = (
                f"reports on mail to {recipient.address}, without saying which; this is the last conversation there"
            )
            return Decision(conversation_id=id, rule="bounce", detail=detail, third_party=True)
    return None


# --- who is who -------------------------------------------------------------------------------------------


def _join(threads: Threads, case: Case, place: Place, rule: Rule, why: str) -> Decision:
    takes_part = _takes_part(threads, case, place.conversation_id)
    third_party = not takes_part or (case.outbound and not case.proven)
    if case.outbound and not case.proven:
        why += f"; it says it comes from our own {case.who}, but did not go out through Desk"
    elif case.outbound and not takes_part:
        why += "; we wrote to somebody who took no part until now"
    elif not takes_part:
        why += f"; {case.who} took no part until now"
    else:
        why += f"; {case.who} takes part" if not case.outbound else ""
    return Decision(
        conversation_id=place.conversation_id,
        rule=rule,
        detail=why,
        third_party=third_party,
        message_id=place.message_id or None,
    )


def _takes_part(threads: Threads, case: Case, conversation_id: int) -> bool:
    return not case.people.isdisjoint(threads.participants(conversation_id))


def _was_addressed(threads: Threads, case: Case, conversation_id: int) -> bool:
    return not case.people.isdisjoint(threads.addressed(conversation_id))


def _one_a_conversation(places: Sequence[Place]) -> list[Place]:
    first: dict[int, Place] = {}
    for place in places:
        first.setdefault(place.conversation_id, place)
    return list(first.values())


def _speaks_for_itself(case: Case) -> bool:
    """Whether an equal subject can mean an equal matter: machines and forms repeat theirs, whoever it is about."""
    mail = case.mail
    if case.outbound:
        return case.proven
    if case.for_others or mail.auto not in ("", "list") or mail.kind != "message":
        return False
    return all(fold_address(to.email) in case.people for to in mail.reply_to)


def _last_with(threads: Threads, address: str, case: Case) -> int | None:
    customer_id = threads.store.customers.find("email", address)
    if customer_id is None:
        return None
    for conversation in threads.store.conversations.of_customer(customer_id, 10):
        recent = conversation.last_at - DAY <= case.at <= conversation.last_at + BOUNCE_WINDOW
        if recent and address in threads.participants(conversation.id):
            return conversation.id
    return None
