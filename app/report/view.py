"""What a report shows, computed from a session: plain values, the same for every format.

Machines gather, people write: nothing here is a sentence about the incident that nobody wrote. What was
computed stands beside the rule it was computed by.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from app.markdown import safe_url
from app.report.fishbone import render as render_fishbone
from app.review.durations import durations, spell
from app.review.moments import show
from app.review.people import people
from app.review.plain import about
from app.review.records import Event, Gap, Impact, Narrative, Session
from app.review.rows import lines as rows_shown
from app.review.rows import times_folded
from app.review.timeline import instant
from app.review.zoneless import UNDECLARED
from app.review.zones import zone_of

FURTHER: Final = "Further"
"""What a custom section is called that has no heading."""


@dataclass(frozen=True)
class Row:
    """A row of the timeline."""

    time: str
    text: str
    source: str
    actor: str
    event: str = ""
    """The id of the event."""
    hidden: tuple[str, ...] = ()
    """The ids of those that are folded into it."""


@dataclass(frozen=True)
class ActionRow:
    """A row of the action table."""

    id: str
    text: str
    owner: str
    due: str
    priority: str


@dataclass(frozen=True)
class TicketLink:
    """Where an action is tracked."""

    id: str
    url: str
    state: str


@dataclass(frozen=True)
class Measure:
    """A duration with the definition it was counted by."""

    label: str
    value: str
    formula: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """Everything the templates may show; plain text except *narrative*, which is Markdown."""

    title: str
    day: str
    header: tuple[tuple[str, str], ...]
    narrative: Narrative
    impacts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    """What else is known of the review itself: id, status, services, facilitator, zone."""
    zone: str
    rows: tuple[Row, ...]
    rows_in_all: int
    further_rows: tuple[Row, ...]
    """Those that the timeline leaves out, because others are starred."""
    immediate: tuple[str, ...]
    contributing: tuple[tuple[str, str], ...]
    systemic: tuple[str, ...]
    further: tuple[str, ...]
    """Factors that carry no mark yet: they are in the tree, so they are in the report."""
    actions: tuple[ActionRow, ...]
    tickets: tuple[TicketLink, ...]
    declined: tuple[tuple[str, str, str], ...]
    """Id, text and reason of actions decided against."""
    questions: tuple[str, ...]
    gaps: tuple[str, ...]
    measures: tuple[Measure, ...]
    people: tuple[tuple[str, int], ...]
    """Roles of the people who took part, and how many had each."""
    evidence: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Sources by name, with the files that they gave and the queries behind them."""
    fishbone: str
    """The factors as a fishbone in text, where the review wants it in its report."""
    fishbone_svg: str
    strip_svg: str = ""
    """Phases, indicator and milestones on one axis."""
    bars_svg: str = ""
    """The durations as bars."""


