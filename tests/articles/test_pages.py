"""Addresses of pages: nothing of a person is kept of them, and patterns mean what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.articles.pages import check_pattern, fits, page_of


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://Shop.example/Checkout/?token=abc#x", "shop.example/Checkout"),
        ("https://shop.example", "shop.example/"),
        ("/checkout/", "/checkout"),
        ("shop.example/a", "shop.example/a"),
        ("http://shop.example:8080/a", "shop.example/a"),
        ("https://ada:secret@shop.example/a", "shop.example/a"),
        ("https://shop.example/orders/10023/edit", "shop.example/orders/*/edit"),
        ("https://shop.example/u/ada@example.org", "shop.example/u/*"),
        ("https://shop.example/u/ada%40example.org", "shop.example/u/*"),
        ("https://shop.example/reset/4f9a2b7c8d1e6f3a", "shop.example/reset/*"),
        ("https://shop.example/bikes/city-28", "shop.example/bikes/city-28"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://[bad", ""),
        ("", ""),
    ],
)
def test_what_is_kept_of_an_address(address: str, kept: str) -> None:
    assert page_of(address) == kept


def test_patterns() -> None:
    page = page_of("https://shop.example/checkout/pay")
    assert fits(["/checkout*"], page)
    assert fits(["shop.example/checkout/*"], page) > fits(["/checkout*"], page) > fits(["*"], page) > 0
    assert fits(["https://shop.example/checkout/pay/"], page)
    assert fits(["/CHECKOUT/PAY"], page)
    assert not fits(["/checkout", "/pay", "other.example/*", "/check.ut*"], page)
    assert not fits([], page)
    assert not fits(["*"], "")
    assert fits(["/checkout*"], "/checkout/pay")
    assert [bool(check_pattern(each)) for each in ("/a*", "shop.example/*", "*", "localhost/a", "a", "", "/a?b")] == [
        False, False, False, False, True, True, True,
    ]  # fmt: skip


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_a_page_or_none(address: str, pattern: str) -> None:
    kept = page_of(address)
    assert "\n" not in kept
    assert "?" not in page_of(f"https://shop.example/{address}").partition("/")[0]
    fits([pattern], kept)
