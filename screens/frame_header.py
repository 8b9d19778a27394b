"""The first lines of the frame and the facilitator's: title, save light, clock, the road, what to say next."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.timer import Timer

from app.history import SaveState
from app.review.moments import show_moment
from app.review.zoneless import undeclared
from screens.frame_base import FrameBase
from screens.room import ROOMY
from screens.workbench import STEPS, Workbench
from widgets.prompt import PromptLine
from widgets.stepbar import Step, StepBar

if TYPE_CHECKING:
    from app.review.progress import Progress

COUNT_AFTER = 0.15
"""Seconds after an edit at which the checklist is computed anew: never between a key and its frame."""


class FrameHeader(FrameBase):
    """Shows how things are."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._prompt = 0
        self._count: Timer | None = None
        self._progress: Progress | None = None
        self._failure = ""
        """Why the review could not be saved, once that was said."""

    def _show_title(self) -> None:
        incident = self.bench.session.incident
        zone, name = self.bench.zone, self.bench.zone_name
        when = ""
        if incident.started_at:
            start = incident.started_at.astimezone(zone)
            when = f"{start:%Y-%m-%d} {show_moment(start, 'minute')}"
            if incident.ended_at:
                end = incident.ended_at.astimezone(zone)
                when += f"–{end:%H:%M}" if end.date() == start.date() else f" – {end:%Y-%m-%d %H:%M}"
            when += f" {name}"
        elif any(event.at for event in self.bench.session.events):
            # The day that the table leaves out of its times.
            when = f"rows from {self.bench.first_day:%Y-%m-%d}"
        open_ = "zone not declared" if undeclared(self.bench.session) else ""
        facts = [incident.title or self.bench.session.id or "untitled", incident.severity, when, open_]
        self._show_header(title=" · ".join(fact for fact in facts if fact))

    def _show_saving(self, state: SaveState) -> None:
        time = f"{state.at.astimezone():%H:%M:%S}" if state.at else ""
        text = {"saved": f"saved {time}", "saving": "saving", "read-only": "read only"}.get(
            state.kind, "NOT SAVED"
        )
        self._show_header(light=state.kind, light_text=text.strip())
        if state.kind == "saved":
            self._failure = ""
        elif state.kind == "failed" and state.message != self._failure:
            # The writer tries again and again; the light stays, the sentence is said once, by the step in view.
            self._failure = state.message
            if self.app.current_mode == self.STEP:
                self.say(state.message, "error")

    def _show_clock(self) -> None:
        reading = self.bench.clock.reading()
        if reading is None:
            self._show_header(clock="")
            return
        part, left = reading
        seconds = abs(int(left.total_seconds()))
        sign = "+" if left.total_seconds() < 0 else ""
        held = "" if self.bench.clock.running else " held"
        self._show_header(clock=f"{part.name} {sign}{seconds // 60:02d}:{seconds % 60:02d}{held}")

    def _show_header(self, **changes: Any) -> None:
        bar = self.query_one(StepBar)
        bar.show(replace(bar.header, **changes))

    def _count_soon(self) -> None:
        if self._count is not None:
            self._count.stop()
        self._count = self.set_timer(COUNT_AFTER, self._count_now)

    @work(exclusive=True, group="progress", exit_on_error=False)
    async def _count_now(self) -> None:
        """Compute the checklist in a thread: with thousands of rows it takes longer than a frame may."""
        import asyncio

        from app.review.progress import progress

        self._progress = await asyncio.to_thread(progress, self.bench.session)
        found = self._progress
        self._show_header(
            steps=tuple(
                Step(number, step.name.capitalize(), step.state, step.problems)
                for number, step in enumerate(found.steps, 1)
            ),
            done=found.done,
            of=len(found.items),
        )

    def facilitator_lines(self) -> tuple[str, ...]:
        """The sentences that the facilitator can say or ask here."""
        from app.review.prompts import prompts

        return prompts(self.STEP)

    def _show_prompt(self) -> None:
        known = self.facilitator_lines()
        line = self.query_one(PromptLine)
        if mode := self.mode():
            line.remove_class("-silent")
            line.show(mode, steady=self.mode_is_brief)
            return
        line.set_class(not known or self.bench.presenting, "-silent")
        if known:
            hint = "next prompt  ]" if self.size.width >= ROOMY else "]"
            line.show(known[self._prompt % len(known)], hint)

    def action_prompt(self, step: int) -> None:
        """Another sentence for the facilitator."""
        self._prompt += step
        self._show_prompt()

    def action_present(self) -> None:
        """Hide what is not for the room, or show it again."""
        self.bench.presenting = not self.bench.presenting
        self._show_prompt()
        self.show_session(self.bench.session)
        self.say(
            "Presenter mode: prompts and private notes are hidden."
            if self.bench.presenting
            else "Presenter mode is off."
        )

    def action_clock(self) -> None:
        """Start the meeting's clock, or hold it."""
        if self.bench.clock.parts:
            self.bench.clock.toggle()
            self._show_clock()
        else:
            self.choose_meeting()

    @work
    async def choose_meeting(self) -> None:
        """Ask how long the meeting is, and start its clock."""
        from screens.dialogs import Choice, Choose

        picked = await self.app.push_screen_wait(
            Choose("How long is the meeting?", [Choice(str(m), f"{m} minutes") for m in (60, 30, 90)])
        )
        if picked:
            self.bench.clock.start(int(picked))
            self._show_clock()

    @work
    async def action_checklist(self) -> None:
        """The validation list; choosing an item opens the screen that can tick it."""
        from app.review.checklist import checklist
        from screens.dialogs import Choice, Choose

        items = checklist(self.bench.session)
        picked = await self.app.push_screen_wait(
            Choose(
                f"Checklist {sum(item.done for item in items)}/{len(items)}: Enter opens the step that can tick it",
                [
                    Choice(item.screen, f"{'✓' if item.done else '○'} {item.text}", item.missing)
                    for item in items
                ],
            )
        )
        if picked:
            await self.app.run_action(f"app.step('{picked}')")

    @on(StepBar.Chosen)
    async def _chosen(self, event: StepBar.Chosen) -> None:
        event.stop()
        await self.app.run_action(f"app.step('{STEPS[event.step - 1]}')")

    @on(PromptLine.NextRequested)
    def _next_prompt(self, event: PromptLine.NextRequested) -> None:
        event.stop()
        self.action_prompt(1)

    @on(StepBar.ChecklistClicked)
    def _checklist_clicked(self, event: StepBar.ChecklistClicked) -> None:
        event.stop()
        self.action_checklist()
