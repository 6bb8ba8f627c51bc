"""A line to a server that breaks at a chosen moment: a loopback proxy that looks for a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum


class Cut(Enum):
    """When the line breaks: with the word still on its way to the server, or with the answer to it."""

    BEFORE = "the server never sees it"
    AFTER = "the server does it, and nobody hears of it"


@dataclass(slots=True)
class _Line:
    word: bytes
    cut: Cut
    sight: int  # the line breaks at this sight of the word, once; later connections hold
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def breaks(self, data: bytes) -> bool:
        with self.lock:
            self.seen += data.count(self.word)
            return self.word in data and self.seen >= self.sight > self.seen - data.count(self.word)


@contextmanager
def cutting(port: int, word: bytes, cut: Cut, *, sight: int = 1) -> Iterator[int]:
    """A port that leads to `port` of this machine, until the client sends `word` for the `sight`-th time."""
    line = _Line(word, cut, sight)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, port, line), daemon=True).start()
        yield listener.getsockname()[1]


def _serve(listener: socket.socket, port: int, line: _Line) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            broken = threading.Event()
            for target in (_up, _down):
                threading.Thread(target=target, args=(near, far, line, broken), daemon=True).start()


def _up(near: socket.socket, far: socket.socket, line: _Line, broken: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := near.recv(65536):
            if line.breaks(data):
                broken.set()
                if line.cut is Cut.BEFORE:
                    break
            far.sendall(data)
    _close(near, far)


def _down(near: socket.socket, far: socket.socket, line: _Line, broken: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while (data := far.recv(65536)) and not broken.is_set():
            near.sendall(data)
    _close(near, far)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
