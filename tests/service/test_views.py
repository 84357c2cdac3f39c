"""Views by name, their counts; reading and naming in notes as reps do them."""

from __future__ import annotations

import pytest

from desk.clock import MINUTE, ManualClock
from desk.model import Agent, ViewInfo
from desk.query import EVERYTHING, Field
from desk.service import inbox, reading
from desk.service.errors import Invalid, NotFound
from desk.service.views import Counter, select
from desk.store.base import Selection, Store
from tests.service.world import World, mail

SAVED = {"late": "is:unread priority:urgent", "junk": "state:spam kettle", "odd": "colour:red"}
ANN = Agent(id=1, login="ann", name="Ann")
NOW = 1_767_225_600_000


def test_a_saved_view_leaves_spam_out_unless_it_names_a_state() -> None:
    assert select(SAVED, ANN, "saved:late", now=NOW).view == "anything"
    assert select(SAVED, ANN, "saved:junk", now=NOW).view == "all"


def test_what_is_typed_narrows_the_view() -> None:
    assert select(SAVED, ANN, "open", now=NOW).query == EVERYTHING
    assert select(SAVED, ANN, "queue:Returns", "tag:x", now=NOW).query == Field("tag", "x")
    both = select({"a": "tag:x"}, ANN, "saved:a", "tag:y", now=NOW)
    assert list(both.query.of) == [Field("tag", "x"), Field("tag", "y")]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("view", "hint"),
    [("unasigned", "did you mean unassigned?"), ("saved:lat", "did you mean saved:late?"), ("xyz", "queue:NAME")],
)
def test_an_unknown_view_is_told_what_there_is(view: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        select(SAVED, ANN, view, now=NOW)
    assert hint in caught.value.message


def test_a_bad_query_says_where() -> None:
    with pytest.raises(Invalid) as caught:
        select(SAVED, ANN, "open", "kettle is:unred", now=NOW)
    assert caught.value.code == "bad-query"
    assert caught.value.detail == {"start": "10", "end": "15"}
    assert "did you mean is:unread?" in caught.value.message


def test_quarantine_is_no_list() -> None:
    with pytest.raises(Invalid, match="ledger"):
        select(SAVED, ANN, "quarantined", now=NOW)


def listed(store: Store, clock: ManualClock, agent: Agent, counter: Counter) -> dict[str, ViewInfo]:
    return {view.name: view for view in counter.views(store, clock, SAVED, agent)}


def test_views_are_listed_with_live_counts(world: World) -> None:
    world.receive(mail(subject="Kettle"))
    [conversation] = world.store.views.page(Selection(view="open")).items
    inbox.set_queue(world.store, world.clock, world.ada, conversation.id, "Spare parts")
    counter = Counter()
    views = listed(world.store, world.clock, world.ada, counter)
    assert (views["open"].count, views["unassigned"].count, views["mine"].count) == (1, 1, 0)
    assert views["queue:Spare parts"] == ViewInfo(
        name="queue:Spare parts",
        title="Spare parts",
        kind="queue",
        count=1,
        query='queue:"Spare parts" state:open',
    )
    assert (views["channel:email"].count, views["channel:chat"].count) == (1, 0)
    assert (views["saved:late"].count, views["saved:late"].exact) == (0, True)
    assert 'no field "colour:"' in views["saved:odd"].problem
    inbox.set_priority(world.store, world.clock, world.ada, conversation.id, "urgent")
    inbox.claim(world.store, world.clock, world.ada, conversation.id)
    views = listed(world.store, world.clock, world.ada, counter)
    assert views["saved:late"].count == 1
    assert (views["mine"].count, views["mine"].unread) == (1, 1)


def test_saved_views_are_counted_again_only_when_something_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.receive(mail())
    counter, asked = Counter(), []
    count = world.store.views.count

    def counted(*args: object, **more: object) -> tuple[int, bool]:
        asked.append(args)
        return count(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store.views, "count", counted)
    for _ in range(3):
        listed(world.store, world.clock, world.ada, counter)
    assert len(asked) == 2, "one question for each of the two that make sense"
    world.receive(mail(subject="Another", salt="x"))
    listed(world.store, world.clock, world.ada, counter)
    assert len(asked) == 4
    world.clock.advance(MINUTE)
    listed(world.store, world.clock, world.ada, counter)
    assert len(asked) == 6


def test_a_note_names_reps_and_reading_settles_it(world: World) -> None:
    store, clock = world.store, world.clock
    world.receive(mail())
    [conversation] = store.views.page(Selection(view="open")).items
    with store.write():
        ben = store.agents.ensure("ben.b", "Ben")
    body = f"ask @ben.b. or me, @{world.ada.login}; mail x@ben.b is not meant, nor @nobody"
    inbox.note(store, clock, world.ada, conversation.id, body)
    [seen] = store.reads.marked([conversation], ben.id)
    assert seen.mentioned
    [seen] = store.reads.marked([conversation], world.ada.id)
    assert not seen.mentioned
    assert not reading.mark_read(store, clock, ben, conversation.id).mentioned
    assert reading.mark_unread(store, clock, ben, conversation.id).unread
    with pytest.raises(NotFound):
        reading.mark_read(store, clock, ben, 999)


def test_reading_twice_writes_once(world: World) -> None:
    world.receive(mail())
    [conversation] = world.store.views.page(Selection(view="open")).items
    assert not reading.mark_read(world.store, world.clock, world.ada, conversation.id).unread
    seq = world.store.changes.last()
    reading.mark_read(world.store, world.clock, world.ada, conversation.id)
    assert world.store.changes.last() == seq


def test_an_answer_marks_read_for_its_author_only(world: World) -> None:
    world.receive(mail())
    [conversation] = world.store.views.page(Selection(view="open")).items
    ben = world.ben
    world.answer(conversation.id)
    row = world.store.conversations.get(conversation.id)
    assert row is not None
    assert not world.store.reads.marked([row], world.ada.id)[0].unread
    assert world.store.reads.marked([row], ben.id)[0].unread
