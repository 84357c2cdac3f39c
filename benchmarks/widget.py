"""The chat in a browser: how soon it is on the page, how soon it opens, and how long words take each way.

Chromium without a window, on a shop's page with the strictest policy, a new profile for each look, so that nothing is
cached. "On the page": from the navigation's start to the frame that has the bubble; "opens": from the press to the
frame that has a place to write. "To the rep's feed": from Enter in the browser to the event that names the message;
"to the page": from a rep's request to the frame that shows the answer. The clocks are the machine's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from playwright.async_api import Browser, Page

from benchmarks.terminal import told
from desk.client import Client
from desk.model import NewReply
from tests.servers.desk import DeskServer
from tests.web.pages import BUBBLE, Shop, Visitor, chromium, shop

SITE = """
[accounts.site]
connector = "webchat"
key = "larkspur"
origins = ["{origin}"]
port = 0
"""
LOOKS = 20
WORDS = 20
PAUSE = 2.0
"""Seconds between two questions: what a browser sends beside them counts against what one visitor may ask."""
WATCH = """
globalThis.watchFor = (name, selector) => {
  const look = () => {
    const there = [...document.querySelectorAll(selector)];
    const drawn = each => each.tagName === "DESK-CHAT" || each.getClientRects().length;
    if (!there.some(drawn)) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => { globalThis[name] = performance.timeOrigin + performance.now(); }));
  };
  look();
};
if (top === self) watchFor("bubbleAt", "desk-chat");
else watchFor("writingAt", "textarea, input");
"""
"""A frame is painted between the callback that precedes it and the next task."""
NOTED = """
addEventListener("{event}", e => {{ if ({test}) globalThis.{name} = performance.timeOrigin + e.timeStamp }}, true)
"""
SHOWN = """
text => new Promise(resolve => {
  const look = () => [...document.querySelectorAll(".said .text")].some(each => each.textContent === text)
    ? setTimeout(() => resolve(performance.timeOrigin + performance.now())) : requestAnimationFrame(look);
  look();
})
"""


def run() -> Iterator[tuple[str, str]]:
    with shop() as pages:
        server = DeskServer(SITE.format(origin=pages.origin))
        try:
            server.start()
            yield from asyncio.run(_measure(server, pages))
        finally:
            server.close()


async def _measure(server: DeskServer, pages: Shop) -> list[tuple[str, str]]:
    async with server.client() as client, chromium() as browser:
        pages.url = await client.site(within=20)
        looks = [await _look(browser, pages) for _ in range(LOOKS)]
        up, down = await _talk(browser, pages, client)
    return [
        ("the bubble on the page", told([bubble for bubble, _ in looks])),
        ("the panel opens", told([panel for _, panel in looks])),
        ("Enter in the browser to the rep's feed", told(up)),
        ("a rep's answer to the page", told(down)),
    ]


async def _look(browser: Browser, pages: Shop) -> tuple[float, float]:
    """Seconds to the bubble, and from the press to a place to write."""
    context = await browser.new_context(locale="en-US")
    await context.add_init_script(WATCH)
    page = await context.new_page()
    await page.goto(pages.origin)
    await page.get_by_role("button", name=BUBBLE).wait_for()
    bubble = (await page.evaluate("globalThis.bubbleAt - performance.timeOrigin")) / 1000
    await page.evaluate(NOTED.format(event="click", test="true", name="pressedAt"))
    await page.locator("desk-chat button").click()
    opened = await _when_open(page)
    pressed = await page.evaluate("globalThis.pressedAt")
    await context.close()
    return bubble, max(0.0, opened - pressed) / 1000


async def _when_open(page: Page) -> float:
    """In milliseconds of the epoch. What was ready before the press opens with the next frame."""
    frame = page.frame_locator("desk-chat .box iframe")
    await frame.locator("textarea:visible, input:visible").first.wait_for()
    owner = await frame.locator("body").element_handle()
    inside = await owner.owner_frame() if owner else None
    assert inside is not None
    await inside.wait_for_function("globalThis.writingAt")
    return float(await inside.evaluate("globalThis.writingAt"))


async def _talk(browser: Browser, pages: Shop, client: Client) -> tuple[list[float], list[float]]:
    """Seconds each way."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    await page.goto(pages.origin)
    visitor = await Visitor(context, page, pages).open()
    body = await visitor.panel.locator("body").element_handle()
    inside = await body.owner_frame() if body else None
    assert inside is not None
    arrivals: asyncio.Queue[float] = asyncio.Queue()

    async def follow() -> None:
        async for changes in client.events(0):
            for change in changes:
                if change.kind == "message":
                    arrivals.put_nowait(time.time())

    following = asyncio.create_task(follow())
    up, down = [], []
    await inside.evaluate(NOTED.format(event="keydown", test="e.key === 'Enter'", name="enterAt"))
    for number in range(WORDS):
        await visitor.say(f"question {number}")
        arrived = await arrivals.get()
        up.append(arrived - float(await inside.evaluate("globalThis.enterAt")) / 1000)
        [row] = (await client.conversations("all", "channel:chat")).items
        watching = asyncio.create_task(inside.evaluate(SHOWN, f"answer {number}"))
        await asyncio.sleep(0.1)
        sent = time.time()
        await client.reply(row.id, NewReply(body=f"answer {number}"))
        down.append(float(await watching) / 1000 - sent)
        await asyncio.sleep(PAUSE)
        while not arrivals.empty():
            arrivals.get_nowait()
    following.cancel()
    await context.close()
    return up, down
