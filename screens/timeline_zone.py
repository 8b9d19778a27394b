"""Zones of the timeline: in which one times are shown, and rows whose zone nobody declared."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from app.review.zoneless import Proposal, declare, label, propose, undeclared
from app.review.zones import find_zone
from screens.timeline_table import TimelineTable, count

WHOSE = {"session": "the session's zone", "utc": "UTC", "person": "this machine's zone"}


class TimelineZone(TimelineTable):
    """One key shows every time in another zone, and says in which; the session is not changed by it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zone", "Zone that times are shown in", show=False, id="timeline.zone"),
        Binding(
            "Z", "declare_zone", "Declare the zone of rows that name none", show=False, id="timeline.declare"
        ),
    ]

    def commands(self) -> Iterable[SystemCommand]:
        """What the palette offers besides."""
        yield from super().commands()
        yield SystemCommand(
            "Zone of the times on the screen", "The session's, UTC, this machine's", self.action_zone
        )
        yield SystemCommand("Declare a zone", "For rows whose times name none", self.action_declare_zone)

    def action_zone(self) -> None:
        """Show times in the next zone; what is typed is read in it, too."""
        before = self.bench.zone_name
        shown = self.bench.next_zone()
        if shown.name == before:
            self.say(f"Times are in {before}: the session's zone, UTC and this machine's zone are the same.")
        else:
            whose = "" if shown.name == WHOSE[shown.whose] else f", {WHOSE[shown.whose]}"
            self.say(f"Times are shown and read in {shown.name}{whose}.{self._still_open()}")

    def _still_open(self) -> str:
        number = len(undeclared(self.bench.session))
        return (
            f" Zone not declared: {number} row{'s' if number > 1 else ''}; Z declares it." if number else ""
        )

    @work
    async def action_declare_zone(self) -> None:
        """Read the rows whose times name no zone in one that somebody declares; evidence may propose it."""
        from screens.dialogs import Ask, Choice, Choose

        session = self.bench.session
        open_ = tuple(event.id for event in undeclared(session))
        if not open_:
            self.say("Every row's zone is declared.")
            return
        picked = tuple(key for key in self.grid.selected_keys if key in open_) or open_
        known = [each.name for each in self.bench.shown_zones if find_zone(each.name)]
        proposed = propose(session)
        offers = [Choice(name, name) for name in dict.fromkeys([*known, "UTC"])]
        if proposed:
            offers.insert(0, Choice("proposed", proposed.name, _why(proposed)))
        answer = await self.app.push_screen_wait(
            Choose(
                f"Zone not declared: {count(picked)} were written in …",
                [*offers, Choice("other", "another zone …")],
            )
        )
        if answer == "other":
            answer = await self.app.push_screen_wait(
                Ask(
                    "Zone",
                    hint="Europe/Berlin, America/New_York, UTC",
                    check=lambda typed: (
                        "" if typed and find_zone(typed) else "Type a name such as Europe/Berlin."
                    ),
                )
            )
        if not answer:
            return
        taken = proposed if answer == "proposed" else None
        zone = taken.zone if taken else find_zone(answer)
        name = taken.name if taken else answer
        if zone is not None:
            self.edit(label(len(picked), name), lambda before: declare(before, picked, zone, name))


def _why(proposed: Proposal) -> str:
    return f"proposed: chat permalinks beside the times of {', '.join(proposed.rows[:4])} say so"
