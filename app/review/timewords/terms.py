"""Understanding in the terms of data: what ``blamefree time --json`` reads and writes.

A context may hold ``date``, ``year``, ``tz``; the moment of the row before as ``anchor``, ``previous`` or
``heading``; and what ``T+5 min`` counts from as ``t0``, ``zero``, ``start`` or ``started``.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.review.timewords.model import UTC_ZONE, Bounds, Context, Understood, Zone
from app.review.timewords.reader import find
from app.review.timewords.zonewords import named

_ANCHORS: Final = (
    "anchor",
    "previous",
    "prev",
    "previous_row",
    "prev_row",
    "after",
    "relative_to",
    "heading",
)
_ROWS: Final = ("previous", "prev", "previous_row", "prev_row")
"""Of these, the row before: bare times follow it across midnight."""
_NO_MOMENTS: Final = frozenset({"date", "year", "tz", "source", "note", "case", "id", "zone"})
_ZEROS: Final = ("t0", "T0", "zero", "start", "started", "started_at", "base", "reference")
_HEADING = re.compile(r"\b(?:heading|row|entry)\b[^0-9]{0,20}(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)")


_UNITS: Final = {
    "ns": "the nanosecond",
    "us": "the microsecond",
    "ms": "the millisecond",
    "10s": "ten seconds",
    "10min": "ten minutes",
    "10h": "ten hours",
    "10day": "ten days",
}


def context_of(given: Mapping[str, Any], undeclared: Zone) -> Context:
    """The context that *given* describes. ``"tz": null`` says that the document declares no zone.

    Raises ValueError, with a sentence that says which, where a date or a zone cannot be read.
    """
    tz, zone = given.get("tz"), None
    if isinstance(tz, str) and tz.strip().lower() not in {
        "",
        "undeclared",
        "unknown",
        "none",
        "null",
        "local",
    }:
        zone = named(tz)
        if zone is None:
            raise ValueError(f"“{tz}” is not a zone: write UTC, Europe/Berlin, CET or UTC+2.")
    elif tz is not None and not isinstance(tz, str):
        raise ValueError("The zone must be a text, or null.")
    # Where the document was not looked at for its zone, there is no reason to think of any place.
    context = Context(
        zone=zone, undeclared=undeclared if "tz" in given else UTC_ZONE, year=_year(given.get("year"))
    )
    context = replace(context, day=_day(given.get("date"), context))
    anchor = _moment(_first(given, _ANCHORS), context)
    source = given.get("source")
    if anchor is None and isinstance(source, str) and (heading := _HEADING.search(source)):
        anchor = _moment(heading["clock"], context)
    other = next(
        filter(None, (_stamped(given[key], context) for key in given if key not in _NO_MOMENTS)), None
    )
    zero = _moment(_first(given, _ZEROS), context)
    return replace(
        context,
        anchor=anchor,
        zero=zero or other,
        event=zero or other or anchor,
        events=True,
        follows=anchor is not None and _moment(_first(given, _ROWS), context) == anchor,
    )


def terms(found: Understood) -> dict[str, Any]:
    """What was understood, in plain values: instants in UTC, nothing that is not known."""
    values: dict[str, Any] = {
        "kind": found.kind,
        "precision": found.precision,
        "approx": found.about,
        "lo": written(found.start.lo) if found.start else None,
        "hi": written(found.start.hi) if found.start else None,
        "end_lo": written(found.end.lo) if found.end else None,
        "end_hi": written(found.end.hi) if found.end else None,
        "zone": found.zone or None,
        "zone_from": found.zone_from or None,
        "written": found.written,
        "span": [found.begin, found.stop],
    }
    if found.offset is not None:
        values["offset_s"] = found.offset.total_seconds()
    if found.reason:
        values["reason"] = found.reason
    if found.doubts:
        values["doubts"] = list(found.doubts)
    return values


def written(moment: datetime) -> str:
    """*moment* in UTC as RFC 3339, with microseconds where there are any."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return moment.isoformat()
    return moment.replace(tzinfo=None).isoformat() + "Z"


