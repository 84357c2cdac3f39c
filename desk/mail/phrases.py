"""The words by which mail programs of many languages announce a quote or a signature.

Patterns are applied to single lines of bounded length, and none of them nests quantifiers.
"""

from __future__ import annotations

import re


def _labels(**groups: str) -> dict[str, str]:
    return {label.casefold(): group for group, labels in groups.items() for label in labels.split("|")}


_FROM = (
    "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|От|От кого|Kimden|Gönderen|差出人|送信者|发件人|寄件者|보낸 사람|보낸사람"
)
FROM_LABELS = frozenset(_labels(sender=_FROM))
OTHER_LABELS = _labels(
    sent="Sent|Date|Gesendet|Datum|Envoyé|Envoyé le|Enviado|Enviado el|Enviada em|Enviado em|Fecha|Data|Inviato|"
    "Verzonden|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Wysłano|Odesláno|Дата|Отправлено|Tarih|Gönderilen|送信日時|日時|日付|"
    "发送时间|日期|寄件日期|보낸 날짜|날짜",
    to="To|An|À|A|Para|Aan|Till|Til|Vastaanottaja|Do|Komu|Кому|Kime|Alıcı|宛先|收件人|收件者|받는 사람|받는사람",
    copy="Cc|Kopie|Kopia|Kopi|Copia|Копия|Bilgi|抄送|副本|참조",
    subject="Subject|Betreff|Betr|Objet|Asunto|Oggetto|Assunto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Тема|"
    "Konu|件名|主题|主旨|제목",
)
"""What stands before the colon in the header lines that Outlook and others put above a quoted mail."""
LABEL_AT_MOST = 20

ATTRIBUTION_ENDS = frozenset(":：>성말")
WROTE = re.compile(
    r"\bwr[io]tes?\b|\bwrote\b|\bschrieb|\ba écrit|\bescribi[óo]|\bha scritto|\bescreveu|\bschreef|\bskrev|\bkirjoitti|"
    r"\bnapisał|\bpisze|\bnapsal|\bпишет|\bписал|\bнаписал|yazdı|写道|寫道|님이 작성|님의 말|書きました|のメッセージ",
    re.IGNORECASE,
)
WROTE_STEMS = (
    *("write", "wrote", "schrieb", "escribi", "scritto", "escreveu"),
    *("schreef", "skrev", "kirjoitti", "pisze", "napsal", "yazdi"),
)
"""One of these is in every line of ASCII letters that says `WROTE`; to look for them costs a tenth."""
OPENER = re.compile(
    r"[*\s\[]{0,3}(?:On|At|In|Am|Den|Der|Le|El|Il|Em|No dia|Op|På|W dniu|Dnia|Dne|V|\d{1,4}[-./年년 ]|"
    r"Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So|lun|mar|mer|jeu|ven|sam|dim|ma|ti|ke|to|pe|la|su|"
    r"Пн|Вт|Ср|Чт|Пт|Сб|Вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|在)",
    re.IGNORECASE,
)
EVIDENCE = re.compile(r"\d|@|<")
DATED_ADDRESS = re.compile(r"(?:\S{1,12},? )?\d{1,4}[-./年년 ][^<>]{1,120}<[^<>]{3,200}>[:：]?$")
"""Gmail in languages where it writes no verb."""

RULERS = frozenset("-_=*—")
ORIGINAL_WORDS = (
    r"(?:Original Message|Original-Nachricht|Urspr(?:ü|ue)ngliche (?:Nachricht|E?-?Mail)|"
    r"Originalnachricht|Message d['’]origine|Message original|Mensaje original|Messaggio originale|Mensagem original|"
    r"Oorspronkelijk bericht|Ursprungligt meddelande|Ursprungsmeddelande|Oprindelig meddelelse|Opprinnelig melding|"
    r"Alkuperäinen viesti|Wiadomość oryginalna|Oryginalna wiadomość|Původní (?:zpráva|e-mail)|Исходное сообщение|"
    r"Оригинальное сообщение|Özgün İleti|Orijinal Mesaj|元のメッセージ|原始邮件|原邮件|原始郵件|원본 메시지|원본 메일|"
    r"Reply message|Original Appointment|Reply Above This Line)"
)
ORIGINAL = re.compile(rf"[-_=*— ]{{1,60}}{ORIGINAL_WORDS}[:：]?[-_=*— ]{{1,60}}", re.IGNORECASE)

_MOBILE_FIRST = (
    "sent|get|download|von|gesendet|diese|envoyé|télécharger|enviado|enviada|inviato|inviata|verzonden|verstuurd|"
    "skickat|sendt|lähetetty|wysłane|wysłano|odesláno|отправлено|나의"
)
MOBILE_FIRST = frozenset(_MOBILE_FIRST.split("|"))
MOBILE_ENDS = ("gönderildi", "gönderildi.", "から送信", "에서 보냄")
MOBILE = re.compile(
    r"(?:sent (?:from|via|using) (?:my|an?|the|outlook|mail|yahoo|samsung|blackberry|gmail|proton|mobile|iphone|"
    r"ipad)\b.{0,80}|sent (?:wirelessly|on the go) .{0,80}|(?:get|download) outlook for .{0,80}|"
    r"(?:von|diese nachricht wurde) .{0,40}(?:iphone|ipad|handy|smartphone|android|mobil|samsung|blackberry).{0,60}|"
    r"gesendet (?:von|mit|über) .{0,80}|envoyé (?:de|depuis|à partir de) .{0,80}|télécharger outlook .{0,80}|"
    r"enviad[oa] (?:desde|do|de|a partir do) .{0,80}|inviat[oa] da.{0,80}|"
    r"(?:verzonden|verstuurd) (?:vanaf|van|met|via|vanuit) .{0,80}|skickat från .{0,80}|sendt fra .{0,80}|"
    r"lähetetty .{0,60}(?:puhelimesta|iphonesta|ipadista|outlook).{0,40}|wysłan[eo] z .{0,80}|odesláno z .{0,80}|"
    r"отправлено (?:с|из) .{0,80}|.{1,40}[dt][ae]n gönderildi\.?|.{1,40}から送信|(?:发自我的|發自我的).{0,40}|"
    r"(?:나의 )?.{1,40}에서 보냄)$",
    re.IGNORECASE,
)
"""What telephones and web mailers add by themselves."""
FOOTER = re.compile(r"mailing list|listinfo|unsubscribe|https?://|@", re.IGNORECASE)
"""What stands below the rule that begins a mailing list's footer."""
