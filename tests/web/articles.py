"""Help articles for tests of what visitors are shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SMALLEST_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
ARTICLES: Mapping[str, tuple[str, str]] = {
    "orders/cancel": (
        'title = "Cancel an order"\nquestions = ["I changed my mind"]\npages = ["/checkout*"]',
        "Until it leaves us, **any** order can be cancelled. See [returns](../returns.md).",
    ),
    "orders/cancel.de": ('title = "Eine Bestellung stornieren"\nlanguage = "de"', "Bis sie das Haus verlässt."),
    "returns": ('title = "Send something back"', "Within 30 days. <script>alert(1)</script>\n\n![x](box.png)"),
    "secret": ('title = "Not yet"\ndraft = true', "Nobody reads this."),
    "evil": ('title = "<img src=x onerror=alert(1)>"', "[x](javascript:alert(1)) <svg onload=alert(1)>"),
}
"""Front matter and text, by slug."""


def write_articles(workspace: Path, articles: Mapping[str, tuple[str, str]] = ARTICLES) -> None:
    """Put them, and the picture that one shows, where a server looks for them."""
    for slug, (matter, text) in articles.items():
        file = workspace / "articles" / f"{slug}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"+++\n{matter}\n+++\n{text}\n", "utf-8")
    (workspace / "articles" / "box.png").write_bytes(SMALLEST_PNG)
