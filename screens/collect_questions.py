"""What the person is asked on step 1: a clock that disagrees, a zone that is missing, a command that would run."""

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

from textual import work

from app.review import edits
from app.review.records import Session, Source
from screens.collect_table import SourceTable
from screens.frame_base import READ_ONLY

if TYPE_CHECKING:
    from collectors.interface import Command, Lent
    from screens.dialogs import Confirm

MOST_OFFSET = 366 * 86_400
"""Seconds by which a clock can be corrected: more than a year is a typing mistake."""


class SourceQuestions(SourceTable):
    """Sources are run and stopped, and questions about them answered."""

    _looked_at: tuple[object, ...] = ()

    def show_session(self, session: Session) -> None:
        """Show the sources; look at their clocks again where something about them changed."""
        super().show_session(session)
        now = tuple(
            (each.id, each.clock_offset_s, each.clock_ahead_s, each.settings.get("zone"), len(each.artifacts))
            for each in session.sources
        )
        if now != self._looked_at:
            self._looked_at = now
            self.look_at_clocks()

    @work(exclusive=True, group="clocks", exit_on_error=False)
    async def look_at_clocks(self) -> None:
        """Ask the evidence about the clocks of its sources, in a thread."""
        if not any(each.artifacts or each.clock_ahead_s for each in self.bench.session.sources):
            if self.proposals:
                self.proposals = {}
                self._show_sources()
            return
        from app.evidence.clocks import proposals

        session, folder, window = self.bench.session, self.bench.desk.folder, self.gathering.window()
        stopped = self.bench.stopping.is_set
        found = await asyncio.to_thread(proposals, session, folder, window=window, cancelled=stopped)
        self.proposals = {each.source: each for each in found}
        self._show_sources()

    @work
    async def action_offset(self) -> None:
        """Correct the clock of a source: seconds to add to its times; raw times are kept."""
        from screens.dialogs import Ask

        source = self._current()
        if source is None:
            return

        def check(text: str) -> str:
            try:
                fits = abs(float(text)) <= MOST_OFFSET
            except ValueError:
                fits = False
            return "" if fits else "Type seconds, such as -42 when the host was 42 s ahead."

        proposal = self.proposals.get(source.id)
        stands = f" Now {source.clock_offset_s:+g}." if source.clock_offset_s else ""
        text = await self.app.push_screen_wait(
            Ask(
                f"Seconds to add to the times of {source.name}",
                f"{proposal.offset_s if proposal else source.clock_offset_s:g}",
                f"{proposal.reason}{stands}" if proposal else "-42 when its clock was 42 s ahead; 0 for none",
                check,
            )
        )
        if text is not None:
            offset = float(text)
            self.edit(
                f"Correct the clock of {source.id} by {offset:+g} s",
                lambda session: edits.change(session, "sources", {source.id}, clock_offset_s=offset),
            )

    @work
    async def action_zone(self) -> None:
        """Say in which zone the times were written that name none; what was made of them moves with the answer."""
        from app.evidence.index import is_zone
        from screens.dialogs import Ask

        source = self._current()
        if source is None:
            return
        zone = await self.app.push_screen_wait(
            Ask(
                f"In which zone were the times of {source.name} written?",
                str(source.settings.get("zone") or ""),
                "Europe/Berlin, America/New_York, UTC",
                lambda text: (
                    "" if is_zone(text.strip()) else "There is no such zone: write it like Europe/Berlin."
                ),
            )
        )
        if zone is not None:
            await self.read_in(source, zone.strip())

    async def read_in(self, source: Source, zone: str, **changes: object) -> None:
        """Read the logs of *source* again in *zone*, and put the answer, with *changes*, into the session."""
        from app.evidence.zones import reread, with_zone
        from collectors.runner import window_of

        session, folder = self.bench.session, self.bench.desk.folder
        window = window_of(session, source, self.bench.now().astimezone(UTC))
        stopped = self.bench.stopping.is_set
        fresh = await asyncio.to_thread(reread, session, folder, source.id, zone, window, stopped)

        def change(session: Session) -> Session:
            session = with_zone(session, fresh)
            return edits.change(session, "sources", {source.id}, **changes) if changes else session

        if self.edit(f"Read the times of {source.id} in {zone or 'UTC'}", change):
            self.bench.suggested.publish(0)

    # Running

    def action_run_one(self) -> None:
        """Collect from this source, again if it was done."""
        source = self._current()
        if source:
            self._start([source.id])

    def action_run_all(self) -> None:
        """Collect from all sources at once."""
        if self.bench.session.sources:
            self._start(None)

    def _start(self, source_ids: list[str] | None) -> None:
        if self.bench.desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        asking = self.gathering.unconfirmed(source_ids)
        held = {source.id for source, _ in asking}
        chosen = [source.id for source in self.gathering.chosen(source_ids) if source.id not in held]
        if chosen:
            self.gathering.start(chosen)
        if asking:
            self._ask_to_run(asking)

    @work
    async def _ask_to_run(self, asking: "list[tuple[Source, list[Command | Lent]]]") -> None:
        """A review may come from somebody else: it runs and uses nothing that the person here has not seen."""
        from collectors.confirmed import confirm
        from collectors.interface import CollectProblem

        for source, items in asking:
            for item in items:
                if not await self.app.push_screen_wait(_asked_about(source, item)):
                    self.say(f"{source.name or source.id} was not run. r asks again.")
                    break
                try:
                    confirm(item)
                except CollectProblem as problem:
                    self.say(str(problem), "warning")
                    break
            else:
                self.gathering.start([source.id])

    def action_cancel(self) -> None:
        """Stop collecting from this source; what was read is kept."""
        source = self._current()
        if source:
            self.gathering.cancel(source.id)

    def action_cancel_all(self) -> None:
        """Stop collecting from every source; what was read is kept."""
        self.gathering.cancel()


def _asked_about(source: Source, item: "Command | Lent") -> "Confirm":
    """The dialog that shows what *source* would run or use, word for word."""
    from collectors.interface import Command
    from screens.dialogs import Confirm

    who = f"{source.id} {source.name}"
    if not isinstance(item, Command):
        text = f"{who} uses what is yours:\n\n{item.shown}\n\n"
        text += "A review may come from somebody else, and name any token and any server."
        return Confirm("Use what is yours for this source?", text, "Use it")
    words = "\n".join(f"{number:3}  {word}" for number, word in enumerate(item.argv, 1))
    text = f"{who} runs this on your machine, with your rights, word for word:\n\n{words}\n\n"
    text += f"in the folder {item.folder}"
    if any(mark in word for word in item.argv for mark in ("{from", "{to")):
        text += "\n\n{from} and {to} become the ends of the window."
    # Nothing that is asked about may hide below the edge: say how much there is and how to see it.
    return Confirm(f"Run this command of {len(item.argv)} words? ↑ ↓ show all of it", text, "Run it")