def view(session: Session) -> Report:
    """Gather what a report of *session* shows."""
    zone = zone_of(session)
    wants_fishbone = session.analysis.fishbone and bool(session.factors)
    lines = rows_shown(session)
    events = tuple(event for event, _ in lines)
    picked = tuple(line for line in lines if any(each.starred for each in (line[0], *line[1]))) or lines
    shown = tuple(event for event, _ in picked)
    picked_ids = {event.id for event in shown}
    shifts = _shifts(session, zone, shown)
    first_day = _first_day(session, events, zone)
    marked = {
        mark: [factor for factor in session.factors if factor.mark == mark and factor.text.strip()]
        for mark in ("immediate", "contributing", "systemic")
    }
    further = [each for each in session.factors if each.mark not in marked and each.text.strip()]
    live = [action for action in session.actions if action.status != "declined"]
    return Report(
        title=session.incident.title or "untitled incident",
        day=f"{first_day:%Y-%m-%d}" if first_day else "",
        header=_header(session, zone, first_day),
        narrative=session.narrative,
        facts=_facts(session),
        impacts=tuple(_impact(each, zone, first_day) for each in session.impacts),
        zone=zone_label(session, zone, shown),
        rows=tuple(_row(session, event, hidden, zone, first_day, shifts) for event, hidden in picked),
        rows_in_all=len(events),
        further_rows=tuple(
            _row(session, event, hidden, zone, first_day, _shifts(session, zone, events))
            for event, hidden in lines
            if event.id not in picked_ids
        ),
        immediate=tuple(_labelled(each.label, each.text) for each in marked["immediate"]),
        contributing=tuple((each.label, each.text) for each in marked["contributing"]),
        systemic=tuple(_labelled(each.label, each.text) for each in marked["systemic"]),
        further=tuple(_labelled(each.label, each.text) for each in further),
        actions=tuple(
            ActionRow(
                id=action.id,
                text=action.text,
                owner=action.owner or "-",
                due=f"{action.due:%Y-%m-%d}" if action.due else "-",
                priority=action.priority[:1].upper() + action.priority[1:] or "-",
            )
            for action in live
        ),
        tickets=tuple(
            TicketLink(action.id, action.ticket.url, action.ticket.state or "state unknown")
            for action in live
            if action.ticket and safe_url(action.ticket.url)
        ),
        declined=tuple(
            (action.id, action.text, action.reason or "no reason recorded")
            for action in session.actions
            if action.status == "declined"
        ),
        questions=tuple(each.text for each in session.parked if each.outcome in {"", "question"}),
        gaps=tuple(
            _gap(source.name or source.id, gap, zone, first_day)
            for source in session.sources
            for gap in source.gaps
        ),
        measures=tuple(
            Measure(
                each.label,
                f"about {spell(each.value)}" if each.about else spell(each.value),
                each.formula,
                each.value.total_seconds(),
            )
            for each in durations(session)
            if each.value is not None
        ),
        people=tuple(Counter(people(session).values()).items()),
        evidence=tuple(
            (source.name or source.id, tuple((each.path, each.query) for each in source.artifacts))
            for source in session.sources
        ),
        fishbone=render_fishbone(session, "text") if wants_fishbone else "",
        fishbone_svg=render_fishbone(session, "svg") if wants_fishbone else "",
    )


def _first_day(session: Session, events: tuple[Event, ...], zone: tzinfo) -> date | None:
    """The day the incident began, or that of the first timed row."""
    start = session.incident.started_at or next((event.at for event in events if event.at), None)
    return start.astimezone(zone).date() if start else None


def _header(session: Session, zone: tzinfo, day: date | None) -> tuple[tuple[str, str], ...]:
    incident = session.incident
    severity = incident.severity or "not set"
    if incident.severity_note:
        severity += f" ({incident.severity_note})"
    return (
        ("Date", f"{day:%Y-%m-%d}" if day else "not set"),
        ("Duration", _duration(session, zone)),
        ("Severity", severity),
        ("Authors", ", ".join(incident.authors) or "not set"),
        ("Reviewed", f"{incident.reviewed_on:%Y-%m-%d}" if incident.reviewed_on else "not yet"),
    )


def _facts(session: Session) -> tuple[tuple[str, str], ...]:
    incident = session.incident
    known = (
        ("Id", session.id),
        ("Status", incident.status),
        ("Services", ", ".join(incident.services)),
        ("Facilitator", incident.facilitator),
        ("Time zone", incident.timezone),
    )
    return tuple((name, value) for name, value in known if value)


def _duration(session: Session, zone: tzinfo) -> str:
    start, end = session.incident.started_at, session.incident.ended_at
    if start is None:
        return "unknown (the start of the incident is not set)"
    if end is None:
        return f"unknown (the incident has no end yet; it began at {_span(start, None, zone, None)})"
    if end < start:
        return "unknown (the incident ends before it starts: check both times)"
    return f"{spell(end - start)} ({_span(start, end, zone, None)}, start to end of the incident)"


def _span(start: datetime | None, end: datetime | None, zone: tzinfo, known_day: date | None) -> str:
    """Two instants in *zone*, as short as is clear: seconds where there are any, days where they matter."""
    ends = [each.astimezone(zone) for each in (start, end) if each]
    clock = "%H:%M:%S" if any(each.second for each in ends) else "%H:%M"
    several_days = len({each.date() for each in ends} | ({known_day} - {None})) > 1
    shown = [each.strftime(f"%Y-%m-%d {clock}" if several_days else clock) for each in ends]
    names = list(dict.fromkeys(_offset_name(each) for each in ends))
    if len(names) > 1:
        return " - ".join(f"{text} {_offset_name(each)}" for text, each in zip(shown, ends, strict=True))
    return f"{' - '.join(shown)} {names[0]}" if names else ""


