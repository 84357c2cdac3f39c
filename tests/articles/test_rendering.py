"""Articles as HTML: what Markdown means is there, and nothing else ever is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.articles.rendering import Heading, Places, faults, path_of, render, slug_of
from desk.model import Article
from tests.articles.xss import VECTORS

TAGS = {
    "p", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "a", "img",
    "pre", "code", "hr", "br", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title", "rel"}, "img": {"src", "alt", "loading"}, "ol": {"start"}}
EMPTY = {"img", "hr", "br"}
PLACES = Places(
    article=lambda slug: f"/help/{slug}" if slug in ("orders/late", "top") else "",
    picture=lambda path: f"/help/pictures/{path}" if path == "orders/door.png" else "",
)


class Looked(HTMLParser):
    """Everything a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        if tag not in EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        assert name in ATTRIBUTES.get(tag, set()) | ({"class"} if tag in ("td", "th") else set()) | (
            {"id"} if tag.startswith("h") else set()
        )
        if name == "id":
            assert value.startswith("h-")
        elif name == "class":
            assert value in ("left", "center", "right")
        elif name == "rel":
            assert "noopener" in value
        elif name == "href":
            assert value.startswith(("http://", "https://", "mailto:", "/help/", "#h-")), value
            self.links.append(value)
        elif name == "src":
            assert value.startswith(("/help/pictures/", "https://pictures.example/"))
            self.pictures.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def looked(body: str, places: Places = PLACES) -> Looked:
    return Looked(render(Article(slug="orders/cancel", title="Cancel", body=body), places).html)


@pytest.mark.parametrize("vector", VECTORS)
def test_no_text_becomes_a_program(vector: str) -> None:
    found = looked(vector)
    assert all("javascript" not in link.partition(":")[0].casefold() for link in found.links)
    assert set(found.pictures) <= {"/help/pictures/orders/door.png"}
    looked(f'a *b\n\n- {vector} `c\n\n> {vector}\n\n[{vector}]({vector} "{vector}") ![{vector}]({vector})')


@given(
    st.lists(st.sampled_from([*VECTORS, "*", "_", "`", "[", "](", ")", "<", ">", "\n", "\n\n", "# ", "- ", "|", " "]))
)
def test_nor_do_pieces_of_them_together(parts: list[str]) -> None:
    looked("".join(parts))


@given(st.text(max_size=300))
def test_nor_does_any_text(text: str) -> None:
    looked(text)


def test_what_markdown_means() -> None:
    body = (
        "# Before *it* leaves\n\nWrite **now**, ~~later~~.\n\n1. one\n2. two\n\n"
        "|a|b|\n|-|-:|\n|1|2|\n\n## Before it leaves\n"
    )
    html = render(Article(slug="orders/cancel", title="Cancel", body=body))
    assert '<h2 id="h-before-it-leaves">Before <em>it</em> leaves</h2>' in html.html
    assert "<strong>now</strong>, <s>later</s>" in html.html
    assert '<td class="right">2</td>' in html.html
    assert html.headings == (
        Heading("h-before-it-leaves", 2, "Before it leaves"),
        Heading("h-before-it-leaves-2", 3, "Before it leaves"),
    )


def test_links() -> None:
    found = looked(
        "[late](late.md) [part](late.md#when-it-comes) [up](../top.md) [gone](gone.md) [out](../../x.md) [here](#steps)"
        " [web](https://a.example/?b=1&c=2) [write](mailto:help@shop.example) [shop](/checkout)"
    )
    assert found.links == [
        "/help/orders/late",
        "/help/orders/late#h-when-it-comes",
        "/help/top",
        "#h-steps",
        "https://a.example/?b=1&c=2",
        "mailto:help@shop.example",
    ]
    assert "gone out here" in found.text.replace("\n", " ")


def test_pictures() -> None:
    body = "![The door](door.png) ![far](https://pictures.example/a.png) ![other](../door.png)"
    assert looked(body).pictures == ["/help/pictures/orders/door.png"]
    assert "far" in looked(body).text
    assert looked(body, Places(remote_pictures=True)).pictures == ["https://pictures.example/a.png"]


def test_what_is_wrong_is_told_by_line() -> None:
    body = "See [late](late.md),\n[gone](gone.md).\n\n<b>bold</b>\n\n![x](x.png)\n\n[y](/shop) ![z](https://a.example/z.png)"
    article = Article(slug="orders/cancel", title="Cancel", body=body)
    found = list(faults(article, {"orders/late"}.__contains__, lambda path: False))
    assert [at for at, _ in found] == [0, 3, 5, 7, 7]
    assert "gone.md" in found[0][1]
    assert len(list(faults(article, lambda slug: True, lambda path: True, remote=True))) == 2


def test_paths_stay_below_the_folder() -> None:
    assert path_of("../a.png", "orders/cancel") == "a.png"
    for path in ("../../a.png", "/a.png", "a:b.png", "//a/b.png", "..%2f..%2fa.png", "a\\b.png", "", "#a", "a\x00.png"):
        assert path_of(path, "orders/cancel") is None
    assert slug_of("late.md#when", "orders/cancel") == "orders/late"
    assert slug_of("late.txt", "orders/cancel") is None


@pytest.mark.parametrize(
    ("body", "levels"), [("# A\n## B", [2, 3]), ("## A\n### B\n## C", [2, 3, 2]), ("###### A", [2])]
)
def test_the_highest_heading_comes_right_below_the_title(body: str, levels: list[int]) -> None:
    html = render(Article(slug="a", title="A", body=body))
    assert [each.level for each in html.headings] == levels
