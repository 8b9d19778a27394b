"""Find and replace over the texts of the timeline: plain text, or a regular expression in linear time."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from app.review import edits
from app.review.plain import one_line, visible
from app.review.records import Event, Session

COLUMNS: Final = {"text": "event", "source": "source", "actor": "actor", "kind": "kind", "note": "note"}
"""Fields that can be searched, with the titles people know them by."""

LONGEST_PATTERN = 1_000
"""Characters of a pattern; what is longer was pasted by mistake."""


class BadPattern(ValueError):
    """The pattern or what it is replaced with cannot be used; the sentence says why."""


@dataclass(frozen=True)
class Wanted:
    """What to find, where, and what to put in its place."""

    find: str
    put: str = ""
    columns: tuple[str, ...] = ("text",)
    pattern: bool = False
    r"""*find* is a regular expression (RE2), and ``\1`` in *put* stands for its first group."""
    any_case: bool = True


@dataclass(frozen=True)
class Change:
    """One field of one row, before and after; how often the words were found in it."""

    row: str
    column: str
    before: str
    after: str
    times: int


def changes(rows: Sequence[Event], wanted: Wanted) -> tuple[Change, ...]:
    """What would be replaced in *rows*, in their order. Raises BadPattern."""
    if not wanted.find:
        return ()
    replaced = _replacer(wanted)
    found = []
    for row in rows:
        for column in wanted.columns:
            before = getattr(row, column)
            if not before:
                continue
            after, times = replaced(before)
            after = visible(after) if column in {"text", "note"} else one_line(after)
            if times and after != before:
                found.append(Change(row.id, column, before, after, times))
    return tuple(found)


def replace(session: Session, ids: Collection[str], wanted: Wanted) -> Session:
    """Replace in the rows *ids*, as one edit. Raises BadPattern."""
    known = frozenset(ids)
    by_row: dict[str, dict[str, str]] = {}
    for change in changes([row for row in session.events if row.id in known], wanted):
        by_row.setdefault(change.row, {})[change.column] = change.after
    return edits.replace(session, "events", by_row, lambda row: edits.revise(row, **by_row[row.id]))


def _replacer(wanted: Wanted) -> Callable[[str], tuple[str, int]]:
    if len(wanted.find) > LONGEST_PATTERN:
        raise BadPattern(f"More than {LONGEST_PATTERN:,} characters cannot be searched for.")
    # RE2 for plain text, too: it folds case as no two lines of our own would, and never runs away.
    import re2

    options = re2.Options()
    options.case_sensitive = not wanted.any_case
    options.literal = not wanted.pattern
    options.log_errors = False
    try:
        compiled = re2.compile(wanted.find, options=options)
    except re2.error as error:
        why = error.args[0] if error.args else "it cannot be read"
        why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise BadPattern(f"This is no pattern: {one_line(why)}.") from error
    if compiled.search("") is not None:
        raise BadPattern("The pattern finds the empty text, which is everywhere: make it say more.")
    put: str | Callable[[object], str] = wanted.put if wanted.pattern else lambda _match: wanted.put

    def replaced(text: str) -> tuple[str, int]:
        try:
            after, times = compiled.subn(put, text)
        except (re2.error, IndexError, ValueError) as error:
            raise BadPattern(f"“{wanted.put}” names a group that the pattern does not have.") from error
        return str(after), int(times)

    return replaced
