"""The timeline alone, in the formats that others read. Every one of them says which zone its clocks are in.

CSV has all fields for a spreadsheet; Timesketch's CSV has ``message``, ``datetime`` and ``timestamp_desc``,
which its import asks for (https://timesketch.org/guides/user/import-from-json-csv/); Mermaid draws a diagram
of sections (days) and periods (times), in which a colon is a separator and is written as an entity.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from app import markdown
from app.redaction.session import masked
from app.report.encode import csv_table, json_text
from app.report.formats import TimelineFormat
from app.report.view import zone_label
from app.review.moments import in_zone, show
from app.review.plain import one_line
from app.review.records import Event, Session
from app.review.rows import lines as rows_shown
from app.review.rows import times_folded
from app.review.tables import as_table
from app.review.timeline import instant
from app.review.zones import in_other_zone, zone_of
from app.text import csv_kept

JSON_FORMAT: Final = 1
"""The version of the timeline's JSON; a key is only ever added under the same number."""


class _Row(NamedTuple):
    event: Event
    at: datetime | None
    until: datetime | None
    time: str
    """As the screen shows it, in the session's zone."""
    hidden: tuple[Event, ...] = ()
    """Rows that this one stands for as well."""

    shift: timedelta = timedelta()
    """By how much the clock of its source is corrected."""

    def moved(self, moment: datetime | None) -> datetime | None:
        """*moment* of the event by the corrected clock."""
        return moment + self.shift if moment else None

    @property
    def text(self) -> str:
        return times_folded(self.event.text, self.hidden)


def timeline(session: Session, format: TimelineFormat, zone: str = "") -> str:
    """Every row of the timeline in reading order, starred or not, in one of the formats.

    Times are in *zone*, or in the session's; every format says in which. Rows that were folded are one row, which says
    how many they are; JSON holds each of them within it.
    """
    write: dict[TimelineFormat, Callable[[Session, list[_Row], str], str]] = {
        "md": _markdown,
        "csv": _csv,
        "json": _json,
        "timesketch": _timesketch,
        "mermaid": _mermaid,
    }
    session = masked(session)
    there = in_other_zone(session, zone)
    shown = rows_shown(there)
    label = zone_label(there, zone_of(there), tuple(event for event, _ in shown))
    # JSON is data of the review, which has its own zone whatever clocks are shown beside it.
    return write[format](session if format == "json" else there, list(_rows(there, shown)), label)


def without_place(session: Session, format: TimelineFormat) -> int:
    """How many rows the format cannot hold: Timesketch asks for a time."""
    return sum(event.at is None for event, _ in rows_shown(session)) if format == "timesketch" else 0


def _rows(session: Session, shown: Sequence[tuple[Event, tuple[Event, ...]]]) -> Iterator[_Row]:
    zone = zone_of(session)
    moments = [instant(session, event) for event, _ in shown]
    started = session.incident.started_at or next((each for each in moments if each), None)
    first_day = in_zone(started, zone).date() if started else None
    shifts = len({in_zone(each, zone).utcoffset() for each in moments if each}) > 1
    for (event, hidden), at in zip(shown, moments, strict=True):
        shift = at - event.at if at and event.at else timedelta()
        until = event.until + shift if event.until else None
        text = show(event.model_copy(update={"at": at, "until": until}), zone, first_day)
        if shifts and at:
            # The clocks change within these rows: a time of day alone could mean two instants.
            text += f" {in_zone(at, zone):%z}"
        yield _Row(event, at, until, text, hidden, shift)


def _markdown(session: Session, rows: list[_Row], zone: str) -> str:
    lines = [
        f"## Timeline: {markdown.inline(session.incident.title or 'untitled incident')}"
        f" (all times {markdown.inline(zone)})",
        "",
        "| Time | Event | Source | Actor |",
        "|------|-------|--------|-------|",
    ]
    for row in rows:
        cells = (row.time, row.text, row.event.source or "-", row.event.actor or "-")
        lines.append(f"| {' | '.join(map(markdown.cell, cells))} |")
    return "\n".join(lines) + "\n"


