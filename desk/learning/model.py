"""What was learned: numbers by word, and how they make a guess. Plain Python: applied where mail comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, log, sqrt

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from desk.articles.words import pairs, stem, words
from desk.clock import Millis
from desk.model import Guess, Judged, LabelKind

FORMAT = 1
FIRST_WORDS = 80
"""Of a message; what comes later tells little of where it belongs."""
WHY = 3


class Head(Struct, frozen=True, kw_only=True):
    """Numbers for labels of one kind: a score each is a sum over words."""

    names: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    rows: dict[str, bytes] = {}
    """By word: a float of 32 bits for each label, as this machine writes it."""
    apart: bool = False
    """Each label is a question of its own (tags); else exactly one of them holds (queues)."""

    def scores(self, features: Mapping[str, float]) -> list[float]:
        """How much speaks for each, not yet as probabilities."""
        found = list(self.bias)
        for name, weight in features.items():
            row = self.rows.get(name)
            if row is not None:
                for label, number in enumerate(memoryview(row).cast("f")):
                    found[label] += weight * number
        return found

    def sure(self, features: Mapping[str, float]) -> list[float]:
        """How likely each is, 0 to 1."""
        scores = self.scores(features)
        if self.apart:
            return [1 / (1 + exp(-min(max(score, -500), 500))) for score in scores]
        top = max(scores, default=0.0)
        parts = [exp(score - top) for score in scores]
        return [part / sum(parts) for part in parts]

    def because(self, features: Mapping[str, float], label: int) -> tuple[str, ...]:
        """What speaks for a label more than for the others, the strongest first."""
        told: dict[str, float] = {}
        for name, weight in features.items():
            row = self.rows.get(name)
            if row is not None:
                numbers = memoryview(row).cast("f")
                usual = 0.0 if self.apart else sum(numbers) / len(numbers)
                told[name] = weight * (numbers[label] - usual)
        return tuple(sorted((name for name in told if told[name] > 0), key=lambda name: -told[name]))


class Model(Struct, frozen=True, kw_only=True):
    """All that was learned."""

    format: int = FORMAT
    at: Millis = 0
    examples: int = 0
    judged_on: int = 0
    """The newest of these: nothing was learned from them."""
    asked: float = 0.9
    """The precision that labels had to reach."""
    weights: dict[str, float] = {}
    """By word, how much it tells: rare ones more."""
    queues: Head = Head()
    tags: Head = Head(apart=True)
    judged: tuple[Judged, ...] = ()

    def features(self, subject: str, body: str) -> dict[str, float]:
        """What a text is judged by; the squares add up to 1."""
        counts = Counter(terms(subject, body))
        found = {name: (1 + log(count)) * self.weights[name] for name, count in counts.items() if name in self.weights}
        length = sqrt(sum(each * each for each in found.values())) or 1.0
        return {name: each / length for name, each in found.items()}

    def guesses(self, subject: str, body: str, *, least: float = 0.0) -> list[Guess]:
        """The likeliest queue and all tags that are at least so likely, the likeliest first."""
        features = self.features(subject, body)
        found = [*_likely(self.queues, "queue", features, least)[:1], *_likely(self.tags, "tag", features, least)]
        return sorted(found, key=lambda each: -each.sure)

    def explained(self, guess: Guess, subject: str, body: str) -> Guess:
        """The guess with the words of the text that speak for it most."""
        head, features = (self.queues if guess.kind == "queue" else self.tags), self.features(subject, body)
        written = {stem(word): word for word in (*words(body)[:FIRST_WORDS], *words(subject))}
        strong = (written[name] for name in head.because(features, head.names.index(guess.name)) if name in written)
        return replace(guess, because=tuple(strong)[:WHY])

    def counts(self, guess: Guess) -> bool:
        """Whether the guess is sure enough, of a label that has earned it."""
        return any(
            each.earned and guess.sure >= each.threshold
            for each in self.judged
            if (each.kind, each.name) == (guess.kind, guess.name)
        )


def _likely(head: Head, kind: LabelKind, features: Mapping[str, float], least: float) -> list[Guess]:
    chances = [(sure, label) for label, sure in enumerate(head.sure(features)) if sure >= least]
    return [Guess(kind=kind, name=head.names[label], sure=sure) for sure, label in sorted(chances, reverse=True)]


def terms(subject: str, body: str) -> list[str]:
    """The words of subject and beginning, and each two that stand beside each other."""
    found: list[str] = []
    for text in (words(subject), words(body)[:FIRST_WORDS]):
        found += map(stem, text)
        found += pairs(text)
    return found


def encode(model: Model) -> bytes:
    """As a file holds it (MessagePack): data only, whoever wrote it."""
    return msgspec.msgpack.encode(model)


def decode(data: bytes) -> Model | None:
    """None for what is no model of this format, or was cut off."""
    try:
        model = msgspec.msgpack.decode(data, type=Model)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    whole = all(_fits(head) for head in (model.queues, model.tags))
    return model if model.format == FORMAT and whole else None


def _fits(head: Head) -> bool:
    length = 4 * len(head.names)
    return len(head.bias) == len(head.names) and all(len(row) == length for row in head.rows.values())


class Example(Struct, frozen=True, kw_only=True):
    """A conversation that reps have dealt with."""

    subject: str
    body: str
    queue: str = ""
    tags: tuple[str, ...] = ()


class Lesson(Struct, frozen=True, kw_only=True):
    """What the learning process is given."""

    at: Millis
    examples: Sequence[Example]
    """In the order of time, oldest first."""
    asked: float = 0.9
