from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.mail.packing import pack, unpack


@given(st.binary(max_size=4096))
def test_unpack_gives_back_what_pack_was_given(raw: bytes) -> None:
    packed = pack(raw)
    assert unpack(packed) == raw
    assert len(packed) <= len(raw) + 1


def test_large_mail_comes_back() -> None:
    raw = os.urandom(1000) * 300
    assert unpack(pack(raw)) == raw


def test_text_shrinks_and_noise_is_stored() -> None:
    assert len(pack(b"Dear shop, where is my parcel? " * 100)) < 200
    noise = os.urandom(5000)
    assert pack(noise) == b"\x00" + noise


@pytest.mark.parametrize("damaged", [b"", b"\x07abc", b"\x02no frame", pack(b"x" * 1000)[:-3]])
def test_damage_is_told(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="packed bytes"):
        unpack(damaged)
