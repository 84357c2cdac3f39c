"""Learning, with scikit-learn: only ever imported by a process of its own."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from desk.learning.judging import judged
from desk.learning.model import Example, Head, Lesson, Model, terms

LEAST_EXAMPLES = 15
"""Of a label, to learn anything of it."""
FEATURES_AT_MOST = 20_000
LEARNED, CHOSEN = 0.6, 0.8
"""The oldest part is learned from, thresholds are chosen on the next, and the newest part judges."""


def learn(lesson: Lesson) -> Model:
    """What the examples teach, and what it is worth. A model without labels if they teach nothing."""
    examples = list(lesson.examples)
    first, second = round(len(examples) * LEARNED), round(len(examples) * CHOSEN)
    known = examples[:first]
    queues = _often(each.queue for each in known if each.queue)
    tags = _often(tag for each in known for tag in each.tags)
    bare = Model(at=lesson.at, examples=len(examples), asked=lesson.asked)
    if len(queues) < 2 and not tags:
        return bare
    vectorizer = TfidfVectorizer(
        analyzer=lambda each: terms(each.subject, each.body),
        min_df=2,
        max_features=FEATURES_AT_MOST,
        sublinear_tf=True,
    )
    matrix = vectorizer.fit_transform(known)
    names = vectorizer.get_feature_names_out()
    model = Model(
        at=lesson.at,
        examples=len(examples),
        asked=lesson.asked,
        weights=dict(zip(map(str, names), map(float, vectorizer.idf_), strict=True)),
        queues=_queues(matrix, names, known, queues),
        tags=_tags(matrix, names, known, tags),
    )
    return judged(model, examples[first:second], examples[second:], examples)


def _often(labels: Any) -> list[str]:
    return sorted(name for name, count in Counter(labels).items() if count >= LEAST_EXAMPLES)


def _queues(matrix: Any, names: Any, known: Sequence[Example], queues: Sequence[str]) -> Head:
    """Which of several."""
    if len(queues) < 2:
        return Head()
    rows = [number for number, each in enumerate(known) if each.queue in queues]
    fitted = _fit(matrix[rows], [queues.index(known[row].queue) for row in rows])
    numbers, bias = fitted.coef_, fitted.intercept_
    if len(queues) == 2:  # one line of numbers tells two apart
        return _head(queues, names, [-numbers[0] / 2, numbers[0] / 2], [-bias[0] / 2, bias[0] / 2])
    return _head(queues, names, numbers, bias)


def _tags(matrix: Any, names: Any, known: Sequence[Example], tags: Sequence[str]) -> Head:
    """Each, or not."""
    told = {tag: [tag in each.tags for each in known] for tag in tags}
    told = {tag: has for tag, has in told.items() if not all(has)}
    fitted = [_fit(matrix, has) for has in told.values()]
    lines, bias = [each.coef_[0] for each in fitted], [each.intercept_[0] for each in fitted]
    return _head(list(told), names, lines, bias, apart=True)


def _fit(matrix: Any, labels: Sequence[Any]) -> Any:
    return LogisticRegression(C=10.0, max_iter=300).fit(matrix, labels)


def _head(labels: Sequence[str], names: Any, lines: Any, bias: Any, *, apart: bool = False) -> Head:
    rows: dict[str, bytes] = {}
    for column, name in enumerate(names):
        numbers = array("f", (line[column] for line in lines))
        if any(abs(number) > 1e-3 for number in numbers):
            rows[str(name)] = numbers.tobytes()
    return Head(names=tuple(labels), bias=tuple(map(float, bias)), rows=rows if labels else {}, apart=apart)
