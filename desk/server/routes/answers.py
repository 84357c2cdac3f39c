"""Canned answers: found, filled, written, brought in and out."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Struct

from desk.answers.model import (
    Answer,
    AnswerFile,
    AnswerHit,
    AnswerImport,
    Beginning,
    FilledAnswer,
    NewAnswer,
)
from desk.documents.finding import Finding
from desk.server.routes.common import Limit, Rep, TheDesk, Zone

Key = Annotated[str, Parameter(max_length=1_000, description="Such as `shipping/late`, or `@login/late`.")]
Rev = Annotated[str, Parameter(max_length=64, description="The revision seen; 409 `stale` if there is another.")]


class SaveBody(Struct, forbid_unknown_fields=True):
    answer: NewAnswer
    key: str = ""
    """Empty: made from `folder` and the title."""
    folder: str = ""
    personal: bool = False
    rev: str = ""
    """The revision seen; empty: there is no such answer yet."""


class MoveBody(Struct, forbid_unknown_fields=True):
    key: str
    to: str
    rev: str


class FillBody(Struct, forbid_unknown_fields=True):
    conversation_id: int = 0
    beginning: Beginning | None = None
    """Instead of a conversation: one that is yet to begin."""
    key: str = ""
    """Or `::shortcut`: the one in the customer's language."""
    text: str = ""
    """Instead of a key: any text with placeholders."""


class ImportBody(Struct, forbid_unknown_fields=True):
    files: list[AnswerFile]
    replace: bool = False
    personal: bool = False


@get("/answers")
async def answers(
    desk: TheDesk,
    agent: Rep,
    zone: Zone,
    q: Annotated[str, Parameter(max_length=500)] = "",
    conversation_id: int | None = None,
    to: Annotated[
        str | None,
        Parameter(
            max_length=500,
            description="Instead of a conversation: whom one that is "
            "yet to begin is written to; empty if that is not known.",
        ),
    ] = None,
    name: Annotated[str, Parameter(max_length=500)] = "",
    subject: Annotated[str, Parameter(max_length=1_000)] = "",
    account: Annotated[str, Parameter(max_length=200)] = "",
    limit: Limit = 20,
) -> list[AnswerHit]:
    """The answers that fit, best first, filled for the conversation; without words those that are used most."""
    begins = None if to is None else Beginning(to=to, name=name, subject=subject, account=account)
    return await desk.answers.search(agent, q, conversation_id or begins, limit, zone)


@get("/answers/all")
async def all_answers(desk: TheDesk, agent: Rep) -> list[Answer]:
    """Everything a rep may use, by folder and title."""
    return (await desk.answers.shelf.look()).all(agent.login)


@get("/answers/one")
async def answer(desk: TheDesk, agent: Rep, key: Key) -> Answer:
    """One answer as its file says now."""
    return await desk.answers.get(agent, key)


@put("/answers/one", may="work")
async def save_answer(desk: TheDesk, agent: Rep, data: SaveBody) -> Answer:
    """Write an answer. 409 `stale` if its file has changed since `rev`, `exists` if there is one already."""
    return await desk.answers.save(
        agent, data.answer, key=data.key, folder=data.folder, personal=data.personal, rev=data.rev
    )


@delete("/answers/one", status_code=HTTP_204_NO_CONTENT, may="work")
async def delete_answer(desk: TheDesk, agent: Rep, key: Key, rev: Rev) -> None:
    """Remove an answer. 409 `stale` if its file has changed since `rev`."""
    await desk.answers.delete(agent, key, rev)


@post("/answers/move", status_code=HTTP_200_OK, may="work")
async def move_answer(desk: TheDesk, agent: Rep, data: MoveBody) -> Answer:
    """Give an answer another key. 409 `exists` if there is one of that key."""
    return await desk.answers.move(agent, data.key, data.to, data.rev)


@post("/answers/fill", status_code=HTTP_200_OK, may="work")
async def fill_answer(desk: TheDesk, agent: Rep, zone: Zone, data: FillBody) -> FilledAnswer:
    """An answer, or a text, with its placeholders filled for a conversation and its attachments stored."""
    place = data.beginning or data.conversation_id
    if data.key:
        return await desk.answers.fill(agent, data.key, place, zone)
    done = await desk.answers.fill_text(agent, data.text, place, zone)
    return FilledAnswer(key="", body=done.text, gaps=done.gaps)


@get("/answers/findings")
async def answer_findings(desk: TheDesk, agent: Rep) -> list[Finding]:
    """What is wrong with the files: `file:line: what, and what to do`."""
    return await desk.answers.findings(agent)


@post("/answers/import", status_code=HTTP_200_OK, may="work")
async def import_answers(desk: TheDesk, agent: Rep, data: ImportBody) -> AnswerImport:
    """Take files in. What is there and different stays, unless `replace`."""
    return await desk.answers.take(agent, data.files, over=data.replace, personal=data.personal)


@get("/answers/export")
async def export_answers(desk: TheDesk, agent: Rep) -> list[AnswerFile]:
    """All answers a rep may use, as files, with what they attach."""
    return await desk.answers.give(agent)


HANDLERS = [
    answers,
    all_answers,
    answer,
    save_answer,
    delete_answer,
    move_answer,
    fill_answer,
    answer_findings,
    import_answers,
    export_answers,
]
