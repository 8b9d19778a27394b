"""The misbehaving server in a thread of its own, for programs that are not asynchronous themselves."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from tests.faults.fault_server import FaultServer, Script, serving


@contextmanager
def in_background(*scripts: Script) -> Iterator[FaultServer]:
    """Serve *scripts* as :func:`serving` does, until the context is left."""
    with _running(serving(*scripts)) as server:
        yield server


@contextmanager
def talking_at_once(data: bytes) -> Iterator[FaultServer]:
    """Say *data* to everybody who connects, before they say anything, and hang up."""
    with _running(_talking(data)) as server:
        yield server


@asynccontextmanager
async def _talking(data: bytes) -> AsyncIterator[FaultServer]:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield FaultServer(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@contextmanager
def _running(context: AbstractAsyncContextManager[FaultServer]) -> Iterator[FaultServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
