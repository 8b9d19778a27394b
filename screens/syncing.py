"""The tickets' states of reviews that are not open on the screen, read and kept."""

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.review.records import Session, Ticket
    from app.store.shelf import Shelved


async def synced(shelved: "Shelved", silent: dict[str, str]) -> "tuple[Shelved, str]":
    """*shelved* with its tickets' states as they are now, and a sentence where something went wrong.

    They are kept in the review as one edit; while it is open elsewhere they are only shown. A server that nothing
    can be asked of goes into *silent*, and is not asked again: sixty reviews must not wait for it one by one.
    """
    from dataclasses import replace

    from app.settings import load_settings
    from app.store.errors import StoreError
    from app.tracking.choosing import open_tracker
    from app.tracking.interface import TrackingProblem
    from app.tracking.sync import states, tracked, with_states

    if shelved.problem or not tracked(shelved.session):
        return shelved, ""
    try:
        tracker = open_tracker(shelved.session.tracking, os.environ, load_settings())
        server = str(getattr(tracker, "host", ""))
        if server in silent:
            return shelved, silent[server]
        tickets, trouble = await states(tracker, shelved.session)
    except TrackingProblem as error:
        return shelved, str(error)
    problem = str(trouble) if trouble else ""
    if trouble and trouble.whole and server:
        silent[server] = problem
    if not tickets:
        return shelved, problem
    try:
        session = await asyncio.to_thread(_kept, shelved, tickets)
    except StoreError as error:
        session = with_states(shelved.session, tickets)
        problem = problem or f"the states are shown, but were not kept: {error}"
    return replace(shelved, session=session), problem


def told(problems: "Sequence[tuple[Shelved, str]]") -> list[str]:
    """What went wrong, each sentence once with the reviews that it is about."""
    by_sentence: dict[str, list[str]] = {}
    for shelved, sentence in problems:
        if sentence:
            by_sentence.setdefault(sentence, []).append(shelved.folder.name)
    return [
        f"{names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}: {sentence}"
        for sentence, names in by_sentence.items()
    ]


def _kept(shelved: "Shelved", tickets: "dict[str, Ticket]") -> "Session":
    from app.history import Desk
    from app.tracking.sync import with_states

    with Desk.open(shelved.folder) as desk:
        count = f"{len(tickets)} ticket{'' if len(tickets) == 1 else 's'}"
        desk.apply(
            f"Read the states of {count}", lambda current: with_states(current, tickets), screen="track"
        )
        return desk.session
