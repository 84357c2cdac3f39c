"""Real SIP on loopback: baresip as the rep's phone, led over its control port, and sipp as the customer's."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Self

import pytest

from tests.servers.base import LocalServer
from tests.servers.common import ServerFailed, dies_with_parent, eventually, tail
from tests.servers.wire import Listener

Manner = Literal["answers", "answers and hangs up", "rings", "busy", "absent", "wrong"]

_HERE = "127.0.0.1"
_TONE_SECONDS = 240
_CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{sip}
call_local_timeout 120
call_max_calls 4
audio_player aubridge,sink
audio_source aufile,{dir}/tone.wav
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 20000-30000
rtp_timeout 0
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


def installed() -> bool:
    return shutil.which("baresip") is not None and shutil.which("sipp") is not None


def require() -> None:
    """Skip what cannot be tried here."""
    if not installed():
        pytest.skip("baresip or sipp is not installed (Debian: apt-get install baresip-core sip-tester)")


def free_pair() -> int:
    """A port that is free for UDP and TCP, and so is the next: baresip takes that one for TLS."""
    for _ in range(200):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            first = stack.enter_context(socket.socket())
            first.bind((_HERE, 0))
            port = int(first.getsockname()[1])
            stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind((_HERE, port))
            stack.enter_context(socket.socket()).bind((_HERE, port + 1))
            return port
    raise AssertionError("no two free ports in a row")


class Baresip(LocalServer):
    """A headless softphone. `domain` is where its account calls numbers that name no host."""

    def __init__(self, directory: Path | None = None, *, domain: str = "") -> None:
        require()
        super().__init__(directory, prefix="bs", ports=1, log="baresip.log")
        self.control_port = self._reserved[0].number
        self._domain = domain
        _silence(self.dir / "tone.wav", _TONE_SECONDS)
        (self.dir / "contacts").touch()

    def _launch(self) -> subprocess.Popen[bytes]:
        sip = free_pair()
        (self.dir / "config").write_text(_CONFIG.format(dir=self.dir, sip=sip, control=self.control_port))
        host = self._domain or f"{_HERE}:{sip}"
        (self.dir / "accounts").write_text(f"<sip:rep@{host}>;regint=0;audio_codecs=PCMU/8000/1\n")
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*dies_with_parent(), "baresip", "-f", str(self.dir)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.dir,
            )

    def start(self) -> Self:
        """Again on other ports, if somebody took those for SIP in the meantime."""
        for _ in range(3):
            with contextlib.suppress(ServerFailed):
                return super().start()
        return super().start()

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(timeout=10)


class Callee:
    """The customer's telephone: a sipp on a port of its own, which is the same whatever it does."""

    def __init__(self, directory: Path) -> None:
        require()
        self.dir = directory
        self.dir.mkdir(parents=True, exist_ok=True)
        self._holder = socket.socket(type=socket.SOCK_DGRAM)
        """Has the port while no sipp does."""
        self._holder.bind((_HERE, 0))
        self.port: int = self._holder.getsockname()[1]
        self._scenario = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._logs: list[Path] = []

    def behave(self, manner: Manner) -> None:
        """From now on. A call in progress is forgotten, as by a phone whose battery is empty."""
        self.close()
        self._scenario += 1
        scenario = self.dir / f"scenario-{self._scenario}.xml"
        scenario.write_text(_scenario(manner))
        log = self.dir / f"calls-{self._scenario}.log"
        self._logs.append(log)
        output = self.dir / "sipp.log"
        self._holder.close()
        with output.open("wb") as said:
            self._process = subprocess.Popen(
                [
                    *(*dies_with_parent(), "sipp", "-sf", str(scenario), "-i", _HERE, "-p", str(self.port), "-nostdin"),
                    *("-trace_logs", "-log_file", str(log)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self.dir,
            )
        eventually(lambda: self._bound(output), what="sipp's port")

    def _bound(self, output: Path) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, tail(output, 40)
        wanted = f"0100007F:{self.port:04X}"
        return any(row.split()[1:2] == [wanted] for row in Path("/proc/net/udp").read_text().splitlines())

    def _said(self, word: str) -> int:
        return sum(log.read_text().count(word) for log in self._logs if log.exists())

    @property
    def begun(self) -> int:
        """How many calls came."""
        return self._said("begun")

    def begun_for(self, number: str) -> int:
        """How many of them were for that number."""
        return self._said(f"for {number}\n")

    @property
    def over(self) -> int:
        """How many of them have ended."""
        return self._said("over")

    def close(self) -> None:
        self._holder.close()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(timeout=10)

    def __enter__(self) -> Callee:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cut:
    """Stands between a dialer and baresip's control port, and breaks the connection at the next `dial` if asked to."""

    def __init__(self, port: int, dialled: Callable[[], int]) -> None:
        self.when: Literal["before", "after"] | None = None
        self._target = port
        self._dialled = dialled
        self._listener = Listener(self._talk)
        self.port = self._listener.port

    def _talk(self, near: socket.socket) -> None:
        with socket.create_connection((_HERE, self._target)) as far, _relaying(far, near):
            while data := near.recv(65536):
                if self.when is not None and b'"dial"' in data:
                    self._cut(far, data)
                    near.shutdown(socket.SHUT_RDWR)
                    return
                far.sendall(data)

    def _cut(self, far: socket.socket, data: bytes) -> None:
        when, self.when = self.when, None
        if when == "after":
            before = self._dialled()
            far.sendall(data)
            eventually(lambda: self._dialled() > before, what="the call")

    def __enter__(self) -> Cut:
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.__exit__(*exception)


@contextlib.contextmanager
def _relaying(source: socket.socket, target: socket.socket) -> Iterator[None]:
    """What comes from `source` goes to `target`, and so does its end."""

    def relay() -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            source.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _silence(path: Path, seconds: int) -> None:
    """A call is only established with something to send; when that ends, baresip hangs up."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * 8000 * seconds))


_SAME = """[last_Via:]
[last_From:]
[last_To:];tag=[pid]S[call_number]
[last_Call-ID:]
"""
_INVITED = """<recv request="INVITE"><action>
<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
<ereg regexp="[+][0-9]*" search_in="hdr" header="To:" assign_to="to"/>
<log message="begun [$caller] [$from] for [$to]"/></action></recv>
"""
_OVER = '<nop><action><log message="over"/></action></nop>\n'
_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=customer 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
_NO_BODY = "Content-Length: 0\n\n"
_BYE = f"""<send retrans="500"><![CDATA[
BYE [$caller] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:customer@[local_ip]:[local_port]>;tag=[pid]S[call_number]
To:[$from]
[last_Call-ID:]
CSeq: 2 BYE
Max-Forwards: 70
{_NO_BODY}]]></send>
<recv response="200"/>
"""


def _send(status: str, rest: str = _NO_BODY, cseq: str = "[last_CSeq:]", attributes: str = "") -> str:
    contact = "Contact: <sip:customer@[local_ip]:[local_port]>\n"
    return f"<send{attributes}><![CDATA[\nSIP/2.0 {status}\n{_SAME}{cseq}\n{contact}{rest}]]></send>\n"


def _refusal(status: str) -> str:
    return _send(status, attributes=' retrans="500"') + '<recv request="ACK"/>\n'


def _scenario(manner: Manner) -> str:
    """One call as sipp plays it (https://sipp.readthedocs.io/en/latest/scenarios/ownscenarios.html)."""
    ringing = _send("180 Ringing")
    answered = _send("200 OK", _SDP, attributes=' retrans="500"') + '<recv request="ACK"/>\n'
    course = {
        "answers": ringing + answered + '<recv request="BYE"/>\n' + _send("200 OK"),
        "answers and hangs up": ringing + answered + '<pause milliseconds="200"/>\n' + _BYE,
        "rings": ringing
        + '<recv request="CANCEL"/>\n'
        + _send("200 OK")
        + _send("487 Request Terminated", cseq="CSeq: 1 INVITE", attributes=' retrans="500"')
        + '<recv request="ACK"/>\n',
        "busy": ringing + _refusal("486 Busy Here"),
        "absent": _refusal("480 Temporarily Unavailable"),
        "wrong": _refusal("404 Not Found"),
    }[manner]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{manner}">\n{_INVITED}{course}{_OVER}</scenario>\n'
