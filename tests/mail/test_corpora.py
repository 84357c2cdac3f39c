"""Every mail of the corpora is read or refused with a reason, and its bytes come back as they were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.mail.packing import unpack
from desk.mail.parse import parse
from desk.mail.parsed import Parsed, Slice, Source
from desk.mail.pool import ParserPool
from tests.mail.conftest import MAIL, Corpus

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EVERY = 10
"""Of the smaller corpora the normal run reads one file in ten."""


def _check(files: list[Path]) -> int:
    """Read files through the pool and check each answer; returns how many were refused."""
    refused = 0
    pool = ParserPool(2)
    try:
        sources = (Source(external_id="", slice=Slice(path=str(path))) for path in files)
        answers = [answer for chunk in pool.parse_many(sources) for answer in chunk]
    finally:
        pool.close()
    assert len(answers) == len(files)
    for path, (_, found) in zip(files, answers, strict=True):
        raw = path.read_bytes()
        assert unpack(found.raw_packed) == raw, path
        assert found.size == len(raw)
        if isinstance(found, Parsed):
            _check_parsed(path, found)
        else:
            assert found.reason, path
            refused += 1
    return refused


def _check_parsed(path: Path, found: Parsed) -> None:
    shown = [found.subject, found.body, found.message_id, found.in_reply_to, *found.references, *found.links]
    shown += [part.name for part in found.parts] + [part.media_type for part in found.parts]
    shown += [text for address in (*found.to, *found.cc, *found.reply_to) for text in (address.name, address.email)]
    if found.sender:
        shown += [found.sender.name, found.sender.email]
    if found.report:
        shown += [text for one in found.report.recipients for text in (one.address, one.diagnostic, one.status)]
    assert not any(_STEERING.search(text) for text in shown), path
    lines = found.body.count("\n") + 1
    edges = [edge for fold in found.folds for edge in (fold.start, fold.end)]
    assert edges == sorted(edges), path
    assert all(fold.start < fold.end <= lines for fold in found.folds), path


@pytest.mark.parametrize("name", MAIL)
def test_mails(corpus: Corpus, name: str) -> None:
    files = corpus(name)
    sample = files if name == "mail-ham" else files[::_EVERY]
    assert _check(sample) == 0


@pytest.mark.torture
@pytest.mark.parametrize("name", MAIL)
def test_all_mails(corpus: Corpus, name: str) -> None:
    assert _check(corpus(name)) == 0


def _recall(files: list[Path]) -> tuple[float, float]:
    """The shares of bounces recognised, and recognised with a recipient."""
    found = [parse(path.read_bytes()) for path in files]
    bounces = [one for one in found if one.kind == "bounce"]
    named = [one for one in bounces if one.report and one.report.recipients]
    return len(bounces) / len(found), len(named) / len(found)


def test_reports_of_sisimai(corpus: Corpus) -> None:
    files = [path for path in corpus("mail-fixtures-sisimai") if "maildir" in path.parts and path.parent.name != "not"]
    assert len(files) == 829
    recognised, named = _recall(files)
    assert recognised >= 0.965
    assert named >= 0.96


def test_reports_of_flufl(corpus: Corpus) -> None:
    files = [
        path for path in corpus("mail-fixtures-flufl.bounce") if path.suffix == ".txt" and path.parent.name == "data"
    ]
    assert len(files) == 117
    recognised, named = _recall(files)
    assert recognised >= 0.94
    assert named >= 0.93


def test_the_mail_that_came_back_is_named(corpus: Corpus) -> None:
    """Wherever a report holds a Message-ID besides its own, it is found."""
    files = [path for path in corpus("mail-fixtures-sisimai") if path.parent.name == "bsd"]
    missed = []
    for path in files:
        raw = path.read_bytes()
        found = parse(raw)
        if found.report is None or found.report.original_message_id:
            continue
        ids = re.findall(rb"(?im)^message-id:[^\n]*", raw)
        missed += [path.name for given in ids if found.message_id.encode() not in given]
    assert len(set(missed)) <= len(files) // 50


TRUE_REPORTS = {"01436easy-ham-1", "01507easy-ham-1", "01542easy-ham-1", "01304easy-ham-2", "01311easy-ham-2"}
"""Read by a person: mail systems that tell a mailing list of undelivered, delayed and refused mail."""


def test_no_ordinary_mail_is_taken_for_a_report(corpus: Corpus) -> None:
    found = {
        path.name[:5] + path.parent.name for path in corpus("mail-ham") if parse(path.read_bytes()).kind == "bounce"
    }
    assert found == TRUE_REPORTS
