"""Which policy counts for whom."""

from __future__ import annotations

import pytest

from desk.clock import HOUR, MINUTE
from desk.hours import usual
from desk.promises import Calendar, Case, Plan, Policy

PLAN = Plan(
    policies=(
        Policy(name="gold", customer=("gold", "@vip.example", "ann@mail.example"), first=MINUTE),
        Policy(name="pressing", channel=("email", "chat"), priority=("urgent",), first=2 * MINUTE, resolution=HOUR),
        Policy(name="repairs", queue=("Workshop",), tag=("Bike", "wheel"), next=HOUR),
    ),
    plain={"email": 8 * HOUR},
)


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (Case(customer_tags=("Gold",)), "gold"),
        (Case(address="joe@VIP.example"), "gold"),
        (Case(address="joe@notvip.example"), ""),
        (Case(address="Ann@mail.example", priority="urgent"), "gold"),  # the first that fits
        (Case(priority="urgent"), "pressing"),
        (Case(priority="urgent", channel="callback"), None),
        (Case(queue="workshop", tags=("late", "WHEEL")), "repairs"),
        (Case(queue="workshop"), ""),
        (Case(tags=("wheel",)), ""),
        (Case(channel="chat"), None),
    ],
)
def test_the_first_policy_all_of_whose_conditions_fit(case: Case, name: str | None) -> None:
    policy = PLAN.policy(case)
    assert (policy.name if policy else None) == name


def test_plain_promises_are_of_every_answer_and_of_nothing_else() -> None:
    plain = PLAN.policy(Case())
    assert plain is not None
    assert [plain.promised(kind) for kind in ("first", "next", "resolution", "callback")] == [
        8 * HOUR,
        8 * HOUR,
        None,
        None,
    ]


def test_a_plan_is_read_as_it_was_written() -> None:
    plan = Plan(policies=PLAN.policies, plain=PLAN.plain, calendars={"office": Calendar(hours=usual())})
    assert Plan.read(plan.written()) == plan
    assert Plan.read(plan.written()).written() == plan.written()
