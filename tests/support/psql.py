"""psql itself as the judge of where a statement ends: a server that only notes what it is sent."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path

from secopskit.migrate.shadow import binaries
from support.cli import environment


def find_psql() -> str | None:
    """The newest psql of this machine."""
    for found in binaries.candidates():
        if os.access(found.path("psql"), os.X_OK):
            return found.path("psql")
    return shutil.which("psql")


def statements(psql: str, file: Path) -> list[str]:
    """What psql sends of `file`, statement by statement."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(30)
        noted: list[str] = []
        listener = threading.Thread(target=_serve, args=(door, noted), daemon=True)
        listener.start()
        done = subprocess.run(
            [
                psql,
                "-X",
                "-q",
                "-f",
                file,
                f"host=127.0.0.1 port={door.getsockname()[1]} user=u dbname=d sslmode=disable",
            ],
            env=environment(PGGSSENCMODE="disable"),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        listener.join(10)
    return noted


def _serve(door: socket.socket, noted: list[str]) -> None:
    connection, _ = door.accept()
    with connection, connection.makefile("rb") as stream:
        (length,) = struct.unpack("!I", stream.read(4))
        stream.read(length - 4)
        settings = {"server_version": "15.0", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
        greeting = _message(b"R", struct.pack("!I", 0))
        for name, value in settings.items():
            greeting += _message(b"S", f"{name}\0{value}\0".encode())
        connection.sendall(greeting + _message(b"Z", b"I"))
        while (kind := stream.read(1)) not in (b"", b"X"):
            (length,) = struct.unpack("!I", stream.read(4))
            body = stream.read(length - 4)
            if kind == b"Q":
                noted.append(body.rstrip(b"\0").decode())
                connection.sendall(_message(b"C", b"SELECT 0\0") + _message(b"Z", b"I"))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
