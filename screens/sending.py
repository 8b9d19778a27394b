"""Sending the report from a screen: where to, exactly what would go, and only then the one attempt."""

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.frame import StepScreen
from screens.frame_base import READ_ONLY

if TYPE_CHECKING:
    from app.report.render import Shape
    from app.sending.interface import Ready

_LONGEST = 20_000
"""Characters of what would go that are shown: the rest is the report, which screen 5 shows whole."""


class SendsReport(StepScreen):
    """A screen on which the report can be sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "S", "send_report", "Send", tooltip="Send the report; shown before it goes", id="report.send"
        ),
    ]

    @work
    async def action_send_report(self) -> None:
        """Ask where to, show exactly what would go, and send it once."""
        from app.sending.interface import SendProblem
        from app.sending.send import cut_off, send
        from screens.dialogs import Ask, Confirm

        desk = self.bench.desk
        if desk.read_only:
            self.say(READ_ONLY, "warning")
            return
        mailed = (each.to for each in self.bench.session.distribution if each.how == "mail" or "@" in each.to)
        before = tuple(dict.fromkeys(mailed))
        to = await self.app.push_screen_wait(
            Ask(
                "Send the report to",
                hint="mail addresses, slack, file:PATH, clipboard, git or git:PATH; it is shown before it goes",
                suggestions=before,
            )
        )
        if not to:
            return
        try:
            ready = await asyncio.to_thread(self._prepared, to)
        except SendProblem as problem:
            self.say(str(problem), "warning")
            return
        doubt = cut_off(desk, ready)
        taken = await asyncio.to_thread(self._taken_out)
        shown = ready.exactly[:_LONGEST] + ("\n…" if len(ready.exactly) > _LONGEST else "")
        sure = await self.app.push_screen_wait(
            Confirm(
                f"This goes by {ready.how} to {ready.to}",
                "\n\n".join(filter(None, (doubt, taken, shown))),
                "Send",
            )
        )
        if not sure:
            return
        try:
            sent = await send(ready, desk, self.edit, self.bench.now)
        except SendProblem as problem:
            self.say(str(problem), "error")
            return
        self.say("; ".join((f"Sent by {ready.how} to {sent.to}", *sent.remarks)))

    def _prepared(self, to: str) -> "Ready":
        """What would go; in a thread, because a long report takes a while to make."""
        from app.indicator import drawn
        from app.report.render import Shape
        from app.sending.send import prepare, wants_page
        from app.settings import load_settings

        session, now = self.bench.session, self.bench.now()
        shape = self.shape_sent()
        if wants_page(to):
            shape = replace(shape or Shape(), indicator=drawn(session, self.bench.desk.folder))
        return asyncio.run(prepare(session, to, load_settings(), os.environ, now, self._to_terminal, shape))

    def _taken_out(self) -> str:
        """What readers outside will not see, where the version is for them."""
        from app.report.render import ReportProblem, for_readers
        from screens.report_out import removals

        shape = self.shape_sent()
        if shape is None:
            return ""
        try:
            _, removed = for_readers(self.bench.session, shape)
        except ReportProblem:
            return ""
        return f"{len(removed)} things are taken out:\n{removals(removed)}" if removed else ""

    def shape_sent(self) -> "Shape | None":
        """The version that goes; None for the usual one."""
        return None

    def _to_terminal(self, text: str) -> bool:
        self.app.copy_to_clipboard(text)
        return True
