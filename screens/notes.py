"""Notes from other shells become rows of the open review: the disk in threads, the edits on the event loop."""

import asyncio

from app.store import inbox
from app.store.errors import StoreError
from screens.workbench import Workbench


async def take_notes(bench: Workbench) -> list[str]:
    """Make a row of each note that waits; returns their texts. A disk that fails keeps them for the next time."""
    folder = bench.desk.folder
    try:
        notes = await asyncio.to_thread(inbox.take, folder)
        added = [note.event.text for note in notes if inbox.add(bench.desk, note)]
        await asyncio.to_thread(bench.desk.flush)
        await asyncio.to_thread(inbox.done, folder)
    except (StoreError, OSError):
        # The save light says what is wrong with the disk.
        return []
    return added


def waiting(bench: Workbench) -> bool:
    """Whether there is anything to take in; asked every second."""
    return not bench.desk.read_only and inbox.waiting(bench.desk.folder)
