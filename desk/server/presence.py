"""Who looks at which conversation, and who is writing an answer: in memory, and forgotten within seconds."""

from __future__ import annotations

import asyncio

from desk.clock import SECOND, Clock, Millis
from desk.model import Agent, Change, Doing, Presence
from desk.server.feed import Feed

LIVES_FOR: Millis = 25 * SECOND
"""Terminals say it again every ten seconds; one that is gone is gone after this."""


class Presences:
    """Belongs to the running event loop. Readers of the feed learn of every arrival, turn and departure."""

    def __init__(self, feed: Feed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._here: dict[int, dict[int, _Rep]] = {}
        """By conversation and rep."""
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, agent: Agent, conversation_id: int, doing: Doing, text: str = "") -> None:
        """The rep is here; `gone` ends that at once. `text`: what a visitor has typed so far, where that is seen."""
        before = self.of(conversation_id)
        reps = self._here.setdefault(conversation_id, {})
        if doing == "gone":
            reps.pop(agent.id, None)
        else:
            rep = reps.setdefault(agent.id, _Rep(agent, self._clock.now()))
            rep.text = text
            rep.says(doing, self._clock.now())
        self._changed(conversation_id, before)
        self._watch()

    def of(self, conversation_id: int) -> list[Presence]:
        """Who is here, in the order in which they came."""
        now = self._clock.now()
        seen = (rep.presence(conversation_id, now) for rep in self._here.get(conversation_id, {}).values())
        return [presence for presence in seen if presence is not None]

    def everywhere(self) -> list[Presence]:
        """Who is where."""
        return [each for id in list(self._here) for each in self.of(id)]

    def writing(self) -> list[tuple[int, int]]:
        """Reps, and the conversations in which they are writing an answer."""
        return [(each.agent_id, each.conversation_id) for each in self.everywhere() if each.doing == "replying"]

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _changed(self, conversation_id: int, before: list[Presence]) -> None:
        after = self.of(conversation_id)
        was = {each.agent_id: (each.doing, each.text) for each in before}
        now = {each.agent_id: (each.doing, each.text) for each in after}
        for agent_id in {id for id in (*was, *now) if was.get(id) != now.get(id)}:
            self._feed.tell(Change(at=self._clock.now(), kind="presence", id=agent_id, conversation_id=conversation_id))

    def _watch(self) -> None:
        if self._timer is None and any(self._here.values()):
            self._timer = self._loop.call_later(1.0, self._look)

    def _look(self) -> None:
        """Once a second while anybody is anywhere: who has not been heard of is gone."""
        self._timer, now = None, self._clock.now()
        for conversation_id, reps in list(self._here.items()):
            for agent_id, rep in list(reps.items()):
                if rep.tire(now):
                    self._feed.tell(Change(at=now, kind="presence", id=agent_id, conversation_id=conversation_id))
                if rep.presence(conversation_id, now) is None:
                    del reps[agent_id]
            if not reps:
                del self._here[conversation_id]
        self._watch()


class _Rep:
    """One rep in one conversation, through however many terminals: who answers in one, answers."""

    def __init__(self, agent: Agent, since: Millis) -> None:
        self.agent = agent
        self.since = since
        self.text = ""
        self.until: dict[Doing, Millis] = {}
        self._was: Doing | None = None

    def says(self, doing: Doing, now: Millis) -> None:
        if doing == "viewing" and self._doing(now) == "viewing":
            self.until.pop("replying", None)
        if doing != "listening":
            self.until.pop("listening", None)
        self.until[doing] = now + LIVES_FOR
        if self._doing(now) != self._was:
            self.since, self._was = now, self._doing(now)

    def tire(self, now: Millis) -> bool:
        """Whether what the rep does is another than before, for having been silent."""
        before, self._was = self._was, self._doing(now)
        if before != self._was:
            self.since = now
        return before != self._was

    def presence(self, conversation_id: int, now: Millis) -> Presence | None:
        doing = self._doing(now)
        if doing is None:
            return None
        return Presence(
            conversation_id=conversation_id,
            agent_id=self.agent.id,
            agent_name=self.agent.name,
            doing=doing,
            since=self.since,
            text=self.text if doing == "replying" else "",
        )

    def _doing(self, now: Millis) -> Doing | None:
        if self.until.get("replying", 0) > now:
            return "replying"
        if self.until.get("listening", 0) > now:
            return "listening"
        return "viewing" if self.until.get("viewing", 0) > now else None
