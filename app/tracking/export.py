"""From planned tickets to real ones, each exactly once, through any crash.

Trackers have no idempotency key, so: an intent is on disk before the request; the request that creates goes out
once; the link is on disk after it. Before any request the tracker's list is read for the action's marker, and
after any unclear answer it is read again. Where an intent of an earlier run has no outcome, the request may
still be under way: the list is believed only after two minutes, and only where it is known to show at once what
was made; where that is not known (GitHub, Jira), people are asked, however long ago it was. A tracker that asks
to wait (429) made nothing, and is waited for. What stays open, and is said in the documentation: two people who
export copies of one review from two machines in the same second.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol
from uuid import uuid4

from app.review.records import Session, Ticket
from app.tracking.interface import GONE, Made, Planned, Tracker, TrackingProblem
from app.tracking.standing import adopted

INTENT: Final = "ticket-intent"
MADE: Final = "ticket-made"
REFUSED: Final = "ticket-refused"
SETTLE: Final = timedelta(minutes=2)
"""How long after a request the tracker's list may not show its ticket yet."""
_LOOK_AGAIN: Final = (2.0, 5.0, 10.0)
_POLL: Final = 15.0
_BETWEEN: Final = 1.0  # GitHub asks for a second between requests that create
_MARGIN: Final = timedelta(minutes=10)
_PATIENCE: Final = 300.0
"""Seconds that a run waits in all where the tracker asks to wait."""

Result = Literal[
    "created", "found", "exists", "changed", "updated", "edited", "skipped", "failed", "unclear", "not tried"
]
GOOD: Final[frozenset[Result]] = frozenset({"created", "found", "exists", "updated", "skipped"})
"""Results that leave nothing to do."""


