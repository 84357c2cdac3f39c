"""The table of commands. A command's module is imported when it runs, and no sooner."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from desk import __version__
from desk.cli.command import shared
from desk.cli.failures import Exit

COMMANDS = {
    "list": ("reading:list_", "Conversations of a view, the most urgent first."),
    "show": ("reading:show", "One conversation with its messages."),
    "search": ("reading:search", "Find conversations by their words, people and files."),
    "views": ("reading:views", "All views with how many conversations each holds."),
    "counts": ("reading:counts", "How many conversations each view holds."),
    "reply": ("writing:reply", "Answer the customer."),
    "compose": ("writing:compose", "Begin a conversation by writing first."),
    "note": ("writing:note", "Write what only reps see."),
    "undo": ("deeds:undo", "Take back what I did last."),
    "redo": ("deeds:redo", "Do again what I undid last."),
    "outbox": ("outbox:outbox", "What is on its way out, and what did not get there."),
    "next": ("acting:next_one", "Take the most urgent conversation that I may and can do."),
    "claim": ("acting:claim", "Make a conversation mine."),
    "transfer": ("acting:transfer", "Hand a conversation over to a rep or a queue, with a note."),
    "assign": ("acting:assign", "Give a conversation to a rep, or to nobody."),
    "resolve": ("acting:resolve", "Mark a conversation as done."),
    "reopen": ("acting:reopen", "Put a conversation back among the open ones."),
    "snooze": ("acting:snooze", "Hide a conversation until a time."),
    "spam": ("acting:spam", "Mark a conversation as spam."),
    "read": ("acting:read", "Mark a conversation as read, or --not."),
    "tag": ("acting:tag", "Add and remove tags."),
    "call": ("calls:call", "Call who waits for a call, or a number."),
    "hang-up": ("calls:hang_up", "End my call; what became of it is said then."),
    "callbacks": ("callbacks:callbacks", "Who is to be called, when, and what became of it."),
    "promises": ("promising:promises", "What is promised to whom, what runs, what was kept."),
    "answers": ("answers:answers", "Canned answers: find, write, bring in and out."),
    "articles": ("articles:articles", "Help articles: what visitors read, and what they ask in vain."),
    "available": ("staffing:available", "Say that I am there, and take new work."),
    "busy": ("staffing:busy", "Say that I go on with what I have, and take nothing new."),
    "away": ("staffing:away", "Say that I am not at the desk, with a reason if I like."),
    "reps": ("staffing:reps", "Who is there, what they are on, and for how long."),
    "queues": ("staffing:queues", "Who works in which queue; open, close, move people."),
    "offers": ("staffing:offers", "What queues have for me, and what went back."),
    "visitors": ("visitors:visitors", "Who is on the shop's pages now, and where they were."),
    "invite": ("visitors:invite", "Ask a visitor whether they would like to chat."),
    "invitations": ("visitors:invitations", "What became of invitations to chat, by rule."),
    "identity": ("visitors:identity", "Make the secret by which the shop vouches for its customers."),
    "report": ("report:report", "Figures of any time: what came, what was answered, how soon."),
    "staff": ("report:staff", "How many people the next hours take, and who is to be there."),
    "macro": ("macros:macro", "List, preview and run macros."),
    "rules": ("rules:rules", "What Desk does by itself with what comes in, and why."),
    "automations": ("automations:automations", "What Desk does by itself as time goes by."),
    "refusals": ("refusals:refusals", "Who wants no automatic mail: what automations send."),
    "learn": ("learn:learn", "Where conversations belong, as learned from those before."),
    "merge": ("deeds:merge", "Put conversations into another, or make one of several customers."),
    "bulk": ("deeds:bulk", "Do things to many conversations at once."),
    "save": ("files:save", "Write a message's attachments, or its raw bytes, to files."),
    "import": ("importing:import_", "Take in mbox files, Maildirs, .eml files and folders of them."),
    "ledger": ("ledger:ledger", "What came in, where it went and why; try quarantined mail again."),
    "sample": ("importing:sample", "Fill an empty workspace with a sample shop."),
    "connect": ("connect:connect", "Connect a mailbox."),
    "status": ("server:status", "What runs, and how the accounts are doing."),
    "doctor": ("doctor:doctor", "Check everything and say what to do."),
    "serve": ("server:serve", "Run the server in the foreground."),
    "stop": ("server:stop", "End the server; nothing is lost."),
    "config": ("config:config", "Settings: list, get, set, unset, check, edit."),
    "keys": ("keys:keys", "Which key does what; check and export the keymap."),
    "simulate": ("simulate:simulate", "Weeks that never were, by ways of handing out work."),
    "schema": ("server:schema", "Print the API's OpenAPI document."),
}


class Commands(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(f"desk.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}, name="desk"
)
@click.version_option(__version__, message="desk %(version)s")
@click.option("--linear", is_flag=True, help="Line by line, for screen readers; see docs/accessibility.md.")
@shared
@click.pass_context
def desk(ctx: click.Context, workspace: str | None, agent: str | None, as_json: bool, linear: bool) -> None:
    """Customer support in the terminal. Without a command, opens it.

    Every command takes --workspace, --agent and --json, before or after its name.
    """
    ctx.obj = {"workspace": workspace, "agent": agent, "as_json": as_json}
    if ctx.invoked_subcommand is None:
        from desk.cli.terminal import open_terminal

        ctx.exit(open_terminal(workspace, agent, linear=linear))


def _tell(error: click.ClickException, *, as_json: bool) -> None:
    """A usage error on stderr: in click's words, or as every other error with `--json`."""
    if not as_json:
        error.show()
        return
    from desk.cli.output import Output

    usage = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
    problem = {"code": "usage", "message": error.format_message(), "hint": usage, "detail": {}}
    Output(sys.stderr).json(problem)


def run(arguments: list[str]) -> int:
    """Parse and run; returns the exit code. Usage errors are told on stderr."""
    try:
        result: Any = desk.main(arguments, prog_name="desk", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(err=True)
        return Exit.INTERRUPTED
    except click.ClickException as error:
        _tell(error, as_json="--json" in arguments)
        return Exit.USAGE
    return result if isinstance(result, int) else Exit.OK
