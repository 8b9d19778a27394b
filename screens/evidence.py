"""What the raw evidence shows: the lines behind a row, and errors over the window."""

import asyncio
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from app.review.moments import show_moment
from app.review.records import Pointer, Session
from app.text import cut
from screens.frame import StepScreen
from widgets.safe import content
from widgets.spark import spark

if TYPE_CHECKING:
    from app.evidence.query import Row
    from app.evidence.window import Window

AROUND = 12
"""Lines that are shown before and after the one a pointer names."""


async def show_evidence(screen: StepScreen, pointers: tuple[Pointer, ...], source_id: str = "") -> None:
    """Open the raw lines that *pointers* name, or those around the first error of a source."""
    from screens.dialogs import Reader

    bench = screen.bench
    pages = await asyncio.to_thread(_pages, bench.session, bench.desk.folder, pointers, source_id, bench.zone)
    if not pages:
        screen.say("There is no evidence to show here: collect it on step 1, or link a row to it.")
        return
    screen.app.push_screen(Reader("Evidence", Content("\n\n").join(pages)))


def _pages(
    session: Session, folder: Path, pointers: tuple[Pointer, ...], source_id: str, zone: tzinfo
) -> list[Content]:
    from app.evidence.query import around, errors

    if source_id and not pointers:
        first, _last = errors(session, folder, source_id)
        if first is not None:
            pointers = (Pointer(source=source_id, artifact=first.artifact, line=first.line),)
    pages = []
    for pointer in pointers:
        head = content(f"{pointer.artifact or pointer.url or pointer.query}", "bold")
        if pointer.query:
            head = Content.assemble(head, content(f"\nquery {pointer.query}", "dim"))
        rows = around(session, folder, pointer.artifact, pointer.line, AROUND, AROUND) if pointer.line else []
        pages.append(
            Content("\n").join([head, *(_line(row, row.line == pointer.line, zone) for row in rows)])
        )
    return pages


def _line(row: "Row", here: bool, zone: tzinfo) -> Content:
    time = show_moment(row.at.astimezone(zone), "subsecond") if row.at else ""
    text = f"{'▸' if here else ' '} {row.line:>7,}  {time:<12}  {row.text[:2000]}"
    return content(text, "bold" if here else "")


def errors_by_minute(
    session: Session, folder: Path, now: datetime, cancelled: Callable[[], bool]
) -> list[float]:
    """Errors a minute over the window of the incident, or over all there is when it has no start."""
    from app.evidence.query import minutes
    from app.evidence.window import incident_window

    window = incident_window(session, now)
    return [float(each.errors) for each in minutes(session, folder, window=window, cancelled=cancelled)]


def summary(
    session: Session,
    folder: Path,
    window: "Window | None",
    zone: tzinfo,
    width: int,
    cancelled: Callable[[], bool],
) -> str:
    """Errors a minute over the window, and the first error line: two lines of text."""
    from app.evidence.query import errors, minutes
    from app.suggest import suggest

    counted = minutes(session, folder, window=window, cancelled=cancelled)
    lines = []
    if counted and any(minute.errors for minute in counted):
        drawn = spark([float(minute.errors) for minute in counted], max(10, min(60, width - 40)))
        peak = max(counted, key=lambda minute: minute.errors)
        lines.append(
            f"errors/min  {drawn}   peak {peak.errors:,} at {show_moment(peak.at.astimezone(zone), 'minute')}"
        )
    firsts = [
        found
        for source in session.sources
        if (found := errors(session, folder, source.id, window=window, cancelled=cancelled)[0])
    ]
    dated = [row for row in firsts if row.at is not None]
    if dated:
        first = min(dated, key=lambda row: (row.at is None, row.at))
        when = show_moment(first.at.astimezone(zone), "second") if first.at else ""
        name = Path(first.artifact).name
        lines.append(cut(f"first error {when}  {name} line {first.line:,}: {first.text}", max(20, width - 4)))
    ready = len(suggest(session, folder, cancelled=cancelled))
    if ready:
        lines.append(f"{ready} suggestion{'s' if ready > 1 else ''} ready  →  2 Timeline")
    return "\n".join(lines)
