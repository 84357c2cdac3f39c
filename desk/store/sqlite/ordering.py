"""Orders of lists: that of one index, and that of urgency.

What is left of promises of different paces changes places as time passes, so no index has that order. But within one
pace and one worth (a *lane*) it never changes; so a list is merged from a stretch of an index for each lane. What is
promised nothing is a lane of its own, behind all others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge, nsmallest
from itertools import islice
from typing import NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

from desk import urgency
from desk.clock import Millis
from desk.store.sqlite.sql import Sql, as_json
from desk.urgency import Rank

Elapsed = Callable[[str, Millis], Millis]
"""The working time of a calendar from 1970 to an instant; the calendar "" counts all time."""
Key = tuple[int, int, int, int, int, int]
"""A `Rank`, the lane, the turn and the id: no two are equal."""

ALL = Sql("1")
_NONE = 0
"""The lane of what is promised nothing."""
_SKIPPED_AT_ONCE = 256
"""More rows than this before a window are passed without looking at each."""


class Base(NamedTuple):
    """A view without a filter: the index that has its order (`walked`), and its condition."""

    walked: str
    where: str
    values: tuple[object, ...] = ()
    place: str = "sort"
    down: bool = False
    urgent: bool = False

    @property
    def order(self) -> str:
        return f"{self.place} DESC, id DESC" if self.down else f"{self.place}, id"

    def narrowed(self, where: str, *values: object) -> Base:
        """Those of it of which something more holds."""
        return self._replace(where=f"{self.where} AND {where}", values=(*self.values, *values))


class Order(Protocol):
    """The order of a view."""

    def walk(self, condition: Sql = ALL) -> Iterator[int]:
        """The ids of all of which a condition of `conversations c` holds, found as they are asked for."""
        ...

    def window(self, offset: int, limit: int, total: int) -> list[int]: ...
    def before(self, id: int) -> int:
        """How many go before one that is in the view."""
        ...

    def sort(self, ids: Iterable[int], condition: Sql = ALL) -> list[int]:
        """Those of the ids that are in the view, and of which a condition holds."""
        ...


def total(reader: sqlite3.Connection, base: Base) -> int:
    """How many are in a view."""
    counted = f"SELECT count(*) FROM conversations INDEXED BY {base.walked} WHERE {base.where}"
    [number] = reader.execute(counted, base.values).fetchone()
    return int(number)


class OfIndex:
    """The order of one index."""

    def __init__(self, reader: sqlite3.Connection, base: Base) -> None:
        self._reader = reader
        self._base = base

    def walk(self, condition: Sql = ALL) -> Iterator[int]:
        base = self._base
        rows = self._reader.execute(
            f"SELECT id FROM conversations c INDEXED BY {base.walked}"
            f" WHERE {base.where} AND {condition.text} ORDER BY {base.order}",
            (*base.values, *condition.values),
        )
        for (id,) in rows:
            yield id

    def window(self, offset: int, limit: int, total: int) -> list[int]:
        """Walked to from the nearer end."""
        base = self._base
        limit = max(min(limit, total - offset), 0)
        behind = total - offset - limit
        turned = base._replace(down=not base.down) if behind < offset else base
        rows = self._reader.execute(
            f"SELECT id FROM conversations INDEXED BY {base.walked} WHERE {base.where} ORDER BY {turned.order}"
            " LIMIT ? OFFSET ?",
            (*base.values, limit, behind if behind < offset else offset),
        )
        ids = [id for (id,) in rows]
        return ids[::-1] if behind < offset else ids

    def before(self, id: int) -> int:
        base = self._base
        [place] = self._reader.execute(f"SELECT {base.place} FROM conversations WHERE id = ?", (id,)).fetchone()
        return total(self._reader, base.narrowed(f"({base.place}, id) {'>' if base.down else '<'} (?, ?)", place, id))

    def sort(self, ids: Iterable[int], condition: Sql = ALL) -> list[int]:
        base = self._base
        rows = self._reader.execute(
            "SELECT id FROM conversations c NOT INDEXED WHERE id IN (SELECT value FROM json_each(?))"
            f" AND {base.where} AND {condition.text} ORDER BY {base.order}",
            (as_json(ids), *base.values, *condition.values),
        )
        return [id for (id,) in rows]


class Run(Struct, frozen=True):
    """A lane, in its order."""

    lane: int
    promised: Millis
    now: Millis
    """In the working time of the lane's calendar."""
    after: tuple[Millis, int] | None = None
    """What was passed already: a turn and an id."""

    @property
    def worth(self) -> int:
        return self.lane % urgency.WORTH

    def key(self, turn: Millis, id: int) -> Key:
        rank = urgency.rank(urgency.share(turn - self.now, self.promised), self.worth)
        return (*rank, self.lane, turn, id)

    def end(self, key: Key) -> tuple[Millis, int]:
        """The least turn and id of this lane that are not before a key."""
        rank, lane, turn, id = Rank(*key[:3]), *key[3:]
        own = urgency.WORTH - self.worth
        if lane == self.lane:
            return turn, id
        if own == rank.less:
            share = rank.share + (self.lane < lane)
            return max(self._reaching(rank.level), min(self._turn(share), self._reaching(rank.level + 1))), 0
        return self._reaching(rank.level + (own < rank.less)), 0

    def _reaching(self, level: int) -> Millis:
        """The first turn of which the level is at least this one."""
        return self._turn(level * urgency.STEP)

    def _turn(self, share: int) -> Millis:
        return self.now + urgency.left_of(share, self.promised)


