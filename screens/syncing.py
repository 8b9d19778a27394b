"""The tickets' states of a review that is not open on the screen, read and kept."""

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.review.records import Session, Ticket
    from app.store.shelf import Shelved


async def synced(shelved: "Shelved") -> "tuple[Shelved, str]":
    """*shelved* with its tickets' states as they are now, and a sentence where something went wrong.

    They are kept in the review as one edit; while it is open elsewhere they are only shown.
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
        tickets, problem = await states(tracker, shelved.session)
    except TrackingProblem as error:
        return shelved, str(error)
    if not tickets:
        return shelved, problem
    try:
        session = await asyncio.to_thread(_kept, shelved, tickets)
    except StoreError as error:
        session = with_states(shelved.session, tickets)
        problem = problem or f"the states are shown, but were not kept: {error}"
    return replace(shelved, session=session), problem


def _kept(shelved: "Shelved", tickets: "dict[str, Ticket]") -> "Session":
    from app.history import Desk
    from app.tracking.sync import with_states

    with Desk.open(shelved.folder) as desk:
        count = f"{len(tickets)} ticket{'' if len(tickets) == 1 else 's'}"
        desk.apply(
            f"Read the states of {count}", lambda current: with_states(current, tickets), screen="track"
        )
        return desk.session
