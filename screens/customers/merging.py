"""Two customers who are one person: who that may be, and what merging would do, before it is done."""

from __future__ import annotations

from collections.abc import Sequence

from desk.client import Refused
from desk.model import Customer, CustomerSummary, Likeness
from screens.confirm import Confirm
from screens.customers.editing import CustomerStage
from screens.customers.rows import Person, paint_person, person
from screens.picker import Picker, result_of
from screens.render import fit, one_line, shorten, wrap
from screens.widgets.bars import key_glyph
from screens.widgets.lines import BLANK, Line

OFFERED = 30


class CustomerMerging:
    """Merges on confirmation; the customer that is shown stays, the other one goes into them."""

    def __init__(self, stage: CustomerStage) -> None:
        self._stage = stage
        self._desk = stage.desk

    async def do_merge_customer(self, argument: str | None = None) -> None:
        into = self._stage.customer_meant()
        if into is None:
            return
        client = self._desk.client
        one = await client.customer_summary(into, limit=1)
        if argument is not None:
            id: int | None = int(argument.lstrip("#"))
        else:
            id = self._under_cursor() or await self._other(one.customer)
        if id is None or id == into:
            return
        with self._stage.unread():
            other = await client.customer_summary(id, limit=1)
        await self._offer(one, other)

    def _under_cursor(self) -> int | None:
        pane = self._stage.customer
        match pane.cursor:
            case ("alike", id) if pane.has_focus:
                return int(id)
        return None

    async def _offer(self, one: CustomerSummary, other: CustomerSummary) -> None:
        reasons = [each for each in self._alike() if each.customer.id == other.customer.id]
        why = reasons[0].reasons if reasons else ()
        title = f"Merge {_called(other.customer)} into {_called(one.customer)}?"
        confirm = Confirm(self._desk, title, lambda width: merge_lines(one, other, why, width))
        if not await result_of(self._stage.app, confirm):
            return
        try:
            merged = await self._desk.client.merge_customers(one.customer.id, [other.customer.id])
        except Refused as error:
            self._desk.say(error.problem.message, "bad")
            return
        self._desk.did()
        undo = self._desk.keymap.key("undo")
        taken_back = f"; {key_glyph(undo) if undo else ':undo'} takes it back"
        self._desk.say(f"{_called(other.customer)} and {_called(merged)} are one now{taken_back}", "good")
        await self._stage.customer.reload()
        self._stage.update_bars()

    def _alike(self) -> Sequence[Likeness]:
        return self._stage.customer.dossier.alike

    # --- who else -----------------------------------------------------------------------------------------

    async def _other(self, one: Customer) -> int | None:
        """Who else they are: those who look like them first, then whoever is searched for."""
        client, reasons = self._desk.client, dict[int, tuple[str, ...]]()

        async def find(text: str) -> list[Person]:
            if text:
                found = await client.find_customers(text, limit=OFFERED)
            else:
                alike = await client.duplicates(one.id)
                reasons.update({each.customer.id: each.reasons for each in alike})
                found = [each.customer for each in alike]
            return [person(each) for each in found if each.id != one.id]

        def shown(other: Person, width: int) -> list[Line]:
            return _why_lines(reasons.get(other.id, ()), width) or [BLANK]

        title = f"Who is the same person as {_called(one)}?"
        none = "nobody looks like them; type a name"
        picker = Picker(self._desk, title, find, paint_person, shown, empty=none, confirmed=True)
        chosen = await result_of(self._stage.app, picker)
        return chosen.id if chosen is not None else None


def _called(customer: Customer) -> str:
    return shorten(customer.name or customer.address or f"customer {customer.id}", 36)


# --- what would become of them ----------------------------------------------------------------------------


def merge_lines(one: CustomerSummary, other: CustomerSummary, why: Sequence[str], width: int) -> list[Line]:
    """What merging `other` into `one` does, part by part."""
    into, away = one.customer, other.customer
    moved = sum(other.conversations.values())
    facts = [
        ("name", into.name or away.name or "(none)"),
        ("addresses", ", ".join(each.value for each in (*into.identities, *away.identities)) or "none"),
        ("comes along", f"{moved:,} conversation{'' if moved == 1 else 's'}" if moved else ""),
        ("tags", " ".join(f"#{tag}" for tag in sorted({*into.tags, *away.tags}, key=str.casefold))),
        ("notes", "both, one below the other" if into.notes and away.notes else ""),
    ]
    facts += [
        (name, f"{into.attributes[name]} stays, {text} goes")
        for name, text in away.attributes.items()
        if into.attributes.get(name, text) != text
    ]
    lines = [*_why_lines(why, width), *([BLANK] if why else [])]
    for label, text in facts:
        if text:
            lines += _fact(label, text, width)
    told = "Later mail from any of these addresses is theirs. It can be undone."
    return [*lines, BLANK, *(Line(((" ", "text"), (part, "dim"))) for part in wrap(told, width - 2))]


def _fact(label: str, text: str, width: int) -> list[Line]:
    head = fit(label, 12)
    first, *rest = wrap(one_line(text), max(width - 15, 4))
    indent = " " * 14
    return [
        Line(((" ", "text"), (f"{head} ", "dim"), (first, "text"))),
        *(Line(((indent, "text"), (part, "text"))) for part in rest),
    ]


def _why_lines(why: Sequence[str], width: int) -> list[Line]:
    said = "; ".join(why)
    return [Line(((" ", "text"), (part, "warn"))) for part in wrap(one_line(said), width - 2)] if said else []
