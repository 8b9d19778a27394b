"""Tickets on step 6: the tracker is chosen, what would be sent is shown, tickets are made, changed, linked, read."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from app.review import edits
from app.review.records import Session, Ticket
from app.store.errors import StoreError
from app.text import cut
from screens.frame_base import READ_ONLY
from screens.track_after import TrackAfter
from screens.workbench import Workbench
from widgets.grid import Grid

if TYPE_CHECKING:
    from app.tracking.export import Outcome
    from app.tracking.interface import Planned, Tracker


class TrackTickets(TrackAfter):
    """What is done with the team's tracker; nothing is sent before a person has seen it."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._step = ""
        self._unclear: frozenset[str] = frozenset()
        """Actions whose ticket may have been made: nobody knows yet."""
        self._changed: frozenset[str] = frozenset()
        """Actions that have changed since their ticket was written."""
        self._compared: Session | None = None

    @property
    def grid(self) -> Grid:
        """The table."""
        return self.query_one("#track", Grid)

    @work
    async def action_tracker(self) -> None:
        """Choose where the tickets are made: one of the settings, or a kind with an address."""
        from app.settings import load_settings
        from screens.dialogs import Choice, Choose, Form
        from screens.track_forms import choices, entries, problem, tracking_of

        person, now = load_settings(), self.bench.session.tracking
        name = await self.app.push_screen_wait(
            Choose(
                "Where are tickets made?",
                [Choice(key, key, note) for key, note in choices(person)],
                now.tracker or "github",
            )
        )
        if name is None:
            return
        title, fields = entries(name, now if now.tracker == name else None, person)
        values = await self.app.push_screen_wait(
            Form(title, fields, lambda given: problem(tracking_of(name, given), person))
        )
        if values is not None:
            chosen = tracking_of(name, values)
            label = cut(f"Track on {name} {chosen.repo}".strip(), 60)
            self.edit(label, lambda session: edits.set_tracking(session, **dict(chosen)))

    def _tracker(self) -> "Tracker | None":
        """The session's tracker; None, with a sentence on the screen, when there is none that can be used."""
        import os

        from app.settings import load_settings
        from app.tracking.choosing import open_tracker
        from app.tracking.interface import TrackingProblem

        if not self.bench.session.tracking.tracker:
            self.say("There is no tracker yet: t chooses one.")
            return None
        try:
            return open_tracker(self.bench.session.tracking, os.environ, load_settings())
        except TrackingProblem as problem:
            self.say(str(problem), "warning")
            return None

    def look_for_changes(self, session: Session) -> None:
        """Compare the actions with what their tickets were given, unless that was done for this very state."""
        if self._compared is not session and any(
            each.ticket and each.ticket.sent for each in session.actions
        ):
            self._compared = session
            self._compare(session)

    @work(exclusive=True, group="changes", exit_on_error=False)
    async def _compare(self, session: Session) -> None:
        """In a thread, because secrets are masked first, which takes a while in a long review; asks nobody."""
        import asyncio

        changed = await asyncio.to_thread(_changed, session)
        if changed != self._changed:
            self._changed = changed
            self.show_session(self.bench.session)

    def _plan(self) -> "tuple[Tracker, list[Planned]] | None":
        from app.tracking.interface import TrackingProblem

        tracker = self._tracker()
        try:
            return (tracker, tracker.plan(self.bench.session)) if tracker else None
        except TrackingProblem as problem:
            self.say(str(problem), "warning")
            return None

    @work(exclusive=True, group="tickets", exit_on_error=False)
    async def action_dry_run(self) -> None:
        """Show exactly what would be sent; nothing is sent, numbers are looked up where that can be done."""
        from app.tracking.interface import TrackingProblem
        from screens.dialogs import Reader

        planned = self._plan()
        if planned is None:
            return
        tracker, plan = planned
        head = f"{self.bench.session.tracking.tracker}  {tracker.target}"
        if any(each.open for each in plan):
            self._show_step("looking up people, labels and milestones")
            try:
                async with tracker:
                    plan = [await tracker.prepare(each) for each in plan]
            except TrackingProblem as problem:
                head += f"\n{problem}\nWhat stands in ‹ › is looked up before anything is sent."
            finally:
                self._show_step("")
        text = "\n\n".join([head, *map(_as_sent, plan)]) if plan else "No actions."
        self.app.push_screen(Reader("Dry run: nothing was sent", text))

    @work
    async def action_create(self) -> None:
        """Create the missing tickets and change those of changed actions, after a last look."""
        from screens.dialogs import Confirm

        planned = self._plan()
        if planned is None:
            return
        tracker, plan = planned
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        fresh = [each for each in plan if each.state == "create"]
        changed = [each for each in plan if each.state == "changed" and each.url]
        if not fresh and not changed:
            self.say("Every action has its ticket already.")
            return
        doing = [
            f"{verb} {len(each)} ticket{'s' if len(each) > 1 else ''}"
            for verb, each in (("Create", fresh), ("change", changed))
            if each
        ]
        asked = " and ".join(doing)
        names = "\n".join(
            f"  {each.draft.title if each.draft else each.action_id}" for each in (*fresh, *changed)
        )
        sure = await self.app.push_screen_wait(
            Confirm(
                f"{asked[0].upper()}{asked[1:]} in {self.bench.session.tracking.repo or tracker.target}?",
                f"{names}\n\nIt is safe to interrupt and to repeat: an action never gets a second ticket.",
                "Create" if fresh else "Change",
            )
        )
        if sure:
            self.send()

    @work(exclusive=True, group="tickets", exit_on_error=False)
    async def send(
        self, again: tuple[str, ...] = (), overwrite: tuple[str, ...] = (), keep: tuple[str, ...] = ()
    ) -> None:
        """Create the tickets one by one; each link is stored before the next is made."""
        from app.tracking.export import GOOD, export
        from app.tracking.interface import TrackingProblem

        tracker = self._tracker()
        if tracker is None:
            return
        desk = self.bench.desk
        try:
            async with tracker:
                outcomes = await export(
                    tracker,
                    self.bench.session,
                    desk,
                    self._link,
                    on_step=self._show_step,
                    update=True,
                    again=again,
                    overwrite=overwrite,
                    keep=keep,
                )
        except (TrackingProblem, StoreError) as problem:
            self.say(str(problem), "error")
            return
        finally:
            self._show_step("")
        self._unclear = frozenset(each.action_id for each in outcomes if each.result == "unclear")
        self.show_session(self.bench.session)
        asked = [each for each in outcomes if each.answer or each.result == "edited"]
        for outcome in outcomes:
            if outcome not in asked and (outcome.result not in GOOD or "(" in outcome.sentence):
                self.say(f"{outcome.action_id}: {outcome.sentence}", "warning")
        self.say(f"{_counted(outcomes)} in {self.bench.session.tracking.repo or tracker.target}.")
        if asked:
            self._ask_about(asked)

    @work
    async def _ask_about(self, asked: "list[Outcome]") -> None:
        """Where only a person can tell whether a ticket is there, or whose words it is to have."""
        again = tuple([each.answer for each in asked if each.answer and await self._is_missing(each)])
        edited = {each.action_id: await self._whose(each) for each in asked if not each.answer}
        overwrite = tuple(name for name, answer in edited.items() if answer == "overwrite")
        keep = tuple(name for name, answer in edited.items() if answer == "keep")
        if again or overwrite or keep:
            self.send(again, overwrite, keep)

    async def _whose(self, outcome: "Outcome") -> str | None:
        """Ask what becomes of a ticket that people have changed, and whose action has changed as well."""
        from screens.dialogs import Choice, Choose

        return await self.app.push_screen_wait(
            Choose(
                f"{outcome.action_id} has changed, and people have changed its ticket",
                [
                    Choice("leave", "I look later", "nothing happens"),
                    Choice("keep", "Keep the ticket as it is", "it counts as up to date"),
                    Choice("overwrite", "Write it over", "their changes are lost"),
                ],
            )
        )

    async def _is_missing(self, outcome: "Outcome") -> bool:
        """Ask a person to look whether a ticket is there; true when it has to be made again."""
        from screens.dialogs import Choice, Choose

        session = self.bench.session
        text = next((each.text for each in session.actions if each.id == outcome.action_id), "")
        where = session.tracking.repo or session.tracking.tracker
        answer = await self.app.push_screen_wait(
            Choose(
                f"{outcome.action_id}: is its ticket there? Look for “{cut(text, 60)}” in {cut(where, 40)}.",
                [
                    Choice("leave", "I look later", "nothing happens"),
                    Choice("link", "It is there", "type its address"),
                    Choice("again", "It is not there", "make it again"),
                ],
            )
        )
        if answer == "link":
            await self._ask_link(outcome.action_id)
        return answer == "again"

    @work
    async def action_link(self) -> None:
        """Link the action under the cursor to a ticket that exists."""
        key = self.grid.cursor_key
        if key is not None:
            await self._ask_link(key)

    async def _ask_link(self, action_id: str) -> None:
        from app.markdown import safe_url
        from screens.dialogs import Ask

        ticket = next((each.ticket for each in self.bench.session.actions if each.id == action_id), None)
        url = await self.app.push_screen_wait(
            Ask(
                f"Which ticket is {action_id}'s?",
                ticket.url if ticket else "",
                "https://… Empty takes the link away.",
                lambda text: (
                    "" if not text or safe_url(text) else "Type an address that begins with https://."
                ),
            )
        )
        if url is None or url == (ticket.url if ticket else ""):
            return
        linked = Ticket(url=url) if url else None
        self.edit(
            f"Link {action_id} by hand" if url else f"Take the link off {action_id}",
            lambda session: edits.change(session, "actions", {action_id}, ticket=linked),
        )

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
        read: dict[str, Ticket] = {}
        try:
            async with tracker:
                for action_id, ticket in linked:
                    if ticket.tracker not in ("", tracker.name):
                        continue  # made in another tracker before this one was chosen
                    self._show_step(f"reading {action_id}")
                    read[action_id] = await tracker.fetch_state(ticket)
        except TrackingProblem as problem:
            self.say(str(problem), "error")
        finally:
            # What was read until then is kept, as one edit; so it is when somebody stops it.
            self._show_step("")
            if read:
                self._keep_states(dict(linked), read)

    def _keep_states(self, before: dict[str, Ticket], read: dict[str, Ticket]) -> None:
        from app.tracking.sync import with_states

        count = f"{len(read)} ticket{'' if len(read) == 1 else 's'}"
        self.edit(f"Read the states of {count}", lambda session: with_states(session, read))
        news = [f"{name} {each.state}" for name, each in read.items() if each.state != before[name].state]
        self.say(f"{count} read: {', '.join(news) if news else 'all as they were'}.")

    def _show_step(self, step: str) -> None:
        self._step = step
        self.show_session(self.bench.session)

    def action_cancel(self) -> None:
        """Stop what is under way; tickets that exist stay linked."""
        if self._step:
            self.workers.cancel_group(self, "tickets")
            self.say("Stopped. What was created is linked; c goes on with the rest.")

    def _link(self, action_id: str, ticket: Ticket, label: str = "Link") -> None:
        self.edit(
            f"{label} {action_id}'s ticket",
            lambda session: edits.change(session, "actions", {action_id}, ticket=ticket),
        )
        # The link must be on disk before the next ticket is made; that is a few milliseconds.
        self.bench.desk.flush()


