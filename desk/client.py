"""What a terminal, the command line and a script use to talk to the server.

One `Client` is one connection pool to one workspace's server, over its Unix socket. Answers are the structs of
`desk.model`. Every method raises `Refused` when the server said no (with a stable `code`), `Unreachable` when
there was no answer; a method that changes something is safe to repeat where its docstring says so.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from desk.answers.model import (
    Answer,
    AnswerFile,
    AnswerFinding,
    AnswerHit,
    AnswerImport,
    FilledAnswer,
    NewAnswer,
    Place,
)
from desk.client_customers import CustomerCalls
from desk.client_deeds import DeedCalls
from desk.client_settings import SettingsCalls
from desk.clock import Millis
from desk.light_httpx import httpx
from desk.model import (
    AccountStatus,
    Agent,
    Change,
    Check,
    Conversation,
    Doing,
    Draft,
    HeaderField,
    ImportJob,
    LedgerEntry,
    LedgerOutcome,
    Message,
    NewReply,
    OutboxItem,
    OutboxState,
    Page,
    Presence,
    Priority,
    Problem,
    Queue,
    SearchPage,
    State,
    Status,
    Tag,
    View,
    ViewInfo,
)
from desk.wire import SocketTransport
from desk.zones import local_zone

T = TypeVar("T")

API = "/api/v1"


class ClientError(Exception):
    """Base of what this module raises."""


class Unreachable(ClientError):
    """No server answered: none runs, it is going down, or it took too long."""


class StartOver(ClientError):
    """The server's store is older than what this client has seen: read everything anew, and follow from `seq`."""

    def __init__(self, seq: int) -> None:
        super().__init__("the server's store was replaced by an older one")
        self.seq = seq


