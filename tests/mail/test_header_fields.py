"""A header as people may want to see it: every field, in its order, decoded and as written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.mail.headers import fields


def test_fields_keep_their_order_and_their_repetitions() -> None:
    raw = (
        b"From ada Mon Jan  1 00:00:00 2024\n"
        b"Received: by a;\r\n\tMon, 1 Jan 2024\r\nReceived: by b\r\n"
        b"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nX-Empty:\r\n\r\nBody: no field\r\n"
    )
    assert list(fields(raw)) == [
        ("Received", "by a; Mon, 1 Jan 2024", "by a;\n\tMon, 1 Jan 2024"),
        ("Received", "by b", "by b"),
        ("Subject", "grüße", "=?utf-8?q?gr=C3=BC=C3=9Fe?="),
        ("X-Empty", "", ""),
    ]


@given(st.binary(max_size=400))
def test_any_bytes_have_fields_or_none(raw: bytes) -> None:
    assert all(isinstance(part, str) for field in fields(raw) for part in field)
