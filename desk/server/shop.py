"""The sample shop made live: its conversations in the store, its post in two Maildirs of the workspace, its site.

What is answered lies in `post/outgoing`, for there is nobody to send it to; what is put into `post/incoming` arrives.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from desk.model import Agent, ImportJob
from desk.sample.answers import read_answers, read_macros
from desk.sample.articles import read_articles, read_asks
from desk.sample.automations import read_automations
from desk.sample.callbacks import read_callbacks
from desk.sample.invitations import read_invitations
from desk.sample.shop import Shop, read_shop
from desk.service import sample, sample_asks, sample_calls
from desk.settings import append_tables, plan_account, write_account
from desk.workspace import PRIVATE_FOLDER

if TYPE_CHECKING:
    from desk.server.desk import Desk

POST = "post"
SITE = "website"
_CONNECTOR = "maildir"


async def load(desk: Desk, agent: Agent) -> ImportJob:
    """Fill the empty workspace, answers and macros too; connect the shop's account, unless `desk.toml` has it.

    Raises Invalid('not-empty') if there is any message, SettingsError if `desk.toml` cannot be added to.
    """
    shop = await desk.threads.read(read_shop)
    account = None if shop.account in desk.settings.accounts else _account(shop)
    site = None if SITE in desk.settings.accounts else _site(shop)
    if account is not None:
        plan_account(desk.home.settings, shop.account, _CONNECTOR, account)
    job = await desk.write(sample.load, agent)
    begun = await desk.write(sample_calls.load, shop, await desk.threads.read(read_callbacks))
    job = replace(job, conversations=job.conversations + begun)
    if account is not None:
        _make_maildirs(desk.home.folder)
        write_account(desk.home.settings, shop.account, _CONNECTOR, account)
        if site is not None:
            write_account(desk.home.settings, SITE, "webchat", site)
        if not desk.settings.macros:
            append_tables(desk.home.settings, await desk.threads.read(read_macros))
        if not desk.settings.invitations:
            append_tables(desk.home.settings, await desk.threads.read(read_invitations))
        if not desk.settings.automations:
            append_tables(desk.home.settings, await desk.threads.read(read_automations))
        await desk.reload()
    await desk.answers.take(agent, await desk.threads.read(read_answers), over=False, personal=False)
    await _load_articles(desk)
    return desk.imports.finished(job)


async def _load_articles(desk: Desk) -> None:
    """Its help articles, beside those that are there, and what visitors asked of them."""
    for path, data in (await desk.threads.read(read_articles)).items():
        await desk.articles.put(path, data)
    slugs = {article.slug for article in await desk.articles.all()}
    await desk.write(sample_asks.load, await desk.threads.read(read_asks), slugs)
    await desk.articles.learn()


def _account(shop: Shop) -> dict[str, Any]:
    return {
        "address": shop.address,
        "name": shop.name,
        "signature": shop.signature.strip(),
        "incoming": f"{POST}/incoming",
        "outgoing": f"{POST}/outgoing",
    }


def _site(shop: Shop) -> dict[str, Any]:
    """The shop's page, with the chat on it."""
    return {"name": shop.name, "key": "larkspur", "demo": True, "trail": "on", "callbacks": "always"}


def _make_maildirs(folder: Path) -> None:
    for box in ("incoming", "outgoing"):
        for part in ("", box, f"{box}/cur", f"{box}/new", f"{box}/tmp"):
            (folder / POST / part).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
