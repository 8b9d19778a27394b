"""What tests of tickets share: a disk that survives a kill, a clock that only waiting moves, a tracker that can die."""

import random
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from app.review.records import Session, Ticket
from app.tracking.export import Outcome, export
from app.tracking.interface import Tracker


class Killed(BaseException):
    """The program died here. Not an Exception, so that nothing can handle it."""


class Disk:
    """What survives a kill: the journal and the links in the session. Can die before or after each write."""

    def __init__(self, session: Session) -> None:
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.session = session
        self.step: Callable[[], None] = lambda: None

    def note(self, kind: str, data: dict[str, Any]) -> None:
        self.step()
        self.written.append((kind, dict(data)))
        self.step()

    def notes(self, kind: str) -> list[dict[str, Any]]:
        return [data for each, data in self.written if each == kind]

    def link(self, action_id: str, ticket: Ticket) -> None:
        self.step()
        actions = tuple(
            each.model_copy(update={"ticket": ticket}) if each.id == action_id else each
            for each in self.session.actions
        )
        self.session = self.session.model_copy(update={"actions": actions})
        self.step()

    def links(self) -> dict[str, str]:
        return {each.id: each.ticket.url for each in self.session.actions if each.ticket}


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)
        self.waited = 0.0

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.waited += seconds


def mortal(tracker: Tracker, step: Callable[[], None]) -> Tracker:
    """*tracker*, able to die before each call to it and after each answer."""

    def dying(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def called(*given: Any) -> Any:
            step()
            answer = await call(*given)
            step()
            return answer

        return called

    for name in ("prepare", "find", "create", "update", "fetch_state"):
        setattr(tracker, name, dying(getattr(tracker, name)))
    return tracker


async def run(
    tracker: Tracker,
    disk: Disk,
    clock: Clock | None = None,
    step: Callable[[], None] = lambda: None,
    *,
    update: bool = False,
    again: Collection[str] = (),
) -> dict[str, Outcome]:
    """One run of the export, from an unconnected tracker."""
    clock = clock or Clock()
    disk.step = step
    async with mortal(tracker, step) as connected:
        outcomes = await export(
            connected,
            disk.session,
            disk,
            disk.link,
            now=clock.now,
            sleep=clock.sleep,
            update=update,
            again=again,
        )
    return {each.action_id: each for each in outcomes}


async def killed_until_done(
    chance: random.Random,
    disk: Disk,
    opened: Callable[[], Tracker],
    faults: Callable[[], None],
    there: Callable[[str], bool],
    clock: Clock | None = None,
) -> tuple[int, int]:
    """Run again and again, dying now and then while the server fails, until every action has its link.

    *faults* makes the server fail anew; *there* is what a person sees who is asked whether an action's ticket is
    there. How many runs there were, and how many of them died.
    """
    clock = clock or Clock()
    dead = 0
    again: list[str] = []
    for count in range(1, 400):
        faults()

        def step() -> None:
            if chance.random() < 0.04:
                raise Killed

        try:
            outcomes = await run(opened(), disk, clock, step, again=again)
        except Killed:
            dead += 1
        else:
            # A person who is asked looks, after a while, and has made again what is not there.
            again = [key for key, each in outcomes.items() if each.asks and not there(key)]
        if len(disk.links()) == len(disk.session.actions):
            return count, dead
        clock.time += timedelta(minutes=chance.choice([0, 1, 5]))
    raise AssertionError("never done")
