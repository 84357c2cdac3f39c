"""Finding: full text, views with their queries, what each rep has read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import Conversation, Page, SearchPage
from desk.query import EVERYTHING, Query
from desk.urgency import BEHIND, WHOLE


class Search(Protocol):
    def find(self, query: str, *, before: int | None = None, limit: int = 50) -> SearchPage:
        """Conversations with a message that matches, newest first.

        Words all have to occur; `"a phrase"` in order, `pre*` as a prefix, `-word` not at all. Anything else in
        the text is data, never syntax. Case and diacritics do not count; scripts without word breaks match
        anywhere.
        """
        ...

    def matching(
        self, query: Query, *, agent_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> SearchPage:
        """`find` in the whole language: a message matches by its words, and by the fields of its conversation."""
        ...


class Selection(Struct, frozen=True, kw_only=True):
    """A list of conversations: those of a view that match a query.

    `view`: one of `BUILT_IN_VIEWS` but `quarantined`; `queue:NAME` or `channel:NAME`, the open ones of those;
    or `anything`, all but spam.
    """

    view: str
    query: Query = EVERYTHING
    agent_id: int | None = None
    """Who asks: whose `mine`, `is:unread` and so on are meant."""


class Urgent(NamedTuple):
    """A conversation and its place in the order of urgency: the smallest is the most urgent."""

    place: tuple[int, ...]
    """A `desk.urgency.Rank`, and what tells equal ones apart; what is promised nothing is behind all others."""
    id: int

    @property
    def share(self) -> int:
        """What is left of its promise, in millionths; much, if it is promised nothing."""
        return WHOLE if self.place[0] >= BEHIND else self.place[2]


class Views(Protocol):
    """Lists of conversations, filtered.

    Those of open work (`open`, `mine`, `unassigned`, `queue:NAME`, `channel:NAME`) are in the order of urgency at the
    moment they are asked for, see `desk.urgency`; the others have the earliest promise first, then what is newest.

    A word matches a conversation if it occurs anywhere in its subject, customer's name or address, or tags, or if a
    mail or note of it has it as a whole word, provided it has three letters at least; a phrase likewise. A prefix
    begins a word of the mail. Case and accents do not count. Fields are those of `desk.query.fields`; what is unknown,
    such as a tag that nothing has, matches nothing.
    """

    def page(self, selection: Selection, *, offset: int = 0, limit: int = 100) -> Page[Conversation]:
        """A window in the order of the view; of `sent`, the newest first.

        Fast rather than complete: with a query counting may stop beyond the window, and of mails with a common word
        only the newest are looked at; then `exact` is False.
        """
        ...

    def position(self, selection: Selection, conversation_id: int) -> int | None:
        """The offset of a conversation, None if it is not among them."""
        ...

    def count(self, selection: Selection, at_most: int = 1_000) -> tuple[int, bool]:
        """How many there are, and whether that is all: it stops beyond `at_most`, and after 50 ms."""
        ...

    def ids(self, selection: Selection, limit: int = 100_000) -> list[int]:
        """All of them in order, none left out: for acting on them. May take as long as it takes."""
        ...

    def free(self, queue_id: int | None = None) -> Iterator[Urgent]:
        """What is nobody's and open, the most urgent first, found as it is asked for; all of it, or of one queue."""
        ...

    def free_for(self, queue_ids: Collection[int]) -> Iterator[Urgent]:
        """`free`, without what is in any queue but these."""
        ...

    def own(self, agent_ids: Collection[int], limit: int) -> dict[int, list[Urgent]]:
        """By rep what is theirs, open, and waits for our answer or our call: the most urgent of it, in order."""
        ...

    def keep_time(self, elapsed: Callable[[str, Millis], Millis]) -> None:
        """How much working time of a calendar has passed from 1970 to an instant; until this is said, all time counts
        in all of them."""
        ...

    def warm(self) -> None:
        """Read what filters need in memory, so that the first of them need not wait for it. Safe to repeat."""
        ...

    def counts(self, agent_id: int | None = None) -> dict[str, int]:
        """Of every view but the saved ones: built-in ones by name, `queue:NAME` and `channel:NAME` where there are
        any open ones. `quarantined` counts the ledger's entries, `mentions` conversations."""
        ...


class Reads(Protocol):
    """Who has read what, and who was named in a note.

    A conversation is unread to a rep if the customer's newest message came after they last read it; or, if they never
    did, since they are a rep, by an hour's tolerance. What was there before is not new to them; nor is what is resolved
    or spam.
    """

    def read(self, agent_id: int, conversation_id: int, message_id: int | None = None) -> bool:
        """Up to that message, or all of it. False if there was nothing to read, or something newer has come.

        Mentions up to that message are seen then."""
        ...

    def unread(self, agent_id: int, conversation_id: int) -> bool:
        """Make it unread again. False if it was, or there is none."""
        ...

    def seen(self, agent_id: int, conversation_id: int) -> int | None:
        """The newest message that was there when the rep read it last; None if that is not known."""
        ...

    def mention(self, agent_id: int, conversation_id: int, message_id: int) -> None:
        """A note names a rep."""
        ...

    def whispers(self, agent_id: int, limit: int = 20) -> list[int]:
        """The newest messages whispered to a rep in conversations that they have not looked at since."""
        ...

    def marked(self, rows: Sequence[Conversation], agent_id: int | None) -> list[Conversation]:
        """The same with `unread` and `mentioned` as they are for that rep."""
        ...

    def marked_each(self, rows: Sequence[tuple[int, Conversation]]) -> list[Conversation]:
        """`marked`, each for a rep of its own."""
        ...

    def counts(self, agent_id: int) -> tuple[int, int]:
        """How many open ones of theirs are unread, and in how many they were mentioned and did not see it yet."""
        ...
