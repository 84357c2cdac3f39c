"""One batch on its way into the store: what `desk.service.ingest` does with each mail, inside its transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import HOUR, Millis
from desk.mail.parsed import Parsed, Refused, Source
from desk.missed import Missed
from desk.model import (
    Address,
    Attachment,
    LedgerEntry,
    LedgerOutcome,
    Message,
    OutboxItem,
    OutboxState,
    Rule,
    instant_of,
)
from desk.service import autoreply, bounces, going_on, missed_calls, promises, refusals
from desk.service.missed_calls import MissedCalls
from desk.service.senders import Senders
from desk.service.threading import Case, Decision, decide
from desk.service.threads import Place, Threads
from desk.service.tokens import Tokens
from desk.store.base import Store
from desk.text import fold_address

_DOUBTFUL: tuple[OutboxState, ...] = ("sending", "unknown", "held", "failed")

_SKEW: Millis = HOUR
"""How far two clocks are believed to be apart; what is older is old, whatever it answers."""


class IngestOptions(Struct, frozen=True, kw_only=True):
    """What ingest must know of the account."""

    own: frozenset[str] = frozenset()
    """Folded addresses that are ours: mail from them to others went out, from another program perhaps."""
    own_proven: bool = False
    """The batch comes from where only the owner can put mail (the Sent folder, an archive): a From of ours is true."""
    queue_id: int | None = None
    promised: bool = True
    """Whether who writes is promised an answer; nobody is who wrote what an archive of old mail holds."""
    missed: MissedCalls = MissedCalls()
    acknowledgement: autoreply.Acknowledgement | None = None
    """Sent for the first message of a conversation; None, the default, sends nothing."""


class Intake:
    """The state of one batch: what is known already, and what was done."""

    def __init__(self, store: Store, now: Millis, account: str, options: IngestOptions) -> None:
        self.store = store
        self.now = now
        self.account = account
        self.options = options
        self.stored: list[int] = []
        self.duplicate = 0
        self.quarantined = 0
        self.refusals = 0
        self.begun = 0
        self._files: dict[str, tuple[Attachment, ...]] = {}
        self._seen: set[str] = set()
        self._held: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._ours: dict[str, OutboxItem] = {}
        self._senders = Senders(store, now)
        self._written_to: dict[int, None] = {}
        self._threads: Threads

    # --- before and after ---------------------------------------------------------------------------------

    def keep_parts(self, mails: Sequence[Parsed]) -> None:
        """Put attachments' bytes where they are durable, before the transaction that will point to them."""
        carrying = [mail for mail in mails if mail.parts]
        known = self.store.messages.by_sha256s([mail.sha256 for mail in carrying]) if carrying else {}
        for mail in carrying:
            if mail.sha256 not in known:
                self._files[mail.sha256] = self._attachments(mail)

    def look_up(self, items: Sequence[tuple[Source, Parsed | Refused]]) -> None:
        """Ask the store once for all that the batch may already be."""
        store = self.store
        if not self.options.promised:
            store.happenings.pass_over()
        hashes = [outcome.sha256 for _, outcome in items]
        mails = [outcome for _, outcome in items if isinstance(outcome, Parsed)]
        self._seen = store.ledger.seen(self.account, [external_id(source, outcome) for source, outcome in items])
        self._held = dict(store.messages.by_sha256s(hashes))
        self._kept = dict(store.ledger.kept_sha256s(hashes))
        rfc_ids = list({mail.message_id for mail in mails if mail.message_id})
        self._ours = {item.rfc_message_id: item for item in store.outbox.by_rfc_ids(rfc_ids)}
        store.customers.expect("email", {mail.sender.email for mail in mails if mail.sender})
        instants = [self._instant(source, mail) for source, mail in items if isinstance(mail, Parsed)]
        store.messages.expect(instants)
        self._threads = Threads(store, Tokens.of(store), self.account, mails, min(instants, default=self.now))

    def finish(self) -> None:
        """Bring the promises of the conversations up to date that anything was put into."""
        promised = self.options.promised
        promises.refresh(self.store, self._written_to, begin=promised, arrival=promised)

    # --- one mail -----------------------------------------------------------------------------------------

    def take(self, source: Source, outcome: Parsed | Refused) -> None:
        """Store, recognise or quarantine one mail."""
        id = external_id(source, outcome)
        if id in self._seen:
            self.duplicate += 1
            return
        self._seen.add(id)
        held = self._held.get(outcome.sha256)
        if held is not None:
            self._note_duplicate(id, outcome, held, "the same bytes as a message that is here")
        elif isinstance(outcome, Refused):
            self._quarantine(id, outcome)
        elif not (self._is_ours(id, outcome) or self._is_copy(id, outcome) or self._is_refusal(id, outcome)):
            self._store(id, source, outcome)

    def place(self, source: Source, mail: Parsed) -> tuple[Place, Decision]:
        """Store a mail in its conversation, without a ledger entry."""
        case, others = self._case(source, mail)
        told = self.options.promised and not case.outbound
        call = self.options.missed.told_by(self.account, mail, self.now - case.at) if told else None
        decision = decide(self._threads, case) if call is None else missed_calls.decision(call)
        case = _after_what_it_answers(case, decision, self.now)
        conversation_id = decision.conversation_id
        if conversation_id is None:
            conversation_id = self._begin(case, call or (others[0] if case.outbound else mail.sender))
        elif mail.sender and not case.outbound and not decision.third_party:
            self._senders.customer(mail.sender)
            going_on.mailed(self.store, conversation_id, mail)
        place = Place(self._add(case, conversation_id, decision), conversation_id)
        self._held[mail.sha256] = place.message_id
        believed = decision.conversation_id is None or not decision.third_party or case.proven
        accepted = case.spoke if believed and mail.kind != "bounce" else ()
        self._threads.added(mail, place, case.at, outbound=case.outbound, accepted=accepted)
        if self.options.promised or decision.conversation_id is not None:
            self._written_to[conversation_id] = None
        if mail.kind == "bounce" and mail.report and decision.message_id is not None:
            bounces.record(self.store, decision.message_id, mail.report, self.now)
        if call is not None:
            self.options.missed.promise(self.store, self.now, call, place.message_id)
        return place, decision

    def _case(self, source: Source, mail: Parsed) -> tuple[Case, list[Address]]:
        own = self.options.own
        sender = fold_address(mail.sender.email) if mail.sender else ""
        others = [address for address in (*mail.to, *mail.cc) if not _is_one_of(own, address)]
        outbound = sender in own and bool(others)
        spoke = frozenset(fold_address(other.email) for other in others) if outbound else frozenset({sender} - {""})
        case = Case(
            mail=mail,
            account=self.account,
            at=self._instant(source, mail),
            outbound=outbound,
            proven=outbound and self.options.own_proven,
            for_others=sender in own,
            spoke=spoke,
            people=spoke if outbound else spoke | self._senders.other_addresses(sender),
        )
        return case, others

    def _instant(self, source: Source, mail: Parsed) -> Millis:
        """When a mail came: never later than now."""
        told = source.received_at if source.received_at is not None else mail.told_at
        return self.now if told is None else min(max(told, 0), self.now)

    def _store(self, id: str, source: Source, mail: Parsed) -> None:
        place, decision = self.place(source, mail)
        self.stored.append(place.message_id)
        self._record(id, mail, "stored", place, rule=decision.rule)
        self._acknowledge(source, mail, place, decision)
        earlier = self._kept.pop(mail.sha256, None)
        if earlier is not None:
            self.store.ledger.resolve_quarantine(
                earlier, message_id=place.message_id, conversation_id=place.conversation_id, at=self.now
            )

    def _acknowledge(self, source: Source, mail: Parsed, place: Place, decision: Decision) -> None:
        acknowledgement = self.options.acknowledgement
        if acknowledgement is None or decision.rule != "new":
            return
        case, _ = self._case(source, mail)
        if not case.outbound and self.now - case.at <= autoreply.ANSWER_WITHIN:
            autoreply.acknowledge(self.store, mail, place.conversation_id, acknowledgement, self.options.own, self.now)

    def _begin(self, case: Case, with_whom: Address | Missed | None) -> int:
        self.begun += 1
        id = self.store.conversations.create(
            subject=case.mail.subject,
            channel="email",
            account=self.account,
            customer_id=self._senders.customer(with_whom),
            at=case.at,
            queue_id=self.options.queue_id,
            state="waiting" if case.outbound else "open",
        )
        self._threads.begun(id, case.mail.subject, case.at)
        return id

    def _add(self, case: Case, conversation_id: int, decision: Decision) -> int:
        mail = case.mail
        message = Message(
            conversation_id=conversation_id,
            account=self.account,
            direction="out" if case.outbound else "in",
            kind=mail.kind,
            sender=mail.sender,
            to=mail.to,
            cc=mail.cc,
            reply_to=mail.reply_to,
            subject=mail.subject,
            body=mail.body,
            folds=mail.folds,
            links=mail.links,
            attachments=self._files_of(mail),
            rfc_message_id=mail.message_id,
            in_reply_to=mail.in_reply_to,
            references=mail.references,
            rule=decision.rule,
            rule_detail=decision.detail,
            third_party=decision.third_party,
            recipients=mail.report.recipients if mail.report else (),
            at=case.at,
            size=mail.size,
        )
        return self.store.messages.add(message, raw_packed=mail.raw_packed, sha256=mail.sha256)

    # --- what is not new ----------------------------------------------------------------------------------

    def _is_ours(self, id: str, mail: Parsed) -> bool:
        """Our own mail, seen in a folder: proof that it was sent, if that was ever in doubt."""
        item = self._ours.get(mail.message_id)
        message = self.store.messages.get(item.message_id) if item else None
        if item is None or message is None or not _same_sender(message, mail):
            return False
        if item.attempts and self.store.outbox.advance(item.id, _DOUBTFUL, "sent", self.now):
            promises.refresh(self.store, [item.conversation_id], begin=self.options.promised)
        if self.options.own_proven and item.filing in ("pending", "failed"):
            self.store.outbox.set_filing(item.id, "done", self.now)
        self._note_duplicate(id, mail, message.id, "our own message, seen in a folder", keep=True)
        return True

    def _is_copy(self, id: str, mail: Parsed) -> bool:
        """The same mail through another account or folder: same Message-ID, sender, subject, body and files."""
        if not mail.message_id:
            return False
        for place in self._threads.placed(mail.message_id):
            message = self.store.messages.get(place.message_id)
            if message and _same_sender(message, mail) and self._same_content(message, mail):
                self._note_duplicate(id, mail, message.id, "a mail that is here, by another way", keep=True)
                return True
        return False

    def _same_content(self, message: Message, mail: Parsed) -> bool:
        if (message.subject, message.body) != (mail.subject, mail.body):
            return False
        return [file.sha256 for file in message.attachments] == [file.sha256 for file in self._files_of(mail)]

    def _is_refusal(self, id: str, mail: Parsed) -> bool:
        """A mail by which somebody wants no automatic mail any more (RFC 2369): nothing to answer."""
        token = refusals.in_mail(mail)
        sent = refusals.linked(self.store, token) if token else None
        if sent is None:
            return False
        if self._kept_before(id, mail):
            return True
        refusals.by_mail(self.store, sent, self.now, refuses=True, source="mail")
        self.refusals += 1
        why = f"{sent.address} wants no automatic mail"
        self._kept[mail.sha256] = self._record(id, mail, "refusal", reason=why, keep=True)
        return True

    def _kept_before(self, id: str, outcome: Parsed | Refused) -> bool:
        """Whether the ledger has its bytes, for it is no message."""
        earlier = self._kept.get(outcome.sha256)
        if earlier is not None:
            self.duplicate += 1
            self._record(id, outcome, "duplicate", reason=f"the same bytes as entry {earlier}")
        return earlier is not None

    def _note_duplicate(
        self, id: str, outcome: Parsed | Refused, message_id: int, reason: str, *, keep: bool = False
    ) -> None:
        """`keep`: its bytes are others than the message's, so the ledger keeps them, once."""
        message = self.store.messages.get(message_id)
        self.duplicate += 1
        place = Place(message_id, message.conversation_id) if message else None
        keep = keep and outcome.sha256 not in self._kept
        entry_id = self._record(id, outcome, "duplicate", place, reason=reason, keep=keep)
        if keep:
            self._kept[outcome.sha256] = entry_id

    def _quarantine(self, id: str, refused: Refused) -> None:
        if self._kept_before(id, refused):
            return
        self.quarantined += 1
        self._kept[refused.sha256] = self._record(id, refused, "quarantined", reason=refused.reason, keep=True)

    def _record(
        self,
        id: str,
        outcome: Parsed | Refused,
        became: LedgerOutcome,
        place: Place | None = None,
        *,
        rule: Rule | None = None,
        reason: str = "",
        keep: bool = False,
    ) -> int:
        mail = outcome if isinstance(outcome, Parsed) else None
        entry = LedgerEntry(
            at=self.now,
            account=self.account,
            external_id=id,
            outcome=became,
            message_id=place.message_id if place else None,
            conversation_id=place.conversation_id if place else None,
            rule=rule,
            reason=reason,
            subject=mail.subject if mail else "",
            sender=mail.sender.email if mail and mail.sender else "",
            size=outcome.size,
        )
        if keep:
            return self.store.ledger.add(entry, raw_packed=outcome.raw_packed, sha256=outcome.sha256)
        return self.store.ledger.add(entry)

    def _files_of(self, mail: Parsed) -> tuple[Attachment, ...]:
        if not mail.parts:
            return ()
        files = self._files.get(mail.sha256)
        if files is None:
            files = self._files[mail.sha256] = self._attachments(mail)
        return files

    def _attachments(self, mail: Parsed) -> tuple[Attachment, ...]:
        return tuple(
            Attachment(
                name=part.name,
                media_type=part.media_type,
                size=len(part.data),
                sha256=self.store.blobs.put(part.data),
                inline=part.inline,
                content_id=part.content_id,
            )
            for part in mail.parts
        )


def external_id(source: Source, outcome: Parsed | Refused) -> str:
    """The account's name for a mail; by its content where the source gives none."""
    return source.external_id or f"sha256:{outcome.sha256}"


def _is_one_of(own: Collection[str], address: Address) -> bool:
    """Whether an address is ours, with or without a token in it."""
    if not own:
        return False
    folded = fold_address(address.email)
    local, plus, rest = folded.partition("+")
    return folded in own or (plus == "+" and f"{local}@{rest.rpartition('@')[2]}" in own)


def _same_sender(message: Message, mail: Parsed) -> bool:
    return (fold_address(message.sender.email) if message.sender else "") == (
        fold_address(mail.sender.email) if mail.sender else ""
    )


def _after_what_it_answers(case: Case, decision: Decision, now: Millis) -> Case:
    """An answer is never shown above what it answers: clocks differ, and IMAP's dates are whole seconds."""
    if decision.message_id is None or decision.rule not in ("token", "references"):
        return case
    answered = instant_of(decision.message_id)
    if not answered - _SKEW <= case.at <= answered:
        return case
    return replace(case, at=min(answered + 1, now))