def _offset(local: datetime) -> str:
    """The offset from UTC as ``+01:00``."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _offset_name(local: datetime) -> str:
    """``UTC``, or the offset such as ``UTC+01:00``: abbreviations of zones are not unique."""
    return f"UTC{_offset(local)}" if local.utcoffset() else "UTC"


def _shifts(session: Session, zone: tzinfo, events: tuple[Event, ...]) -> bool:
    """Whether the clocks change within the rows, so that a local time alone could mean two instants."""
    moments = [moment for event in events if (moment := instant(session, event))]
    return len({moment.astimezone(zone).utcoffset() for moment in moments}) > 1


def zone_label(session: Session, zone: tzinfo, events: tuple[Event, ...]) -> str:
    """The zone that times are shown in, with the offsets that it has on these rows; where nobody declared the zone
    that they were written in, that."""
    label = _shown_zone(session, zone, events)
    timed = [event for event in events if event.at]
    open_ = [event for event in timed if event.zone == UNDECLARED]
    if not open_:
        return label
    if len(open_) < len(timed):
        return f"{label}; zone not declared for {len(open_)} of {len(timed)} rows"
    as_written = all(
        event.at.utcoffset() == event.at.astimezone(zone).utcoffset() for event in timed if event.at
    )
    # Shown on the clock that they were written by, whatever clock that was.
    return "as written, zone not declared" if as_written else f"{label}; zone not declared"


def _shown_zone(session: Session, zone: tzinfo, events: tuple[Event, ...]) -> str:
    if zone is UTC:
        return "UTC"
    moments = [moment.astimezone(zone) for event in events if (moment := instant(session, event))]
    offsets = dict.fromkeys(_offset_name(moment) for moment in moments)
    name = session.incident.timezone
    return f"{name}, {' and '.join(offsets)}" if offsets else name


def _row(
    session: Session,
    event: Event,
    hidden: tuple[Event, ...],
    zone: tzinfo,
    first_day: date | None,
    shifts: bool,
) -> Row:
    moment = instant(session, event)
    time = show(_corrected(event, moment), zone, first_day)
    if shifts and moment is not None:
        time += f" {_offset(moment.astimezone(zone))}"
    text = times_folded(event.text, hidden)
    folded = tuple(each.id for each in hidden)
    return Row(time, text, event.source or "-", event.actor or "-", event.id, folded)


def _corrected(event: Event, moment: datetime | None) -> Event:
    """The event with its clock's correction in both of its times."""
    if event.at is None or moment is None or moment == event.at:
        return event
    until = event.until + (moment - event.at) if event.until else None
    return event.model_copy(update={"at": moment, "until": until})


def _impact(impact: Impact, zone: tzinfo, first_day: date | None) -> str:
    """An effect in people's words with its number, the time it lasted, and whether it was estimated."""
    text = impact.text.strip()
    if impact.value is not None:
        number = f"{impact.value:,}"
        if impact.unit:
            text = f"{text}: {number} {impact.unit}" if text else f"{number} {impact.unit}"
        elif number not in text:
            text = f"{number} {text}".strip()
    remarks = []
    if impact.from_ or impact.to:
        span = _span(impact.from_, impact.to, zone, first_day)
        remarks.append(
            span if impact.from_ and impact.to else f"{'from' if impact.from_ else 'until'} {span}"
        )
    if impact.estimated and "estimated" not in text:
        remarks.append("estimated")
    return f"{text} ({', '.join(remarks)})" if remarks else text


def _gap(source: str, gap: Gap, zone: tzinfo, first_day: date | None) -> str:
    span = _span(gap.from_, gap.to, zone, first_day)
    if gap.from_ and not gap.to:
        span = f"from {span}"
    elif gap.to and not gap.from_:
        span = f"until {span}"
    text = f"{source}: {span}" if span else source
    return f"{text}: {about(source, gap.why)}" if gap.why else text


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if label else text
