"""Articles in pieces: what their readers' browsers make elements of, and nothing else."""

from __future__ import annotations

from connectors.webchat.pieces import pieces


def test_what_stands_in_an_article_keeps_its_order_and_place() -> None:
    html = '<h2 id="h-a">A &amp; B</h2>\n<ul>\n<li>one<br>\ntwo</li>\n</ul>\n<p><a href="/help/x" rel="y">x</a>.</p>'
    assert pieces(html) == [
        ["h2", {"id": "h-a"}, "A & B"],
        ["ul", {}, ["li", {}, "one", ["br", {}], "\ntwo"]],
        ["p", {}, ["a", {"href": "/help/x"}, "x"], "."],
    ]


def test_of_what_is_not_meant_only_the_text_is_left() -> None:
    html = '<p onclick="x()">a<svg onload="y()">b</svg></p><iframe src="z">c</iframe></div></p>d'
    assert pieces(html) == [["p", {}, "a", "b"], "c", "d"]
