"""What each figure of the live queue means, in a line. docs/metrics.md has them at length, with all exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "waiting": "conversations in which a customer has written and nobody has answered yet",
        "longest": "how long the customer waits who has waited longest",
        "risk-5": "conversations whose promise ends within 5 minutes",
        "risk-15": "conversations whose promise ends within 15 minutes",
        "risk-60": "conversations whose promise ends within 60 minutes",
        "broken": "conversations that still wait though their promise has ended",
        "broken-today": "promises of today that were broken, whether it is answered by now or still waits",
        "open": "conversations in which we owe the next step",
        "unassigned": "of the open ones: nobody's",
        "arrived": "waits that began today: a customer wrote, and nothing of theirs was waiting there",
        "answered": "waits that ended today by our answer",
        "promised": "of today's promised answers: those given in time; chats left after the promise ended were not",
        "first-answers": "from a conversation's first message to our first answer, on average; of today's answers",
        "first-answers-90": "what nine of ten waited at most for a first answer; of today's answers",
        "abandoned": "chats whose visitors left today before the first answer, and did not come back",
        "resolved": "conversations that were resolved today",
        "reopened": "conversations that came back today after they were resolved",
        "first-contact": "of today's resolved: those in which we had written one answer at most",
        "rated": "what visitors thought of their chats today: the average of 1 (bad) to 5 (good)",
        "calls-kept": "callbacks first tried today no later than promised",
        "calls-missed": "callbacks first tried today later than promised",
        "self-service": "of today's questions to the help articles: those that one answered, without a person",
        "occupancy": "of the reps who are available or busy: those who have a conversation before them now",
        "conversation": "what the rep has before them",
        "theirs": "open conversations of the rep",
        "unanswered": "open conversations of the rep in which a customer waits",
    }
)
"""By the name by which the API tells what is behind it, where it can be told."""

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "longest": "longest · longest wait",
        "risk-5": "5 m · at risk within 5 minutes",
        "risk-15": "15 m · at risk within 15 minutes",
        "risk-60": "60 m · at risk within 60 minutes",
        "broken": "broken · broken now",
        "broken-today": "today · broken today",
        "answered": "answers",
        "promised": "in time · service level",
        "first-answers": "speed · average speed of answer",
        "first-answers-90": "9/10 · 90th percentile of the speed of answer",
        "abandoned": "left · abandonment",
        "resolved": "solved · resolved",
        "reopened": "again · reopened",
        "first-contact": "at once · first-contact resolution",
        "rated": "rated · rating",
        "calls-kept": "calls · callbacks kept",
        "calls-missed": "missed · callbacks missed",
        "self-service": "itself · self-service share",
        "occupancy": "occupied · occupancy",
        "conversation": "on, of a rep",
        "theirs": "open and chats, of a rep",
        "unanswered": "wait, of a rep",
    }
)
"""As which it stands on the screen, and what the trade calls it, where that is not its name."""
