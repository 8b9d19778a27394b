"""Step 6: the actions in the team's tracker, the calendar, and who received the report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import Worker

from app.review import edits
from app.review.checklist import FOLLOW_UP_AFTER
from app.review.dates import read_due
from app.review.distribution import deadline
from app.review.records import Action, Distribution, Session, Ticket
from app.review.vocabulary import ACTION_STATUSES
from app.store.errors import StoreError
from app.text import cut
from screens.editing import NotUnderstood, one_of
from screens.frame_base import READ_ONLY
from screens.track_after import TrackAfter
from screens.workbench import Workbench
from widgets.grid import Column, Grid, Row
from widgets.safe import content

if TYPE_CHECKING:
    from app.tracking.interface import Planned, Tracker


class TrackScreen(TrackAfter):
    """The table of actions against the tracker; nothing is sent before a person has seen it."""

    STEP = "track"
    MAIN = "#track"
    PLACEHOLDER = "who received the report: engineering@acme.example"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tracker", "Tracker", id="track.tracker"),
        Binding("d", "dry_run", "Dry run", id="track.dry-run"),
        Binding("c", "create", "Create", id="track.create"),
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

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._sending: Worker[None] | None = None
        self._step = ""

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

    @property
    def grid(self) -> Grid:
        """The table."""
        return self.query_one("#track", Grid)

    def show_session(self, session: Session) -> None:
        """Show actions, tickets, receivers and dates."""
        self.grid.set_rows([self._row(action) for action in session.actions])
        tracking = session.tracking
        named = cut(f"{tracking.tracker} {tracking.repo}", 60)
        where = named if tracking.repo else "no tracker yet: t chooses one"
        sent = [_receiver(each, self.bench) for each in session.distribution]
        follow = session.follow_up
        lines = [
            f"tracker      {where}{f'  ▸ {self._step}   x stops' if self._step else ''}",
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
        shown = "not created"
        if ticket and ticket.url:
            number = f" #{ticket.number}" if ticket.number else ""
            shown = f"{ticket.state or 'created'}{number}  {ticket.url}"
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

    # The tracker

    @work
    async def action_tracker(self) -> None:
        """Choose where the tickets are made."""
        from screens.dialogs import Entry, Form

        tracking = self.bench.session.tracking
        values = await self.app.push_screen_wait(
            Form(
                "GitHub (the token comes from GH_TOKEN, GITHUB_TOKEN or the gh command)",
                [
                    Entry("repo", "Repository", tracking.repo, "OWNER/NAME", True, check_repo),
                    Entry("base_url", "API address", tracking.base_url, "only for GitHub Enterprise"),
                    Entry("labels", "Labels", ", ".join(tracking.labels), "post-mortem, reliability"),
                ],
            )
        )
        if values is not None:
            labels = tuple(part.strip() for part in values["labels"].split(",") if part.strip())
            self.edit(
                f"Track on GitHub {values['repo']}",
                lambda session: edits.set_tracking(
                    session, tracker="github", repo=values["repo"], base_url=values["base_url"], labels=labels
                ),
            )

    def _tracker(self) -> "Tracker | None":
        """The session's tracker; None, with a sentence on the screen, when there is none that can be used."""
        import os

        from app.settings import load_settings
        from app.tracking.interface import TrackingProblem, open_tracker

        if not self.bench.session.tracking.tracker:
            self.say("There is no tracker yet: t chooses one.")
            return None
        try:
            return open_tracker(self.bench.session.tracking, os.environ, load_settings())
        except TrackingProblem as problem:
            self.say(str(problem), "warning")
            return None

    def _plan(self) -> "list[Planned] | None":
        from app.tracking.interface import TrackingProblem

        tracker = self._tracker()
        try:
            return tracker.plan(self.bench.session) if tracker else None
        except TrackingProblem as problem:
            self.say(str(problem), "warning")
            return None

    def action_dry_run(self) -> None:
        """Show exactly what would be sent; nothing is sent."""
        from screens.dialogs import Reader

        plan = self._plan()
        if plan is not None:
            self.app.push_screen(
                Reader("Dry run: nothing was sent", "\n\n".join(map(_as_sent, plan)) or "No actions.")
            )

    @work
    async def action_create(self) -> None:
        """Create the missing tickets, after a last look."""
        from screens.dialogs import Confirm

        plan = self._plan()
        if plan is None:
            return
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        fresh = [each for each in plan if each.state == "create"]
        if not fresh:
            self.say("Every action has its ticket already.")
            return
        names = "\n".join(f"  {each.body.get('title', each.action_id)}" for each in fresh)
        count = f"{len(fresh)} issue{'s' if len(fresh) > 1 else ''}"
        sure = await self.app.push_screen_wait(
            Confirm(
                f"Create {count} in {self.bench.session.tracking.repo}?",
                f"{names}\n\nIt is safe to interrupt and to repeat: an action never gets a second ticket.",
                "Create",
            )
        )
        if sure:
            self._sending = self.send()

    @work(exclusive=True, group="tickets", exit_on_error=False)
    async def send(self) -> None:
        """Create the tickets one by one; each link is stored before the next is made."""
        from app.tracking.export import export
        from app.tracking.interface import TrackingProblem

        tracker = self._tracker()
        if tracker is None:
            return
        desk = self.bench.desk
        try:
            async with tracker:
                outcomes = await export(
                    tracker, self.bench.session, desk, self._link, on_step=self._show_step
                )
        except (TrackingProblem, StoreError) as problem:
            self.say(str(problem), "error")
            return
        finally:
            self._show_step("")
        for outcome in outcomes:
            if outcome.result not in {"created", "exists", "found"}:
                self.say(f"{outcome.action_id}: {outcome.sentence}", "warning")
        made = sum(outcome.result == "created" for outcome in outcomes)
        self.say(f"{made} ticket{'' if made == 1 else 's'} created in {self.bench.session.tracking.repo}.")

    @work(exclusive=True, group="tickets", exit_on_error=False)
    async def action_sync(self) -> None:
        """Read the states of the tickets back from the tracker."""
        from app.tracking.interface import TrackingProblem

        tracker = self._tracker()
        linked = [(action.id, action.ticket) for action in self.bench.session.actions if action.ticket]
        if tracker is None:
            return
        if not linked:
            self.say("No action has a ticket yet: c creates them.")
            return
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        try:
            async with tracker:
                for action_id, ticket in linked:
                    self._show_step(f"reading {action_id}")
                    self._link(action_id, await tracker.fetch_state(ticket), "Read the state of")
        except (TrackingProblem, StoreError) as problem:
            self.say(str(problem), "error")
        finally:
            self._show_step("")

    def _show_step(self, step: str) -> None:
        self._step = step
        self.show_session(self.bench.session)

    def action_cancel(self) -> None:
        """Stop creating tickets; those that exist stay linked."""
        if self._sending is not None and self._sending.is_running:
            self._sending.cancel()
            self.say("Stopped. What was created is linked; c goes on with the rest.")

    def _link(self, action_id: str, ticket: Ticket, label: str = "Link") -> None:
        self.edit(
            f"{label} {action_id}'s ticket",
            lambda session: edits.change(session, "actions", {action_id}, ticket=ticket),
        )
        # The link must be on disk before the next ticket is made; that is a few milliseconds.
        self.bench.desk.flush()


def _receiver(each: Distribution, bench: Workbench) -> str:
    """To whom it went, and when; or perhaps."""
    when = f" {each.sent_at.astimezone(bench.zone):%m-%d %H:%M}" if each.sent_at else ""
    return f"{'perhaps ' if each.unclear else ''}{cut(each.to, 60)}{when}"


def _clock(session: Session, bench: Workbench) -> str:
    """How it stands with the 48 hours, with a sign where it is a warning."""
    text, warning = deadline(session, bench.now())
    return f"▲ {text}" if warning else text


def _as_sent(planned: "Planned") -> str:
    """One request, exactly as it would be sent, or why there is none."""
    if not planned.url:
        return f"{planned.action_id}: {planned.state} ({planned.reason})"
    head = f"{planned.action_id}: {planned.state}\n{planned.method} {planned.url}"
    return f"{head}\n{json.dumps(dict(planned.body), indent=2, ensure_ascii=False)}"


def check_repo(text: str) -> str:
    """A sentence when *text* does not name a repository."""
    owner, slash, name = text.partition("/")
    return "" if slash and owner and name and "/" not in name else "Type OWNER/NAME, such as acme/api."
