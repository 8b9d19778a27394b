"""What tests of tickets share: a disk that survives a kill, a clock that only waiting moves, a tracker that can die."""

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
    overwrite: Collection[str] = (),
    keep: Collection[str] = (),
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
            overwrite=overwrite,
            keep=keep,
        )
    return {each.action_id: each for each in outcomes}
