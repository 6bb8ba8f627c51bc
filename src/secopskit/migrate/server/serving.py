"""Speaks HTTP, by uvicorn: time limits for every connection, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from types import FrameType
from typing import ClassVar, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from secopskit.errors import SecopsError
from secopskit.migrate.server.app import ApiServer
from secopskit.migrate.server.gate import Gate
from secopskit.migrate.server.settings import Limits

_BACKLOG: Final = 128
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve(server: ApiServer) -> None:
    """Serve until a signal says to stop; then finish the job that runs. Raises SecopsError."""
    settings = server.settings
    listener = listen(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    server.log(f"listening on {address}")

    def again(_signal: int, _frame: FrameType | None) -> None:
        if active := server.jobs.active():
            server.log(
                f"still waiting for {active}; to break it off, kill this process: PostgreSQL rolls back"
            )

    # uvicorn raises the signals that it got once more when it is done: then they find us waiting.
    before = {number: signal.signal(number, again) for number in _SIGNALS}
    try:
        uvicorn.Server(config_of(server)).run(sockets=[listener])
        server.log(f"no longer listening on {address}")
        server.finish()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()
    server.log("stopped")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SecopsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SecopsError(
            f"cannot listen on {host}, port {port}: {error.strerror}", advice="Choose another with --port."
        ) from None
    listener.setblocking(False)
    return listener


def config_of(server: ApiServer) -> uvicorn.Config:
    """How uvicorn is to serve the application."""
    # uvicorn's log would repeat what clients send; ours does not.
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    limits, gate = server.settings.limits, server.app()
    return uvicorn.Config(
        gate,
        http=_protocol(limits, gate),
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=limits.header_bytes,
    )


def _protocol(limits: Limits, gate: Gate) -> type[H11Protocol]:
    """The protocol of a server with these limits."""
    return type("Impatient", (_Impatient,), {"limits": limits, "gate": gate})


class _Impatient(H11Protocol):
    """Waits for nobody for ever, as uvicorn's own does for a request's head.

    What never comes to be a call is answered by the gate, too, and not in uvicorn's words.
    """

    limits: ClassVar[Limits]
    gate: ClassVar[Gate]
    _head_timer: asyncio.TimerHandle | None = None
    _end_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self.app = self.gate.turn_away
        self._end_timer = self.loop.call_later(self.limits.connection_s, transport.abort)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_timer, self._end_timer):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Called while the error is being handled that says what is wrong with what was received."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            hint = getattr(sys.exc_info()[1], "error_status_hint", 400)
            answer = self.gate.unread(self.client[0] if self.client else "", hint)
            headers = [*answer.headers, (b"connection", b"close")]
            response = h11.Response(status_code=answer.status, headers=headers)
            for event in (response, h11.Data(data=answer.body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch_head(self) -> None:
        """Have the connection end soon while a head is incomplete; one timer for all its pieces."""
        incomplete = self.conn.their_state is h11.IDLE
        if incomplete and self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.head_s, self.transport.abort)
        elif not incomplete and self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
