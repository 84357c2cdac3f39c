"""What reps change of a customer, in place: by its key, on the line that is meant, or by a `:` command."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace
from textual.app import App

from desk.client import Refused
from desk.model import Conversation, Customer, CustomerEdit
from screens.customers.fields import (
    Field,
    address_field,
    attribute_field,
    identity_field,
    language_field,
    name_field,
    zone_field,
)
from screens.customers.given import (
    NotUnderstood,
    judge_addition,
    judge_person,
    person_of,
    tags_of,
    taken_away,
    understand,
)
from screens.desk import Desk
from screens.render import shorten
from screens.tagging import tag_judge

if TYPE_CHECKING:
    from screens.base import DeskScreen
    from screens.customer import CustomerPane
    from screens.prompt import Judge

SAID_AT_MOST = 40


class CustomerStage(Protocol):
    """The screen on which customers are edited."""

    desk: Desk
    customer: CustomerPane

    @property
    def app(self) -> App[Any]: ...

    def customer_meant(self) -> int | None:
        """The id of the customer that is meant."""
        ...

    async def ask(
        self, title: str, value: str = "", judge: Judge | None = None, *, placeholder: str = ""
    ) -> str | None: ...

    def push_over(self, screen: DeskScreen[Any], closed: Callable[[Any], None]) -> None: ...

    def release_keys(self, *, drop: bool = False) -> None: ...

    def unread(self) -> AbstractContextManager[None]: ...

    def perform(self, action: str, argument: str | None = None, count: int | None = None) -> None: ...

    def show_conversation(self, row: Conversation) -> None: ...

    def show_customer(self, customer_id: int) -> None:
        """Bring a customer to the front."""
        ...

    def update_bars(self) -> None: ...


class CustomerEditing:
    """One method an action. What somebody else changed meanwhile is shown, and what was typed stays in the line."""

    def __init__(self, stage: CustomerStage) -> None:
        self._stage = stage
        self._desk = stage.desk

    async def _meant(self) -> Customer | None:
        id = self._stage.customer_meant()
        return None if id is None else await self._desk.client.customer(id)

    # --- one line of text ---------------------------------------------------------------------------------

    async def _edit(self, field: Field, argument: str | None = None, *, id: int | None = None) -> None:
        customer = await self._desk.client.customer(id) if id is not None else await self._meant()
        if customer is None:
            return
        seen = field.read(customer)
        title = f"{shorten(field.title, 20)} of {shorten(customer.name or customer.address, 24)}"
        text = argument if argument is not None else await self._stage.ask(title, seen, field.judge)
        while text is not None and text.strip() != seen:
            try:
                changed = await self._desk.client.edit_customer(
                    customer.id, replace(field.change(text.strip()), rev=customer.rev)
                )
            except Refused as error:
                if error.problem.code != "stale":
                    self._desk.say(error.problem.message, "bad")
                    text = await self._stage.ask(title, text, field.judge)
                    continue
            else:
                shown = shorten(field.read(changed) or text, SAID_AT_MOST)
                await self._done(f"{field.title}: {shown}" if text.strip() else f"{field.title} taken away")
                return
            customer = await self._desk.client.customer(customer.id)
            now = field.read(customer)
            if now != seen:
                seen = now
                await self._stage.customer.reload()
                said = shorten(now, SAID_AT_MOST) or "nothing"
                self._desk.say(f"somebody else made it {said} meanwhile; what you typed stands in the line", "bad")
                text = await self._stage.ask(f"{shorten(field.title, 20)} (is now {said})", text, field.judge)

    async def _apply(self, id: int, change: CustomerEdit, said: str) -> None:
        await self._desk.client.edit_customer(id, change)
        await self._done(said)

    async def _done(self, said: str) -> None:
        self._desk.did()
        self._desk.say(said, "good")
        await self._stage.customer.reload()
        self._stage.update_bars()

    async def do_customer_name(self, argument: str | None = None) -> None:
        await self._edit(name_field(), argument)

    async def do_customer_zone(self, argument: str | None = None) -> None:
        await self._edit(zone_field(), argument)

    async def do_customer_language(self, argument: str | None = None) -> None:
        await self._edit(language_field(), argument)

    async def do_customer_address(self, argument: str | None = None) -> None:
        """Which of their addresses we write to from now on."""
        await self._edit(address_field(), argument)

    async def do_customer_mail(self) -> None:
        """No automatic mail to them, as they told us; or again, to all addresses that refuse it."""
        id, client = self._stage.customer_meant(), self._desk.client
        if id is None:
            return
        summary = await client.customer_summary(id, limit=1)
        refused = [each.address for each in summary.refusals]
        addresses = refused or [each.value for each in summary.customer.identities if each.kind == "email"]
        for address in addresses:
            await client.set_refusal(address, refuses=not refused)
        shown = shorten(", ".join(addresses), SAID_AT_MOST)
        if not addresses:
            self._desk.say(f"{shorten(summary.customer.name, 30)} has no mail address", "bad")
            return
        self._desk.say(f"automatic mail to {shown} again" if refused else f"no automatic mail to {shown}", "good")
        await self._stage.customer.reload()

    # --- adding and taking away ---------------------------------------------------------------------------

    async def do_customer_add(self, argument: str | None = None) -> None:
        customer = await self._meant()
        if customer is None:
            return
        title = f"add to {shorten(customer.name or customer.address, 24)}"
        text = argument if argument is not None else await self._stage.ask(title, "", judge_addition)
        while text is not None and text.strip():
            try:
                await self._apply(customer.id, understand(text), f"added: {shorten(text, SAID_AT_MOST)}")
            except NotUnderstood as error:
                self._desk.say(f"{shorten(text, 24)} is none of these: {error}", "bad")
            except Refused as error:
                self._desk.say(error.problem.message, "bad")
            else:
                return
            text = await self._stage.ask(title, text, judge_addition)

    async def do_customer_remove(self, argument: str | None = None) -> None:
        customer = await self._meant()
        if customer is None:
            return
        named = argument if argument is not None else self._under_cursor()
        if named is None:
            known = ", ".join([*(each.value for each in customer.identities), *customer.tags, *customer.attributes])
            named = await self._stage.ask("take away", "", placeholder=shorten(known, 60))
        if named is None or not named.strip():
            return
        change = taken_away(customer, named)
        if change is None:
            self._desk.say(f"{shorten(named, 30)} is no address, number, tag or field of theirs", "bad")
            return
        await self._apply(customer.id, change, f"taken away: {shorten(named, SAID_AT_MOST)}")
        self._stage.release_keys()

    def _under_cursor(self) -> str | None:
        pane = self._stage.customer
        if not pane.has_focus:
            return None
        match pane.cursor:
            case ("identity", _, value):
                return value
            case ("attribute", name):
                return name
        return None

    async def do_customer_tag(self, argument: str | None = None) -> None:
        customer = await self._meant()
        if customer is None:
            return
        if argument is None:
            argument = await self._ask_tags(customer)
        if not argument:
            return
        try:
            change = tags_of(argument)
        except NotUnderstood as error:
            self._desk.say(str(error), "bad")
        else:
            await self._apply(customer.id, change, f"tags: {shorten(argument, SAID_AT_MOST)}")

    async def _ask_tags(self, customer: Customer) -> str | None:
        title = f"tags of {shorten(customer.name or customer.address, 24)}"
        judge = tag_judge(await self._desk.client.tags())
        return await self._stage.ask(title, "", judge, placeholder=" ".join(customer.tags))

    async def do_customer_notes(self) -> None:
        customer = await self._meant()
        if customer is not None:
            from screens.notes import CustomerNotes

            self._stage.push_over(CustomerNotes(self._desk, customer), lambda _: None)

    # --- on the line that is meant ------------------------------------------------------------------------

    async def do_customer_edit(self) -> None:
        """Change what the cursor is on, or open it."""
        pane = self._stage.customer
        customer = pane.customer
        if customer is None:
            return
        actions = {
            "name": "customer-name",
            "zone": "customer-zone",
            "language": "customer-language",
            "tags": "customer-tag",
            "notes": "customer-notes",
            "add": "customer-add",
            "alike": "merge-customer",
            "refusal": "customer-mail",
        }
        match pane.cursor:
            case ("identity", "visitor", _):
                self._desk.say("by this a visitor of the site is told from others; it cannot be changed")
            case ("identity", "shop", _):
                self._desk.say("by this the shop knows them, and vouches for them when they are signed in")
            case ("identity", kind, value):
                identity = next((i for i in customer.identities if (i.kind, i.value) == (kind, value)), None)
                if identity is not None:
                    main = identity.value == customer.address
                    await self._edit(identity_field(identity, main=main), id=customer.id)
            case ("attribute", name):
                await self._edit(attribute_field(name), id=customer.id)
            case ("lookup", name, _):
                self._show_lookup(name)
            case (what, *_):
                self._stage.perform(actions[what])

    def _show_lookup(self, name: str) -> None:
        from screens.customers.card import lookup_lines
        from screens.sheet import Sheet

        result = self._stage.customer.dossier.lookups.get(name)
        if result is not None:
            now = self._desk.clock.now()
            title = f"{shorten(name, 30)} of {shorten(self._name(), 40)}"
            sheet = Sheet(self._desk, title, lambda width: lookup_lines(result, width, now))
            self._stage.push_over(sheet, lambda _: None)

    def _name(self) -> str:
        customer = self._stage.customer.customer
        return (customer.name or customer.address) if customer is not None else ""

    async def do_customer_lookups(self) -> None:
        """Ask the other systems again, whatever they answered a moment ago."""
        pane, id = self._stage.customer, self._stage.customer_meant()
        if id is None:
            return
        if pane.customer is None or pane.customer.id != id:
            await pane.open(id)
        await pane.dossier.ask_others(fresh=True)
        count = len(pane.dossier.lookups)
        self._desk.say(
            f"asking {count} system{'' if count == 1 else 's'} again"
            if count
            else "no other system is asked; [lookup.NAME] in desk.toml names one"
        )

    def do_next_section(self, count: int | None = None) -> None:
        self._stage.customer.turn(count or 1)

    def do_previous_section(self, count: int | None = None) -> None:
        self._stage.customer.turn(-(count or 1))

    # --- others -------------------------------------------------------------------------------------------

    async def do_new_customer(self, argument: str | None = None) -> None:
        hint = "a name, addresses, phone numbers"
        text = (
            argument
            if argument is not None
            else await self._stage.ask("new customer", "", judge_person, placeholder=hint)
        )
        while text is not None and text.strip():
            try:
                made = await self._desk.client.create_customer(person_of(text))
            except NotUnderstood as error:
                self._desk.say(str(error), "bad")
            except Refused as error:
                self._desk.say(error.problem.message, "bad")
            else:
                self._desk.did()
                self._desk.say(f"new customer: {shorten(made.name or made.address, SAID_AT_MOST)}", "good")
                self._stage.show_customer(made.id)
                return
            text = await self._stage.ask("new customer", text, judge_person)

    async def do_customer_write(self) -> None:
        """Begin a conversation with the customer."""
        customer = await self._meant()
        if customer is None:
            return
        address = next((each.value for each in customer.identities if each.value == customer.address), "")
        if "@" not in address:
            address = next((each.value for each in customer.identities if each.kind == "email"), "")
        if not address:
            self._desk.say(f"{shorten(customer.name, 30)} has no mail address; add one first", "bad")
            return
        self._stage.perform("compose", address)

    def do_customer_page(self) -> None:
        """All of the customer, on a page of their own."""
        id = self._stage.customer_meant()
        if id is not None:
            self._stage.show_customer(id)
