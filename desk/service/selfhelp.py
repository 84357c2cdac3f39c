"""What visitors ask of the help articles: kept without a trace of who asked, counted, learned from, and told as gaps.

An ask begins with a search or with an article opened; its id goes out to the visitor, who names it when an article is
opened for it, helps or does not. So what answered which words is known, and nothing of the person.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec.structs import replace

from desk.articles.index import excerpt, primary
from desk.articles.likeness import groups
from desk.articles.pages import fits, page_of
from desk.clock import DAY, Clock, Millis
from desk.model import Article, ArticleCounts, ArticleHit, Ask, Unanswered
from desk.service.errors import NotFound
from desk.store.base import Store
from desk.text import line

WORDS_AT_MOST = 300
"""Characters of what was asked that are kept."""
COUNTED_DAYS = 365
"""What was solved longer ago says little of what is asked now."""
COUNTS_KEPT_DAYS = 3 * 365
PORTION = 1_000
_ID_BITS = 52
"""What a number in a browser holds exactly."""
_GROUPED_AT_MOST = 2_000
"""Different questions that are compared, the newest."""
_EXAMPLES = 4

_PERSONAL = re.compile(
    r"\S+@\S+"
    r"|(?:https?:)?//\S+"
    r"|[+(]?\d(?:[\d\s()./-]*\d){3,}"
    r"|\b(?=\w*\d\w*\d\w*\d)\w{6,}\b"
)
"""Addresses, links, numbers of four digits or more, and what mixes letters and digits as keys do."""


def scrub(words: str) -> str:
    """What was asked, as it is kept: in one line, without what may be somebody's."""
    return line(_PERSONAL.sub(" ", line(words[: 4 * WORDS_AT_MOST])))[:WORDS_AT_MOST]


# --- what visitors do ------------------------------------------------------------------------------------


def asked(
    store: Store, clock: Clock, words: str, *, page: str = "", language: str = "", found: int = 0, ask_id: int = 0
) -> Ask:
    """Keep what was asked, once somebody has stopped typing; `page` is the address of the page they are on.

    `ask_id`: the same search goes on in other words; if an article was opened for it, a new one begins.
    """
    before = store.self_help.get(ask_id) if ask_id else None
    ask = Ask(
        id=ask_id if before is not None and not before.opened else secrets.randbits(_ID_BITS) or 1,
        at=clock.now(),
        page=page_of(page),
        language=line(language)[:20],
        words=scrub(words),
        found=found,
    )
    with store.write():
        store.self_help.ask(ask)
    return ask


def opened(store: Store, clock: Clock, slug: str, *, ask_id: int = 0, page: str = "", language: str = "") -> Ask:
    """An article was opened: for an ask, or because it stood there. Returns the ask to name from now on."""
    with store.write():
        known = store.self_help.get(ask_id) if ask_id else None
        ask = known or asked(store, clock, "", page=page, language=language)
        store.self_help.opened(ask.id, slug)
        return store.self_help.get(ask.id) or ask


def judged(store: Store, clock: Clock, ask_id: int, slug: str, *, solved: bool) -> Ask:
    """Whether an article that was opened answered the question; a later word counts instead. Raises NotFound."""
    with store.write():
        store.self_help.judged(ask_id, slug, solved=solved, at=clock.now())
    return _known(store, ask_id)


def to_person(store: Store, clock: Clock, ask_id: int) -> Ask:
    """They went on to a person. Raises NotFound."""
    with store.write():
        store.self_help.to_person(ask_id)
    return _known(store, ask_id)


def _known(store: Store, ask_id: int) -> Ask:
    found = store.self_help.get(ask_id)
    if found is None:
        raise NotFound("ask", ask_id)
    return found


# --- what follows from it --------------------------------------------------------------------------------


def suggest(
    store: Store, clock: Clock, articles: Mapping[str, Article], page: str, *, language: str = "", limit: int = 5
) -> list[ArticleHit]:
    """The articles most likely needed on a page, whose address is `page`.

    First those whose patterns mean it, the closest pattern first; then what solved most on it, then what is opened on
    it, then what solved most anywhere. Drafts and other languages are left out.
    """
    here = page_of(page)
    since = clock.now() - COUNTED_DAYS * DAY
    anywhere = store.self_help.counts(since)
    on_page = store.self_help.counts(since, here) if here else {}
    ranked: list[tuple[tuple[int, int, int, int], Article]] = []
    for article in articles.values():
        rule = fits(article.pages, here)
        counted = on_page.get(article.slug), anywhere.get(article.slug)
        if (rule or any(counted)) and is_for(article, language, articles):
            ranked.append(
                ((rule, _gain(counted[0]), counted[0].opened if counted[0] else 0, _gain(counted[1])), article)
            )
    ranked.sort(key=lambda each: (tuple(-value for value in each[0]), each[1].title))
    return [
        ArticleHit(article=article, score=float(len(ranked) - at), excerpt=excerpt(article.body))
        for at, (worth, article) in enumerate(ranked[:limit])
        if any(value > 0 for value in worth)
    ]


def is_for(article: Article, language: str, among: Collection[str] = ()) -> bool:
    """Whether a reader of a language is shown an article by itself: a translation before what it translates."""
    if article.draft:
        return False
    theirs, tongue = primary(article.language), primary(language)
    if theirs:
        return theirs == tongue or (not tongue and article.slug.removesuffix(f".{article.language}") not in among)
    return not tongue or not any(f"{article.slug}.{each}" in among for each in (language, tongue))


def _gain(counts: ArticleCounts | None) -> int:
    return max(counts.solved - counts.unsolved, 0) if counts else 0


def gaps(
    store: Store, clock: Clock, *, days: int = 30, nearest: Callable[[str], str] = lambda words: "", limit: int = 50
) -> list[Unanswered]:
    """What is asked and not answered: questions that are alike together, the most frequent first.

    `nearest`: the slug of the article that is found for words now.
    """
    asks = store.self_help.unanswered(clock.now() - days * DAY)
    by_words: dict[str, list[Ask]] = {}
    for ask in asks:
        if ask.words in by_words or len(by_words) < _GROUPED_AT_MOST:
            by_words.setdefault(ask.words, []).append(ask)
    together = groups({words: len(theirs) for words, theirs in by_words.items()})
    told = [_gap(names, [ask for name in names for ask in by_words[name]]) for names in together]
    told.sort(key=lambda each: (-each.asked, -each.person, -each.last_at, each.words))
    return [_with_nearest(each, nearest) for each in told[:limit]]


def _gap(names: Sequence[str], asks: Sequence[Ask]) -> Unanswered:
    pages = Counter(ask.page for ask in asks if ask.page)
    return Unanswered(
        words=names[0],
        asked=len(asks),
        unfound=sum(not ask.found for ask in asks),
        unsolved=sum(ask.unsolved > 0 for ask in asks),
        person=sum(ask.person for ask in asks),
        last_at=max(ask.at for ask in asks),
        examples=tuple(names[1 : _EXAMPLES + 1]),
        pages=tuple(page for page, _ in pages.most_common(3)),
    )


def _with_nearest(gap: Unanswered, nearest: Callable[[str], str]) -> Unanswered:
    return replace(gap, nearest=nearest(gap.words))


def forget(store: Store, clock: Clock, kept: Millis) -> int:
    """Forget a portion of what was asked longer than `kept` ago; how many were forgotten."""
    now = clock.now()
    with store.write():
        return store.self_help.forget_before(now - kept, now - COUNTS_KEPT_DAYS * DAY, PORTION)
