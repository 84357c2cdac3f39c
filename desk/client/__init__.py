"""What a terminal, the command line and a script use to talk to the server.

One `Client` is one connection pool to one workspace's server, over its Unix socket. Answers are the structs of
`desk.model`. Every method raises `Refused` when the server said no (with a stable `code`), `Unreachable` when
there was no answer; a method that changes something is safe to repeat where its docstring says so.
"""

from __future__ import annotations

from desk.client.accounts import AccountCalls
from desk.client.answers import AnswerCalls
from desk.client.articles import ArticleCalls
from desk.client.calls import CallCalls
from desk.client.chats import ChatCalls
from desk.client.connection import API
from desk.client.conversations import ConversationCalls
from desk.client.customers import CustomerCalls
from desk.client.deeds import DeedCalls
from desk.client.errors import ClientError, Refused, StartOver, Unreachable
from desk.client.incoming import IncomingCalls
from desk.client.learning import LearningCalls
from desk.client.live import LiveCalls
from desk.client.messages import MessageCalls
from desk.client.outgoing import OutgoingCalls
from desk.client.promising import PromiseCalls
from desk.client.pushing import OfferCalls
from desk.client.rules import RuleCalls
from desk.client.server import ServerCalls
from desk.client.settings import SettingsCalls
from desk.client.staffing import StaffingCalls
from desk.client.taking import TakingCalls
from desk.client.visitors import VisitorCalls

__all__ = ["API", "Client", "ClientError", "Refused", "StartOver", "Unreachable"]


class Client(
    ConversationCalls,
    TakingCalls,
    OfferCalls,
    ChatCalls,
    MessageCalls,
    OutgoingCalls,
    AnswerCalls,
    ArticleCalls,
    CallCalls,
    CustomerCalls,
    VisitorCalls,
    DeedCalls,
    RuleCalls,
    PromiseCalls,
    LearningCalls,
    LiveCalls,
    IncomingCalls,
    AccountCalls,
    SettingsCalls,
    StaffingCalls,
    ServerCalls,
):
    """An asynchronous client of one workspace's server: one method a route, in one part a capability."""
