"""The actions on customers. `C` begins them all, where the customer of a conversation is meant or their pane is."""

from __future__ import annotations

from desk.keymap.action import INBOX, PLAIN, Action, Context, define

BESIDE: tuple[Context, ...] = (*INBOX, "customers")
"""Where there is a customer. `customers` is the list of them."""

CUSTOMERS: tuple[Action, ...] = (
    define("customers", "Find", ("g p",), "all customers: find one, see all there is about them", PLAIN),
    define("new-customer", "Look after", ("C c",), "a new customer: a name, addresses, phone numbers", BESIDE,
           argument="text", typed=True),
    define("customer-page", "Look after", ("C o",), "the customer on a page of their own", BESIDE),
    define("customer-notes", "Look after", ("C n",), "write down what to remember about this customer", BESIDE,
           typed=True),
    define("customer-name", "Look after", ("C r",), "what the customer is called", BESIDE,
           argument="text", typed=True),
    define("customer-add", "Look after", ("C a", "+"), "add an address, a phone number, #tag, or name: value", BESIDE,
           argument="text", typed=True),
    define("customer-remove", "Look after", ("C d",), "take away an address, a number, a tag or a field", BESIDE,
           argument="text", typed=True),
    define("customer-tag", "Look after", ("C t",), "add or take off tags of the customer", BESIDE,
           argument="tag", typed=True),
    define("customer-zone", "Look after", ("C z",), "the customer's time zone, by its name or a city", BESIDE,
           argument="text", typed=True),
    define("customer-language", "Look after", ("C l",), "the customer's language, such as de or pt-BR", BESIDE,
           argument="text", typed=True),
    define("customer-address", "Look after", ("C m",), "which of their addresses we write to", BESIDE,
           argument="text", typed=True),
    define("customer-mail", "Look after", ("C x",), "no automatic mail to the customer, or again", BESIDE),
    define("customer-edit", "Look after", "", "change the line the cursor is on", ("customer",), typed=True),
    define("customer-write", "Look after", ("C w",), "begin a conversation with the customer", BESIDE),
    define("customer-lookups", "Look after", ("C u",), "ask the other systems again", BESIDE),
    define("next-section", "Read", "tab", "next part: who, notes, records, alike, conversations", ("customer",),
           "part", countable=True),
    define("previous-section", "Read", "shift+tab", "the part before", ("customer",), countable=True),
)  # fmt: skip
"""In the order in which the sheet shows them."""
