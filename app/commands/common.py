"""What the commands share: finding a review, and printing so that a pipe gets plain data.

What a review holds reaches the terminal through here only: as data, never as markup.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from app.opening import root_of
from app.problems import USAGE, ended, working_in
from app.review.plain import one_line, visible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from app.history import Desk
    from app.review.records import Session

F = TypeVar("F", bound=Callable[..., Any])

_SHORT: Final = 16
"""Cells of a text that stays on one line, and the least that a longer one is given."""
_SHELL_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Problem(click.ClickException):
    """Bad input, in one sentence that says what to do."""

    exit_code = USAGE


def examples(*lines: str) -> str:
    """The end of a command's help; every line is a command as it would be typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


# Options and arguments


def _inherited(context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """``blamefree --sessions DIR list`` means the same as ``blamefree list --sessions DIR``."""
    outer = context.parent
    while value is None and outer is not None:
        value, outer = outer.params.get("root"), outer.parent
    return value


sessions_option = click.option(
    "--sessions",
    "root",
    type=click.Path(path_type=Path),
    metavar="DIR",
    callback=_inherited,
    help="Folder of the reviews.  [default: $BLAMEFREE_SESSIONS, the settings, or ./sessions]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")


def _is_zone(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from app.review.zones import find_zone

    if value is not None and find_zone(value) is None:
        raise click.BadParameter(
            f"there is no zone “{value}”: write it like Europe/Berlin.", param_hint="--zone"
        )
    return value


shown_zone_option = click.option(
    "--zone", metavar="ZONE", callback=_is_zone, help="Show times in this zone.  [default: the review's]"
)


def _complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The reviews whose folder or id begins with what was typed."""
    from click.shell_completion import CompletionItem

    from app.store.catalogue import sessions

    return [
        CompletionItem(name, help=card.title)
        for card in sessions(root_of(_inherited(context, _parameter, context.params.get("root"))))
        for name in (card.folder.name, card.id)
        # A name goes into somebody's shell as it is.
        if name.startswith(incomplete) and _SHELL_SAFE.fullmatch(name)
    ]


session_argument = click.argument("wanted", metavar="SESSION", shell_complete=_complete)


# Reviews


def place(root: Path | None, wanted: str) -> Path:
    """The folder of the review that *wanted* names. Raises NotFound."""
    from app.store.catalogue import find

    return find(root_of(root), wanted)


@contextmanager
def reading(root: Path | None, wanted: str) -> "Iterator[tuple[Path, Session]]":
    """A review to look at, with what is in its journal; also while it is open elsewhere."""
    from app.history import Desk

    folder = place(root, wanted)
    with working_in(folder), Desk.open(folder, read_only=True) as desk:
        tell_notices(desk)
        yield folder, desk.session


@contextmanager
def writing(root: Path | None, wanted: str) -> "Iterator[Desk]":
    """A review to change; everything is on disk behind it. Raises Problem where it can only be read."""
    from app.history import Desk

    folder = place(root, wanted)
    with working_in(folder), Desk.open(folder) as desk:
        if desk.read_only:
            raise Problem(
                f"{folder.name} was written by a newer version of blamefree and can only be read here: "
                "update blamefree to change it."
            )
        tell_notices(desk)
        yield desk


def tell_notices(desk: "Desk") -> None:
    """Say on standard error what opening the review had to mend."""
    for notice in desk.notices:
        remark(ended(str(notice)))


# Printing


def say(text: str) -> None:
    """Print *text*; control characters are shown, not obeyed."""
    click.echo(visible(text))


def remark(text: str) -> None:
    """Print *text* on standard error, where it does not mix with data."""
    click.echo(visible(text), err=True)


def put_json(value: Any, *, indent: int | None = 2) -> None:
    """Print *value* as JSON, in ASCII: it passes every terminal and every encoding."""
    click.echo(json.dumps(value, indent=indent, default=_written))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def table(rows: Sequence[Mapping[str, str]], least: Sequence[str] = ()) -> None:
    """Print *rows* with the keys of the first as headings; to a pipe as tab-separated values.

    On a narrow terminal the columns *least* are left out one by one, until the longest texts have room.
    """
    if not rows:
        return
    heads = list(rows[0])
    if not sys.stdout.isatty():
        for cells in (heads, *(row.values() for row in rows)):
            click.echo("\t".join(one_line(cell) for cell in cells))
        return
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    texts = [{head: one_line(row[head]) for head in heads} for row in rows]
    widths = {head: max(cell_len(text) for text in (head, *(row[head] for row in texts))) for head in heads}
    # The first column is what people copy into the next command: it is never torn apart.
    whole = {head for head in heads if widths[head] <= _SHORT or head == heads[0]}
    for head in least:
        if sum(widths[name] if name in whole else _SHORT for name in heads) + len(heads) <= console.width:
            break
        heads.remove(head)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        shown.add_column(Text(head), overflow="fold", no_wrap=head in whole)
    for row in texts:
        shown.add_row(*(Text(row[head]) for head in heads))
    console.print(shown)
