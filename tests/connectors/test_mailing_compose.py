"""Composed bytes, read back by the standard library's parser."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.message import Message as Parsed
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Account, File, Outgoing, Permanent
from connectors.mailing import compose
from desk.model import Address, Message

ACCOUNT = Account(name="shop", address="support@example.test", display_name="Shop, Support", signature="The Shop")
RFC_ID = "desk.2s.abcdefghijklmnop.qrstuvwxyz234567@example.test"
FIELDS = {
    "date", "from", "to", "cc", "reply-to", "subject", "message-id", "in-reply-to", "references",
    "auto-submitted", "x-auto-response-suppress", "mime-version", "content-type",
}  # fmt: skip


def outgoing(*, files: tuple[File, ...] = (), quoted: Message | None = None, **changes: Any) -> Outgoing:
    message: dict[str, Any] = {
        "conversation_id": 1,
        "direction": "out",
        "to": (Address(email="customer@example.test"),),
        "subject": "Hello",
        "body": "Hello",
        "rfc_message_id": RFC_ID,
        "at": 1_767_225_600_000,
    }
    return Outgoing(message=Message(**{**message, **changes}), files=files, quoted=quoted)


def raw_of(**changes: Any) -> bytes:
    return compose.prepare(outgoing(**changes), ACCOUNT).raw


def parsed(**changes: Any) -> Parsed:
    return message_from_bytes(raw_of(**changes))


def modern(**changes: Any) -> EmailMessage:
    return message_from_bytes(raw_of(**changes), policy=policy.default)  # type: ignore[return-value]


def decoded(value: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", value))))


def text_of(message: Parsed, subtype: str = "plain") -> str:
    part = next(part for part in message.walk() if part.get_content_type() == f"text/{subtype}")
    return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")  # type: ignore[union-attr]


# --- headers ----------------------------------------------------------------------------------------------

anything = st.text(max_size=300)
with_lines = st.text(alphabet=st.sampled_from('ab:=? <>@,;"\\\r\n\t\0\x85\u2028ü漢😀'), max_size=60)
nasty = st.one_of(anything, with_lines)


@settings(max_examples=400, deadline=None)
@given(subject=nasty, name=nasty, local=nasty, references=st.lists(nasty, max_size=4), filename=nasty)
def test_no_text_from_outside_becomes_a_header(
    subject: str, name: str, local: str, references: list[str], filename: str
) -> None:
    for address in ("customer@example.test", f"{local}@example.test", f"a@{local}", local):
        try:
            wire = compose.prepare(
                outgoing(
                    subject=subject,
                    to=(Address(email=address, name=name),),
                    cc=(Address(email="other@example.test", name=name[::-1]),),
                    references=tuple(references),
                    in_reply_to=references[0] if references else "",
                    files=(File(name=filename, media_type=filename, data=b"x"),),
                ),
                ACCOUNT,
            )
        except Permanent:
            continue
        head, _, _ = wire.raw.partition(b"\r\n\r\n")
        names = [line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
        assert set(names) <= FIELDS
        assert len(names) == len(set(names)), "each field once"
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", wire.raw), "CRLF alone ends lines"
        assert all(len(line) <= 998 for line in wire.raw.split(b"\r\n"))
        message = message_from_bytes(wire.raw)
        assert not message.defects
        assert len(list(message.walk())) == 5
        assert len(wire.recipients) == 2


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=400))
def test_subjects_and_names_come_back(text: str) -> None:
    expected = re.sub(" +", " ", text).strip(" ")
    message = parsed(subject=text, to=(Address(email="customer@example.test", name=text),))
    assert decoded(message["Subject"]) == expected
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", message["To"])
    [(phrase, address)] = getaddresses([unfolded])
    assert address == "customer@example.test"
    assert decoded(phrase) == expected


@pytest.mark.parametrize("bad", ["\r\n", "\n", "\r", "\0", "\x1b", "\t", "\x7f", "\x9b", "\u2029"])
def test_controls_are_refused_and_named(bad: str) -> None:
    with pytest.raises(Permanent, match=f"the subject holds .* \\(U\\+{ord(bad[0]):04X}\\)"):
        raw_of(subject=f"Hello{bad}Bcc: evil@example.test")


def test_the_encoded_newline_of_cve_2024_6923_stays_encoded() -> None:
    message = parsed(subject="=?utf-8?q?Hello=0D=0ABcc:_evil@example.test?=")
    assert "Bcc" not in message
    assert decoded(message["Subject"]) == "=?utf-8?q?Hello=0D=0ABcc:_evil@example.test?="


def test_an_account_name_cannot_inject_either() -> None:
    account = Account(name="x", address="support@example.test", display_name="Shop\r\nBcc: evil@example.test")
    with pytest.raises(Permanent):
        compose.prepare(outgoing(), account)


@pytest.mark.parametrize(
    "address",
    ["", "x", "@example.test", "x@", "a b@example.test", "a@b@c", "a@exa mple.test", "<a@example.test>",
     "a@-", "a,b@example.test", "a@b..c", "x" * 65 + "@example.test", "a@" + "b" * 64 + ".test"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Permanent):
        raw_of(to=(Address(email=address),))


@pytest.mark.parametrize(
    "address",
    ["a@example.test", "o'brien+tag@example.test", '"john doe"@example.test', "a@[127.0.0.1]", "a..b@docomo.test"],
)
def test_odd_addresses_are_taken(address: str) -> None:
    wire = compose.prepare(outgoing(to=(Address(email=address),)), ACCOUNT)
    assert wire.recipients == (address,)


def test_domains_travel_in_ascii() -> None:
    wire = compose.prepare(outgoing(to=(Address(email="info@straße.example"),)), ACCOUNT)
    assert wire.recipients == ("info@xn--strae-oqa.example",)


def test_recipients_are_unique_and_bcc_is_hidden() -> None:
    one, two, three = (Address(email=f"{name}@example.test") for name in ("one", "two", "three"))
    wire = compose.prepare(outgoing(to=(one, two), cc=(Address(email="ONE@example.test"),), bcc=(three, two)), ACCOUNT)
    assert wire.recipients == ("one@example.test", "two@example.test", "three@example.test")
    assert b"three" not in wire.raw


def test_many_recipients_are_folded() -> None:
    people = tuple(Address(email=f"person{n}@example.test", name=f"Persön {n}") for n in range(300))
    message = modern(to=people)
    assert [each.addr_spec for each in message["To"].addresses] == [each.email for each in people]
    assert [each.display_name for each in message["To"].addresses] == [each.name for each in people]


def test_threading_headers() -> None:
    ids = tuple(f"{n}@elsewhere.test" for n in range(100))
    message = parsed(in_reply_to="99@elsewhere.test", references=(*ids, "bad id", "<x>", "ü@x", "a\r\nBcc: x"))
    assert message["In-Reply-To"] == "<99@elsewhere.test>"
    references = message["References"].split()
    assert references[0] == "<0@elsewhere.test>"
    assert references[-1] == "<99@elsewhere.test>"
    assert len(references) == 40
    assert message["Message-ID"] == f"<{RFC_ID}>"
    assert message["Date"] == "Thu, 01 Jan 2026 00:00:00 +0000"
    assert parsed()["References"] is None


def test_the_token_in_the_reply_address() -> None:
    token = RFC_ID.partition("@")[0]
    wire = compose.prepare(outgoing(), ACCOUNT, plus_token=True)
    assert f"<support+{token}@example.test>" in message_from_bytes(wire.raw)["Reply-To"]
    other = compose.prepare(outgoing(rfc_message_id="someone-elses@example.test"), ACCOUNT, plus_token=True)
    assert "Reply-To" not in message_from_bytes(other.raw)


def test_automatic_answers_say_so() -> None:
    assert parsed(kind="auto")["Auto-Submitted"] == "auto-replied"
    assert parsed()["Auto-Submitted"] is None


# --- body -------------------------------------------------------------------------------------------------


def test_answer_signature_and_quotation() -> None:
    asked = Message(
        conversation_id=1,
        direction="in",
        sender=Address(email="ann@example.test", name="Ann\nExample"),
        body="Where is my order?\n> earlier\n\n  indented",
        at=1_767_225_600_000,
    )
    message = parsed(body="On its way: https://example.test/track?a=1&b=2.\n\nBest", quoted=asked)
    assert text_of(message) == (
        "On its way: https://example.test/track?a=1&b=2.\n\nBest\n\n-- \nThe Shop\n\n"
        "On 2026-01-01 00:00 UTC, Ann Example wrote:\n"
        "> Where is my order?\n>> earlier\n>\n>   indented\n"
    )
    html = text_of(message, "html")
    assert '<a href="https://example.test/track?a=1&amp;b=2">' in html
    assert '<blockquote type="cite"' in html
    assert "Where is my order?" in html


def test_markup_in_a_body_stays_text() -> None:
    html = text_of(parsed(body='<script>alert("x")</script> https://x.test/"onmouseover=" <b>'), "html")
    assert "<script" not in html
    assert "<b>" not in html
    assert 'href="https://x.test/"' in html


def test_an_enormous_quotation_is_cut() -> None:
    asked = Message(conversation_id=1, direction="in", body="word " * 100_000, at=1)
    assert len(raw_of(quoted=asked)) < 400_000


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_any_body_is_clean_on_the_wire_and_comes_back(body: str) -> None:
    raw = raw_of(body=body)
    assert raw.isascii()
    assert b"\0" not in raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    wanted = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    wanted = wanted.encode("utf-8", "replace").decode()
    assert text_of(message_from_bytes(raw)) == wanted + "\n\n-- \nThe Shop\n"


def test_very_long_lines() -> None:
    raw = raw_of(body="x" * 5000 + "\n" + "ü" * 5000)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert "x" * 5000 + "\n" + "ü" * 5000 in text_of(message_from_bytes(raw))


# --- attachments ------------------------------------------------------------------------------------------

NAMES = [
    "plain.txt",
    'quo"ted; name.txt',
    "Rechnung – März.pdf",
    "請求書" * 30 + ".pdf",
    "x" * 200 + ".bin",
    "../../etc/passwd",
    "emoji 😀 " * 20 + ".png",
]


@pytest.mark.parametrize("name", NAMES)
def test_attachments_keep_name_and_bytes(name: str) -> None:
    data = bytes(range(256)) * 40
    message = parsed(files=(File(name=name, media_type="application/pdf", data=data),))
    [part] = [part for part in message.walk() if part.get_content_disposition() == "attachment"]
    expected = name.replace("/", "_").replace("\\", "_").replace('"', '"' if not name.isascii() else "'")
    assert part.get_filename() == expected
    assert part.get_payload(decode=True) == data
    assert part.get_content_type() == "application/pdf"


def test_an_attachment_cannot_change_the_structure() -> None:
    boundary = raw_of(files=(File(name="a", media_type="a/b", data=b""),)).split(b'boundary="')[1].split(b'"')[0]
    body = f"--{boundary.decode()}\nContent-Type: text/evil\n\nx\n--{boundary.decode()}--"
    for media_type in ("message/rfc822", "multipart/mixed", "text/plain\r\nX: y", "nonsense"):
        files = (File(name="a.eml", media_type=media_type, data=body.encode()),)
        message = parsed(body=body, files=files)
        types = [part.get_content_type() for part in message.walk()]
        assert types == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "application/octet-stream",
        ]
        assert not message.defects
