"""A collection from the command line: bars on a terminal, lines in a pipe, JSON lines on request."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from app.commands.common import put_json, say
from app.review.plain import one_line

if TYPE_CHECKING:
    from app.history import Desk
    from collectors.interface import Progress
    from collectors.outcome import Outcome


T = TypeVar("T")


@dataclass(frozen=True)
class _Reporter:
    """How progress and outcomes are shown, and what must be open while they are."""

    around: AbstractContextManager[object]
    progress: "Callable[[Progress], None]"
    outcome: "Callable[[Outcome], None]"


def gather(
    desk: "Desk", ids: list[str], *, as_json: bool, lead: int | None = None, tail: int | None = None
) -> "dict[str, Outcome]":
    """Collect from the sources *ids* of an open review; what each gives is saved the moment it is there.

    *lead* and *tail* are minutes around the incident; the person's settings where they are not given.
    """
    from app.evidence.engine import leave_interrupts, load
    from app.settings import load_settings
    from collectors.outcome import with_outcome
    from collectors.runner import Margins, Run

    settings = load_settings()
    margins = Margins(
        timedelta(minutes=settings.lead_minutes if lead is None else lead),
        timedelta(minutes=settings.tail_minutes if tail is None else tail),
    )
    names = {each.id: one_line(each.name or each.id) for each in desk.session.sources if each.id in ids}
    reporter = _json_lines() if as_json else _bars(names) if sys.stdout.isatty() else _lines(names)
    failures: list[Exception] = []
    printing = True

    def tell(show: Callable[[T], None], what: T) -> None:
        # A reader that went away (| head) must not cost anybody the evidence that is still coming.
        nonlocal printing
        if printing:
            try:
                show(what)
            except Exception as error:
                printing = False
                failures.append(error)

    def keep(outcome: "Outcome") -> None:
        try:
            desk.apply(
                f"Collect {names[outcome.source_id]}",
                lambda session: with_outcome(session, outcome.source_id, outcome),
            )
        except Exception as error:
            # The runner must not fail over it; it is raised again behind the run.
            failures.append(error)
        tell(reporter.outcome, outcome)

    async def collect() -> "dict[str, Outcome]":
        run = Run(
            desk.session,
            desk.folder,
            on_progress=partial(tell, reporter.progress),
            on_outcome=keep,
            margins=margins,
        )
        # Before anything is read: ctrl+c must find what is half kept, and not a broken engine.
        load()
        leave_interrupts()
        run.start(ids)
        return await run.wait()

    with reporter.around:
        outcomes = asyncio.run(collect())
    if failures:
        raise failures[0]
    return outcomes


def piped_source(desk: "Desk", name: str) -> str:
    """The id of the source that takes standard input under *name*; added where there is none yet."""
    from app.review import edits
    from app.review.records import Source
    from collectors.file import STDIN

    wanted = one_line(name)
    for each in desk.session.sources:
        if each.kind == "file" and each.settings.get("path") == STDIN and each.name == wanted:
            return each.id
    fresh = Source(kind="file", name=wanted, settings={"path": STDIN})
    desk.apply(f"Add {wanted}", lambda session: edits.add(session, "sources", fresh))
    return desk.session.sources[-1].id


def _json_lines() -> _Reporter:
    def progress(now: "Progress") -> None:
        facts = {"source": now.source_id, "state": now.state, "step": now.step, "message": now.message}
        numbers = {"rows": now.rows, "bytes": now.bytes, "done": now.done, "eta_s": now.eta_s}
        put_json({"type": "progress", **facts, **numbers}, indent=None)

    def outcome(one: "Outcome") -> None:
        put_json({"type": "outcome", **_outcome_facts(one)}, indent=None)

    return _Reporter(nullcontext(), progress, outcome)


def _outcome_facts(one: "Outcome") -> dict[str, Any]:
    return {
        "source": one.source_id,
        "state": one.state,
        "message": one.message,
        "confirm": _waits_for(one),
        "notes": list(one.notes),
        "artifacts": [
            each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in one.artifacts
        ],
        "gaps": [each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in one.gaps],
    }


def _waits_for(one: "Outcome") -> dict[str, Any] | None:
    """What the person has to look at before the source can be asked."""
    from collectors.interface import Command

    match one.confirm:
        case None:
            return None
        case Command(argv, folder):
            return {"argv": list(argv), "folder": str(folder)}
        case lent:
            return {lent.what: lent.name} | ({"host": lent.to} if lent.to else {})


def _summary(one: "Outcome", name: str) -> str:
    sign = {"done": "✓", "failed": "✗", "cancelled": "-"}[one.state]
    rows = sum(artifact.rows for artifact in one.artifacts)
    parts = [
        _count(rows, "row"),
        _count(len(one.gaps), "gap"),
        one.message,
        f"`blamefree collect SESSION --confirm {one.source_id}` confirms it" if one.confirm else "",
        *one.notes,
    ]
    return f"{sign} {one.source_id} {name}: {one.state}" + "".join(f" · {part}" for part in parts if part)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""


def _lines(names: dict[str, str]) -> _Reporter:
    return _Reporter(nullcontext(), lambda _: None, lambda one: say(_summary(one, names[one.source_id])))


def _bars(names: dict[str, str]) -> _Reporter:
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[step]}", markup=False),
        console=Console(highlight=False, markup=False),
    )
    tasks = {
        source_id: bars.add_task(name, total=None, step="", start=True) for source_id, name in names.items()
    }

    def progress(now: "Progress") -> None:
        facts = (
            now.step,
            f"{now.rows:,} rows" if now.rows else "",
            decimal(now.bytes) if now.bytes else "",
            f"{now.eta_s:.0f} s left" if now.eta_s and now.eta_s >= 1 else "",
        )
        step = " · ".join(part for part in facts if part)
        total = None if now.done is None else 1.0
        bars.update(tasks[now.source_id], total=total, completed=now.done or 0.0, step=one_line(step))

    def outcome(one: "Outcome") -> None:
        bars.remove_task(tasks[one.source_id])
        bars.print(Text(one_line(_summary(one, names[one.source_id]))))

    return _Reporter(bars, progress, outcome)
