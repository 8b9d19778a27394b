"""What the raw evidence shows: the lines behind a row, and errors over the window."""

import asyncio
from collections.abc import Callable
from datetime import datetime, tzinfo
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from app.review.moments import show_moment
from app.review.records import Pointer, Session
from app.review.writing import Spot
from app.text import cut, decode
from screens.frame import StepScreen
from widgets.spark import spark

if TYPE_CHECKING:
    from app.evidence.window import Window


BEFORE = 5
"""Lines of a document that are shown before the one that a row was read from."""
SHOWN = 60
"""Lines of a document that are shown in all."""


async def show_evidence(
    screen: StepScreen, pointers: tuple[Pointer, ...], source_id: str = "", at: datetime | None = None
) -> None:
    """Open the raw lines of all sources: where *pointers* name one, else about the moment *at*.

    With a source and no pointer: at its first error. The person comes back to the row that was chosen there.
    """
    from screens.evidence_pane import EvidencePane

    bench = screen.bench
    if not any(source.artifacts for source in bench.session.sources):
        links = [pointer.url or pointer.query for pointer in pointers if pointer.url or pointer.query]
        screen.say(
            f"The row points to {links[0]}; nothing was collected on step 1."
            if links
            else "There is no evidence to show here: collect it on step 1, or link a row to it."
        )
        return
    if source_id and not pointers:
        pointers = await asyncio.to_thread(_first_error, bench.session, bench.desk.folder, source_id)
    if kept := await asyncio.to_thread(_document, bench.session, bench.desk.folder, pointers):
        # What was kept to be read, and not as lines with times: a report that was imported.
        from screens.dialogs import Reader

        await screen.app.push_screen_wait(Reader(*kept))
        return
    row = await screen.app.push_screen_wait(EvidencePane(screen, pointers, at))
    if row is not None:
        bench.wanted = Spot("events", "text", row)
        if screen.STEP == "timeline":
            screen.reveal(bench.wanted)
            bench.wanted = None
        else:
            await screen.app.run_action("app.step('timeline')")


def _document(session: Session, folder: Path, pointers: tuple[Pointer, ...]) -> tuple[str, str] | None:
    """The document that the first pointer leads to, about its line, with a title; none for logs."""
    from app.evidence.artifacts import EvidenceProblem, blocks, locate
    from app.evidence.formats import ATTACHMENT
    from app.evidence.lines import batches

    wanted = next((each for each in pointers if each.artifact), None)
    found = next(
        (
            artifact
            for source in session.sources
            for artifact in source.artifacts
            if wanted and artifact.path == wanted.artifact and artifact.format == ATTACHMENT
        ),
        None,
    )
    if found is None or wanted is None:
        return None
    first, shown, number = max(1, wanted.line - BEFORE), [], 0
    try:
        for line in chain.from_iterable(batches(blocks(locate(folder, found)))):
            number += 1
            if number >= first:
                mark = "▌" if number == wanted.line else " "
                shown.append(f"{mark}{number:>6}  {decode(line).rstrip()}")
            if number >= first + SHOWN:
                break
    except EvidenceProblem as problem:
        return found.path, str(problem)
    where = f", line {wanted.line}" if wanted.line else ""
    return f"{found.path}{where}", "\n".join(shown)


def _first_error(session: Session, folder: Path, source_id: str) -> tuple[Pointer, ...]:
    from app.evidence.query import errors, rows

    found = errors(session, folder, source_id)[0] or next(
        iter(rows(session, folder, sources=[source_id], limit=1)), None
    )
    return (Pointer(source=source_id, artifact=found.artifact, line=found.line),) if found else ()


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
