"""Links that are written as if they led somewhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.disguise import disguised, leads_to, named, unmasked


@pytest.mark.parametrize(
    ("text", "link", "real"),
    [
        ("https://www.bank.example/track [1]", "https://evil.example/login", "evil.example"),
        ("Click www.bank.example [1] now", "http://evil.example:8080/", "evil.example"),
        ("(bank.example [1])", "https://bank.example.evil.example/", "bank.example.evil.example"),
        ("paypal.example [1]", "https://xn--pypal-4ve.example/", "xn--pypal-4ve.example"),
        ("bücher.example [1]", "https://buecher.example/", "buecher.example"),
        ("nora@holm.example [1]", "mailto:mallory@evil.example?subject=x", "mallory@evil.example"),
        ("nora@holm.example [1]", "https://holm.example/", "holm.example"),
        ("https://bank.example@evil.example/ [1]", "https://x.example", "x.example"),
    ],
)
def test_the_text_says_where_it_leads(text: str, link: str, real: str) -> None:
    found = disguised(text, [link])
    assert found[1][1] == real
    assert f"[1 → {real}]" in unmasked(text, found)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("our page [1]", "https://evil.example"),
        ("invoice.pdf [1]", "https://shop.example/x"),
        ("e.g. [1] and version 2.0 [1]", "https://shop.example/x"),
        ("shop.example [1]", "https://www.shop.example/a?b=1"),
        ("www.shop.example [1]", "https://shop.example"),
        ("help.shop.example/answers [1]", "https://shop.example"),
        ("bücher.example [1]", "https://xn--bcher-kva.example/"),
        ("Nora@Holm.example [1]", "mailto:nora@holm.example"),
        ("shop.example [1]", "mailto:help@shop.example"),
        ("shop.example [2]", "https://evil.example"),
        ("https://[::1 [1]", "https://evil.example"),
    ],
)
def test_what_is_honest_or_names_no_place_stays(text: str, link: str) -> None:
    found = disguised(text, [link])
    assert found == {}
    assert unmasked(text, found) == text


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_and_any_links_are_taken(text: str, links: list[str]) -> None:
    marked = " ".join(f"{text} [{number}]" for number in range(6))
    unmasked(marked, disguised(marked, links))
    named(text)
    for link in links:
        leads_to(link)
