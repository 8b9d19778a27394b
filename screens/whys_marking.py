"""What a node of the whys is: its mark, kind, category, evidence; rows of the timeline that become nodes, and back."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from app.review import edits
from app.review.nodes_rows import factor_of_row, row_of_factor
from app.review.ribs import categories
from app.review.vocabulary import FACTOR_KINDS, MARKS
from screens.whys_moving import Moving
from screens.whys_nodes import heading_of


class Marking(Moving):
    """The part of the screen that says what a node is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mark", "Mark", id="whys.mark"),
        Binding("k", "kind", "Kind", show=False, id="whys.kind"),
        Binding("C,percent_sign", "category", "Category", show=False, key_display="C", id="whys.category"),
        Binding("G", "categories", "The categories of this review", show=False, id="whys.categories"),
        Binding("v", "link", "Evidence", id="whys.link"),
        Binding("V", "lines", "Raw lines behind it; w there points it to one", show=False, id="whys.lines"),
        Binding("o", "from_row", "Node from a row of the timeline", show=False, id="whys.from_row"),
        Binding("O", "to_row", "Make it a row of the timeline", show=False, id="whys.to_row"),
        Binding("ctrl+e", "external", "Edit the text in $EDITOR", show=False, id="whys.editor"),
    ]

    @work
    async def action_mark(self) -> None:
        """Mark the factor as immediate, contributing, or systemic."""
        await self._choose_field("mark", MARKS)

    @work
    async def action_kind(self) -> None:
        """Say what kind of thing the factor is."""
        await self._choose_field("kind", FACTOR_KINDS)

    @work
    async def action_category(self) -> None:
        """Put the factor into a category."""
        await self._choose_field("category", categories(self.bench.session))

    async def _choose_field(self, field: str, words: tuple[str, ...]) -> None:
        from screens.dialogs import Choice, Choose

        here = self.current
        if here is None:
            return
        used = {getattr(each, field) for each in self.bench.session.factors} - {"", *words}
        choices = [Choice("-", f"no {field}"), *(Choice(word, word) for word in (*words, *sorted(used)))]
        picked = await self.app.push_screen_wait(
            Choose(f"{field.capitalize()} of “{here.text[:40]}”", choices, getattr(here, field))
        )
        if picked is not None:
            self.set_field(here.id, field, "" if picked == "-" else picked)

    def set_field(self, key: str, field: str, value: str) -> None:
        """Set the mark, the kind, or the category of a factor."""
        self.edit(
            f"Set {field} of {key}", lambda session: edits.change(session, "factors", {key}, **{field: value})
        )

    @work
    async def action_categories(self) -> None:
        """Edit the list of categories that this review sorts into."""
        from screens.dialogs import Ask

        session = self.bench.session
        now = ", ".join(categories(session))
        text = await self.app.push_screen_wait(
            Ask(
                "Categories of this review",
                now,
                hint="Separated by commas, in the order of the ribs. Empty: the known ones again.",
            )
        )
        if text is None or text == now:
            return
        names = tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip())))
        self.edit("Set the categories", lambda s: edits.set_analysis(s, categories=names))

    # Evidence, and rows of the timeline

    @work
    async def action_link(self) -> None:
        """Link the factor to a row of the timeline that shows it, or take the link away."""
        here = self.current
        if here is None:
            return
        picked = await self._choose_row(
            f"Which row shows “{here.text[:40]}”? Enter links, or unlinks", here.events
        )
        if picked:
            linked = picked in here.events
            events = (
                tuple(each for each in here.events if each != picked) if linked else (*here.events, picked)
            )
            self.edit(
                f"{'Unlink' if linked else 'Link'} {here.id} and {picked}",
                lambda session: edits.change(session, "factors", {here.id}, events=events),
            )

    @work
    async def action_lines(self) -> None:
        """The raw lines behind the factor, or about the first row that shows it; a line there can show it, too."""
        from screens.evidence import show_evidence

        here = self.current
        rows = [each for each in self.bench.session.events if here and each.id in here.events]
        pointers = (*(here.evidence if here else ()), *(each for row in rows for each in row.evidence))
        at = next((row.at for row in rows if row.at), None) or self.bench.session.incident.started_at
        await show_evidence(self, pointers, at=at)

    async def _choose_row(self, title: str, linked: tuple[str, ...]) -> str | None:
        from app.review.moments import show
        from app.review.timeline import in_order
        from screens.dialogs import Choice, Choose

        rows = in_order(self.bench.session)
        if not rows:
            self.say("The timeline has no rows yet to point to.")
            return None
        zone, day = self.bench.zone, self.bench.first_day
        choices = [
            Choice(row.id, f"{'●' if row.id in linked else '○'} {show(row, zone, day)} {row.text}", row.id)
            for row in rows
        ]
        picked: str | None = await self.app.push_screen_wait(Choose(title, choices))
        return picked

    @work
    async def action_from_row(self) -> None:
        """Make a row of the timeline a node below the one under the cursor; the row stays, as its evidence."""
        here = self.current
        known = tuple(each for factor in self.bench.session.factors for each in factor.events)
        below = f"below {here.id}" if here else "as a root"
        picked = await self._choose_row(f"Which row becomes a node {below}? ● is one already", known)
        if picked:
            parent = here.id if here else ""
            heading = heading_of(self.view_key()) or ""
            factor = factor_of_row(self.bench.session, picked).model_copy(
                update={"parent": parent, "category": heading, "question": self.question_below(parent)}
            )
            if added := self.add_factor(factor, parent):
                self.view_go(added)

    @work
    async def action_to_row(self) -> None:
        """Make the node a row of the timeline; it stays in the tree, or leaves it."""
        from screens.dialogs import Choice, Choose

        here = self.current
        if here is None:
            return
        picked = await self.app.push_screen_wait(
            Choose(
                f"Make “{here.text[:40]}” a row of the timeline",
                [
                    Choice("keep", "and keep the node; the row is its evidence"),
                    Choice("move", "and take the node out of the tree; what is below it moves up"),
                ],
            )
        )
        if picked is None:
            return
        gone = picked == "move"
        if self.edit(f"Make {here.id} a row", lambda s: row_of_factor(s, here.id, keep=not gone)):
            left = f"{here.id} left the tree" if gone else f"{here.id} stays"
            self.say(
                f"The row stands on the timeline, without a time of its own yet; {left}. u takes it back."
            )

    def action_external(self) -> None:
        """Edit the factor's text in the person's own editor."""
        from screens.external import NoEditor, edit_text

        here = self.current
        if here is None:
            return
        try:
            text = edit_text(self.app, here.text)
        except NoEditor as problem:
            self.say(str(problem), "warning")
            return
        if text is not None:
            self.edit(
                f"Edit {here.id}", lambda session: edits.change(session, "factors", {here.id}, text=text)
            )
