"""How every source stands: reachable, authorised, its clock, and whether it still holds the window."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    sessions_option,
    table,
)
from app.commands.sources import chosen
from app.problems import MISSING
from app.review.plain import one_line

if TYPE_CHECKING:
    from app.evidence.window import Window
    from app.review.records import Source
    from collectors.interface import Examination

Found = list[tuple["Source", "Examination"]]


@click.command(
    short_help="Say how the sources stand.",
    epilog=examples(
        "blamefree doctor                     the sources in your settings, for the last hour",
        "blamefree doctor api-service         those of a review, for its window",
    ),
)
@click.argument("wanted", metavar="[SESSION]", default="")
@click.option(
    "--source", "words", multiple=True, metavar="SOURCE", help="Id, kind or name; may be given again."
)
@json_option
@sessions_option
def doctor(wanted: str, words: tuple[str, ...], as_json: bool, root: Path | None) -> int:
    """Say of each source whether it is reachable and authorised, how far its clock is off, and whether it still
    holds the window. Nothing is collected. Exits with 1 when something stands in the way.
    """
    from app.settings import load_settings
    from collectors.doctor import healthy
    from collectors.runner import Margins

    settings = load_settings()
    now = datetime.now(UTC)
    if wanted:
        from app.evidence.window import incident_window

        with reading(root, wanted) as (folder, session):
            ids = set(chosen(session, words))
            sources = [each for each in session.sources if each.id in ids]
            margins = Margins(
                timedelta(minutes=settings.lead_minutes), timedelta(minutes=settings.tail_minutes)
            )
            found = _ask(sources, folder, incident_window(session, now, *margins))
    else:
        from app.evidence.window import Window
        from collectors.profiles import source_of

        sources = [source_of(each) for each in settings.profiles if not words or each.name in words]
        found = _ask(sources, None, Window(now - timedelta(hours=1), now))
    if not sources:
        raise Problem("There are no sources to ask: name a review, or save sources with `blamefree source`.")
    _show(found, as_json=as_json)
    return 0 if all(healthy(one) for _, one in found) else MISSING


def _ask(sources: Iterable["Source"], folder: Path | None, window: "Window | None") -> Found:
    from collectors.doctor import examine

    asked = list(sources)

    order = {id(source): place for place, source in enumerate(asked)}

    async def gather(waiting_for: Callable[[str], None]) -> Found:
        found: Found = []
        silent = {place: _name(source) for place, source in enumerate(asked)}
        waiting_for(", ".join(silent.values()))
        async for pair in examine(asked, folder, window=window):
            found.append(pair)
            silent.pop(order[id(pair[0])])
            waiting_for(", ".join(silent.values()))
        return found

    with _status() as waiting_for:
        found = asyncio.run(gather(waiting_for))
    return sorted(found, key=lambda pair: order[id(pair[0])])


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """On a terminal, a line that says who has not answered yet; it is gone when all have."""
    from app.text import cut

    if not sys.stderr.isatty():
        yield lambda _names: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True, markup=False, highlight=False).status(Text("asking ...")) as status:
        yield lambda names: status.update(Text(f"asking {cut(one_line(names), 60)}"))


def _show(found: Found, *, as_json: bool) -> None:
    from collectors.doctor import facts_of

    if as_json:
        put_json([_facts(source, one) for source, one in found])
        return
    table([{"source": _name(source), "kind": source.kind, **facts_of(one)} for source, one in found])
    for source, one in found:
        for sentence in one.sentences:
            (say if one.reachable else remark)(f"{_name(source)}: {sentence}")


def _facts(source: "Source", one: "Examination") -> dict[str, Any]:
    return {
        "source": source.id or source.name,
        "kind": source.kind,
        "name": source.name,
        "reachable": one.reachable,
        "authorised": one.authorised,
        "clock_s": one.clock_s,
        "covers": one.covers,
        "sentences": list(one.sentences),
    }


def _name(source: "Source") -> str:
    return source.name or source.id or source.kind
