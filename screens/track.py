"""Step 6: the actions in the team's tracker, the calendar, and who received the report."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from app.review import edits
from app.review.checklist import FOLLOW_UP_AFTER
from app.review.dates import read_due
from app.review.distribution import deadline
from app.review.records import Action, Distribution, Session
from app.review.vocabulary import ACTION_STATUSES
from app.text import cut
from screens.editing import NotUnderstood, one_of
from screens.track_tickets import TrackTickets
from screens.workbench import Workbench
from widgets.grid import Column, Grid, Row
from widgets.safe import content

if TYPE_CHECKING:
    pass


class TrackScreen(TrackTickets):
    """The table of actions against the tracker; nothing is sent before a person has seen it."""

    STEP = "track"
    MAIN = "#track"
    PLACEHOLDER = "who received the report: engineering@acme.example"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tracker", "Tracker", id="track.tracker"),
        Binding("d", "dry_run", "Dry run", id="track.dry-run"),
        Binding("c", "create", "Create", id="track.create"),
        Binding("v", "link", "Link by hand", show=False, id="track.link"),
        Binding("s", "sync", "Sync states", show=False, id="track.sync"),
        Binding("i", "calendar(True)", "Calendar", id="track.calendar"),
        Binding("I", "calendar(False)", "Calendar without due dates", show=False, id="track.calendar-short"),
        Binding("f", "follow_up", "Follow-up", id="track.follow-up"),
        Binding("r", "distribute", "Report sent", show=False, id="track.distribute"),
        Binding("x", "cancel", "Stop sending", show=False, id="track.cancel"),
    ]

    DEFAULT_CSS = """
    TrackScreen #after { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    """

    def body(self) -> ComposeResult:
        """The table, and what happens after the report."""
        yield Grid(
            (
                Column("id", "id", 6, editable=False),
                Column("text", "action", grow=3, min_width=20, editable=False),
                Column("owner", "owner", 10, min_width=7, editable=False, priority=50),
                Column("due", "due", 10, min_width=10, editable=False, priority=60),
                Column("status", "status", 11, min_width=6, priority=40, suggestions=ACTION_STATUSES),
                Column("ticket", "ticket", grow=2, min_width=16, editable=False),
            ),
            empty="No actions to track yet: step 4 makes them",
            id="track",
        )
        yield Static(id="after")

    def show_session(self, session: Session) -> None:
        """Show actions, tickets, receivers and dates."""
        self.grid.set_rows([self._row(action) for action in session.actions])
        self.look_for_changes(session)
        tracking = session.tracking
        named = cut(f"{tracking.tracker} {tracking.repo}".strip(), 60)
        where = named if tracking.tracker else "no tracker yet: t chooses one"
        sent = [_receiver(each, self.bench) for each in session.distribution]
        follow = session.follow_up
        lines = [
            f"tracker      {f'▸ {self._step}   x stops' if self._step else where}",
            f"report sent  {_clock(session, self.bench)} · "
            f"{', '.join(sent) if sent else 'to nobody yet: S sends it, n notes who received it'}",
            f"follow-up    {f'{follow.review_on:%a %Y-%m-%d}' if follow.review_on else 'no date yet: f sets one'}"
            f"{f' · meeting {follow.meeting.astimezone(self.bench.zone):%m-%d %H:%M}' if follow.meeting else ''}"
            f"{f' · weekly {cut(follow.weekly, 30)}' if follow.weekly else ''}"
            f"{f' · done on {follow.done_on}' if follow.done_on else self._look_back_now()}",
        ]
        self.query_one("#after", Static).update(content("\n".join(lines)))

    def _look_back_now(self) -> str:
        """What to do once the day of the follow-up has come."""
        day = self.bench.session.follow_up.review_on
        today = self.bench.now().astimezone(self.bench.zone).date()
        return " · F looks back" if day and day <= today else ""

    def _row(self, action: Action) -> Row:
        ticket = action.ticket
        shown = "perhaps created: c looks again" if action.id in self._unclear else "not created"
        if ticket and ticket.url:
            # What tells most comes first: a narrow column keeps it.
            number = f"#{ticket.number} " if ticket.number else ""
            changed = ", changed" if action.id in self._changed else ""
            shown = f"{number}{ticket.state or 'created'}{changed}  {ticket.url}"
        due = f"{action.due:%Y-%m-%d}" if action.due else "-"
        style = "ok" if ticket and ticket.url else "muted" if action.status == "declined" else ""
        return Row(action.id, (action.id, action.text, action.owner or "-", due, action.status, shown), style)

    @on(Grid.CellEdited, "#track")
    def _cell_edited(self, event: Grid.CellEdited) -> None:
        event.stop()
        key, text = event.row_key, event.new
        try:
            status = one_of(text, ACTION_STATUSES, "a status")
        except NotUnderstood as problem:
            self.say(str(problem), "warning")
            return
        today = self.bench.now().astimezone(self.bench.zone).date()
        closed = today if status in {"done", "declined"} else None
        self.edit(
            f"Set status of {key}",
            lambda session: edits.change(session, "actions", {key}, status=status, closed_on=closed),
        )

    # Who received the report

    def understand(self, text: str) -> str:
        """Say what a line records."""
        return f"the report was sent to “{text}” now"

    def enter(self, text: str) -> None:
        """Record that the report was sent."""
        sent = Distribution(to=text, sent_at=self.bench.now())
        self.edit(f"Report sent to {text[:40]}", lambda session: edits.add(session, "distribution", sent))

    def action_distribute(self) -> None:
        """Type who received the report."""
        self.capture.focus()

    @work
    async def action_follow_up(self) -> None:
        """Set the day of the follow-up review; four weeks after the incident is offered."""
        from screens.dialogs import Ask

        session = self.bench.session
        today = self.bench.now().astimezone(self.bench.zone).date()
        base = session.incident.ended_at or session.incident.started_at
        offered = session.follow_up.review_on or ((base.date() if base else today) + FOLLOW_UP_AFTER)
        text = await self.app.push_screen_wait(
            Ask(
                "When is the follow-up review?",
                offered.isoformat(),
                "2025-03-09, +4w, mon. Empty takes the date away.",
                lambda typed: (
                    "" if not typed or read_due(typed, today) else "Type a date: +4w or 2025-03-09."
                ),
            )
        )
        if text is not None:
            day = read_due(text, today) if text else None
            self.edit("Set the follow-up date", lambda current: edits.set_follow_up(current, review_on=day))

    @work
    async def action_calendar(self, due_dates: bool) -> None:
        """Write the calendar file: meeting, report date, weekly review, due dates if wanted, follow-up."""
        import asyncio

        from app.report.write import WriteProblem, file_name, write
        from app.tracking.calendar import calendar

        session, now = self.bench.session, self.bench.now()

        def work() -> Path:
            text = calendar(session, now=now, due_dates=due_dates).decode("utf-8")
            return write(self.bench.desk.folder, file_name(session, "ics"), text)

        try:
            path = await asyncio.to_thread(work)
        except WriteProblem as problem:
            self.say(str(problem), "error")
            return
        self.say(f"Written: {path}")


def _receiver(each: Distribution, bench: Workbench) -> str:
    """To whom it went, and when; or perhaps."""
    when = f" {each.sent_at.astimezone(bench.zone):%m-%d %H:%M}" if each.sent_at else ""
    return f"{'perhaps ' if each.unclear else ''}{cut(each.to, 60)}{when}"


def _clock(session: Session, bench: Workbench) -> str:
    """How it stands with the 48 hours, with a sign where it is a warning."""
    text, warning = deadline(session, bench.now())
    return f"▲ {text}" if warning else text