class Intents(Protocol):
    """The part of a journal that remembers what was about to happen; on disk when *note* returns."""

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Remember *data* durably."""

    def notes(self, kind: str) -> list[dict[str, Any]]:
        """Everything remembered under *kind*, the oldest first."""


@dataclass(frozen=True)
class Outcome:
    """What became of one action, in one sentence.

    *answer* is given where only a person who looks can tell: what they say when the ticket is not there.
    """

    action_id: str
    result: Result
    sentence: str
    ticket: Ticket | None = None
    answer: str = ""


async def export(
    tracker: Tracker,
    session: Session,
    journal: Intents,
    on_ticket: Callable[[str, Ticket], None],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    on_step: Callable[[str], None] = lambda _text: None,
    update: bool = False,
    again: Collection[str] = (),
    overwrite: Collection[str] = (),
    keep: Collection[str] = (),
) -> tuple[Outcome, ...]:
    """Make the tickets that *tracker* plans for *session*; the tracker is entered already.

    *on_ticket* stores an action's link in the session, durably; it is called before the next ticket is
    begun. *on_step* is told what is being done. With *update*, tickets of actions that have changed get the new
    words; where people have changed them in the ticket, only for those of *overwrite*, and those of *keep* count as
    up to date. *again* are the answers of people who looked for
    a ticket in doubt and did not find it. Safe to cancel, to
    crash and to run again. One outcome per action; raises :class:`TrackingProblem` only where nothing
    could be tried at all.
    """
    plan = tracker.plan(session)
    wanted = [each for each in plan if each.state == "create"]
    done = {
        each.action_id: Outcome(each.action_id, _UNTOUCHED[each.state], each.reason)
        for each in plan
        if each.state != "create"
    }
    named = {*overwrite, *keep}
    changed = [
        each for each in plan if each.state == "changed" and each.url and (update or each.action_id in named)
    ]
    run = _Run(tracker, session, journal, on_ticket, now, sleep, on_step, again)
    if wanted:
        done |= await run.all(wanted)
    if changed:
        done |= await run.update(changed, overwrite, keep)
    return tuple(done[each.action_id] for each in plan)


_UNTOUCHED: Final[dict[str, Result]] = {"exists": "exists", "changed": "changed", "skip": "skipped"}


def _said(made: Made) -> str:
    remarks = f" ({'; '.join(made.remarks)})" if made.remarks else ""
    return f"{made.ticket.url}{remarks}"


def _known(planned: Planned, made: Made) -> Ticket:
    """A ticket that was found; what it says is remembered as ours only where it is exactly what would be sent."""
    if made.standing is None or made.ticket.sent:
        return made.ticket
    return made.ticket.model_copy(update={"sent": adopted(planned.digest, made.standing)})


class _Run:
    """One run of :func:`export`."""

    def __init__(
        self,
        tracker: Tracker,
        session: Session,
        journal: Intents,
        on_ticket: Callable[[str, Ticket], None],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        on_step: Callable[[str], None],
        again: Collection[str],
    ) -> None:
        self._tracker = tracker
        self._session = session
        self._journal = journal
        self._on_ticket = on_ticket
        self._now = now
        self._sleep = sleep
        self._on_step = on_step
        self._again = again
        self._patience = _PATIENCE
        self._open = self._open_intents()
        """Requests without a known outcome, by key: their times by their names."""
        self._tried = {key: max(each.values()) for key, each in self._open.items()}
        self._since = self._look_back()

    async def all(self, wanted: Sequence[Planned]) -> dict[str, Outcome]:
        """Find or create every ticket of *wanted*, in order; stop where going on would only fail again."""
        done: dict[str, Outcome] = {}
        remembered = self._remembered()
        for planned in wanted:
            if planned.key in remembered:
                ticket = await self._tracker.fetch_state(remembered[planned.key])
                # One that was deleted since must not keep its action without a ticket for ever.
                if ticket.state != GONE:
                    done[planned.action_id] = self._adopt(planned, ticket, "made earlier")
        wanted = [each for each in wanted if each.action_id not in done]
        if not wanted:
            return done
        self._on_step("reading the list of tickets")
        found = await self._settled(wanted)
        requests = 0
        stop = ""
        for number, planned in enumerate(wanted, 1):
            if planned.key in found:
                done[planned.action_id] = self._found(planned, found[planned.key])
            elif self._in_doubt(planned):
                done[planned.action_id] = self._asked(planned)
            elif stop:
                done[planned.action_id] = Outcome(planned.action_id, "not tried", stop)
            else:
                if requests:
                    await self._sleep(_BETWEEN)
                requests += 1
                self._on_step(f"creating {planned.action_id} ({number} of {len(wanted)})")
                done[planned.action_id], stop = await self._create(planned)
        return done

    def _in_doubt(self, planned: Planned) -> bool:
        if self._tracker.sure or planned.key not in self._open:
            return False
        return self._answer(planned) not in self._again

    def _answer(self, planned: Planned) -> str:
        """What says that a person looked and found nothing: it names the requests that were asked about.

        An answer says nothing of a request that was sent after it, so that a command that is repeated with an
        old answer, out of a shell's memory, is asked anew.
        """
        requests = " ".join(sorted(self._open[planned.key]))
        return f"{planned.action_id}:{hashlib.sha256(requests.encode()).hexdigest()[:4]}"

    def _asked(self, planned: Planned) -> Outcome:
        named = planned.draft.title if planned.draft else planned.key
        return Outcome(
            planned.action_id,
            "unclear",
            f"A request to make it was cut off, and the list of {self._tracker.name} may not show everything: look for "
            f"“{named}” there. If it is there, link it to {planned.action_id}; if not, have it made again.",
            answer=self._answer(planned),
        )

    async def update(
        self, changed: Sequence[Planned], overwrite: Collection[str], keep: Collection[str]
    ) -> dict[str, Outcome]:
        """Give the tickets of *changed* their new words; to do it twice does no harm."""
        done: dict[str, Outcome] = {}
        stop = ""
        for each in changed:
            planned = replace(each, overwrite=each.action_id in overwrite)
            if planned.ticket and planned.action_id in keep:
                kept = planned.ticket.model_copy(update={"sent": planned.digest})
                self._on_ticket(planned.action_id, kept)
                said = f"{kept.url} (stays as people have changed it)"
                done[planned.action_id] = Outcome(planned.action_id, "exists", said, kept)
                continue
            if stop:
                done[planned.action_id] = Outcome(planned.action_id, "not tried", stop)
                continue
            self._on_step(f"changing the ticket of {planned.action_id}")
            while True:
                try:
                    prepared = await self._tracker.prepare(planned)
                    if prepared.edited:
                        done[planned.action_id] = self._edited(prepared)
                        break
                    made = await self._tracker.update(prepared)
                except TrackingProblem as problem:
                    if await self._waited(problem):
                        continue
                    stop = f"not tried after {planned.action_id} failed" if problem.stops else ""
                    done[planned.action_id] = Outcome(planned.action_id, "failed", str(problem))
                else:
                    self._on_ticket(planned.action_id, made.ticket)
                    done[planned.action_id] = Outcome(planned.action_id, "updated", _said(made), made.ticket)
                break
        return done

    def _edited(self, planned: Planned) -> Outcome:
        url = planned.ticket.url if planned.ticket else ""
        said = (
            f"{url} was changed by people since it was written, so it stays as it is. Take the change over there by "
            "hand and keep it, or have it written over."
        )
        return Outcome(planned.action_id, "edited", said, planned.ticket)

    async def _create(self, planned: Planned) -> tuple[Outcome, str]:
        """Create one ticket; also return why the next ones should not be tried, if so."""
        while True:
            intent: dict[str, Any] = {}
            try:
                prepared = await self._tracker.prepare(planned)
                attempt = uuid4().hex
                intent = {"key": planned.key, "target": self._tracker.target, "attempt": attempt}
                self._journal.note(INTENT, intent | {"digest": planned.digest, "at": self._now().isoformat()})
                made = await self._tracker.create(prepared)
            except TrackingProblem as problem:
                if problem.unclear and intent:
                    return await self._after_unclear(planned, problem)
                if intent:
                    self._journal.note(REFUSED, intent | {"why": str(problem)})
                if await self._waited(problem):
                    continue
                stop = f"not tried after {planned.action_id} failed" if problem.stops else ""
                return Outcome(planned.action_id, "failed", str(problem)), stop
            self._remember(planned, made.ticket, attempt, made.remarks)
            self._on_ticket(planned.action_id, made.ticket)
            return Outcome(planned.action_id, "created", _said(made), made.ticket), ""

    async def _waited(self, problem: TrackingProblem) -> bool:
        """Wait where the tracker asks to, as long as it is worth waiting for."""
        left = problem.retry_after
        if left is None or problem.unclear or left > self._patience:
            return False
        left = max(left, 1.0)
        self._patience -= left
        while left > 0:
            self._on_step(f"the tracker asks to wait: {left:.0f} s")
            await self._sleep(min(1.0, left))
            left -= 1.0
        return True

    async def _after_unclear(self, planned: Planned, problem: TrackingProblem) -> tuple[Outcome, str]:
        """The request may have arrived: look, and never send it again in this run."""
        self._on_step(f"unclear answer for {planned.action_id}: reading the list again")
        why = str(problem)
        try:
            for wait in _LOOK_AGAIN:
                await self._sleep(wait)
                found = await self._tracker.find([planned.key], self._since)
                if planned.key in found:
                    ticket = _known(planned, found[planned.key][0])
                    return self._adopt(planned, ticket, "made, found in the list"), ""
        except TrackingProblem as second:
            why = str(second)
        return (
            Outcome(
                planned.action_id,
                "unclear",
                f"{why} Whether the ticket was made is not clear yet: run this again in a few minutes.",
            ),
            f"not tried while it is unclear whether {planned.action_id} was made",
        )

    async def _settled(self, wanted: Sequence[Planned]) -> dict[str, list[Made]]:
        """The tickets there are, read until none is in doubt: missing, and asked for a moment ago."""
        keys = [each.key for each in wanted]
        found = await self._tracker.find(keys, self._since)
        # A clock that was set back must not make this wait for ever: count what is waited here.
        waited = timedelta()
        while waited < SETTLE and (
            doubtful := [key for key in keys if key not in found and key in self._tried]
        ):
            rest = max(self._tried[key] for key in doubtful) + SETTLE - self._now()
            seconds = min(rest, SETTLE - waited).total_seconds()
            if seconds <= 0:
                break
            self._on_step(f"an earlier run was cut off: {seconds:.0f} s more, in which it may arrive late")
            await self._sleep(min(seconds, _POLL))
            waited += timedelta(seconds=min(seconds, _POLL))
            found = await self._tracker.find(keys, self._since)
        return found

    def _found(self, planned: Planned, tickets: list[Made]) -> Outcome:
        """Take over a ticket that carries the marker, if it can only be ours."""
        first = tickets[0]
        sent = planned.draft.title if planned.draft else planned.body.get("title")
        if planned.key not in self._tried and first.title != sent:
            return Outcome(
                planned.action_id,
                "failed",
                f"{first.ticket.url} carries this action's marker but is called “{first.title}”: link it by hand "
                "if it is the same, or give this review an id of its own.",
            )
        others = (
            f"; close its doubles: {', '.join(each.ticket.url for each in tickets[1:])}"
            if tickets[1:]
            else ""
        )
        return self._adopt(planned, _known(planned, first), f"already there{others}")

    def _adopt(self, planned: Planned, ticket: Ticket, how: str) -> Outcome:
        self._remember(planned, ticket, "")
        self._on_ticket(planned.action_id, ticket)
        return Outcome(planned.action_id, "found", f"{ticket.url} ({how})", ticket)

    def _remember(self, planned: Planned, ticket: Ticket, attempt: str, remarks: Sequence[str] = ()) -> None:
        data: dict[str, Any] = {
            "key": planned.key, "target": self._tracker.target, "attempt": attempt,
        }  # fmt: skip
        # What was left out (a label, a person) is on record, not only on a screen that is gone.
        if remarks:
            data["remarks"] = list(remarks)
        self._journal.note(MADE, data | {"ticket": ticket.model_dump(mode="json", exclude_none=True)})

    def _remembered(self) -> dict[str, Ticket]:
        """Tickets that were made but whose link the session does not hold: a crash came in between."""
        return {note["key"]: Ticket.model_validate(note["ticket"]) for note in self._ours(MADE)}

    def _open_intents(self) -> dict[str, dict[str, datetime]]:
        closed = {note["attempt"] for kind in (MADE, REFUSED) for note in self._ours(kind)}
        found: dict[str, dict[str, datetime]] = {}
        for note in self._ours(INTENT):
            if note["attempt"] not in closed:
                found.setdefault(note["key"], {})[note["attempt"]] = datetime.fromisoformat(note["at"])
        return found

    def _look_back(self) -> datetime | None:
        """The moment before which no ticket of this review can have changed last; None when not known."""
        start = self._session.incident.started_at
        if start is None:
            return None
        intents = [datetime.fromisoformat(note["at"]) for note in self._ours(INTENT)]
        return min([start.astimezone(UTC), self._now(), *intents]) - _MARGIN

    def _ours(self, kind: str) -> list[dict[str, Any]]:
        return [note for note in self._journal.notes(kind) if note.get("target") == self._tracker.target]
