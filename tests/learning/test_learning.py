"""What is learned from real questions, and what its guesses are worth where nothing was learned from."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest

from benchmarks.corpora import Absent, unpack
from desk.learning.judging import NEVER
from desk.learning.model import Example, Head, Lesson, Model, decode, encode

pytest.importorskip("sklearn", reason="scikit-learn (the extra `learning`) is not installed")

QUEUES = (
    "card_arrival",
    "lost_or_stolen_card",
    "exchange_rate",
    "top_up_failed",
    "cash_withdrawal_charge",
    "age_limit",
)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    """Questions to a bank, with what they are about."""
    try:
        folder = unpack("faq-banking77-train", tmp_path_factory.mktemp("faq"))
    except Absent as absent:
        pytest.skip(str(absent))
    with next(folder.rglob("train.csv")).open(newline="") as file:
        rows = [(text, about) for text, about in list(csv.reader(file))[1:] if about in QUEUES]
    Random(5).shuffle(rows)
    return [
        Example(subject=text, body="Regards", queue=about, tags=("card",) if "card" in about else ())
        for text, about in rows
    ]


@pytest.fixture(scope="module")
def model(questions: list[Example]) -> Model:
    from desk.learning.training import learn

    return learn(Lesson(at=1, examples=questions, asked=0.9))


def test_queues_and_tags_earn_to_be_trusted(questions: list[Example], model: Model) -> None:
    assert model.judged_on == len(questions) - round(len(questions) * 0.8)
    earned = [each for each in model.judged if each.earned]
    assert {each.kind for each in earned} == {"queue", "tag"}
    assert len(earned) >= 5
    assert all(each.right >= 0.9 * each.said and each.said >= 10 for each in earned)
    assert sum(each.right for each in earned) >= 0.6 * sum(each.there for each in model.judged)


def test_guesses_are_as_likely_as_the_library_says(questions: list[Example], model: Model) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from desk.learning.model import terms

    known = questions[: round(len(questions) * 0.6)]
    vectorizer = TfidfVectorizer(analyzer=lambda each: terms(each.subject, each.body), min_df=2, sublinear_tf=True)
    matrix = vectorizer.fit_transform(known)
    fitted = LogisticRegression(C=10.0, max_iter=300).fit(matrix, [each.queue for each in known])
    some = questions[-20:]
    for example, chances in zip(some, fitted.predict_proba(vectorizer.transform(some)), strict=True):
        sure = model.queues.sure(model.features(example.subject, example.body))
        assert sure == pytest.approx(list(chances), abs=1e-3)


def test_a_guess_says_which_words_speak_for_it(model: Model) -> None:
    [best, *_] = model.guesses("My card has not arrived", "When will it be delivered?")
    told = model.explained(best, "My card has not arrived", "When will it be delivered?")
    queue = model.explained(model.guesses("The exchange rate is wrong", "")[0], "The exchange rate is wrong", "")
    assert best.kind in ("queue", "tag")
    assert told.because
    assert (queue.name, set(queue.because) <= {"the", "exchange", "rate", "is", "wrong"}) == ("exchange_rate", True)
    assert "exchange" in queue.because


def test_a_model_is_data_and_nothing_else_is_taken_for_one(model: Model) -> None:
    data = encode(model)
    assert decode(data) == model
    assert decode(data[:-10]) is None
    assert decode(b"") is None
    assert decode(encode(msgspec.structs.replace(model, format=99))) is None
    cut = msgspec.structs.replace(model.queues, bias=model.queues.bias[1:])
    assert decode(encode(msgspec.structs.replace(model, queues=cut))) is None


def test_what_teaches_nothing_teaches_nothing() -> None:
    from desk.learning.training import learn

    chance = Random(3)
    words = [f"word{chr(97 + n)}" for n in range(20)]

    def noise(queues: Sequence[str]) -> list[Example]:
        return [
            Example(subject=" ".join(chance.sample(words, 5)), body="", queue=chance.choice(queues)) for _ in range(300)
        ]

    assert learn(Lesson(at=1, examples=[])).queues == Head()
    assert learn(Lesson(at=1, examples=noise(["only"]))).judged == ()
    random = learn(Lesson(at=1, examples=noise(["a", "b"])))
    assert [each.earned for each in random.judged] == [False, False]
    assert all(each.threshold == NEVER or each.said < 60 for each in random.judged)


def test_it_is_learned_in_a_process_of_its_own(questions: list[Example], tmp_path: Path, model: Model) -> None:
    lesson, target = tmp_path / "lesson", tmp_path / "learned.msgpack"
    lesson.write_bytes(msgspec.msgpack.encode(Lesson(at=1, examples=questions, asked=0.9)))
    subprocess.run([sys.executable, "-m", "desk.learning", lesson, target], check=True, timeout=120)
    learned = decode(target.read_bytes())
    assert learned is not None
    assert [each.name for each in learned.judged] == [each.name for each in model.judged]
    assert target.stat().st_mode & 0o777 == 0o600


def test_neither_the_terminal_nor_the_server_imports_the_library() -> None:
    code = (
        "import sys, desk.app, desk.server.desk, desk.server.routes, desk.cli.learn\n"
        "assert not {'sklearn', 'numpy', 'scipy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
