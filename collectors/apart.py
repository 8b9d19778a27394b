"""Work that blocks, in a thread that nobody has to wait for."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from app.evidence.index import Cancel
from collectors.interface import Collected, Job

T = TypeVar("T")

GRACE_S = 0.6
"""What a cancelled collection gets to put away what it has."""
READING_S = 3.0
"""The same for reading, which looks between two blocks; longer only in a file of a server that is gone."""
KEEPING_S = 10.0
"""The same for what comes only once and would be lost; reading its end takes a fraction of a second."""


async def apart(work: Callable[[], T], stop: Callable[[], None], grace_s: float = GRACE_S) -> T:
    """The result of *work*, done in a thread. Cancelling this calls *stop* and returns within *grace_s*.

    A result that is there by then is returned: who cancelled knows that it is not the whole. The thread is a
    daemon: one that hangs in a connection attempt, or in a file of a server that is gone, does not hold up the
    end of the program, as a thread of :func:`asyncio.to_thread` would.
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
        result: T | None = None
        problem: Exception | None = None
        try:
            result = work()
        except Exception as error:
            problem = error
        except KeyboardInterrupt:
            # The engine takes part in ctrl+c by itself, see app.evidence.engine.leave_interrupts.
            problem = Cancel()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, daemon=True).start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait([future], timeout=grace_s)
        if future.done() and not future.cancelled() and future.exception() is None:
            return future.result()
        raise


async def collect_apart(work: Callable[[Job], Collected], job: Job, grace_s: float = READING_S) -> Collected:
    """What *work* gathers in such a thread; its job says so when it is cancelled, whoever did that."""
    halted = threading.Event()
    own = replace(job, cancelled=lambda: halted.is_set() or job.cancelled())
    try:
        return await apart(partial(work, own), halted.set, grace_s)
    except Cancel:
        raise asyncio.CancelledError from None
