"""What the rooms say to each other about answers and macros: the API's schema and the terminal's objects."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.documents.finding import Finding
from desk.model import Model, Problem


class Gap(Model, frozen=True, kw_only=True):
    """A placeholder that nothing fills. It stands in the text as `⟦name⟧` and no reply leaves with it."""

    name: str
    start: int
    end: int
    """Columns of the mark in the text, in characters."""
    why: Literal["unknown", "empty", "unsettled"] = "unsettled"
    """`unknown`: there is no such placeholder. `empty`: there is, but nothing is known here."""


class NewAnswer(Model, frozen=True, kw_only=True):
    """What a person writes of an answer."""

    title: str
    body: str
    shortcut: str = ""
    """What is typed after `::`; one word. Default: the file's name."""
    language: str = ""
    """A tag of BCP 47, such as `de` or `pt-BR`; empty: for everybody."""
    tags: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    """Paths relative to the answer's own folder."""


class Answer(NewAnswer, frozen=True, kw_only=True):
    """A canned answer: one Markdown file below the workspace's folder `answers`."""

    key: str
    """Its path there without `.md`, such as `shipping/late`; personal ones begin with `@login/`."""
    folder: str = ""
    owner: str = ""
    """Whose it is, empty if it is everybody's."""
    rev: str = ""
    """Of the file's bytes; a save names the one it saw."""


class AnswerHit(Model, frozen=True, kw_only=True):
    """An answer that fits what was typed, filled in for a conversation."""

    answer: Answer
    body: str
    gaps: tuple[Gap, ...] = ()
    uses: int = 0
    """How often replies with it were sent, by anybody."""


class FilledAnswer(Model, frozen=True, kw_only=True):
    """An answer ready to stand in a reply: put `attachments` and `key` into the `NewReply`."""

    key: str
    body: str
    gaps: tuple[Gap, ...] = ()
    attachments: tuple[str, ...] = ()
    """`sha256:name` of blobs that are stored already."""


class Beginning(Model, frozen=True, kw_only=True):
    """A conversation that is yet to begin, as far as it is known: answers are filled for it, too."""

    to: str = ""
    """The address of the first it is written to."""
    name: str = ""
    """Theirs, as it was typed; of a customer, the name that is known counts."""
    subject: str = ""
    account: str = ""
    """Where it is sent from."""


Place = int | Beginning
"""What an answer is filled for: a conversation by its number, or one that is yet to begin."""


class AnswerFile(Model, frozen=True, kw_only=True):
    """A file of the folder `answers` on its way in or out."""

    path: str
    data: bytes


class AnswerImport(Model, frozen=True, kw_only=True):
    """What an import of answers did: paths of files."""

    new: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    """There already, byte for byte."""
    kept: tuple[str, ...] = ()
    """There already and different: left as they are, unless the import replaces."""
    replaced: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class AnswerUse(Model, frozen=True, kw_only=True):
    """How often a rep sent replies with an answer."""

    key: str
    agent_id: int
    count: int
    last_at: Millis


# --- macros -----------------------------------------------------------------------------------------------


class StepPreview(Model, frozen=True, kw_only=True):
    """What one step of a macro would do."""

    step: str
    effect: str
    """In words; it says so if nothing would change."""
    body: str = ""
    """For a reply or a note: the text, filled."""
    gaps: tuple[Gap, ...] = ()
    problem: str = ""
    """Why it would be refused; empty if it would not."""


class MacroPreview(Model, frozen=True, kw_only=True):
    """What a macro would do to one conversation. Nothing is changed by asking."""

    conversation_id: int
    subject: str = ""
    customer_name: str = ""
    steps: tuple[StepPreview, ...] = ()
    seen_message_id: int | None = None
    """The newest message it knew of; `run_macro` refuses to reply if there is a newer by then."""
    ready: bool = False
    """No step has a gap or a problem."""


class MacroPlan(Model, frozen=True, kw_only=True):
    """What a macro would do to many."""

    total: int
    previews: tuple[MacroPreview, ...] = ()
    """Of the first of them."""
    seen_message_id: int | None = None
    """The newest message there was; `bulk` with it refuses to answer where somebody wrote since."""


class MacroResult(Model, frozen=True, kw_only=True):
    """What became of a macro in one conversation: all of it was done, or nothing and why."""

    conversation_id: int
    problem: Problem | None = None
