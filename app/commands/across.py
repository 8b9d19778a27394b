"""What looks at all reviews: search in what people wrote, and how long each incident took."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import Problem, examples, json_option, put_json, remark, sessions_option, table
from app.opening import root_of
from app.problems import MISSING

if TYPE_CHECKING:
    from app.review.records import Session

_NAMES = ("TTD", "TTA", "TTI", "TTM", "recover", "TTR", "impact", "response", "hands")
_SHOWN = ("TTD", "TTA", "TTM", "TTR", "impact")


@click.command(
    short_help="Search in all reviews.",
    epilog=examples("blamefree search connection pool", "blamefree search '\"read replica\"' --json"),
)
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="Show at most so many.")
@json_option
@sessions_option
def search(text: tuple[str, ...], limit: int, as_json: bool, root: Path | None) -> int:
    """Search in what people wrote: titles, rows, factors, actions, lessons, and all other texts.

    A text is found when it holds every word, whatever their case; "a phrase" stands in quotes. Exits with 1 when
    nothing is found.
    """
    from app.redaction.session import masked_text
    from app.review.records import Session
    from app.store.search import Hit, needles
    from app.store.search import search as look

    query = " ".join(text)
    if not needles(query):
        raise Problem("There is no word to search for: write one.")
    hits: list[Hit] = []
    more = False
    for each in look(root_of(root), query):
        if not isinstance(each, Hit):
            remark(f"{each.folder.name}: {each.problem}")
        elif len(hits) < limit:
            hits.append(each)
        else:
            # A word that is everywhere: reading the rest to count it would take seconds.
            more = True
            break

    # Hits are pasted elsewhere. What one review lets leave, another may not: here everything is masked.
    def mask(text: str) -> str:
        return masked_text(Session(), text)

    hits = [replace(hit, snippet=mask(hit.snippet), review=mask(hit.review)) for hit in hits]
    if as_json:
        put_json([asdict(hit) for hit in hits])
    elif hits:
        table(
            [
                {"review": hit.folder.name, "where": hit.where, "text": hit.snippet, "title": hit.review}
                for hit in hits
            ],
            least=("title",),
        )
    else:
        remark("Nothing was found: try fewer words, or another form of them.")
    if more:
        remark("There is more: say another word, or a higher --limit.")
    return 0 if hits else MISSING


@click.command(
    short_help="How long each incident took.",
    epilog=examples("blamefree stats", "blamefree stats --name TTM --json"),
)
@click.option(
    "--name",
    "names",
    multiple=True,
    type=click.Choice(_NAMES, case_sensitive=False),
    help=f"A duration; may be given again.  [default: {', '.join(_SHOWN)}]",
)
@json_option
@sessions_option
def stats(names: tuple[str, ...], as_json: bool, root: Path | None) -> int:
    """Show the durations of each incident as bars, with their definitions.

    No mean is shown: durations of incidents are so uneven that one says nothing. Exits with 1 when a review could
    not be read.
    """
    from app.store.shelf import shelf

    failed = False
    known = []
    for each in shelf(root_of(root)):
        if each.problem:
            remark(f"{each.folder.name}: {each.problem}")
            failed = True
        else:
            known.append((each.folder.name, each.session))
    known.sort(key=lambda one: (str(one[1].incident.started_at or ""), one[0]))
    rows = [
        fact
        for name in names or _SHOWN
        for folder, session in known
        for fact in _facts(folder, session, name)
    ]
    if as_json:
        put_json(rows)
    elif rows:
        _bars(rows)
    else:
        remark("No reviews yet.")
    return MISSING if failed else 0


def _facts(folder: str, session: "Session", name: str) -> "list[dict[str, Any]]":
    from app.redaction.session import masked_text
    from app.review.durations import durations, spell

    return [
        {
            "review": folder,
            "title": masked_text(session, session.incident.title),
            "started": session.incident.started_at,
            "name": each.name,
            "label": each.label,
            "definition": each.formula,
            "seconds": None if each.value is None else each.value.total_seconds(),
            "text": f"{'about ' if each.about else ''}{spell(each.value)}" if each.value is not None else "",
            "problem": each.problem,
        }
        for each in durations(session)
        if each.name.casefold() == name.casefold()
    ]


def _bars(rows: list[dict[str, Any]]) -> None:
    """The durations as bars to a terminal, each name on a scale of its own; as a table to a pipe."""
    import sys

    if not sys.stdout.isatty():
        shown = ("name", "review", "seconds", "text", "problem")
        table([{key: "" if row[key] is None else str(row[key]) for key in shown} for row in rows])
        return
    from rich.bar import Bar
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from app.review.plain import one_line

    console = Console(highlight=False, markup=False)
    for name in dict.fromkeys(row["name"] for row in rows):
        alike = [row for row in rows if row["name"] == name]
        longest = max((row["seconds"] or 0 for row in alike), default=0)
        head = f"{alike[0]['label']} ({name}): {alike[0]['definition']}"
        console.print(Text(head, style="bold"))
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(max_width=36, no_wrap=True, overflow="ellipsis")
        grid.add_column(no_wrap=True, justify="right")
        grid.add_column(ratio=1)
        for row in alike:
            known = row["seconds"] is not None and longest
            bar = Bar(longest, 0, row["seconds"]) if known else Text(one_line(row["problem"]), style="dim")
            grid.add_row(Text(one_line(row["review"])), Text(row["text"] or "-"), bar)
        console.print(grid)
        console.print()