def _changed(session: Session) -> frozenset[str]:
    """The actions that have changed since their ticket was written."""
    import os

    from app.settings import load_settings
    from app.tracking.choosing import open_tracker
    from app.tracking.interface import TrackingProblem

    try:
        plan = open_tracker(session.tracking, os.environ, load_settings()).plan(session)
    except TrackingProblem:
        return frozenset()
    return frozenset(each.action_id for each in plan if each.state == "changed")


def _counted(outcomes: "Sequence[Outcome]") -> str:
    """How many tickets were created, and how many changed."""
    made = sum(outcome.result == "created" for outcome in outcomes)
    changed = sum(outcome.result == "updated" for outcome in outcomes)
    if changed and not made:
        return f"{changed} ticket{'' if changed == 1 else 's'} changed"
    also = f", {changed} changed" if changed else ""
    return f"{made} ticket{'' if made == 1 else 's'} created{also}"


def _as_sent(planned: "Planned") -> str:
    """One request, exactly as it would be sent, or why there is none."""
    if not planned.url:
        return f"{planned.action_id}: {planned.state} ({planned.reason})"
    head = "\n".join(
        [f"{planned.action_id}: {planned.state}", *planned.remarks, f"{planned.method} {planned.url}"]
    )
    return f"{head}\n{json.dumps(dict(planned.body), indent=2, ensure_ascii=False)}"
