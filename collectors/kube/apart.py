"""Work that blocks, in a thread that nobody has to wait for."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

GRACE_S = 0.6
"""What a cancelled collection gets to put away what it has."""


async def apart(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """The result of *work*, done in a thread. Cancelling this calls *stop* and returns within a second.

    The thread is a daemon: one that hangs in a connection attempt does not hold up the end of the program,
    as a thread of :func:`asyncio.to_thread` would.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except Exception as error:
            problem = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, daemon=True).start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait([future], timeout=GRACE_S)
        if future.done() and not future.cancelled():
            future.exception()  # seen: nobody is left to tell
        raise
