"""What the composer is made of, without a screen: addresses, forwards, the file for an editor outside."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model import Address, Attachment, Message
from screens.composing.canned import asked
from screens.composing.editing import EditorFailed, Outside, edit, rendered, understood
from screens.composing.forwarding import files_of, forwarded, subject_of_forward
from screens.composing.people import addresses, everybody, fault, is_address, line_of
from screens.render import one_line, typed

EMAILS = st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z]{1,10}\.example", fullmatch=True)
NAMES = st.text(max_size=30).map(one_line)
PEOPLE = st.lists(st.builds(Address, email=EMAILS, name=NAMES), max_size=6).map(tuple)


@given(PEOPLE)
def test_addresses_are_read_as_they_were_written(people: tuple[Address, ...]) -> None:
    assert addresses(line_of(people)) == tuple(
        Address(email=each.email, name="" if each.name == each.email else each.name) for each in people
    )


@given(st.text(max_size=200))
def test_any_line_of_addresses_is_read(text: str) -> None:
    for someone in addresses(text):
        assert isinstance(someone.email, str)
    fault(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", ""),
        ("a@b.example, C <c@d.example>; e@f", ""),
        ('"Doe, Jane" <jane@x.example>', ""),
        ("ada", "ada is no address"),
        ("a@b.example, bob", "bob is no address"),
        ("a b@c.example", "a b@c.example is no address"),
        ("A <a@>", "A <a@> is no address"),
        ("a@b@c.example", "a@b@c.example is no address"),
    ],
)
def test_what_is_no_address_is_told(text: str, wrong: str) -> None:
    assert fault(text) == wrong


def test_an_answer_to_all_leaves_us_out() -> None:
    message = Message(
        conversation_id=1, direction="in", sender=Address(email="c@x.example"),
        to=(Address(email="Shop@us.example"), Address(email="d@x.example")),
        cc=(Address(email="c@x.example"), Address(email="shop+desk.abc@us.example"), Address(email="e@x.example")),
    )  # fmt: skip
    to, cc = everybody(message, ["shop@us.example"])
    assert [each.email for each in to] == ["c@x.example"]
    assert [each.email for each in cc] == ["d@x.example", "e@x.example"]


def test_a_forward_says_whose_words_they_are() -> None:
    message = Message(
        conversation_id=1, direction="in", sender=Address(email="c@x.example", name="Cy"), subject="Broken",
        to=(Address(email="s@us.example"),), body="It is.", at=0,
        attachments=(Attachment(name="a\nb.png", media_type="image/png", size=3, sha256="0" * 64),),
    )  # fmt: skip
    text = forwarded(message)
    assert text.startswith("\n\n---------- Forwarded message ----------\nFrom: Cy <c@x.example>\nDate: 1970-01-01")
    assert text.endswith("Subject: Broken\nTo: s@us.example\n\nIt is.")
    assert files_of(message) == ("0" * 64 + ":a b.png",)
    assert [subject_of_forward(each) for each in ("Broken", "FW: Broken")] == ["Fwd: Broken", "FW: Broken"]


# --- an editor outside ------------------------------------------------------------------------------------


@given(PEOPLE, PEOPLE, st.text(max_size=60).map(one_line), st.text(max_size=200).map(typed))
def test_the_file_for_an_editor_means_what_was_written(
    to: tuple[Address, ...], cc: tuple[Address, ...], subject: str, body: str
) -> None:
    plain = tuple(Address(email=each.email, name="" if each.name == each.email else each.name) for each in to)
    copies = tuple(Address(email=each.email, name="" if each.name == each.email else each.name) for each in cc)
    text = Outside(body=body, subject=subject, to=plain, cc=copies)
    assert understood(rendered(text)) == text
    assert understood(rendered(text, headers=False), headers=False).body == body


def test_a_deleted_block_of_headers_leaves_all_of_it_text() -> None:
    assert understood("Hello,\n\nthere").body == "Hello,\n\nthere"
    assert understood("").body == ""
    assert understood("To: a@b.example").to == (Address(email="a@b.example"),)


def script(folder: Path, *lines: str) -> str:
    file = folder / "editor.py"
    file.write_text("\n".join(("import sys, os, stat", "path = sys.argv[1]", *lines)))
    return f"{sys.executable} {file}"


def test_the_editor_gets_a_file_that_only_we_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tmp_path / "said"
    keep = f"open({str(said)!r}, 'w').write(oct(os.stat(path).st_mode) + path)"
    monkeypatch.setenv("VISUAL", script(tmp_path, keep, "open(path, 'a').write('and more\\n')"))
    assert edit("text", folder=tmp_path) == "text\nand more"
    mode, _, path = said.read_text().partition(str(tmp_path))
    assert stat.S_IMODE(int(mode, 8)) == 0o600
    assert not Path(str(tmp_path) + path).exists()


def test_an_editor_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path, "sys.exit(3)"))
    with pytest.raises(EditorFailed, match="code 3; the text is as it was"):
        edit("text", folder=tmp_path)
    monkeypatch.setenv("VISUAL", str(tmp_path / "no-such-editor"))
    with pytest.raises(EditorFailed, match="cannot be run"):
        edit("text", folder=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["editor.py"]


def test_an_editor_that_crashes_after_saving_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path, "open(path, 'w').write('saved')", "os.kill(os.getpid(), 9)"))
    assert edit("text", folder=tmp_path) == "saved"


def test_what_an_editor_gives_up_is_not_taken_and_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with vim's `:w` and then `:cq`."""
    monkeypatch.setenv("VISUAL", script(tmp_path, "open(path, 'w').write('saved')", "sys.exit(1)"))
    with pytest.raises(EditorFailed, match="the text is as it was; what was saved is in") as failed:
        edit("text", folder=tmp_path)
    assert Path(str(failed.value).rpartition(" is in ")[2]).read_text() == "saved"


def test_what_cannot_be_read_back_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path, r"open(path, 'wb').write(b'\xff\xfe')"))
    with pytest.raises(EditorFailed) as failed:
        edit("text", folder=tmp_path)
    path = str(failed.value).split(" cannot be read")[0]
    assert Path(path).read_bytes() == b"\xff\xfe"
    assert os.environ["VISUAL"]


# --- what is offered --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "looked_for"),
    [
        ("::", ""),
        ("Hi ::ref", "ref"),
        ("::late parcel", "late parcel"),
        ("std::vector", None),
        ("a:: b", None),
        ("", None),
    ],
)
def test_answers_are_looked_for_after_two_colons(before: str, looked_for: str | None) -> None:
    found = asked(before)
    assert (found.text if found else None) == looked_for


@given(st.text())
def test_what_is_typed_keeps_its_joiners(text: str) -> None:
    once = typed(text)
    assert typed(once) == once
    assert once.count("\u200d") == text.count("\u200d")
    assert "\x1b" not in once
    assert is_address("a@b.example")
