"""The words by which mail programs of many languages announce a quote or a signature.

Patterns are applied to single lines of bounded length, and none of them nests quantifiers.
"""

from __future__ import annotations

import re

_WROTE = (
    "wrote|writes|said|schrieb|schreibt|a écrit|escribió|escribio|ha scritto|escreveu|schreef|skrev|kirjoitti|"
    "napisała?|napisal[a]?|pisze|napsala?|пишет|писал|написала?|yazdı|şunu yazdı|"
    "写道|寫道|님이 작성|님의 말|書きました|のメッセージ|wrote the following"
)
_FROM = (
    "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|От|От кого|Kimden|Gönderen|差出人|送信者|发件人|寄件者|보낸 사람|보낸사람"
)
_SENT = (
    "Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el)?|Fecha|Data|Inviato|Verzonden|Skickat|Sendt|Dato|Lähetetty|"
    "Päivämäärä|Wysłano|Odesláno|Дата|Отправлено|Tarih|Gönderilen|送信日時|日時|日付|发送时间|日期|寄件日期|"
    "보낸 날짜|날짜"
)
_TO = "To|An|À|A|Para|Aan|Till|Til|Vastaanottaja|Do|Komu|Кому|Kime|Alıcı|宛先|收件人|收件者|받는 사람|받는사람"
_COPY = "Cc|Kopie|Kopia|Kopi|Copia|Копия|Bilgi|抄送|副本|참조"
_SUBJECT = (
    "Subject|Betreff|Betr|Objet|Asunto|Oggetto|Assunto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Тема|"
    "Konu|件名|主题|主旨|제목"
)
_ORIGINAL = (
    "Original Message|Original-Nachricht|Ursprüngliche (?:Nachricht|Mail)|Urspruengliche Nachricht|Originalnachricht|"
    "Message d'origine|Message original|Mensaje original|Messaggio originale|Messaggio Originale|Mensagem original|"
    "Oorspronkelijk bericht|Ursprungligt meddelande|Ursprungsmeddelande|Oprindelig meddelelse|Opprinnelig melding|"
    "Alkuperäinen viesti|Wiadomość oryginalna|Oryginalna wiadomość|Původní zpráva|Исходное сообщение|"
    "Оригинальное сообщение|Özgün İleti|Orijinal Mesaj|元のメッセージ|原始邮件|原邮件|原始郵件|원본 메시지|원본 메일|"
    "Reply message|Original Appointment|Antwort|Réponse"
)

TRIGGER = re.compile(
    rf"^[ \t]*(?:>|--|__|—$|={{10}}|\*?(?:{_FROM})\*?[ \t]?[:：])|{_WROTE}|{_ORIGINAL}|"
    r"\d[^\n]{0,200}<[^\n<>]{1,200}>:?$|"
    "sent (?:from|via)|get outlook|gesendet|von meinem|envoyé (?:de|à)|enviado (?:desde|do)|inviato da|verzonden|"
    "verstuurd|skickat från|sendt fra|lähetetty|wysłane|odesláno|отправлено|gönderildi|から送信|发自|發自|에서 보냄",
    re.MULTILINE | re.IGNORECASE,
)
"""Ordinary mail matches nowhere and costs no more than this search."""

WROTE = re.compile(_WROTE, re.IGNORECASE)
ATTRIBUTION_ENDS = ":：>"
OPENER = re.compile(
    r"[*\s]{0,3}(?:On|At|In|Am|Den|Der|Le|El|Il|Em|No dia|Op|På|W dniu|Dnia|Dne|V|\d{1,4}[-./年년 ]|"
    r"Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So|lun|mar|mer|jeu|ven|sam|dim|ma|ti|ke|to|pe|la|su|"
    r"Пн|Вт|Ср|Чт|Пт|Сб|Вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|在|\[)",
    re.IGNORECASE,
)
EVIDENCE = re.compile(r"\d|@|<|\[mailto")
DATED_ADDRESS = re.compile(r"(?:\S{1,12},? )?\d{1,4}[-./年년 ][^<>]{1,120}<[^<>\s]{3,200}>[:：]?$")
ORIGINAL = re.compile(rf"[-_=* ]{{0,60}}(?:{_ORIGINAL})[:：]?[-_=* ]{{1,60}}", re.IGNORECASE)
FROM = re.compile(rf"\*?(?:{_FROM})\*?[ \t\xa0]?[:：]\*?[ \t\xa0]*\S", re.IGNORECASE)
FIELDS = re.compile(
    rf"\*?(?:(?P<sent>{_SENT})|(?P<to>{_TO})|(?P<copy>{_COPY})|(?P<subject>{_SUBJECT}))\*?[ \t\xa0]?[:：]",
    re.IGNORECASE,
)
MOBILE = re.compile(
    r"[*_ ]{0,3}(?:"
    r"sent (?:from|via|using) (?:my|an?|the|outlook|mail|yahoo|samsung|blackberry|gmail|proton|mobile|"
    r"iphone|ipad)\b.{0,80}|"
    r"sent (?:wirelessly|on the go|by) .{0,80}|get outlook for .{0,80}|download outlook .{0,80}|"
    r"(?:von|gesendet|diese nachricht wurde) .{0,40}(?:iphone|ipad|handy|smartphone|"
    r"android|outlook|mobil|samsung|blackberry|gmx|web\.de).{0,60}|"
    r"(?:von meinem|gesendet von|gesendet mit) .{0,80}|"
    r"envoyé (?:de|depuis|à partir de) .{0,80}|télécharger outlook .{0,80}|"
    r"enviado (?:desde|do|de) (?:mi|meu|o|el|outlook|yahoo) ?.{0,80}|inviato da(?:l| ) ?.{0,80}|"
    r"(?:verzonden|verstuurd) (?:vanaf|van|met|via|vanuit) .{0,80}|skickat från .{0,80}|sendt fra .{0,80}|"
    r"lähetetty .{0,60}(?:puhelimesta|iphonesta|ipadista|outlook).{0,40}|wysłane? z .{0,80}|odesláno z .{0,80}|"
    r"отправлено (?:с|из) .{0,80}|.{1,40}(?:'?[dt][ae]n gönderildi).{0,20}|.{0,40}から送信.{0,20}|"
    r"发自我的.{0,40}|發自我的.{0,40}|"
    r"(?:나의 )?.{1,40}에서 보냄.{0,20}"
    r")$",
    re.IGNORECASE,
)
FOOTER = re.compile(r"mailing list|mailman/listinfo|unsubscribe|https?://|@", re.IGNORECASE)
