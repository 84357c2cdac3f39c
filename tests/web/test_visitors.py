"""What a shop's page tells of a visitor in a real browser: nothing before they agree, then their trail; invitations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from desk.model import VisitorNow
from desk.server.onsite import AGAIN_SECONDS
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline
from tests.service.test_vouching import token
from tests.web.pages import Rep, Shop, Visitor
from tests.web.visitors import SHOP, SITE, address_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]
RULES = """
[invitations.checkout]
text = "Can we help you with your <b>order</b>?"
pages = ["/checkout*"]
seconds = 0.2
"""


@pytest.fixture
def trail() -> str:
    """What the site says of trails."""
    return "on"


@pytest_asyncio.fixture(loop_scope="session")
async def server(pages: Shop, trail: str) -> AsyncIterator[DeskServer]:
    settings = SITE.replace(SHOP, pages.origin).replace("port = 0", f'port = 0\ntrail = "{trail}"', 1)
    with DeskServer(settings + RULES) as desk:
        desk.start()
        pages.url = await address_of(desk)
        yield desk


@pytest_asyncio.fixture(loop_scope="session")
async def page(chrome: Browser, pages: Shop, server: DeskServer) -> AsyncIterator[Page]:
    """A tab of a visitor who has not come to the shop yet."""
    context = await chrome.new_context(locale="en-GB", viewport={"width": 1000, "height": 760})
    yield await context.new_page()
    await context.close()


async def here(rep: Rep, true: Any = lambda found: True) -> VisitorNow:
    """The one visitor on the site, once that is true of them."""
    deadline = Deadline(15)
    found: list[VisitorNow] = []
    while True:
        found = await rep.client.visitors_now()
        if found and true(found[0]):
            return found[0]
        assert not deadline.passed(), found
        await asyncio.sleep(0.02)


async def test_a_trail_an_invitation_and_a_chat(page: Page, pages: Shop, rep: Rep) -> None:
    await page.goto(f"{pages.origin}/bikes?token=secret#x")
    await page.wait_for_function("window.desk")
    await page.evaluate("desk.cart(89.9, 'EUR')")
    seen = await here(rep, lambda found: found.cart == 89.9)
    assert (seen.url, seen.title, seen.currency) == (f"{pages.origin}/bikes", "Larkspur Cycles", "EUR")
    await page.goto(f"{pages.origin}/checkout")
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("Can we help you with your <b>order</b>?")
    assert (await rep.client.visitors_now())[0].invited == "shown"
    await expect(page.locator("iframe:focus")).to_have_count(0)
    await card.get_by_role("button", name="Yes, please").press("Enter")
    visitor = Visitor(page.context, page, pages)
    panel = page.frame_locator("desk-chat .box iframe")
    await expect(panel.locator(".said .text")).to_have_text(["Can we help you with your <b>order</b>?"])
    await panel.get_by_role("textbox", name="Write a message").fill("Yes: which lock fits?")
    await panel.get_by_role("textbox", name="Write a message").press("Enter")
    await expect(panel.locator(".said .text")).to_have_count(2)
    [row] = await rep.chats()
    trail = await rep.client.trail(row.id)
    assert [step.url.removeprefix(pages.origin) for step in trail.steps] == ["/checkout", "/bikes"]
    assert trail.now is not None
    assert (trail.now.pages, trail.now.invited, trail.now.conversation_id) == (2, "accepted", row.id)
    assert visitor.problems == []


async def test_pages_that_are_not_loaded_anew_are_pages_of_the_trail(page: Page, pages: Shop, rep: Rep) -> None:
    await page.goto(f"{pages.origin}/bikes")
    await here(rep, lambda found: found.url.endswith("/bikes"))
    await page.evaluate("history.pushState({}, '', '/locks?size=2#top')")
    await here(rep, lambda found: found.url.endswith("/locks"))
    await page.evaluate("history.replaceState({}, '', '/locks/folding'); document.title = 'Folding locks'")
    await here(rep, lambda found: found.url.endswith("/locks/folding") and found.title == "Folding locks")
    await page.evaluate("history.back()")
    found = await here(rep, lambda found: found.pages == 4 and found.url.endswith("/bikes"))
    steps = (await rep.client.visitor_trail(found.visitor.id)).steps
    assert [each.url.removeprefix(pages.origin) for each in steps] == ["/bikes", "/locks/folding", "/locks", "/bikes"]


async def test_who_is_seen_in_the_shop_is_seen_in_its_help_centre(page: Page, pages: Shop, rep: Rep) -> None:
    await page.goto(f"{pages.url}/help")
    assert await rep.client.visitors_now() == [], "whoever was not seen in the shop is not seen here"
    async with page.expect_response("**/invited*"):
        await page.goto(f"{pages.origin}/bikes")
    await page.goto(f"{pages.url}/help")
    found = await here(rep, lambda found: found.url == f"{pages.url}/help")
    assert (found.pages, found.title) == (2, "How can we help? – Larkspur Cycles")
    await page.goto(f"{pages.origin}/bikes")
    await page.wait_for_function("window.desk")
    await page.evaluate("desk.consent(false)")
    deadline = Deadline(15)
    while await rep.client.visitors_now():
        assert not deadline.passed()
        await asyncio.sleep(0.02)
    async with page.expect_response("**/static/trail.js"):
        await page.goto(f"{pages.url}/help", wait_until="networkidle")
    assert await rep.client.visitors_now() == []


async def test_a_rep_who_asks_by_hand_is_seen_at_once(page: Page, pages: Shop, rep: Rep) -> None:
    async with page.expect_response("**/invited*"):
        await page.goto(f"{pages.origin}/care")
    found = await here(rep)
    begun = time.monotonic()
    await rep.client.invite(found.visitor.id, "Is it the brakes?")
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("Is it the brakes?")
    assert time.monotonic() - begun < AGAIN_SECONDS / 3
    await card.get_by_role("button", name="Yes, please").click()
    await expect(page.frame_locator("desk-chat .box iframe").locator(".said .text")).to_have_text(["Is it the brakes?"])


async def test_a_no_by_escape_is_not_asked_again(page: Page, pages: Shop, rep: Rep) -> None:
    await page.goto(f"{pages.origin}/checkout")
    card = page.get_by_role("dialog")
    await card.get_by_role("button", name="No, thank you").press("Escape")
    await expect(card).to_have_count(0)
    await here(rep, lambda found: found.invited == "refused")
    await page.goto(f"{pages.origin}/checkout/pay")
    await here(rep, lambda found: found.pages == 2 and found.url.endswith("/pay"))
    async with page.expect_response("**/sight") as told:
        await page.evaluate("desk.cart(5, 'EUR')")
    assert (await (await told.value).json())["invitation"] is None
    await expect(card).to_have_count(0)


async def test_an_invitation_fits_a_small_screen_and_does_not_move_for_who_wants_no_motion(
    page: Page, pages: Shop, rep: Rep
) -> None:
    await page.set_viewport_size({"width": 320, "height": 560})
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"{pages.origin}/checkout")
    card = page.locator("desk-chat .card")
    await expect(card).to_be_visible()
    box = await card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert await card.evaluate("(each) => getComputedStyle(each).animationName") == "none"


# --- nothing before they agree ------------------------------------------------------------------------------

_STORED = "() => [document.cookie, Object.keys(localStorage), Object.keys(sessionStorage)].flat().filter(Boolean)"


async def asked_of(page: Page, url: str, address: str) -> list[str]:
    """Open a page, let it settle, and answer what was asked of the desk meanwhile."""
    asked: list[str] = []
    page.on("request", lambda request: request.url.startswith(url) and asked.append(request.url.removeprefix(url)))
    await page.goto(address, wait_until="networkidle")
    await page.wait_for_function("window.desk")
    return asked


async def nothing_is_kept(page: Page, pages: Shop, rep: Rep) -> None:
    assert await page.evaluate(_STORED) == []
    assert await page.context.cookies() == []
    assert len(page.frames) == 1
    assert await rep.client.visitors_now() == []


@pytest.mark.parametrize("trail", ["ask"])
async def test_who_is_asked_and_says_no_leaves_nothing_but_that(page: Page, pages: Shop, rep: Rep) -> None:
    asked = await asked_of(page, pages.url, f"{pages.origin}/checkout")
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("May we see which pages")
    await nothing_is_kept(page, pages, rep)
    await card.get_by_role("button", name="No", exact=True).click()
    await page.reload(wait_until="networkidle")
    assert set(asked) == {"/desk.js"}
    assert await page.evaluate("Object.entries(localStorage)") == [["desk:larkspur:seen", "no"]]


@pytest.mark.parametrize("trail", ["ask"])
async def test_who_says_yes_is_seen_until_the_shop_says_no(page: Page, pages: Shop, rep: Rep) -> None:
    await page.goto(f"{pages.origin}/bikes")
    await page.get_by_role("dialog").get_by_role("button", name="Yes", exact=True).click()
    seen = await here(rep)
    await page.reload()
    await here(rep, lambda found: found.pages == 2)
    await page.evaluate("desk.consent(false)")
    deadline = Deadline(15)
    while await rep.client.visitors_now():
        assert not deadline.passed()
        await asyncio.sleep(0.02)
    assert (await rep.client.visitor_trail(seen.visitor.id)).steps == ()


@pytest.mark.parametrize("trail", ["off", "ask", "on"])
async def test_global_privacy_control_means_no(page: Page, pages: Shop, rep: Rep, trail: str) -> None:
    await page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    asked = await asked_of(page, pages.url, f"{pages.origin}/checkout")
    await page.evaluate("desk.consent(true)")
    await page.evaluate("desk.cart(5, 'EUR')")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert asked == ["/desk.js"]
    await nothing_is_kept(page, pages, rep)


# --- signed-in customers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("trail", "reloaded"), [("off", True), ("on", False)])
async def test_who_signs_in_and_out_on_the_page(page: Page, pages: Shop, rep: Rep, trail: str, reloaded: bool) -> None:
    """Nothing of theirs is left for whoever comes next: not what stood there, not what was on its way."""
    secret, _ = await rep.client.renew_identity("site")
    customer = token({"sub": "4711", "name": "Ada", "exp": time.time() + 600}, secret=secret)
    await page.goto(pages.origin)
    await page.get_by_role("button", name="Chat with us").click()
    panel = page.frame_locator("desk-chat .box iframe")
    writing = panel.get_by_role("textbox", name="Write a message")
    lines = panel.locator(".said .text")
    await writing.fill("Where is my order?")
    await writing.press("Enter")
    await expect(lines).to_have_text(["Where is my order?"])
    await page.evaluate("(token) => desk.customer(token)", customer)
    deadline = Deadline(15)
    while [row.customer_name for row in await rep.chats()] != ["Ada"]:
        assert not deadline.passed()
        await asyncio.sleep(0.02)
    await expect(lines).to_have_text(["Where is my order?"])
    await writing.fill("It is 4711.")
    await writing.press("Enter")
    await expect(lines).to_have_count(2)
    await page.route("**/messages", lambda route: route.abort())
    await writing.fill("Never mind")
    await writing.press("Enter")
    await expect(panel.locator(".unsent .text")).to_have_text(["Never mind"])
    await writing.fill("My card ends in")
    if reloaded:
        await page.reload()
    else:
        await page.evaluate("desk.customer('')")
    await expect(lines).to_have_count(0)
    await expect(writing).to_have_value("")
    await page.unroute("**/messages")
    await writing.fill("Hello")
    await writing.press("Enter")
    await expect(lines).to_have_text(["Hello"])
    kept = await panel.locator("body").evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "Never mind" not in kept
    assert "My card" not in kept
    assert sorted(await rep.said()) == ["Hello", "It is 4711.", "Where is my order?"]
    await page.add_init_script(f"document.addEventListener('desk', () => desk.customer('{customer}'))")
    await page.reload()
    await expect(lines).to_have_count(3)