def _csv(session: Session, rows: list[_Row], zone: str) -> str:
    def table() -> Iterator[tuple[str, ...]]:
        yield (
            "id", f"time ({zone})", "at", "until", "precision", "about", "written", "zone", "event", "kind",
            "milestone", "source", "actor", "starred", "tags", "note", "folded", "at_latest", "until_latest",
            "time_reason", "track",
        )  # fmt: skip
        for row in rows:
            event = row.event
            yield (
                event.id, row.time, _iso(session, row.at), _iso(session, row.until), event.precision,
                "yes" if event.about else "", event.written, _declared(event), row.text, event.kind, event.milestone,
                event.source, event.actor, "yes" if event.starred else "", _tags(event), event.note,
                " ".join(each.id for each in row.hidden), _iso(session, row.moved(event.at_latest)),
                _iso(session, row.moved(event.until_latest)), event.time_reason, event.track,
            )  # fmt: skip

    return csv_table(map(csv_kept, cells) for cells in table())


def _json(session: Session, rows: list[_Row], zone: str) -> str:
    events = [
        as_table(row.event)
        | {"shown": row.time, **({"instant": row.at.astimezone(UTC)} if row.at else {})}
        | ({"folded": [as_table(each) for each in row.hidden]} if row.hidden else {})
        for row in rows
    ]
    return json_text(
        {
            "format": JSON_FORMAT,
            "id": session.id,
            "title": session.incident.title,
            "zone": zone,
            "timezone": session.incident.timezone,
            "events": events,
        }
    )


def _timesketch(session: Session, rows: list[_Row], zone: str) -> str:
    def table() -> Iterator[tuple[str, ...]]:
        yield (
            "message", "datetime", "timestamp_desc", "until", "source", "actor", "tag", "zone", "review", "row",
            "precision", "about", "written", "declared", "kind", "milestone", "starred", "at_latest", "until_latest",
            "time_reason", "track",
        )  # fmt: skip
        for row in rows:
            event = row.event
            if row.at is None:
                continue
            described = event.milestone or event.kind or "event"
            if event.about or event.precision not in {"second", "subsecond"}:
                described += f" ({'about, ' if event.about else ''}to the {event.precision})"
            yield (
                row.text, _iso(session, row.at), described, _iso(session, row.until), event.source, event.actor,
                _tags(event), zone, session.id, event.id, event.precision, "yes" if event.about else "",
                event.written, _declared(event), event.kind, event.milestone, "yes" if event.starred else "",
                _iso(session, row.moved(event.at_latest)), _iso(session, row.moved(event.until_latest)),
                event.time_reason, event.track,
            )  # fmt: skip

    return csv_table(map(csv_kept, cells) for cells in table())


def _tags(event: Event) -> str:
    """The tags as words, or as JSON where a space in one of them would part it."""
    plain = all(each.split() == [each] and not each.startswith("[") for each in event.tags)
    return " ".join(event.tags) if plain else json.dumps(event.tags, ensure_ascii=False)


def _mermaid(session: Session, rows: list[_Row], zone: str) -> str:
    title = session.incident.title or "untitled incident"
    lines = ["timeline", f"    title {_words(title)} (all times {_words(zone)})"]
    day = ""
    for row in rows:
        here = f"{in_zone(row.at, zone_of(session)):%Y-%m-%d}" if row.at else day or "no date"
        if here != day:
            lines.append(f"    section {here}")
            day = here
        said = " ".join(part for part in (row.text, _whence(row.event)) if part)
        lines.append(f"        {_words(row.time)} : {_words(said) or '-'}")
    return "\n".join(lines) + "\n"


def _declared(event: Event) -> str:
    """The zone that the row's words were read in, where they have one: what it was declared as, or "undeclared"."""
    return (event.zone or "UTC") if event.at and event.written else event.zone


def _whence(event: Event) -> str:
    known = [each for each in (event.source, event.actor) if each not in {"", "-"}]
    return f"({', '.join(known)})" if known else ""


def _words(text: str) -> str:
    """*text* for Mermaid, whose grammar ends a word at ``:``, ``;``, ``#`` and the end of the line."""
    signs = {"#": "#35;", ":": "#58;", ";": "#59;", "<": "#lt;", ">": "#gt;", "%": "#37;", '"': "#quot;"}
    return "".join(signs.get(each, each) for each in one_line(text))


def _iso(session: Session, moment: datetime | None) -> str:
    return in_zone(moment, zone_of(session)).isoformat() if moment else ""
