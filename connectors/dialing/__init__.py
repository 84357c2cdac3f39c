"""Telephones: how a callback is dialled.

`base.py` is the protocol, `contract.py` the test kit. Here are `launch`, which hands the number to a program of the
desktop; `baresip`, a SIP softphone led over its control port; `asterisk`, a telephone exchange led over its REST
interface; and `twilio`, a telephone company's.
"""

from __future__ import annotations
