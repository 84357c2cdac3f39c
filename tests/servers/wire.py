"""Small TCP servers for what no well-behaved server does: leaving out STARTTLS, hanging up at one command."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]


class Listener:
    """Accepts on loopback and gives each connection to `talk` in a thread. `close` ends everything."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._server, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._talk(connection)


def scripted(greeting: bytes, answers: dict[bytes, bytes], heard: list[bytes]) -> Listener:
    """Answers each line by the first key it contains; `%s` in an answer is the line's first word (IMAP's tag)."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting)
        for line in connection.makefile("rb"):
            heard.append(line)
            answer = next((answer for key, answer in answers.items() if key in line.upper()), b"")
            connection.sendall(answer.replace(b"%s", line.split()[0] if line.split() else b"*"))

    return Listener(talk)


def cutting(port: int, cut: Callable[[bytes], bool]) -> Listener:
    """A proxy to a loopback port that hangs up, on both sides, when `cut` says so of a line the client sends."""

    def talk(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as behind:
            threading.Thread(target=_pour, args=(behind, connection), daemon=True).start()
            for line in connection.makefile("rb"):
                if cut(line):
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                behind.sendall(line)

    return Listener(talk)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for chunk in _chunks(source):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_RDWR)


def _chunks(source: socket.socket) -> Iterator[bytes]:
    while chunk := source.recv(65536):
        yield chunk
