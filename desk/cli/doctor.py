"""`desk doctor`: everything that can be checked, whether the server runs or not."""

from __future__ import annotations

from desk.cli.command import Desk, command
from desk.cli.connect import write_checks
from desk.cli.failures import Exit, Failure
from desk.model import Check


@command("doctor")
def doctor(desk: Desk) -> None:
    """Check everything and say what to do.

    The program, the workspace, desk.toml, the terminal; then, through the server, the store, the keyring and
    every account. Exit code 1 if anything failed.
    """
    from desk.cli.local_checks import local_checks

    checks = local_checks(desk.workspace)
    if not desk.as_json:
        write_checks(desk, checks)
        desk.out.stream.flush()
    desk.errors.status("asking the server …")
    theirs = _server_checks(desk)
    desk.errors.status("")
    if desk.as_json:
        desk.out.json([*checks, *theirs])
    else:
        write_checks(desk, theirs)
    failed = [check.what for check in [*checks, *theirs] if check.status == "failed"]
    if failed:
        raise Failure(f"{len(failed)} of these failed: {', '.join(failed)}", code="checks-failed", exit=Exit.FAILED)


def _server_checks(desk: Desk) -> list[Check]:
    try:
        return desk.connected(lambda client: client.doctor())
    except Failure as failure:
        hint = "" if failure.exit is Exit.UNREACHABLE else failure.hint
        return [Check(what="server", status="failed", message=str(failure), hint=hint or "See the lines above.")]
