"""Tags while they are typed: which there are, and whether what stands there can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.model import Tag
from desk.quoting import quote
from desk.steps import SEPARATOR, StepError, tags

if TYPE_CHECKING:
    from screens.prompt import Judge

OFFERED = 8


def tag_judge(known: Sequence[Tag]) -> Judge:
    """For the prompt that asks for `+refund -"late delivery"`."""

    def judge(text: str) -> tuple[str, bool]:
        if not text.strip():
            return f"words to add, -word to take off   {_near('')}", True
        try:
            tags(text)
        except StepError as error:
            return str(error), False
        last = "" if text.endswith(" ") else text.split()[-1].lstrip('-+#"')
        return f"words to add, -word to take off   {_near(last)}", True

    def _near(beginning: str) -> str:
        near = [tag.name for tag in known if tag.name.casefold().startswith(beginning.casefold())]
        return " ".join(quote(name, between=SEPARATOR) for name in near[:OFFERED])

    return judge
