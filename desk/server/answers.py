"""The canned answers of a workspace: found, filled, written, brought in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

from msgspec.structs import replace

from desk.answers.errors import AnswerError, BadAnswer, NoSuchAnswer
from desk.answers.facts import Facts
from desk.answers.files import Folder, check_file
from desk.answers.library import Index
from desk.answers.model import (
    Answer,
    AnswerFile,
    AnswerHit,
    AnswerImport,
    FilledAnswer,
    NewAnswer,
    Place,
)
from desk.answers.paths import key_for, owner_of, personal_folder
from desk.answers.reading import read
from desk.answers.template import Filled, fill
from desk.clock import Clock
from desk.documents.finding import Finding
from desk.documents.folder import Snapshot
from desk.documents.paths import SUFFIX
from desk.model import Agent, Conversation, NewReply
from desk.server.core import Core
from desk.server.shelf import Shelf
from desk.service import answers as using
from desk.service import inbox
from desk.service.errors import Invalid, NotFound
from desk.service.mailing import SenderAccount
from desk.steps import Reply
from desk.store.base import Store

_LANGUAGES_KEPT = 1_000
"""Conversations whose customer's language is remembered until they write again."""


class Answers:
    """One workspace's answers."""

    def __init__(self, core: Core, root: Path, sender: Callable[[str], SenderAccount]) -> None:
        self._core = core
        self._sender = sender
        self.folder = Folder(root)
        self.shelf: Shelf[Answer, Index] = Shelf(core, self.folder, "answer", Index(()), _index)
        self._languages: OrderedDict[tuple[int, int], str] = OrderedDict()

    # --- finding and filling ------------------------------------------------------------------------------

    async def search(
        self, agent: Agent, text: str, place: Place | None, limit: int, zone: tzinfo | None = None
    ) -> list[AnswerHit]:
        """The answers that fit, filled for the conversation if one is named. `zone`: where the rep is."""
        index = await self.shelf.ready()
        return await self._core.threads.read(self._search, index, agent, text, place, limit, zone)

    def _search(
        self, index: Index, agent: Agent, text: str, place: Place | None, limit: int, zone: tzinfo | None
    ) -> list[AnswerHit]:
        uses = self._core.store.answer_uses.counts()
        conversation = self._conversation(place) if place else None
        language = self._language(index, conversation) if conversation else ""
        found = index.search(text, agent.login, language=language, uses=uses, limit=limit)
        if conversation is None:
            return [AnswerHit(answer=each, body=each.body, uses=uses.get(each.key, 0)) for each in found]
        known = self._facts(agent, conversation, language, zone)
        hits = []
        for answer in found:
            done = fill(answer.body, replace(known, language=answer.language or language).lookup)
            hits.append(AnswerHit(answer=answer, body=done.text, gaps=done.gaps, uses=uses.get(answer.key, 0)))
        return hits

    async def fill(self, agent: Agent, key: str, place: Place, zone: tzinfo | None = None) -> FilledAnswer:
        """An answer ready to stand in a reply; `::shortcut` means the one in the customer's language."""
        if key.startswith("::"):
            index = await self.shelf.ready()
            answer = await self._core.threads.read(self._meant, index, agent, key[2:], place)
        else:
            answer = await self.get(agent, key)
        return await self._core.threads.read(lambda: self._fill(agent, answer, self._conversation(place), zone))

    def _meant(self, index: Index, agent: Agent, shortcut: str, place: Place) -> Answer:
        language = self._language(index, self._conversation(place))
        answer = index.by_shortcut(shortcut, agent.login, language)
        if answer is None:
            raise NoSuchAnswer(f"::{shortcut}")
        return answer

    async def fill_text(self, agent: Agent, text: str, place: Place, zone: tzinfo | None = None) -> Filled:
        """Any text with placeholders, filled for a conversation."""
        index = await self.shelf.ready()

        def filled() -> Filled:
            conversation = self._conversation(place)
            return fill(text, self._facts(agent, conversation, self._language(index, conversation), zone).lookup)

        return await self._core.threads.read(filled)

    def write_reply(
        self,
        store: Store,
        clock: Clock,
        agent: Agent,
        conversation: Conversation,
        step: Reply,
        zone: tzinfo | None = None,
    ) -> NewReply:
        """What a `reply` step means in a conversation; see `desk.service.steps.Means.write`."""
        language = self._language(self.shelf.index, conversation)
        if not step.shortcut:
            done = fill(step.text, self._facts(agent, conversation, language, zone).lookup)
            return NewReply(body=done.text)
        answer = self.shelf.index.by_shortcut(step.shortcut, agent.login, language)
        if answer is None:
            raise NotFound("answer", f"::{step.shortcut}")
        try:
            filled = self._fill(agent, answer, conversation, zone)
        except AnswerError as error:
            raise Invalid(error.code, error.message, error.detail) from error
        return NewReply(body=filled.body, attachments=filled.attachments, answers=(filled.key,))

    def _fill(self, agent: Agent, answer: Answer, conversation: Conversation, zone: tzinfo | None) -> FilledAnswer:
        language = answer.language or self._language(self.shelf.index, conversation)
        known = self._facts(agent, conversation, language, zone)
        return using.filled(self._core.store, answer, known, self.folder.file)

    def _conversation(self, place: Place) -> Conversation:
        store = self._core.store
        return inbox.get(store, place) if isinstance(place, int) else using.beginning(store, place)

    def _facts(self, agent: Agent, conversation: Conversation, language: str, zone: tzinfo | None) -> Facts:
        try:
            account = self._sender(conversation.account)
        except Invalid:
            account = None
        return using.facts(
            self._core.store, self._core.clock, agent, conversation, account=account, language=language, zone=zone
        )

    def _language(self, index: Index, conversation: Conversation) -> str:
        store = self._core.store
        customer = store.customers.get(conversation.customer_id)
        if customer and customer.language:
            return customer.language
        if not conversation.id:
            return ""
        name = (conversation.id, conversation.last_at)
        known = self._languages.get(name)
        if known is None:
            known = self._languages[name] = using.language_of(store, conversation, customer, index.languages)
            while len(self._languages) > _LANGUAGES_KEPT:
                self._languages.popitem(last=False)
        return known

    # --- looking after them -------------------------------------------------------------------------------

    async def get(self, agent: Agent, key: str) -> Answer:
        """The answer as its file says now."""
        _own(agent, key)
        return await self._core.threads.read(self.folder.get, key)

    async def save(self, agent: Agent, new: NewAnswer, *, key: str, folder: str, personal: bool, rev: str) -> Answer:
        """Write an answer; without a key it gets one from its title. Attachments may be `sha256:name` of blobs."""
        key = key or key_for(new.title, folder, agent.login if personal else "")
        _own(agent, key)
        saved = await self._core.threads.read(self._save, key, new, rev)
        await self.shelf.look()
        return saved

    def _save(self, key: str, new: NewAnswer, rev: str) -> Answer:
        if rev:
            self.folder.expect(key, rev)
        names = tuple(self._attached(key, name) for name in new.attachments)
        return self.folder.save(key, replace(new, attachments=names), rev=rev)

    def _attached(self, key: str, name: str) -> str:
        sha256, colon, called = name.partition(":")
        if not colon or len(sha256) != 64:
            return name
        data = self._core.store.blobs.read(sha256)
        if data is None:
            raise BadAnswer("no-such-attachment", f"the content of {called} is not here; upload it first")
        return self.folder.attach(key, called, data)

    async def delete(self, agent: Agent, key: str, rev: str) -> None:
        _own(agent, key)

        def delete() -> None:
            self.folder.delete(key, rev=rev)

        await self._core.threads.read(delete)
        await self.shelf.look()

    async def move(self, agent: Agent, key: str, to: str, rev: str) -> Answer:
        """Give an answer another key; what was counted goes along."""
        _own(agent, key)
        _own(agent, to)
        moved = await self._core.threads.read(lambda: self.folder.move(key, to, rev=rev))
        await self._core.write(_move_uses, key, to)
        await self.shelf.look()
        return moved

    async def findings(self, agent: Agent) -> list[Finding]:
        """What is wrong with the files that this rep may see."""
        index = await self.shelf.look()
        found = [*(self.shelf.snapshot.findings if self.shelf.snapshot else ())]
        found += await self._core.threads.read(self.folder.missing, index.all(agent.login))
        return [each for each in found if owner_of(each.file) in ("", agent.login)]

    # --- in and out ---------------------------------------------------------------------------------------

    async def take(self, agent: Agent, files: Sequence[AnswerFile], *, over: bool, personal: bool) -> AnswerImport:
        """Import files; what is there and different stays, unless `over`. What cannot be read is not written."""
        taken = await self._core.threads.read(self._take, agent, files, over, personal)
        await self.shelf.look()
        return taken

    def _take(self, agent: Agent, files: Sequence[AnswerFile], over: bool, personal: bool) -> AnswerImport:
        done: dict[str, list[str]] = {"new": [], "same": [], "kept": [], "replaced": []}
        findings: list[Finding] = []
        for file in files:
            own = f"{personal_folder(agent.login)}/{file.path}"
            path = own if personal and not file.path.startswith("@") else file.path
            try:
                done[self._put(agent, path, file.data, over)].append(path)
            except AnswerError as error:
                findings.append(Finding(file=path, line=_line_of(error), message=error.message))
        return AnswerImport(findings=tuple(findings), **{name: tuple(paths) for name, paths in done.items()})

    def _put(self, agent: Agent, path: str, data: bytes, over: bool) -> str:
        _own(agent, path)
        target = self.folder.root / check_file(path)
        if path.endswith(SUFFIX) and (found := read(path.removesuffix(SUFFIX), data)).document is None:
            first = found.findings[0]
            raise BadAnswer("bad-answer", first.message, {"line": str(first.line)})
        there = target.read_bytes() if target.is_file() else None
        if there == data:
            return "same"
        if there is not None and not over:
            return "kept"
        self.folder.put(path, data, over=there is not None)
        return "new" if there is None else "replaced"

    async def give(self, agent: Agent) -> list[AnswerFile]:
        """All that this rep may see, as files: answers and what they attach."""
        index = await self.shelf.look()
        return await self._core.threads.read(self._give, index.all(agent.login))

    def _give(self, answers: Sequence[Answer]) -> list[AnswerFile]:
        root = self.folder.root.resolve()
        paths = {f"{answer.key}{SUFFIX}": root / f"{answer.key}{SUFFIX}" for answer in answers}
        for answer in answers:
            for name in answer.attachments:
                try:
                    path = self.folder.file(answer, name)
                except BadAnswer:
                    continue
                paths[path.relative_to(root).as_posix()] = path
        return [AnswerFile(path=name, data=path.read_bytes()) for name, path in sorted(paths.items())]


def _line_of(error: AnswerError) -> int:
    """The line an error is about; 1 if it is about no line."""
    return int(error.detail.get("line", "1"))


def _own(agent: Agent, key: str) -> None:
    """Another rep's own answers are as if they were not there."""
    if owner_of(key) not in ("", agent.login):
        raise NoSuchAnswer(key)


def _index(snapshot: Snapshot[Answer], _: Index) -> Index:
    return Index(snapshot.documents.values())


def _move_uses(store: Store, _: Clock, key: str, to: str) -> None:
    with store.write():
        store.answer_uses.move(key, to)