class Refused(ClientError):
    """The server answered no. `problem.code` is stable; `problem.message` is for people."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message)
        self.status = status
        self.problem = problem


class Client(SettingsCalls, CustomerCalls, DeedCalls):
    """An asynchronous client of one workspace's server. Close it, or use it as a context manager."""

    def __init__(self, socket: Path, agent: str, *, timeout: float = 10.0) -> None:
        self.socket = socket
        self.agent = agent
        self._http = httpx.AsyncClient(
            transport=SocketTransport(socket),
            base_url="http://desk",
            headers={"Desk-Agent": quote(agent), "Desk-Time-Zone": local_zone()},
            timeout=timeout,
            trust_env=False,
        )

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    # --- views and conversations --------------------------------------------------------------------------

    async def views(self) -> list[ViewInfo]:
        """All views with how many conversations each holds now: built-in ones, channels, queues, saved ones."""
        return await self._get("/views", list[ViewInfo])

    async def conversations(
        self, view: View = "open", q: str = "", *, offset: int = 0, limit: int = 100
    ) -> Page[Conversation]:
        """A window of a view in its order, filtered by `q`. `offset` counts from the top.

        Refused with `bad-query` (detail: `start` and `end`, columns from 0) if `q` makes no sense. With a filter
        `total` may be as far as it was worth counting; then `exact` is False.
        """
        return await self._get("/conversations", Page[Conversation], view=view, q=q or None, offset=offset, limit=limit)

    async def counts(self) -> dict[str, int]:
        """How many conversations each view holds."""
        return await self._get("/counts", dict[str, int])

    async def position(self, view: View, conversation_id: int, q: str = "") -> int | None:
        """Where a conversation stands in a filtered view, None if it is not in it."""
        return await self._get(
            f"/conversations/{conversation_id}/position",
            int | None,  # type: ignore[arg-type]
            view=view,
            q=q or None,
        )

    async def mark_read(self, conversation_id: int, message_id: int | None = None) -> Conversation:
        """The rep has seen it up to that message; what came since stays unread. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/read", Conversation, {"message_id": message_id})

    async def seen(self, conversation_id: int) -> int | None:
        """The newest message that was there when the rep read it last; None if that is not known."""
        return await self._get(f"/conversations/{conversation_id}/seen", int | None)  # type: ignore[arg-type]

    async def mark_unread(self, conversation_id: int) -> Conversation:
        """The rep wants to come back to it. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/unread", Conversation)

    async def conversation(self, id: int) -> Conversation:
        return await self._get(f"/conversations/{id}", Conversation)

    async def conversations_by_id(self, ids: list[int]) -> list[Conversation]:
        """Those that exist, in the order asked for."""
        return await self._get("/conversations/many", list[Conversation], ids=",".join(map(str, ids)))

    async def messages(
        self, conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Message]:
        """A window of a conversation, oldest first: the newest, or those next to the given message."""
        return await self._get(
            f"/conversations/{conversation_id}/messages", list[Message], before=before, after=after, limit=limit
        )

    async def search(self, query: str, *, before: int | None = None, limit: int = 50) -> SearchPage:
        """Conversations with a message that matches, newest first. Refused with `bad-query`, as `conversations`."""
        return await self._get("/search", SearchPage, q=query, before=before, limit=limit)

    async def reply(self, conversation_id: int, reply: NewReply, *, now: bool = False) -> OutboxItem:
        """Put an answer in the outbox; it leaves after the undo window, at once with `now`.

        Refused with `moved-on` when the customer wrote since `reply.seen_message_id`.
        """
        return await self._post(f"/conversations/{conversation_id}/reply", OutboxItem, reply, now=now)

    async def compose(self, account: str, message: NewReply, *, now: bool = False) -> OutboxItem:
        """Begin a conversation by writing first."""
        return await self._post("/compose", OutboxItem, message, account=account, now=now)

    async def note(self, conversation_id: int, body: str) -> Message:
        """Write what only reps see."""
        return await self._post(f"/conversations/{conversation_id}/notes", Message, {"body": body})

    async def claim(self, conversation_id: int) -> Conversation:
        """Make it mine. Refused with `taken` (detail: `agent`) when somebody was first. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/claim", Conversation)

    async def assign(self, conversation_id: int, agent: str | None) -> Conversation:
        """Give it to a rep by login, or to nobody."""
        return await self._post(f"/conversations/{conversation_id}/assign", Conversation, {"agent": agent})

    async def set_state(
        self, conversation_id: int, state: State, *, until: Millis | None = None, rev: int | None = None
    ) -> Conversation:
        """Resolve, reopen, snooze (`until`), mark as spam. Refused with `stale` if it moved on from `rev`."""
        return await self._post(
            f"/conversations/{conversation_id}/state", Conversation, {"state": state, "until": until, "rev": rev}
        )

    async def set_priority(self, conversation_id: int, priority: Priority) -> Conversation:
        return await self._post(f"/conversations/{conversation_id}/priority", Conversation, {"priority": priority})

    async def tag(self, conversation_id: int, add: Sequence[str], remove: Sequence[str] = ()) -> Conversation:
        return await self._post(
            f"/conversations/{conversation_id}/tags", Conversation, {"add": list(add), "remove": list(remove)}
        )

    async def split(self, message_id: int) -> Conversation:
        """Take a message out of its conversation into a new one."""
        return await self._post(f"/messages/{message_id}/split", Conversation)

    async def merge(self, into: int, sources: list[int]) -> Conversation:
        """Put all that is in `sources` into one conversation; answers that one. Refused with `same`, `merged`."""
        return await self._post(f"/conversations/{into}/merge", Conversation, {"sources": sources})

    async def move(self, message_ids: list[int], conversation_id: int) -> Conversation:
        """Put customers' messages into another conversation."""
        return await self._post(f"/conversations/{conversation_id}/move", Conversation, {"messages": message_ids})

    async def show_presence(self, conversation_id: int, doing: Doing) -> list[Presence]:
        """Say that I am here: `viewing` or `replying` every ten seconds, `gone` when I leave. Answers who is here.

        Others learn of it by a change of kind `presence` with my agent id and the conversation's.
        """
        body = {"conversation_id": conversation_id, "doing": doing}
        return await self._post("/presence", list[Presence], body)

    async def presence(self, conversation_id: int) -> list[Presence]:
        """Who is in a conversation, I too."""
        return await self._get(f"/conversations/{conversation_id}/presence", list[Presence])

    # --- messages -----------------------------------------------------------------------------------------

    async def message(self, id: int) -> Message:
        return await self._get(f"/messages/{id}", Message)

    async def raw(self, message_id: int) -> bytes:
        """The bytes as they came or went. Not cleaned: never print them as they are."""
        return (await self._send("GET", f"/messages/{message_id}/raw")).content

    async def headers(self, message_id: int) -> list[HeaderField]:
        """The header fields of a message, in their order. Refused with `not-found` for what never was a mail."""
        return await self._get(f"/messages/{message_id}/headers", list[HeaderField])

    async def provenance(self, message_id: int) -> list[LedgerEntry]:
        """How a message came in and what became of it."""
        return await self._get(f"/messages/{message_id}/ledger", list[LedgerEntry])

    async def blob(self, sha256: str) -> bytes:
        return (await self._send("GET", f"/blobs/{sha256}")).content

    async def upload(self, data: bytes) -> str:
        """Store an attachment's bytes; returns the SHA-256. Safe to repeat."""
        response = await self._send("POST", "/blobs", content=data)
        return str(response.json()["sha256"])

    # --- outbox and drafts --------------------------------------------------------------------------------

    async def outbox(
        self, states: list[OutboxState] | None = None, limit: int = 100, *, before: int | None = None
    ) -> list[OutboxItem]:
        """Newest first; only those whose id is below `before`."""
        named = ",".join(states) if states else None
        return await self._get("/outbox", list[OutboxItem], states=named, before=before, limit=limit)

    async def undo_send(self, outbox_id: int) -> Draft:
        """Take a held message back: it becomes the rep's draft again. Refused with `too-late` once it left."""
        return await self._post(f"/outbox/{outbox_id}/undo", Draft)

    async def retry(self, outbox_id: int, *, even_if_unknown: bool = False) -> OutboxItem:
        """Try a failed message again now. An `unknown` one may reach the customer twice: it needs the flag."""
        return await self._post(f"/outbox/{outbox_id}/retry", OutboxItem, {"even_if_unknown": even_if_unknown})

    async def drafts(self) -> list[Draft]:
        return await self._get("/drafts", list[Draft])

    async def draft(self, conversation_id: int, slot: str = "") -> Draft | None:
        """The rep's draft there (0: of a conversation yet to begin); `slot` as in `NewReply`."""
        return await self._get(f"/drafts/{conversation_id}", Draft | None, slot=slot)  # type: ignore[arg-type]

    async def save_draft(self, conversation_id: int, content: NewReply) -> Draft:
        """Into the slot that the content names. Safe to repeat; the last one written stays."""
        return await self._send_as("PUT", f"/drafts/{conversation_id}", Draft, content)

    async def delete_draft(self, conversation_id: int, slot: str = "") -> None:
        await self._send("DELETE", f"/drafts/{conversation_id}", params={"slot": slot})

    # --- canned answers -----------------------------------------------------------------------------------

    async def answers(self, q: str = "", place: Place | None = None, *, limit: int = 20) -> list[AnswerHit]:
        """The answers that fit, best first, filled for the conversation; without words those that are used most."""
        named = {"conversation_id": place} if isinstance(place, int) else msgspec.to_builtins(place) or {}
        return await self._get("/answers", list[AnswerHit], q=q, limit=limit, **named)

    async def all_answers(self) -> list[Answer]:
        """Everything this rep may use, by folder and title."""
        return await self._get("/answers/all", list[Answer])

    async def answer(self, key: str) -> Answer:
        """One answer as its file says now."""
        return await self._get("/answers/one", Answer, key=key)

    async def fill_answer(self, key: str, place: Place) -> FilledAnswer:
        """An answer ready to stand in a reply: its `key` and `attachments` belong into the `NewReply`.

        `key` may be `::shortcut`: the one in the customer's language.
        """
        return await self._post("/answers/fill", FilledAnswer, {"key": key, **_for(place)})

    async def fill_text(self, text: str, place: Place) -> FilledAnswer:
        """Any text with placeholders, filled for a conversation."""
        return await self._post("/answers/fill", FilledAnswer, {"text": text, **_for(place)})

    async def save_answer(
        self, answer: NewAnswer, *, key: str = "", folder: str = "", personal: bool = False, rev: str = ""
    ) -> Answer:
        """Write an answer; without a key it gets one of `folder` and title. Attachments may be `sha256:name` of blobs.

        `rev`: the one seen, empty for a new answer. Refused with `stale` if the file has changed since, `exists`.
        """
        body = {"answer": answer, "key": key, "folder": folder, "personal": personal, "rev": rev}
        return await self._send_as("PUT", "/answers/one", Answer, body)

    async def delete_answer(self, key: str, rev: str) -> None:
        """Refused with `stale` if the file has changed since `rev`."""
        await self._send("DELETE", "/answers/one", params={"key": key, "rev": rev})

    async def move_answer(self, key: str, to: str, rev: str) -> Answer:
        """Give an answer another key: another folder, another name, `@login/` before it or not."""
        return await self._post("/answers/move", Answer, {"key": key, "to": to, "rev": rev})

    async def answer_findings(self) -> list[AnswerFinding]:
        """What is wrong with the files."""
        return await self._get("/answers/findings", list[AnswerFinding])

    async def import_answers(
        self, files: list[AnswerFile], *, replace: bool = False, personal: bool = False
    ) -> AnswerImport:
        """Take files in; what is there and different stays, unless `replace`. Safe to repeat."""
        body = {"files": files, "replace": replace, "personal": personal}
        return await self._post("/answers/import", AnswerImport, body, timeout=60.0)

    async def export_answers(self) -> list[AnswerFile]:
        """All answers this rep may use, as files, with what they attach."""
        return await self._get("/answers/export", list[AnswerFile], timeout=60.0)

    # --- reps and names -----------------------------------------------------------------------------------

    async def me(self) -> Agent:
        return await self._get("/me", Agent)

    async def agents(self) -> list[Agent]:
        return await self._get("/agents", list[Agent])

    async def queues(self) -> list[Queue]:
        return await self._get("/queues", list[Queue])

    async def tags(self) -> list[Tag]:
        return await self._get("/tags", list[Tag])

    # --- ledger, import, accounts, the server itself ------------------------------------------------------

    async def ledger(
        self, *, outcome: LedgerOutcome | None = None, before: int | None = None, limit: int = 100
    ) -> list[LedgerEntry]:
        """Newest first."""
        return await self._get("/ledger", list[LedgerEntry], outcome=outcome, before=before, limit=limit)

    async def replay(self, ledger_id: int) -> LedgerEntry:
        """Try a quarantined message again. Refused with `still-quarantined` if it still cannot be read."""
        return await self._post(f"/ledger/{ledger_id}/replay", LedgerEntry)

    async def start_import(self, paths: list[Path]) -> ImportJob:
        """Import archives the server can read. Safe to repeat: what is in already is not added again."""
        return await self._post("/imports", ImportJob, {"paths": [str(path.absolute()) for path in paths]})

    async def import_job(self, id: int, *, wait: float = 0.0) -> ImportJob:
        """Progress; with `wait`, answer when it changed or after that many seconds."""
        return await self._get(f"/imports/{id}", ImportJob, wait=wait)

    async def cancel_import(self, id: int) -> ImportJob:
        return await self._post(f"/imports/{id}/cancel", ImportJob)

    async def load_sample(self) -> ImportJob:
        """Fill an empty workspace with the sample shop. Refused with `not-empty` otherwise."""
        return await self._post("/sample", ImportJob)

    async def accounts(self) -> list[AccountStatus]:
        return await self._get("/accounts", list[AccountStatus])

    async def connect_account(
        self, name: str, connector: str, settings: Mapping[str, Any], secret: str | None, *, dry_run: bool = False
    ) -> list[Check]:
        """Try an account and, if all is well and it is no dry run, write it to `desk.toml` and start it."""
        body = {"name": name, "connector": connector, "settings": dict(settings), "secret": secret, "dry_run": dry_run}
        return await self._post("/accounts", list[Check], body, timeout=60.0)

    async def provide_secret(self, account: str, secret: str) -> None:
        """Hand over a secret for this run of the server only."""
        await self._send("POST", f"/accounts/{quote(account, safe='')}/secret", json_body={"secret": secret})

    async def doctor(self) -> list[Check]:
        return await self._get("/doctor", list[Check], timeout=60.0)

    async def status(self) -> Status:
        return await self._get("/status", Status)

    async def schema(self) -> dict[str, Any]:
        """The API's OpenAPI document."""
        return await self._get("/schema/openapi.json", dict[str, Any])

    async def stop(self) -> None:
        """Ask the server to end; what is under way is finished or safely recorded first."""
        await self._send("POST", "/stop")

    async def events(self, since: int) -> AsyncIterator[list[Change]]:
        """Changes after `since`, as they happen; an empty list is a heartbeat (every 15 s at the latest).

        Ends by raising `Unreachable`: call again with the last `seq` seen to miss nothing. Or `StartOver`, if the
        store was replaced by an older one, such as a backup: what this client has seen is void.
        """
        timeout = httpx.Timeout(10.0, read=40.0)
        try:
            async with self._http.stream("GET", f"{API}/events", params={"since": since}, timeout=timeout) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise _refused(response)
                event = id = ""
                async for line in response.aiter_lines():
                    name, _, value = line.partition(":")
                    if name == "event":
                        event = value.strip()
                    elif name == "id":
                        id = value.strip()
                    elif name == "data" and event == "reset":
                        raise StartOver(int(id))
                    elif name == "data":
                        yield msgspec.json.decode(value, type=list[Change])
        except httpx.HTTPError as error:
            raise Unreachable(f"the event feed broke: {error or type(error).__name__}") from error
        raise Unreachable("the server closed the event feed")

    # --- plumbing -----------------------------------------------------------------------------------------

    async def _get(self, path: str, type: type[T], *, timeout: float | None = None, **params: Any) -> T:
        response = await self._send("GET", path, params=params, timeout=timeout)
        return msgspec.json.decode(response.content, type=type)

    async def _post(
        self, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        return await self._send_as("POST", path, type, body, timeout=timeout, **params)

    async def _send_as(
        self, method: str, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        response = await self._send(method, path, json_body=body, params=params, timeout=timeout)
        return msgspec.json.decode(response.content, type=type)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> httpx.Response:
        headers = {}
        if json_body is not None:
            content = msgspec.json.encode(json_body)
            headers["Content-Type"] = "application/json"
        given = {
            name: json.dumps(value) if isinstance(value, bool) else value
            for name, value in (params or {}).items()
            if value is not None
        }
        try:
            response = await self._http.request(
                method,
                API + path,
                params=given,
                content=content,
                headers=headers,
                timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            )
        except httpx.HTTPError as error:
            raise Unreachable(f"no answer from the server at {self.socket}: {error or type(error).__name__}") from error
        if response.status_code >= 400:
            raise _refused(response)
        return response


def _for(place: Place) -> dict[str, Any]:
    return {"conversation_id": place} if isinstance(place, int) else {"beginning": place}


def _refused(response: httpx.Response) -> Refused:
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        problem = Problem(code="error", message=f"the server answered {response.status_code}")
    return Refused(response.status_code, problem)
