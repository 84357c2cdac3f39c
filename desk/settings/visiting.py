"""What can be set of visitors, of inviting them, and of how much reps do at once."""

from __future__ import annotations

from desk.settings.field import define as _field

VISITORS = (
    _field("visitors.trail_days", "number", 30, "how long it is kept where visitors were", least=0),
    _field("visitors.keep_days", "number", 30,
           "how long after their last visit those are remembered who never wrote; a no to an invitation is kept for 30 "
           "days all the same", least=0),
    _field("visitors.greeting", "text", "Hello! Can we help you?", "what a rep invites with who writes nothing else"),
)  # fmt: skip
CAPACITY = (
    _field("capacity.at_once", "number", 3,
           "how much a rep does at once; visitors are invited only while somebody who is there has room", least=0),
    _field("capacity.chat", "number", 1, "what a chat under way takes of that", least=0),
    _field("capacity.email", "number", 1, "what a mail takes that is being answered at this moment", least=0),
    _field("capacity.call", "number", 3, "what a call takes", least=0),
)  # fmt: skip
INVITATIONS = (
    _field("invitations.*.text", "text", None,
           "what the visitor is asked with; the first words of the chat if they say yes"),
    _field("invitations.*.texts", "toml", None, 'the same in other languages: `{ de = "…", fr = "…" }`'),
    _field("invitations.*.sites", "toml", [], "only on these sites, by the names of their accounts"),
    _field("invitations.*.pages", "toml", [], 'only on pages like these: `["/checkout*"]`, by host and path'),
    _field("invitations.*.referrers", "toml", [],
           'only who came from pages of other sites like these: `["*search.example/*"]`'),
    _field("invitations.*.seconds", "number", 0, "after so long on the page", least=0),
    _field("invitations.*.seen", "number", 0, "after so many pages in this visit", least=0),
    _field("invitations.*.idle_seconds", "number", 0, "once they have not moved for so long", least=0),
    _field("invitations.*.cart", "number", 0, "if as much lies in their cart, as the shop says", least=0),
    _field("invitations.*.returning", "switch", None, "true: only who was here before; false: only who was not"),
    _field("invitations.*.hours", "text", "",
           'only then, by the clock where `[hours]` are meant: `"mon-fri 09:00-18:00, sat 10:00-14:00"`'),
)  # fmt: skip
