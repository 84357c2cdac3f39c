"""What guesses are worth: thresholds chosen on some conversations, and judged on others that are newer still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from desk.learning.model import Example, Model
from desk.model import Guess, Judged, LabelKind

LEAST_SAID = 10
"""A label that was said less often among those judged has earned nothing: chance could have done it."""
LEAST_SURE = {"queue": 0.25, "tag": 0.5}
"""Less is no guess: of many queues the likeliest may be none, and a tag is there or it is not."""
NEVER = 2.0
"""A threshold that nothing reaches."""


def judged(model: Model, choose: Sequence[Example], judge: Sequence[Example], examples: Sequence[Example]) -> Model:
    """The model with a threshold for each label, chosen on `choose` and judged on `judge`.

    A threshold is the lowest from which on the label was right as often as `model.asked` says, with some reserve.
    """
    chosen, tested = _guesses(model, choose), _guesses(model, judge)
    labels: list[tuple[LabelKind, str]] = [("queue", name) for name in model.queues.names]
    labels += [("tag", name) for name in model.tags.names]
    told = tuple(_label(model, kind, name, chosen, tested, examples) for kind, name in labels)
    return replace(model, judged=told, judged_on=len(judge))


_Told = list[tuple[Example, dict[tuple[str, str], float]]]


def _guesses(model: Model, examples: Iterable[Example]) -> _Told:
    return [(each, _by_label(model.guesses(each.subject, each.body))) for each in examples]


def _by_label(guesses: Iterable[Guess]) -> dict[tuple[str, str], float]:
    return {(each.kind, each.name): each.sure for each in guesses}


def has(example: Example, kind: LabelKind, name: str) -> bool:
    """Whether reps gave it that label."""
    return example.queue == name if kind == "queue" else name in example.tags


def _label(
    model: Model, kind: LabelKind, name: str, chosen: _Told, tested: _Told, examples: Sequence[Example]
) -> Judged:
    chances, tests = _chances(kind, name, chosen), _chances(kind, name, tested)
    threshold = _threshold(chances, model.asked, LEAST_SURE[kind])
    said = [holds for sure, holds in tests if sure >= threshold]
    return Judged(
        kind=kind,
        name=name,
        examples=sum(has(each, kind, name) for each in examples),
        threshold=threshold,
        said=len(said),
        right=sum(said),
        there=sum(holds for _, holds in tests),
        earned=len(said) >= LEAST_SAID and sum(said) >= model.asked * len(said),
    )


def _chances(kind: LabelKind, name: str, told: _Told) -> list[tuple[float, bool]]:
    """How sure, and whether it holds; a conversation in no queue says nothing of where it belongs."""
    return [(sure.get((kind, name), 0.0), has(each, kind, name)) for each, sure in told if kind == "tag" or each.queue]


def _threshold(chances: Sequence[tuple[float, bool]], asked: float, least: float) -> float:
    """From where on it is right often enough, and would be with one mistake more: half way to what comes below."""
    best = sorted((each for each in chances if each[0] >= least), reverse=True)
    found, right = NEVER, 0
    for number, (sure, holds) in enumerate(best, 1):
        right += holds
        if right >= asked * (number + 1):
            found = (sure + (best[number][0] if number < len(best) else least)) / 2
    return found
