"""A real Dovecot on loopback: IMAP (with STARTTLS), IMAPS and LMTP, without touching the system's configuration."""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.base import LocalServer
from tests.servers.common import PASSWORD, Certificate, dies_with_parent, is_root, write_certificates
from tests.servers.mailbox import Mailbox

USERS = ("support@example.test", "rep@example.test", "customer@example.test")
_BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
_numbers = itertools.count(1)

_CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_verbose = yes
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_home = {dir}/mail/%u
mail_fsync = never
first_valid_uid = 1
mail_max_userip_connections = 200
imap_idle_notify_interval = 30s
passdb {{
  driver = passwd-file
  args = {dir}/users
}}
passdb {{
  driver = static
  username_filter = *-u*@example.test
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox {sent} {{
    auto = {sent_auto}
    special_use = \\Sent
  }}
  mailbox Archive {{
    auto = subscribe
    special_use = \\Archive
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
}}
{extra}
"""


def installed() -> bool:
    return os.access(_BINARY, os.X_OK)


class Dovecot(LocalServer):
    """One Dovecot.

    `imap_port` speaks plain text and STARTTLS, `imaps_port` TLS, `lmtp_port` takes deliveries. Every user's
    password is `secret`. Works as root (Dovecot then runs as nobody) and as an ordinary user.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        certificate: Certificate = "good",
        sent_folder: str | None = "Sent",
        extra: str = "",
    ) -> None:
        """`sent_folder` None: no folder for sent mail. `extra`: more lines of configuration.

        A given directory must be one that nobody may reach, when running as root.
        """
        if not installed():
            pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd dovecot-lmtpd)")
        super().__init__(directory, prefix="dc", ports=3, log="dovecot.log")
        self.imap_port, self.imaps_port, self.lmtp_port = (port.number for port in self._reserved)
        self._certificate = certificate
        self._sent = sent_folder
        self._extra = extra
        self._session = 0
        self._prepare()

    # --- life ---------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End it properly; the mail stays for the next `start`."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it and every process of it at once, as a power cut would; the mail stays, and no lock."""
        self._end(signal.SIGKILL)

    # --- mail ---------------------------------------------------------------------------------------------

    def unique_user(self, stem: str = "user") -> str:
        """A new mailbox that no other test knows; returns its address."""
        return f"{stem}-u{os.getpid()}-{next(_numbers)}@example.test"

    def deliver(self, raw: bytes, *to: str, sender: str = "sender@elsewhere.test") -> None:
        """Deliver over LMTP, as a mail server would; returns when the mail is in the mailbox."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=20) as lmtp:
            lmtp.sendmail(sender, list(to), raw)

    def deliver_many(self, messages: list[bytes], to: str, sender: str = "sender@elsewhere.test") -> None:
        """Like `deliver`, over one connection."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=20) as lmtp:
            for raw in messages:
                lmtp.sendmail(sender, [to], raw)

    def mailbox(self, user: str) -> Mailbox:
        """That user's mailbox, looked at over a connection of its own."""
        return Mailbox(self.host, self.imaps_port, user, PASSWORD, self.ca_file)

    # --- plumbing -----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        for name in ("run", "state", "mail"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        write_certificates(self.dir, self._certificate)
        (self.dir / "users").write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in USERS))

    def _configure(self) -> None:
        owner = pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.geteuid())
        group = _group_name(owner.pw_gid)
        conf = _CONF.format(
            dir=self.dir,
            user=owner.pw_name,
            group=group,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            imap=self.imap_port,
            imaps=self.imaps_port,
            lmtp=self.lmtp_port,
            password=PASSWORD,
            sent=f'"{self._sent or "Unused"}"',
            sent_auto="subscribe" if self._sent else "no",
            extra=self._extra,
        )
        (self.dir / "dovecot.conf").write_text(conf)
        if is_root():
            _give(self.dir, owner.pw_uid, owner.pw_gid)
            os.chmod(self.dir, 0o755)

    def _launch(self) -> subprocess.Popen[bytes]:
        self._configure()
        prefix = dies_with_parent()
        if is_root():
            group = _group_name(pwd.getpwnam("nobody").pw_gid)
            prefix = [*(prefix or ["setpriv"]), "--reuid=nobody", f"--regid={group}", "--clear-groups"]
        reaper = [*dies_with_parent(), sys.executable, "-IS", str(Path(__file__).with_name("reaper.py"))]
        with (self.dir / "stderr.log").open("wb") as log:
            process = subprocess.Popen(
                [*reaper, *prefix, _BINARY, "-F", "-c", str(self.dir / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                cwd=self.dir,
            )
        assert process.stdout is not None
        self._session = int(process.stdout.readline())
        return process

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            if with_signal != signal.SIGKILL:
                os.kill(self._session, with_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=1)
            if process.poll() is None:
                _signal_group(self._session, signal.SIGKILL)
            process.wait(timeout=10)
        (self.dir / "run" / "master.pid").unlink(missing_ok=True)
        self._remove_locks()

    def _remove_locks(self) -> None:
        """Nobody holds one any more. One whose maker was killed before it wrote its process id into it counts for two
        minutes (`MAILDIR_UIDLIST_LOCK_STALE_TIMEOUT`), in which no SELECT of that folder is answered.
        """
        for pattern in ("*/Maildir/*.lock", "*/Maildir/.*/*.lock"):
            for lock in (self.dir / "mail").glob(pattern):
                lock.unlink()


def _give(directory: Path, uid: int, gid: int) -> None:
    os.chown(directory, uid, gid)
    for path in directory.iterdir():
        os.chown(path, uid, gid)


def _group_name(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _signal_group(group: int, with_signal: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, with_signal)