class Ahead(NamedTuple):
    """The row of a run that lies so many rows ahead."""

    key: Key
    rows: int
    run: Run


class OfUrgency:
    """The order of urgency, as it is at an instant."""

    def __init__(self, reader: sqlite3.Connection, base: Base, now: Millis, elapsed: Elapsed) -> None:
        self._reader = reader
        self._base = base
        self._now = now
        self._elapsed = elapsed
        self._tail = OfIndex(reader, base.narrowed("lane = 0")._replace(place="turn"))

    def walk(self, condition: Sql = ALL) -> Iterator[int]:
        for key in self.places(condition):
            yield key[-1]

    def places(self, condition: Sql = ALL) -> Iterator[Key]:
        """The places of all of which a condition holds, found as they are asked for."""
        yield from merge(*(self._rows(run, condition) for run in self._runs()))
        here = self._base.narrowed("lane = 0")
        rows = self._reader.execute(
            f"SELECT turn, id FROM conversations c INDEXED BY {here.walked}"
            f" WHERE {here.where} AND {condition.text} ORDER BY turn, id",
            (*here.values, *condition.values),
        )
        for turn, id in rows:
            yield self._key({}, _NONE, turn, id)

    def window(self, offset: int, limit: int, total: int) -> list[int]:
        runs, rest = self._passed(self._runs(), offset)
        keys = list(islice(merge(*map(self._rows, runs)), rest + limit))
        ids = [key[-1] for key in keys[rest:]]
        if len(keys) == rest + limit:
            return ids
        promised = offset - rest + len(keys)
        return ids + self._tail.window(max(offset - promised, 0), limit - len(ids), total - promised)

    def before(self, id: int) -> int:
        [lane, turn] = self._reader.execute("SELECT lane, turn FROM conversations WHERE id = ?", (id,)).fetchone()
        if lane == _NONE:
            return total(self._reader, self._base.narrowed("lane > 0")) + self._tail.before(id)
        runs = self._runs()
        [own] = [run for run in runs if run.lane == lane]
        key = own.key(turn, id)
        return sum(self._number_before(run, key) for run in runs)

    def sort(self, ids: Iterable[int], condition: Sql = ALL) -> list[int]:
        base = self._base
        rows = self._reader.execute(
            "SELECT lane, turn, id FROM conversations c NOT INDEXED WHERE id IN (SELECT value FROM json_each(?))"
            f" AND {base.where} AND {condition.text}",
            (as_json(ids), *base.values, *condition.values),
        ).fetchall()
        return [key[-1] for key in sorted(self._keys_of(rows))]

    def first_by(self, column: str, limit: int, condition: Sql = ALL) -> dict[int, list[Key]]:
        """The first places of all of which a condition holds, by what stands in a column: for few, whose lanes need
        not be walked."""
        base = self._base
        rows = self._reader.execute(
            f"SELECT lane, turn, id, {column} FROM conversations c INDEXED BY {base.walked}"
            f" WHERE {base.where} AND {condition.text}",
            (*base.values, *condition.values),
        ).fetchall()
        found: dict[int, list[Key]] = {}
        for (*_, of), key in zip(rows, self._keys_of([row[:3] for row in rows]), strict=True):
            found.setdefault(of, []).append(key)
        return {of: nsmallest(limit, keys) for of, keys in found.items()}

    def _keys_of(self, rows: Sequence[tuple[int, Millis, int]]) -> Iterator[Key]:
        promised = self._promised({lane for lane, _, _ in rows if lane != _NONE})
        return (self._key(promised, *row) for row in rows)

    # --- lanes --------------------------------------------------------------------------------------------

    def _runs(self) -> list[Run]:
        """Every lane that has a row."""
        base = self._base
        following = f"SELECT lane FROM conversations INDEXED BY {base.walked} WHERE {base.where}"
        rows = self._reader.execute(
            f"WITH RECURSIVE lanes (of) AS (VALUES (0) UNION ALL SELECT ({following} AND lane > of ORDER BY lane"
            " LIMIT 1) FROM lanes WHERE of IS NOT NULL) SELECT of FROM lanes WHERE of > 0",
            base.values,
        )
        return list(self._promised({lane for (lane,) in rows}).values())

    def _promised(self, lanes: set[int]) -> Mapping[int, Run]:
        rows = self._reader.execute(
            "SELECT value, calendar, promised FROM json_each(?) JOIN paces p ON p.id = value / ?",
            (as_json(lanes), urgency.WORTH),
        ).fetchall()
        now = {calendar: self._elapsed(calendar, self._now) for _, calendar, _ in rows}
        return {lane: Run(lane, promised, now[calendar]) for lane, calendar, promised in rows}

    @staticmethod
    def _key(promised: Mapping[int, Run], lane: int, turn: Millis, id: int) -> Key:
        return (urgency.BEHIND, 0, 0, 0, turn, id) if lane == _NONE else promised[lane].key(turn, id)

    # --- rows of a lane -----------------------------------------------------------------------------------

    def _rows(self, run: Run, condition: Sql = ALL) -> Iterator[Key]:
        here = self._of(run)
        rows = self._reader.execute(
            f"SELECT turn, id FROM conversations c INDEXED BY {here.walked}"
            f" WHERE {here.where} AND {condition.text} ORDER BY turn, id",
            (*here.values, *condition.values),
        )
        for turn, id in rows:
            yield run.key(turn, id)

    def _of(self, run: Run) -> Base:
        here = self._base.narrowed("lane = ?", run.lane)
        return here if run.after is None else here.narrowed("(turn, id) > (?, ?)", *run.after)

    def _number_before(self, run: Run, key: Key) -> int:
        return total(self._reader, self._of(run).narrowed("(turn, id) < (?, ?)", *run.end(key)))

    def _passed(self, runs: list[Run], rest: int) -> tuple[list[Run], int]:
        """The runs from behind rows that go before all but `rest` of a window, and how many those are.

        Of the rows that lie as far ahead in each run as their share of half the way, the first has no more than half
        the way before it: all of its run up to it can be passed.
        """
        ahead: list[Ahead] = []
        while runs and rest > max(_SKIPPED_AT_ONCE, 2 * len(runs)):
            if not ahead or sum(each.rows for each in ahead) > rest:
                steps = rest // (2 * len(runs))
                ahead = [found for run in runs if (found := self._ahead(run, steps))]
            if not ahead:
                return [], rest
            first = min(ahead)
            ahead.remove(first)
            rest -= first.rows
            on = replace(first.run, after=first.key[-2:])
            runs = [on if run is first.run else run for run in runs]
            if found := self._ahead(on, first.rows):
                ahead.append(found)
        return runs, rest

    def _ahead(self, run: Run, rows: int) -> Ahead | None:
        """So many rows ahead, or the last; None where none is left."""
        here = self._of(run)
        found = self._at(here, rows - 1)
        if found is None:
            rows = total(self._reader, here)
            found = self._at(here, rows - 1) if rows else None
        return None if found is None else Ahead(run.key(*found), rows, run)

    def _at(self, here: Base, offset: int) -> tuple[Millis, int] | None:
        row: tuple[Millis, int] | None = self._reader.execute(
            f"SELECT turn, id FROM conversations INDEXED BY {here.walked} WHERE {here.where} ORDER BY turn, id"
            " LIMIT 1 OFFSET ?",
            (*here.values, offset),
        ).fetchone()
        return row
