"""Promises: what customers are told about when they hear from us, as rules without any input or output.

`calendar`: whose time counts. `policies`: what is promised to whom. `running`: what becomes of promises as things
happen. `holidays`: days off, from iCalendar files.
"""

from desk.promises.calendar import ALWAYS, FOREVER, Calendar, WorkingClock
from desk.promises.policies import PLAIN, Case, Plan, Policy, plain_plan
from desk.promises.running import NOTHING_BESIDE, Answer, Beside, Call, Course, Facts, Moment, as_broken, course_of

__all__ = [
    "ALWAYS",
    "FOREVER",
    "NOTHING_BESIDE",
    "PLAIN",
    "Answer",
    "Beside",
    "Calendar",
    "Call",
    "Case",
    "Course",
    "Facts",
    "Moment",
    "Plan",
    "Policy",
    "WorkingClock",
    "as_broken",
    "course_of",
    "plain_plan",
]
