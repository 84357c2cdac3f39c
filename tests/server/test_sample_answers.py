"""The sample shop's answers and macros: there, in order, and usable."""

from __future__ import annotations

from desk.answers.reading import read
from desk.answers.template import unsettled
from desk.model import NewReply
from desk.sample.answers import read_answers
from tests.servers.desk import DeskServer


def test_every_answer_is_sound() -> None:
    answers = [file for file in read_answers() if file.path.endswith(".md")]
    assert len(answers) >= 12
    for file in answers:
        found = read(file.path.removesuffix(".md"), file.data)
        assert found.document is not None
        assert found.findings == ()


async def test_the_shop_comes_with_them(desk_server: DeskServer) -> None:
    async with desk_server.client("mia") as client:
        await client.load_sample()
        assert await client.answer_findings() == []
        assert [macro.name for macro in await client.macros()] == ["late", "refund"]
        (greta,) = {
            hit.conversation.customer_id: hit.conversation for hit in (await client.search("baumann")).hits
        }.values()
        hits = await client.answers("late", greta.id)
        assert (hits[0].answer.language, hits[0].body.split(",")[0]) == ("de", "Guten Tag Greta Baumann")
        assert not unsettled(hits[0].body)
        form = await client.fill_answer("returns/return", greta.id)
        assert len(form.attachments) == 1
        (foreseen,) = await client.preview_macro("late", [greta.id])
        assert foreseen.ready
        assert foreseen.steps[0].body == hits[0].body
        item = await client.reply(greta.id, NewReply(body=form.body, attachments=form.attachments, answers=(form.key,)))
        assert (await client.message(item.message_id)).attachments[0].name == "return-form.pdf"


async def test_its_automations_are_there_to_be_tried(desk_server: DeskServer) -> None:
    async with desk_server.client("mia") as client:
        await client.load_sample()
        known = await client.automations()
        assert [(each.name, each.enabled) for each in known] == [
            ("follow-up", False),
            ("remind", False),
            ("escalate", False),
        ]
        _, remind, _ = await client.try_automations()
        assert remind.mails == len([each for each in remind.examples if each.words]) > 0
        assert {each.words.partition(": ")[2] for each in remind.examples if each.words} == {
            "Do you still need our help?"
        }
        assert await client.automatic_mails() == []