def in_words(found: Understood, zone: Zone) -> str:
    """What was understood, in one line for a person, on the clock of *zone*."""
    notes = [f"to {_UNITS.get(found.precision, f'the {found.precision}')}"] if found.start else []
    if found.about and found.kind not in {"after", "before"}:
        notes.insert(0, "about")
    if found.reason:
        notes.append(f"“{found.reason}”")
    if found.start and found.zone_from == "undeclared":
        notes.append(f"no zone is declared, {found.zone} is taken")
    elif found.start and found.zone_from in {"evidence", "log"}:
        notes.append(f"zone {found.zone} from the {found.zone_from}")
    return " ".join((", ".join([_head(found, zone), *notes]) + ".", *(found.doubts if found.start else ())))


def _head(found: Understood, zone: Zone) -> str:
    if found.start is None:
        if found.offset is not None:
            way = "before" if found.offset < timedelta() else "after"
            return f"{abs(found.offset)} {way} a moment that is not known"
        return (
            "no time, the row stands where it is put" if found.kind == "order" else "a date that is not known"
        )
    head = _bounds_in_words(found.start, zone)
    if found.kind == "range":
        end = f"until {_bounds_in_words(found.end, zone)}" if found.end else "with an end that is not known"
        return f"{head}, {end}"
    if found.kind in {"after", "before"}:
        return f"{'shortly ' if found.about else ''}{found.kind} {head}"
    return head


def read_record(record: Any, undeclared: Zone) -> dict[str, Any]:
    """The answer to one JSON record; an object with ``error`` for one that cannot be read."""
    if not isinstance(record, Mapping) or not isinstance(record.get("raw"), str):
        return {"error": "Every line must be an object with a text “raw”."}
    given = record.get("context")
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        return {"error": "“context” must be an object."}
    try:
        context = context_of(given, undeclared)
    except ValueError as problem:
        return {"error": str(problem)}
    return terms(find(record["raw"], context))


def _bounds_in_words(bounds: Bounds, zone: Zone) -> str:
    lo, hi = (_there(moment, zone) for moment in (bounds.lo, bounds.hi))
    first, last = _short(lo), _short(hi)
    if lo.date() == hi.date():
        last = last.partition(" ")[2]
    name = zone.name
    return f"{first} {name}" if lo == hi else f"{first} to {last} {name}"


def _there(moment: datetime, zone: Zone) -> datetime:
    try:
        return moment.astimezone(zone.rule)
    except (OverflowError, ValueError):
        return moment


def _short(moment: datetime) -> str:
    unit = (
        "microseconds" if moment.microsecond % 1000 else "milliseconds" if moment.microsecond else "seconds"
    )
    return moment.replace(tzinfo=None).isoformat(" ", unit)


def _first(given: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((given[name] for name in names if given.get(name)), None)


def _year(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 9999:
        raise ValueError("The year must be a number from 1 to 9999.")
    return value


def _day(value: Any, context: Context) -> date | None:
    if value is None or value == "":
        return None
    found = find(value, replace(context, zone=UTC_ZONE)) if isinstance(value, str) else None
    if found is None or found.start is None or not found.dated:
        raise ValueError(f"“{value}” is not a date: write 2025-02-09.")
    return found.start.lo.date()


def _stamped(value: Any, context: Context) -> datetime | None:
    """The moment that a field with a name of its own holds: "alert": "2025-02-09T10:15:00Z"."""
    found = find(value, context) if isinstance(value, str) else None
    timed = found is not None and found.dated and found.clock_first is not None
    return found.start.lo if found and found.start and timed else None


def _moment(value: Any, context: Context) -> datetime | None:
    if not isinstance(value, str):
        return None
    found = find(value, context)
    return found.start.lo if found.start else None
