"""A team's own sources, and how all sources stand: reachable, authorised, in step, still holding the window."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker

from screens.collect_questions import SourceQuestions

_SAME = ("reachable", "authorised", "clock", "window")


class TeamSources(SourceQuestions):
    """Sources are kept for the next review, and asked before anything is collected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "save_source", "Save the source for the next review", show=False, id="collect.save"),
    ]

    _examining: Worker[None] | None = None

    def action_examine(self) -> None:
        """Say of each source whether it is reachable, authorised, in step, and still holds the window.

        The same key stops it: a source that does not answer is waited for.
        """
        if self._examining is not None and self._examining.is_running:
            self._examining.cancel()
            self.say("Stopped asking: c asks again.")
        else:
            self._examining = self._examine()

    @work(exclusive=True, group="examine", exit_on_error=False)
    async def _examine(self) -> None:
        from collectors.doctor import examine, facts_of
        from screens.dialogs import Reader

        sources = self.bench.session.sources
        if not sources:
            self.say("There are no sources yet: a adds one.")
            return
        self.say(f"Asking {len(sources)} source{'s' if len(sources) > 1 else ''} …  c stops")
        lines: dict[str, list[str]] = {}
        async for source, found in examine(
            sources, self.bench.desk.folder, window=self.gathering.window(), now=self.bench.now()
        ):
            facts = facts_of(found)
            said = " · ".join(f"{name} {facts[name]}" for name in _SAME if facts[name] != "-")
            lines[source.id] = [f"{source.name or source.id}: {said or 'not asked'}"]
            lines[source.id] += [f"    {sentence}" for sentence in found.sentences]
        told = [line for source in sources for line in lines.get(source.id, [])]
        if self.is_current:
            self.app.push_screen(Reader("How the sources stand", "\n".join(told)))

    @work
    async def action_save_source(self) -> None:
        """Keep a source in the settings of this machine; the names of secrets go along, no secret does."""
        import asyncio

        from app.settings import ProfileProblem, save_profile
        from collectors.profiles import profile_of
        from screens.dialogs import Ask

        source = self._current()
        if source is None:
            return
        name = await self.app.push_screen_wait(
            Ask(
                "Save the source for the next review",
                profile_of(source).name,
                "Under this name it stands first when a source is added (a).",
                check=lambda text: "" if text else "A name is needed.",
            )
        )
        if not name:
            return
        try:
            path = await asyncio.to_thread(save_profile, profile_of(source, name))
        except ProfileProblem as problem:
            self.say(str(problem), "warning")
            return
        self.say(f"“{name}” was saved in {path}.")
