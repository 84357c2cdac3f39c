"""Files and questions in the panel, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, expect

from desk.model import NewReply
from tests.servers.desk import DeskServer
from tests.web.articles import SMALLEST_PNG
from tests.web.pages import Rep, Shop, Visitor
from tests.web.test_questions import ASK
from tests.web.visitors import SHOP, SITE, address_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PNG = FilePayload(name="helmet.png", mimeType="image/png", buffer=SMALLEST_PNG)
HANDED_OVER = """([kind, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["Frame size: 54 cm"], name));
  const init = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...init, clipboardData: data })
    : new DragEvent(kind, { ...init, dataTransfer: data });
  (kind === "paste" ? document.querySelector(".write textarea") : document.body).dispatchEvent(event);
}"""


async def test_files_go_there_and_back(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    panel = visitor.panel
    attach = panel.get_by_role("button", name="Attach a file")
    await expect(attach).to_be_visible()
    disguised = FilePayload(name="photo.png", mimeType="image/png", buffer=b"MZ\x90\x00")
    await panel.locator("input[type=file]").set_input_files([disguised, PNG])
    await expect(panel.get_by_text("Files of this kind are not taken here.")).to_be_visible()
    await panel.get_by_role("button", name="Remove").click()
    await expect(panel.locator(".said .mine img")).to_have_count(1)
    await expect(panel.locator(".unsent .line")).to_have_count(0)
    [row] = await rep.chats()
    [message] = await rep.client.messages(row.id)
    assert [(each.name, each.media_type) for each in message.attachments] == [("helmet.png", "image/png")]
    names = [f"{await rep.client.upload(data)}:{name}" for name, data in (("a.svg", SVG), ("b.png", SVG))]
    await rep.client.reply(row.id, NewReply(body="", attachments=tuple(names)))
    await expect(panel.locator(".said .ours .file")).to_have_count(2)
    async with visitor.page.expect_download() as saving:
        await panel.get_by_role("button", name="a.svg").click()
    assert (await saving.value).suggested_filename == "a.svg"
    await visitor.page.reload()
    await expect(panel.locator(".said .file")).to_have_count(3)
    await expect(panel.locator(".said img")).to_have_count(1)


async def test_what_is_pasted_and_dropped_is_sent(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    await expect(visitor.panel.get_by_role("button", name="Attach a file")).to_be_visible()
    for kind in ("paste", "drop"):
        await visitor.panel.locator("main").evaluate(f"(_, given) => ({HANDED_OVER})(given)", [kind, f"{kind}.txt"])
        await expect(visitor.panel.locator(".said").get_by_text(f"{kind}.txt")).to_be_visible()


class TestQuestions:
    @pytest_asyncio.fixture(loop_scope="session")
    async def server(self, pages: Shop) -> AsyncIterator[DeskServer]:
        site = SITE.replace(SHOP, pages.origin).replace("[accounts.support]", f"{ASK}\n[accounts.support]")
        with DeskServer(site) as desk:
            desk.start()
            pages.url = await address_of(desk)
            yield desk

    async def test_questions_come_before_the_first_words_and_once(self, visitor: Visitor, rep: Rep) -> None:
        await visitor.bubble.click()
        panel = visitor.panel
        await expect(panel.get_by_role("textbox", name="who (optional)")).to_have_count(0)
        await expect(panel.get_by_role("textbox", name="Your name (optional)")).to_be_focused()
        await expect(visitor.writing).to_be_hidden()
        begin = panel.get_by_role("button", name="Start the chat")
        mail = panel.get_by_role("textbox", name="Your e-mail address")
        await mail.fill("ada@example.com")
        await begin.click()
        topic = panel.get_by_role("combobox", name="What is it about?")
        await expect(panel.get_by_text("Please answer this first.")).to_be_visible()
        await expect(topic).to_be_focused()
        await topic.select_option("A bicycle")
        await mail.fill("nobody")
        await mail.press("Enter")
        await expect(panel.get_by_text("Please enter an address")).to_be_visible()
        await mail.fill("ada@example.com")
        await begin.click()
        await expect(visitor.writing).to_be_focused()
        await visitor.page.reload()
        await visitor.say("Does it fit?")
        await expect(visitor.lines).to_have_text(["Does it fit?"])
        await expect(begin).to_be_hidden()
        [row] = await rep.chats()
        customer = await rep.client.customer(row.customer_id or 0)
        assert customer.attributes["topic, as they say"] == "A bicycle"
