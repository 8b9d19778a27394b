"""Small things that several screens need to read what a person typed into a cell."""

from datetime import date

from app.review.dates import read_due
from app.review.moments import Context, in_zone, read_exactly
from app.review.timeline import event_by_id
from app.review.vocabulary import complete
from screens.workbench import Workbench


class NotUnderstood(ValueError):
    """What was typed does not fit the cell; the sentence says what would."""


def time_changes(text: str, bench: Workbench, anchor_id: str = "") -> dict[str, object]:
    """The fields of an event that a time typed into its cell changes. Empty text takes the time away.

    ``+5m`` and ``:15`` are read from the row *anchor_id*: the row itself, or the one that a new row follows.
    """
    if not text.strip() or text.strip() == "--:--":
        return {"at": None, "until": None, "written": "", "precision": "order-only", "about": False}
    reading = read_exactly(text, reading_context(bench, anchor_id))
    if reading is None:
        raise NotUnderstood(
            f"“{text}” is not a time: type 10:15, 10:15:30, ~10:15, 10:15-10:22 or 2025-02-09 10:15."
        )
    return {
        "at": reading.at,
        "until": reading.until,
        "precision": reading.precision,
        "about": reading.about,
        "written": reading.written,
    }


def reading_context(bench: Workbench, anchor_id: str = "") -> Context:
    """What times are read against: the incident's day, the zone on the screen, and the selected row."""
    row = event_by_id(bench.session, anchor_id) if anchor_id else None
    started = bench.session.incident.started_at
    if row is None or row.at is None:
        return Context(bench.first_day, bench.zone, zero=started)
    day = in_zone(row.at, bench.zone).date()
    return Context(day, bench.zone, row.at, zero=started, exact=row.precision)


def stated_day(bench: Workbench) -> date:
    """The day that a time may leave out when it is said how it was understood.

    Before anybody has said when the incident was, its day is a guess, and every time is shown with it.
    """
    return bench.first_day if bench.session.incident.started_at else date.min


def due_changes(text: str, bench: Workbench) -> dict[str, object]:
    """The due date that a person typed, counted from today."""
    if not text.strip() or text.strip() == "-":
        return {"due": None}
    due = read_due(text, bench.now().astimezone(bench.zone).date())
    if due is None:
        raise NotUnderstood(f"“{text}” is not a date: type fri, +2w, 16 feb or 2025-02-16.")
    return {"due": due}


def word_of(text: str, choices: tuple[str, ...]) -> str:
    """The known word that *text* begins, or the person's own word; a dash means none."""
    return "" if text.strip() in {"", "-"} else complete(text.strip(), choices)


def one_of(text: str, choices: tuple[str, ...], what: str) -> str:
    """The known word that *text* begins; anything else is not understood."""
    word = complete(text.strip(), choices)
    if word not in choices:
        raise NotUnderstood(f"“{text}” is not {what}: type {', '.join(choices[:-1])} or {choices[-1]}.")
    return word
