"""What is said of an action that could do nothing where it was asked for."""

from __future__ import annotations

from desk.keymap.action import Action

_SAID = {
    "assign": "there is nothing here to give to anybody",
    "invite": "nobody is there to invite",
    "visitor-chat": "this visitor has not chatted",
    "transfer": "there is nothing here to hand over",
    "spam": "there is nothing here to mark as spam",
    "priority": "there is nothing here to be urgent",
    "queue": "there is nothing here to put into a queue",
    "reply": "there is nothing here to answer",
    "note": "there is nothing here to write a note on",
    "call": "nobody waits for a call here; :callback notes that somebody does",
    "hang-up": "you are on no call",
    "outcome": "there is no call to say anything of",
    "move-callback": "nobody waits for a call here",
    "cancel-callback": "nobody waits for a call here",
    "take-offer": "nothing is offered to you",
    "decline-offer": "nothing is offered to you",
    "returned": "nothing of yours went back",
    "listen": "there is no conversation here to listen in on",
    "whisper": "this is no colleague's, so there is nobody to whisper to; write a note",
    "take-over": "there is nothing here that is a colleague's",
    "undo-send": "nothing is about to be sent",
    "move": "only what a customer wrote can be moved",
    "split": "only what a customer wrote can be split out",
    "why": "there is no message here",
    "promises": "there is no conversation here",
    "fold": "there is nothing here to unfold",
    "fold-all": "there is nothing here to unfold",
    "headers": "there is no message here",
    "source": "there is no message here",
    "open-link": "this message has no link",
    "save-attachment": "this message has no attachment",
    "open-attachment": "this message has no attachment",
    "replay": "only what is quarantined can be tried again",
    "retry": "only what failed, or may have, can be sent again",
    "take-back": "only what still waits can be taken back",
    "discard-draft": "there is no draft here",
    "unset-setting": "this does not stand in desk.toml",
    "merge-customer": "there is no customer here",
    "customer-page": "there is no other page of this customer",
}


def lacking(action: Action) -> str:
    """Why it can do nothing, in a sentence."""
    if said := _SAID.get(action.name):
        return said
    if action.name.startswith("customer-"):
        return "there is no customer here"
    if "-" in action.name:
        return f"this cannot be done here: {action.help}"
    return f"there is nothing here to {action.name}"
