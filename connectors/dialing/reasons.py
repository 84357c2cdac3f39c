"""What the telephone network says of a call that did not come about, as reasons.

Sources: RFC 3261 section 21 (SIP responses), ITU-T Q.850 (causes), RFC 3398 section 8.2.6.1 (which mean the same).
"""

from __future__ import annotations

from connectors.dialing.base import Reason

_SIP: dict[int, Reason] = {
    404: "wrong-number",
    410: "wrong-number",
    484: "wrong-number",
    604: "wrong-number",
    408: "unreachable",
    480: "unreachable",
    486: "busy",
    600: "busy",
    487: "cancelled",
    603: "no-answer",
}
_SIP_SERVERS_FAILED = range(500, 600)

_Q850: dict[int, Reason] = {
    1: "wrong-number",  # unallocated number
    22: "wrong-number",  # number changed
    28: "wrong-number",  # invalid number format
    17: "busy",
    18: "no-answer",  # no user responding
    19: "no-answer",  # alerted, no answer
    21: "no-answer",  # rejected
    2: "unreachable",  # no route to the network
    3: "unreachable",  # no route to the destination
    20: "unreachable",  # subscriber absent
    27: "unreachable",  # destination out of order
    34: "unreachable",  # no circuit
    38: "unreachable",  # network out of order
    41: "unreachable",  # temporary failure
    42: "unreachable",  # congestion
    44: "unreachable",  # requested channel not available
    102: "unreachable",  # recovery on timer expiry
}


def of_sip(status: int) -> Reason:
    """The reason behind a final SIP response. Declined (603) is no answer: they were there, and did not want to."""
    if status in _SIP_SERVERS_FAILED:
        return "unreachable"
    return _SIP.get(status, "failed")


def of_q850(cause: int) -> Reason | None:
    """The reason behind a cause; None for one that says nothing of the called phone, such as 16, normal clearing."""
    return _Q850.get(cause)
