"""What other systems know of a customer, against a real HTTP server that can be slow, huge, broken and hostile."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from desk.client import Client, Refused
from desk.lookups import Missing, Show, at, check_url, fill, fill_url, rows
from desk.model import Customer, CustomerEdit, Identity, LookupResult
from desk.settings import SettingsError, parse
from tests.server.test_api import fill as fill_desk

ORDERS = {
    "total": 2,
    "orders": [{"number": "A1", "status": "sent", "paid": True}, {"number": "A2\x1b[2J\u202e", "status": "new"}],
}


class Shop(ThreadingHTTPServer):
    """Answers at paths that say how."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        kind = self.path.partition("?")[0].strip("/")
        if kind in ("elsewhere", "here", "loop"):
            self.send_response(302)
            target = {"elsewhere": "http://localhost:1/orders", "here": "/orders", "loop": "/loop"}[kind]
            self.send_header("Location", target)
            self.end_headers()
            return
        self.send_response(500 if kind == "error" else 200)
        self.end_headers()
        if kind == "slow":
            time.sleep(5)
        elif kind == "huge":
            for _ in range(40):
                self.wfile.write(b"[" + b"1," * 50_000)
        elif kind == "broken":
            self.wfile.write(b'{"orders": [')
        elif kind == "deep":
            self.wfile.write(b"[" * 100_000)
        else:
            self.wfile.write(json.dumps(ORDERS).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def lookup(shop: Shop, name: str, path: str, more: str = "") -> str:
    return f"""
[lookup.{name}]
url = "{shop.url}/{path}?email={{customer.email}}"
timeout_seconds = 2.0
{more}
show = [
  {{ label = "Orders", value = "{{total}}" }},
  {{ each = "orders", label = "#{{number}}", value = "{{status}}, paid: {{paid|unknown}}" }},
]
"""


async def ask(client: Client, tmp_path: Path) -> dict[str, LookupResult]:
    await fill_desk(client, tmp_path / "mail", 1)
    [row] = (await client.conversations()).items
    return {each.name: each for each in await client.lookups(row.customer_id)}


async def test_answers_and_troubles_each_by_itself(new_desk: Any, tmp_path: Path, shop: Shop) -> None:
    kinds = ("orders", "here", "slow", "huge", "broken", "deep", "error", "elsewhere", "loop")
    secret = 'headers = { Authorization = "Bearer {secret}" }\nsecret_cmd = "echo s3cret"'
    settings = "".join(lookup(shop, kind, kind, secret if kind == "orders" else "") for kind in kinds)
    settings += (
        '[lookup.gone]\nurl = "http://127.0.0.1:1/"\n[lookup.phone]\nurl = "http://127.0.0.1:1/{customer.phone}"\n'
    )
    server = new_desk(settings).start()
    async with server.client() as client:
        began = time.monotonic()
        found = await ask(client, tmp_path)
        assert time.monotonic() - began < 8
        said = [(row.label, row.value) for row in found["orders"].rows]
        assert not found["orders"].error, found["orders"]
        assert said == [("Orders", "2"), ("#A1", "sent, paid: yes"), ("#A2␛[2J\ufffd", "new, paid: unknown")]
        assert found["here"].rows == found["orders"].rows
        assert found["slow"].error == "no answer within 2 s"
        assert found["huge"].error == "its answer has more than 1 MB"
        assert "no JSON" in found["broken"].error
        assert "no JSON" in found["deep"].error
        assert found["error"].error == "it answered 500 Internal Server Error"
        assert found["elsewhere"].error == "it redirects to another host, localhost; that is refused"
        assert "more than 3 times" in found["loop"].error
        assert found["gone"].error.startswith("no answer")
        assert found["phone"].error == "the customer has no phone"
        assert ("/orders?email=ada%40customer.test", "Bearer s3cret") in shop.asked
        assert "s3cret" not in server.log()


async def test_answers_are_remembered_and_asked_anew(new_desk: Any, tmp_path: Path, shop: Shop) -> None:
    server = new_desk(lookup(shop, "orders", "orders", "cache_seconds = 600")).start()
    async with server.client() as client:
        first = await ask(client, tmp_path)
        [row] = (await client.conversations()).items
        assert {each.name: each for each in await client.lookups(row.customer_id)} == first
        assert len(shop.asked) == 1
        identity = Identity(kind="email", value="a&b=c@customer.test")
        await client.edit_customer(row.customer_id, CustomerEdit(add=(identity,), address=identity.value))
        await client.lookups(row.customer_id)
        assert shop.asked[1][0] == "/orders?email=a%26b%3Dc%40customer.test"


async def test_one_by_one_and_anew(new_desk: Any, tmp_path: Path, shop: Shop) -> None:
    settings = lookup(shop, "orders", "orders", "cache_seconds = 600") + lookup(shop, "slow", "slow")
    async with new_desk(settings).start().client() as client:
        await fill_desk(client, tmp_path / "mail", 1)
        [row] = (await client.conversations()).items
        assert await client.lookup_names() == ["orders", "slow"]
        began = time.monotonic()
        first = await client.lookup(row.customer_id, "orders")
        assert time.monotonic() - began < 1.9, "the slow one keeps nobody waiting"
        assert await client.lookup(row.customer_id, "orders") == first
        assert len(shop.asked) == 1
        await client.lookup(row.customer_id, "orders", fresh=True)
        assert len(shop.asked) == 2
        with pytest.raises(Refused) as unknown:
            await client.lookup(row.customer_id, "no such/thing")
        assert unknown.value.status == 404


async def test_the_example_of_the_documents_works(new_desk: Any, tmp_path: Path, shop: Shop) -> None:
    document = Path(__file__).parents[2] / "docs" / "configuration.md"
    example = document.read_text().partition("## `[lookup.NAME]`")[2].partition("```toml\n")[2].partition("```")[0]
    here = example.replace("https://shop.example", shop.url).replace("pass show shop/api", "echo s3cret")
    assert here.count(shop.url) == 1
    async with new_desk(here).start().client() as client:
        await fill_desk(client, tmp_path / "mail", 1)
        [row] = (await client.conversations()).items
        found = await client.lookup(row.customer_id, "orders")
        assert [(each.label, each.value) for each in found.rows[:2]] == [("Orders", "2"), ("#A1", "sent, no items")]
        assert shop.asked == [("/api/orders?email=ada%40customer.test", "Bearer s3cret")]


def test_templates() -> None:
    customer = Customer(id=7, name="Ada & Co/../x", identities=(), attributes={"shop id": "9"})
    assert fill_url("https://x/{customer.id}?n={customer.name}", customer) == "https://x/7?n=Ada%20%26%20Co%2F..%2Fx"
    assert fill_url("https://x/{customer.attribute.shop id}", customer) == "https://x/9"
    assert fill_url("https://x/?e={customer.email|none}", customer) == "https://x/?e=none"
    with pytest.raises(Missing):
        fill_url("https://x/{customer.email}", customer)
    answer = {"a": [{"b": 1.5}, {"b": None}], "t": ["x", "y"], "d": {}}
    assert (at(answer, "a[0].b"), at(answer, "a[-1].b"), at(answer, "a[9].b"), at(answer, "a.b")) == (
        1.5,
        None,
        None,
        None,
    )
    assert fill("{a[0].b} of {t}", answer) == "1.5 of x, y"
    assert fill("{d} {nothing}", answer) == ""
    assert rows((Show(label="x", value="{nothing}"),), answer) == ()
    assert rows((Show(label="x", value="y", each="d"),), answer) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[lookup.a]\nurl = "ftp://x"', "desk.toml:2: url begins with"),
        ('[lookup.a]\nurl = "https://{customer.email}/"', "desk.toml:2: url begins with"),
        ('[lookup.a]\nurl = "https://x/{customer.salary}"', "there is no {customer.salary}"),
        ('[lookup.a]\nurl = "https://x/"\nurll = "y"', "desk.toml:3: there is no setting lookup.a.urll"),
        ('[lookup.a]\nurl = "https://x/"\ntoken = "y"', "desk.toml:3: secrets are not kept here"),
        ('[lookup.a]\nurl = "https://x/"\ntimeout_seconds = -1', "desk.toml:3: timeout_seconds"),
        ('[lookup.a]\nurl = "https://x/"\nheaders = { A = "b\\nc" }', "desk.toml:3: the header"),
        ("[lookup.a]\nshow = []", "url"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse(text, Path("desk.toml"))
    assert said in str(error.value)


def test_urls_that_are_fine() -> None:
    assert check_url("https://x.example/{customer.attribute.plan}?e={customer.email}") == ""
