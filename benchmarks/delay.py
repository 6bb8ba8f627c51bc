"""A server as far away as one likes: a loopback proxy that delivers every byte half a round trip late.

Bytes are not held up by those before them: what is sent together arrives together, as over a
real line, so a program that pipelines is served as well as it deserves.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

_CHUNK = 65536


@contextmanager
def distant(host: str, port: int, *, round_trip_ms: float) -> Iterator[int]:
    """A port of 127.0.0.1 behind which `host:port` answers `round_trip_ms` late."""
    started: Queue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def serve() -> None:
        over = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                far_reader, far_writer = await asyncio.open_connection(host, port)
                delay = round_trip_ms / 2000
                await asyncio.gather(_carry(reader, far_writer, delay), _carry(far_reader, writer, delay))
            writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            started.put((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    own_port, loop, over = started.get(timeout=10)
    try:
        yield own_port
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=10)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """All bytes from one side to the other, each `delay` seconds after it came; then the end."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        data = b"-"
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(due - loop.time())
            writer.write(data)
        writer.close()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        data = b"-"
        while data:
            data = await reader.read(_CHUNK)
            under_way.put_nowait((loop.time() + delay, data))
