"""The panel when things go wrong: told to wait, known no more, a stream gone silent, tabs nobody looks at."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from connectors.webchat import assets
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.web.pages import Rep, Shop, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]
HIDDEN = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def following(visitor: Visitor) -> Visitor:
    await visitor.open()
    await expect(visitor.panel.get_by_text("We are here for you")).to_be_visible()
    return visitor


async def test_told_to_wait_it_says_so_and_goes_on_by_itself(visitor: Visitor, rep: Rep) -> None:
    await following(visitor)
    told: list[Route] = []

    async def refuse(route: Route) -> None:
        if told:
            return await route.continue_()
        told.append(route)
        body = json.dumps({"code": "too-fast", "message": "", "field": ""})
        return await route.fulfill(status=429, headers={"Retry-After": "1"}, body=body)

    await visitor.page.route("**/messages", refuse)
    await visitor.say("Patience")
    await expect(visitor.panel.get_by_text("That was a lot at once.")).to_be_visible()
    await expect(visitor.lines).to_have_text(["Patience"])
    await expect(visitor.panel.get_by_text("That was a lot at once.")).to_have_count(0)
    assert await rep.said() == ["Patience"]


async def test_known_no_more_it_says_so_and_begins_anew(visitor: Visitor, rep: Rep) -> None:
    await following(visitor)
    await visitor.say("Before")
    await expect(visitor.lines).to_have_text(["Before"])
    await visitor.page.route("**/messages", forgetting(visitor.page))
    await visitor.say("After")
    await expect(visitor.panel.get_by_text("What was said before is no longer known here.")).to_be_visible()
    await expect(visitor.lines).to_have_text(["After"])
    assert sorted(await rep.said()) == ["After", "Before"]


def forgetting(page: Page):  # type: ignore[no-untyped-def]
    """Whoever asks with the secret of before is nobody, as after a backup was played back."""
    stale: list[str] = []

    async def answer(route: Route, request: Request) -> None:
        token = request.headers["authorization"]
        if not stale:
            stale.append(token)
            await page.route("**/visit", visit)
        if token in stale:
            return await route.fulfill(status=401, body=json.dumps({"code": "unknown-visitor", "message": ""}))
        return await route.continue_()

    async def visit(route: Route, request: Request) -> None:
        headers = {name: value for name, value in request.headers.items() if value not in stale}
        await route.continue_(headers=headers)

    return answer


async def test_a_stream_that_is_silent_for_long_begins_anew(visitor: Visitor, rep: Rep) -> None:
    page = visitor.page
    await page.clock.install()
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if held:
            return await route.continue_()
        return held.append(route)

    await page.route("**/events", hold)
    await visitor.open()
    await until(lambda: held, what="the stream that never answers")
    await page.clock.fast_forward(41_000)
    await page.clock.fast_forward(2_000)
    await expect(visitor.panel.get_by_text("We are here for you")).to_be_visible()
    await visitor.say("Still here")
    await expect(visitor.lines).to_have_text(["Still here"])


async def test_of_hidden_tabs_one_goes_on_listening_and_all_have_it_when_looked_at(visitor: Visitor, rep: Rep) -> None:
    await following(visitor)
    await visitor.say("Hello")
    await expect(visitor.lines).to_have_text(["Hello"])
    other = await (await visitor.tab()).open()
    await expect(other.lines).to_have_text(["Hello"])
    ended: list[str] = []
    for each, name in ((visitor, "one"), (other, "other")):
        each.page.on("requestfailed", lambda request, name=name: "events" in request.url and ended.append(name))  # type: ignore[misc]
    for each in (visitor, other):
        await each.panel.locator("main").evaluate(f"(_, hidden) => ({HIDDEN})(hidden)", True)
    await until(lambda: ended, what="one of the two streams to end")
    await rep.answer("Answer")
    first, second = (visitor, other) if ended == ["other"] else (other, visitor)
    await expect(first.lines).to_have_text(["Hello", "Answer"])
    await expect(second.lines).to_have_text(["Hello"])
    await second.panel.locator("main").evaluate(f"(_, hidden) => ({HIDDEN})(hidden)", False)
    await expect(second.lines).to_have_text(["Hello", "Answer"])
    await rep.read()
    assert len(ended) == 1


async def test_from_right_to_left(chrome: Browser, pages: Shop, server: DeskServer) -> None:
    """In a language that is written so; the words do not matter here."""
    context = await chrome.new_context(locale="de-DE", viewport={"width": 800, "height": 700}, reduced_motion="reduce")
    page = await context.new_page()
    german = assets.language("de.json")
    assert german
    words = json.dumps({**json.loads(german.body), "dir": "rtl"})
    await page.route("**/static/languages/de.json*", lambda route: route.fulfill(body=words))
    await page.goto(pages.origin)
    await page.locator("desk-chat button").click()
    panel = page.frame_locator("desk-chat iframe")
    writing = panel.get_by_role("textbox", name="Nachricht schreiben")
    await writing.fill("\u05e9\u05dc\u05d5\u05dd")
    await writing.press("Enter")
    mine = panel.locator(".said .mine .text")
    await expect(mine).to_have_text(["\u05e9\u05dc\u05d5\u05dd"])
    frame, text, send, title = [
        await each.bounding_box()
        for each in (page.locator("desk-chat iframe"), mine, panel.locator(".write .strong"), panel.locator("h1"))
    ]
    assert frame
    assert text
    assert send
    assert title
    assert text["x"] - frame["x"] < 40
    assert send["x"] - frame["x"] < 40
    assert frame["x"] + frame["width"] - title["x"] - title["width"] < 40
    assert await panel.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")
    await context.close()
