"""What can be wrong with an answer."""

from __future__ import annotations

from desk.documents.errors import BadDocument, DocumentError, NoSuchDocument, StaleDocument

AnswerError = DocumentError
StaleAnswer = StaleDocument
BadAnswer = BadDocument


class NoSuchAnswer(NoSuchDocument):
    """There is no such answer, or it is another rep's own."""

    def __init__(self, key: str) -> None:
        super().__init__("answer", key)
