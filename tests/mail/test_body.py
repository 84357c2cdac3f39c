"""What of a mail is text, what is a file, and what the text looks like."""

from __future__ import annotations

import base64

import pytest

from desk.mail.html import Links, to_text
from desk.mail.parse import Broken, parse
from desk.mail.parsed import Limits, Parsed

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def _mail(*lines: str, head: str = "From: a@b.c\n") -> Parsed:
    return parse((head + "\n".join(lines)).encode())


def _multipart(kind: str, *parts: str) -> Parsed:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return _mail(f"Content-Type: multipart/{kind}; boundary=b\n\n{body}--b--\n")


PLAIN = "Content-Type: text/plain\n\nthe plain text"
RICH = 'Content-Type: text/html\n\n<p>the <a href="https://shop.example/x">rich</a> text</p>'


def test_the_plain_alternative_is_preferred() -> None:
    found = _multipart("alternative", PLAIN, RICH)
    assert found.body == "the plain text"
    assert found.parts == ()


@pytest.mark.parametrize("stub", ["", "  \n \n", "Please view this e-mail in an HTML capable browser."])
def test_a_stub_gives_way_to_the_rich_alternative(stub: str) -> None:
    found = _multipart("alternative", f"Content-Type: text/plain\n\n{stub}", RICH)
    assert found.body == "the rich [1] text"
    assert found.links == ("https://shop.example/x",)


def test_a_long_plain_text_about_html_is_no_stub() -> None:
    text = "My HTML is broken in the browser. " * 20
    assert _multipart("alternative", f"Content-Type: text/plain\n\n{text}", RICH).body.strip() == text.strip()


def test_inline_images_are_files_with_an_id() -> None:
    image = (
        "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Disposition: inline\n"
        "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(PNG).decode()
    )
    found = _multipart("related", RICH, image)
    [part] = found.parts
    assert (part.name, part.inline, part.content_id, part.data) == ("image-1.png", True, "logo@x", PNG)


def test_images_of_the_alternative_not_shown_are_kept() -> None:
    related = (
        f"Content-Type: multipart/related; boundary=r\n\n--r\n{RICH}\n--r\nContent-Type: image/gif\n\nGIF\n--r--\n"
    )
    found = _multipart("alternative", PLAIN, related)
    assert found.body == "the plain text"
    assert [part.media_type for part in found.parts] == ["image/gif"]


