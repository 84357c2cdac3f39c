"""Quotes and signatures: by language, and on the two corpora of replies with the success measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.mail import charset
from desk.mail.html import Links, to_text
from desk.mail.parse import parse
from desk.mail.quotes import fold
from desk.text import clean
from tests.mail.conftest import Corpus

QUOTED = "> Where is my parcel?\n> Ann"


def _visible(text: str) -> str:
    lines = text.split("\n")
    for part in reversed(fold(text)):
        del lines[part.start : part.end]
    return "\n".join(lines).strip()


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Jan 1, 2024 at 10:00 AM Ann Bee <ann@example.com> wrote:",
        "On Mon, Jan 1, 2024 at 10:00 AM Ann Bee <\nann@example.com> wrote:",
        "Am 01.01.2024 um 10:00 schrieb Ann Bee:",
        "Am Mo., 1. Jan. 2024 um 10:00 Uhr schrieb Ann <ann@example.com>:",
        "Le lun. 1 janv. 2024 à 10:00, Ann <ann@example.com> a écrit :",
        "El lun, 1 ene 2024 a las 10:00, Ann (<ann@example.com>) escribió:",
        "Il giorno lun 1 gen 2024 alle ore 10:00 Ann <ann@example.com> ha scritto:",
        "Em seg., 1 de jan. de 2024 às 10:00, Ann <ann@example.com> escreveu:",
        "Op ma 1 jan 2024 om 10:00 schreef Ann <ann@example.com>:",
        "Den mån 1 jan. 2024 kl 10:00 skrev Ann <ann@example.com>:",
        "Den man. 1. jan. 2024 kl. 10.00 skrev Ann <ann@example.com>:",
        "ma 1. tammik. 2024 klo 10.00 Ann (ann@example.com) kirjoitti:",
        "man. 1. jan. 2024 kl. 10:00 skrev Ann <ann@example.com>:",
        "pon., 1 sty 2024 o 10:00 Ann <ann@example.com> napisał(a):",
        "po 1. 1. 2024 v 10:00 odesílatel Ann <ann@example.com> napsal:",
        "пн, 1 янв. 2024 г. в 10:00, Ann <ann@example.com> написал:",
        "1 Oca 2024 Pzt 10:00 tarihinde Ann <ann@example.com> şunu yazdı:",
        "2024年1月1日(月) 10:00 Ann <ann@example.com>:",
        "Ann <ann@example.com> 于2024年1月1日周一 10:00写道：",
        "2024년 1월 1일 (월) 오전 10:00, Ann <ann@example.com>님이 작성:",
    ],
)
def test_attributions_of_many_languages(attribution: str) -> None:
    assert _visible(f"It arrived, thank you!\n\n{attribution}\n\n{QUOTED}\n") == "It arrived, thank you!"


@pytest.mark.parametrize(
    "header",
    [
        "-----Original Message-----\nFrom: Ann\nSent: Monday\nTo: shop\nSubject: x",
        "-----Ursprüngliche Nachricht-----\nVon: Ann\nGesendet: Montag\nAn: shop\nBetreff: x",
        "________________________________\nFrom: Ann <ann@example.com>\nSent: Monday\nTo: shop\nSubject: x",
        "De : Ann\nEnvoyé : lundi\nÀ : shop\nObjet : x",
        "De: Ann\nEnviado el: lunes\nPara: shop\nAsunto: x",
        "Da: Ann\nInviato: lunedì\nA: shop\nOggetto: x",
        "Van: Ann\nVerzonden: maandag\nAan: shop\nOnderwerp: x",
        "Från: Ann\nSkickat: måndag\nTill: shop\nÄmne: x",
        "*From:* Ann\n*Sent:* Monday\n*To:* shop\n*Subject:* x",
        "差出人: Ann\n送信日時: 月曜\n宛先: shop\n件名: x",
        "发件人： Ann\n发送时间： 周一\n收件人： shop\n主题： x",
    ],
)
def test_headers_of_outlook_in_many_languages(header: str) -> None:
    assert _visible(f"It arrived, thank you!\n\n{header}\n\nWhere is my parcel?\n") == "It arrived, thank you!"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Bee\nExample Street 1",
        "--\nAnn Bee",
        "Sent from my iPhone",
        "Sent from Outlook for iOS",
        "Get Outlook for Android",
        "Von meinem iPhone gesendet",
        "Gesendet von Mail für Windows",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的iPhone",
        "나의 iPhone에서 보냄",
        "iPhone'umdan gönderildi",
    ],
)
def test_signatures(signature: str) -> None:
    [found] = fold(f"Thank you!\n\n{signature}\n")
    assert (found.kind, found.start) == ("signature", 2)
    quoted = fold(f"Thank you!\n\n{signature}\n\nOn 1/1/2024 Ann <a@b.c> wrote:\n{QUOTED}")
    assert [part.kind for part in quoted] == ["signature", "quote"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello,\n\nwhere is my parcel?\n\nAnn",
        "I bought it on 1 May as you wrote: it never came.",
        "From: the bottom of my heart\n\nthank you",
        "Items:\n - one\n - two\nTo: do",
        "He said -- and I quote -- nothing.",
        "On Monday I wrote:\n\nnothing at all",
        "-----Original Message-----\nFrom: Ann\nSent: x\nTo: y\n\nthe only text there is",
        "I sent from my desk a parcel, and it is lost.",
    ],
)
def test_what_is_no_quote_stays(text: str) -> None:
    assert all(part.kind != "quote" for part in fold(text)) or _visible(text)
    if not text.startswith("On Monday"):
        assert _visible(text) == text.strip()


def test_folds_are_in_order_within_the_text_and_apart() -> None:
    text = "a\n> b\n\nc\n> d\n>\n> e\nf\n-- \ng\n"
    folds = fold(text)
    assert [(part.kind, part.start, part.end) for part in folds] == [
        ("quote", 1, 2),
        ("quote", 4, 7),
        ("signature", 8, 10),
    ]


REPLIES = {
    "correct_sig.txt": "this is an email with a correct -- signature.",
    "email_1_4.txt": "Awesome! I haven't had another problem with it.",
    "email_1_6.txt": "I get proper rendering as well.",
    "email_1_7.txt": ":+1:",
    "email_2_1.txt": "Outlook with a reply",
    "email_2_2.txt": "Outlook with a reply directly above line",
    "email_2_3.txt": "Outlook with a reply directly above line",
    "email_BlackBerry.txt": "Here is another email",
    "email_iPhone.txt": "Here is another email",
    "email_multi_word_sent_from_my_mobile_device.txt": "Here is another email",
    "email_sent_from_my_not_signature.txt": "Here is another email\n\nSent from my desk, "
    "is much easier then my mobile phone.",
}
BEGINNINGS = {
    "email_1_1.txt": ("Hi folks", "-Abhishek Kona"),
    "email_1_2.txt": ("Hi,", 'you’ll need to delete them all individually."'),
    "email_1_3.txt": ("Oh thanks.", "-Abhishek Kona"),
    "email_1_5.txt": ("One: Here's what I've got.", "for a while."),
    "email_1_8.txt": ("I will reply under this one", "and under this."),
    "email_bullets.txt": ("test 2 this should list second", "- and another"),
    "email_long_quote.txt": ("Hi folks", "-Abhishek Kona"),
    "email_one_is_not_on.txt": ("Thank, this is really helpful.", "when I run..."),
    "email_sig_delimiter_in_middle_of_line.txt": ("Hi there!", "kthxbai"),
    "greedy_on.txt": ("On your remote host you can run:", "fails, the tunnel is not working."),
    "pathological.txt": ("I think you're onto something.", "get back to a computer."),
}


def test_replies_of_email_reply_parser(corpus: Corpus) -> None:
    paths = {path.name: path for path in corpus("replies-email_reply_parser") if path.parent.name == "emails"}
    seen = {name: _visible(clean(path.read_text("utf-8"))) for name, path in paths.items()}
    wrong = [name for name, text in REPLIES.items() if seen[name] != text]
    wrong += [
        n for n, (first, last) in BEGINNINGS.items() if not (seen[n].startswith(first) and seen[n].endswith(last))
    ]
    assert set(seen) == set(REPLIES) | set(BEGINNINGS)
    assert wrong == []


def test_replies_of_talon(corpus: Corpus) -> None:
    paths = corpus("replies-talon")
    plain = [path for path in paths if path.parent.name == "standard_replies" and path.suffix == ".eml"]
    rich = [path for path in paths if path.parent.name == "html_replies"]
    wrong = [path.name for path in plain if _visible(parse(path.read_bytes()).body) != "Hello"]
    wrong += [path.name for path in rich if _rich(path) != "Hi. I am fine. Thanks, Alex"]
    assert (len(plain), len(rich)) == (12, 9)
    assert wrong == []


def _rich(path: Path) -> str:
    return " ".join(_visible(clean(to_text(charset.decode(path.read_bytes()), Links()))).split())