def test_a_forwarded_mail_is_a_file() -> None:
    found = _multipart("mixed", PLAIN, "Content-Type: message/rfc822\n\nFrom: x@y.z\nSubject: inner\n\ninner text")
    assert found.body == "the plain text"
    [part] = found.parts
    assert part.name == "message-1.eml"
    assert part.data.startswith(b"From: x@y.z")
    assert found.subject == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\\\Users\\\\me\\\\x.doc", "C_Users_me_x.doc"),
        ("a\x1b]0;x\x07.txt", "a␛]0;x␇.txt"),
        ("invoice\u202efdp.exe", "invoice\ufffdfdp.exe"),
        ("....", "attachment-1.pdf"),
        ("", "attachment-1.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_file_names_are_safe(given: str, kept: str) -> None:
    part = f'Content-Type: application/pdf\nContent-Disposition: attachment; filename="{given}"\n\n%PDF'
    assert _multipart("mixed", part).parts[0].name == kept


def test_tnef_and_attached_texts_stay_files() -> None:
    found = _multipart(
        "mixed",
        PLAIN,
        "Content-Type: application/ms-tnef; name=winmail.dat\n\nx",
        "Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nlog",
        "Content-Type: text/html\nContent-Disposition: attachment; filename=page.html\n\n<p>x",
    )
    assert found.body == "the plain text"
    assert [part.name for part in found.parts] == ["winmail.dat", "log.txt", "page.html"]


def test_several_texts_are_one_body_and_number_their_links_on() -> None:
    found = _multipart("mixed", "Content-Type: text/plain\n\nsee https://a.example/1.", RICH)
    assert found.body == "see https://a.example/1.\n\nthe rich [2] text"
    assert found.links == ("https://a.example/1", "https://shop.example/x")


def test_links_of_plain_text_are_listed_without_marks() -> None:
    found = _mail("\nhttp://a.example/x, (http://b.example/y) and http://c.example/z_(w)\n<http://a.example/x>")
    assert found.links == ("http://a.example/x", "http://b.example/y", "http://c.example/z_(w)")
    assert "[1]" not in found.body


def test_flowed_text_is_put_together() -> None:
    found = _mail(
        "Content-Type: text/plain; format=flowed\n\nThis is one \nparagraph.\n> quoted \n> too\nnext\n-- \nAnn"
    )
    assert found.body == "This is one paragraph.\n> quoted too\nnext\n-- \nAnn"


def test_html_sent_as_plain_text_is_read_as_html() -> None:
    assert _mail("Content-Type: text/plain\n\n<html><body><p>Hi</p></body></html>").body == "Hi"


def test_text_too_long_is_cut_and_attached_whole() -> None:
    found = parse(b"From: a@b.c\n\n" + b"0123456789\n" * 60_000)
    assert len(found.body) <= 500_000
    assert found.parts[0].data == b"0123456789\n" * 60_000
    assert "are shown" in found.defects[0]


def test_broken_structure_is_read_and_named() -> None:
    assert _mail("Content-Type: multipart/mixed\n\nhello").body == "hello"
    cut = _mail("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello")
    assert cut.body == "hello"
    assert cut.defects == ("a multipart that is cut off",)
    assert parse(b"just a text").defects == ("no From field",)


def test_limits() -> None:
    with pytest.raises(Broken, match="more than 2 attachments"):
        parse(
            b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: image/gif\n\nx\n" * 3 + b"--b--",
            Limits(attachments=2),
        )
    with pytest.raises(Broken, match="MB"):
        parse(b"x" * 11, Limits(size=10))


def test_mailbox_artefacts() -> None:
    found = parse(b"From a@b Mon Jan  1 10:00:00 2024\nFrom: a@b.c\n\n>From me to you\n>> x\n")
    assert found.body == "From me to you\n>> x"
    assert parse(b"From: a@b.c\n\n>From me\n").body == ">From me"
    assert parse(b"From: a@b.c\rSubject: mac\r\rhello\r").body == "hello"
    assert parse(b"\xef\xbb\xbf\r\nFrom: a@b.c\r\n\r\nhello").sender is not None


def test_an_invitation() -> None:
    found = _multipart(
        "alternative",
        PLAIN,
        "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\n"
        "DTSTART:19700101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:Lunch\\, at\n  noon\n"
        "DTSTART;TZID=Europe/Berlin:20240102T120000\nEND:VEVENT\nEND:VCALENDAR",
    )
    assert found.kind == "calendar"
    assert found.calendar is not None
    assert found.calendar.method == "REQUEST"
    assert found.calendar.summary == "Lunch, at noon"
    assert found.calendar.start == "2024-01-02 12:00 Europe/Berlin"
    assert found.parts[0].name == "invitation-1.ics"


@pytest.mark.parametrize(
    ("head", "auto", "kind"),
    [
        ("", "", "message"),
        ("Auto-Submitted: no", "", "message"),
        ("Auto-Submitted: auto-replied (vacation)", "auto-replied", "auto"),
        ("Auto-Submitted: auto-generated", "auto-generated", "message"),
        ("X-Autoreply: yes", "auto-replied", "auto"),
        ("Precedence: auto_reply", "auto-replied", "auto"),
        ("Subject: Automatic reply: your mail", "auto-replied", "auto"),
        ("Subject: Abwesenheitsnotiz: Urlaub", "auto-replied", "auto"),
        ("Precedence: bulk", "bulk", "message"),
        ("Precedence: junk", "bulk", "message"),
        ("List-Id: <x.y>", "list", "message"),
        ("Return-Path: <>", "auto-generated", "message"),
        ("X-Auto-Response-Suppress: All", "auto-generated", "message"),
    ],
)
def test_what_may_not_be_answered_by_a_machine(head: str, auto: str, kind: str) -> None:
    found = _mail(head + "\n\nx" if head else "\nx")
    assert (found.auto, found.kind) == (auto, kind)


def _text(markup: str) -> str:
    return to_text(markup, Links())


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("a<br><br><br>b", "a\n\nb"),
        ("<b>bold</b>, <i>it</i> &amp; &lt;x&gt; 1 < 2", "bold, it & <x> 1 < 2"),
        ("<div>x<div>y</div></div>z", "x\ny\nz"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", " - a\n - b\n    - c"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<blockquote>q<blockquote>r</blockquote></blockquote>s", "> q\n>\n> > r\n\ns"),
        ("<table><tr><th>Item<th>Price<tr><td>Lamp<td>12.00</table>", "Item  Price\nLamp  12.00"),
        ("<table><tr><td><table><tr><td>deep</table></table>", "deep"),
        ("a<table><caption>Your <b>order</b></caption><tr><td>Lamp<td>12</table>b", "a\nYour order\nLamp  12\nb"),
        ("<table>stray<tr><td>x</table>", "stray\nx"),
        ("<pre>  a\n    b</pre>", "  a\n    b"),
        ('<p style="DISPLAY : none">no</p>yes', "yes"),
        ("<div hidden><div>no</div>no</div>yes", "yes"),
        ('<div style="max-height:0;overflow:hidden">no</div>yes', "yes"),
        ('<div style="display:none">all there is</div>', "all there is"),
        ("<style>p{}</style><script>x<y</script><title>t</title>yes", "yes"),
        ("<!-- <p>no</p> -->yes<!--[if mso]>no<![endif]-->", "yes"),
        ('<img alt="Our shop" src="http://t.example/x.gif"><img src=y>', "[Our shop]"),
        ('<a title="a>b" href="http://x.example/">go</a>', "go [1]"),
        ("<a href='mailto:a@b.c'>A@b.c</a>", "A@b.c"),
        ("<a href='#top'>up</a> <a href='javascript:x()'>run</a>", "up run"),
        ("<hr>", "————————————————————————"),
        ("", ""),
        ("<", "<"),
        ("</table></td></ul></blockquote></a></pre>x", "x"),
    ],
)
def test_html(markup: str, text: str) -> None:
    assert _text(markup) == text


def test_a_target_has_one_number() -> None:
    links = Links()
    text = to_text(
        "<a href='http://a.example'>x</a> <a href='http://b.example'>y</a> <a href=http://a.example>z</a>", links
    )
    assert text == "x [1] y [2] z [1]"
    assert links.targets() == ("http://a.example", "http://b.example")


def test_targets_are_clean() -> None:
    links = Links()
    to_text("<a href='http://a.example/\x1b]8;;\x07&#27;\u202ex'>x</a>", links)
    assert links.targets() == ("http://a.example/␛]8;;␇\ufffdx",)
