"""Tables: which column says what, and rows of events out of them. For tables of Markdown, HTML and CSV alike."""

import re
from collections.abc import Sequence
from typing import Any, Final, get_args

from app.importing.blocks import TableRow
from app.importing.times import UNDECLARED, Clock
from app.importing.tongues import Table, meaning
from app.importing.words import plain
from app.markdown import words as decoded
from app.review.records import Precision
from app.review.timewords import Zone, declared, named
from app.review.vocabulary import KINDS, MILESTONES

EVENT_COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("zone", r"(?:time ?)?zone|tz"),
    ("until", r"(?:end|until|to|ended|finish(?:ed)?)(?:[ _](?:time|at|date))?"),
    ("date", r"date|day"),
    ("time", r"(?:date ?(?:and|&|/|,)? ?)?(?:time|datetime|timestamp|when|at|start|occurred|created)s?\b.*"
     r"|date.*\btime\b.*"
     r"|.*[ _](?:at|time|timestamp)|@timestamp|ts"),
    ("milestone", r"milestone"),
    ("text", r"events?|descriptions?|what(?: happened)?|messages?|details?|activity|summary|entry|comments?|title"
     r"|actions?(?: taken| ?/ ?impact)?|log|content|text|body|observation|event description|impact"),
    ("source", r"sources?|origin|where|system|channel"),
    ("actor", r"actors?|who(?: ?/ ?what)?|by|person|people|authors?|users?|responders?|owners?|name"),
    ("kind", r"kind|type|category|timestamp_desc|event_?type"),
    ("tags", r"tags?|labels?"),
    ("starred", r"starred|star|key"),
    ("precision", r"precision"),
    ("about", r"about|approximate"),
    ("written", r"written"),
    ("note", r"notes?|remarks?"),
)  # fmt: skip
ACTION_COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("id", r"id|#|no\.?|number|key"),
    (
        "done_when",
        r"done[ _]when|acceptance.*|definition of done|verif(?:ication|ied by)(?: method)?"
        r"|success (?:criteria|metric|measure)s?"
        r"|(?:exit|closing) criteria|validation(?: method)?|how (?:will |do )?we.*know",
    ),
    ("owner", r"owners?|assignees?|assigned(?: (?:to|user))?|who|responsible|dri|team"),
    ("due", r"due(?:[ _](?:date|at|on))?|deadline|by when|target(?: date)?|eta|when"),
    ("priority", r"prio(?:rity)?|severity"),
    ("status", r"status|state|done"),
    (
        "ticket",
        r"(?:\w+ )?(?:tickets?|issues?|links?|urls?|jira|bugs?|cards?|prs?|stor(?:y|ies)|pull requests?)"
        r"(?: ?(?:#|no\.?|id|key|link|number|url))?|tracking|tracked (?:in|by|as)|tracker|github|linear",
    ),
    ("kind", r"kind|type|category"),
    (
        "text",
        r"(?:\w+ )?actions?(?: items?)?(?: description)?|follow[- ]?ups?(?: items?)?|improvements?|measures?"
        r"|tasks?|items?|descriptions?|what|to-?do|title|summary|remediation",
    ),
    ("reason", r"reason"),
)
_COUNTER: Final = re.compile(r"#|no\.?|nr\.?|n°|№|step|row|seq\.?", re.IGNORECASE)
_OPEN: Final = re.compile(r"tb[acd]|n/?a|to be (?:confirmed|determined|decided)", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATES: Final = ("time", "date")


def match_columns(head: Sequence[str], known: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The place of each known column, by the names in *head*."""
    found: dict[str, int] = {}
    table: Table = "events" if known is EVENT_COLUMNS else "actions"
    for place, name in enumerate(head):
        words = re.sub(r"\s*[(\[（［].*$", "", plain(name)).strip().rstrip(":：")
        for field, pattern in known:
            if field not in found and re.fullmatch(pattern, words, re.IGNORECASE):
                found[field] = place
                break
        else:
            field = meaning(table, words)
            if field and field not in found:
                found[field] = place
    return found


def with_extras(text: str, extras: Sequence[str]) -> str:
    """The words of a row with what stood in columns that no field has; in a report everything can be seen."""
    return "\n\n".join((text, "\n".join(extras))) if extras and text else text or "\n".join(extras)


def columns(
    head: Sequence[str], rows: Sequence[TableRow], clock: Clock, *, loose: bool = False
) -> dict[str, int]:
    """The columns of a timeline: by their names, else by what stands in them.

    With *loose*, as under a heading that says it is a timeline, cells may go on behind their time.
    """
    found = match_columns(head, EVENT_COLUMNS)
    body = rows[1:]
    if "time" in found and "date" not in found:
        # Of two columns of times the one with dates: an export has both, for people and for machines.
        names = [place for place, name in enumerate(head) if "time" in match_columns([name], EVENT_COLUMNS)]
        dated = [
            place
            for place in names
            if any(
                clock.look(row.cells[place]).understood.dated for row in body[:20] if place < len(row.cells)
            )
        ]
        # A machine's count of seconds beside it is for machines.
        found["time"] = max(
            dated or names, key=lambda place: any(":" in cell for cell in _filled(body[:20], place))
        )
    if "date" in found:
        # "Day | Date": that with dates rather than days of the week.
        names = [place for place, name in enumerate(head) if "date" in match_columns([name], EVENT_COLUMNS)]
        found["date"] = max(names, key=lambda place: _dates(body[:20], place))
    if "time" not in found and "date" not in found and body:
        looked = [[clock.look(cell) for cell in _filled(body, place)] for place in range(len(head))]
        whole = [
            2 * sum(each.leads and not each.text for each in timed) >= len(timed) > 0 for timed in looked
        ]
        begun = [3 * sum(each.leads for each in timed) >= 2 * len(timed) > 0 and loose for timed in looked]
        if True in whole or True in begun:
            found["time"] = whole.index(True) if True in whole else begun.index(True)
    if "text" not in found and ("time" in found or "date" in found):
        free = [place for place in range(len(head)) if place not in found.values()]
        if free:
            found["text"] = max(
                free, key=lambda place: sum(len(row.cells[place]) for row in body if place < len(row.cells))
            )
    return found


def head_zone(head: Sequence[str], places: dict[str, int]) -> Zone | None:
    """The zone that the head of a table says for its times: ``Time (UTC)``, ``Occurred [CET]``, ``Timestamp UTC``."""
    for cell in head:
        if zone := declared(cell):
            return zone
    for name in _DATES:
        words = plain(head[places[name]]) if name in places else ""
        inside = re.search(r"[(\[]([^()\[\]]+)[)\]]|\b([A-Z]{2,5}(?:[+-]\d{1,2})?)$", words)
        if inside and (zone := named(inside[1] or inside[2])):
            return zone
    return None


def _filled(rows: Sequence[TableRow], place: int) -> list[str]:
    return [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place].strip()]


def _dates(rows: Sequence[TableRow], place: int) -> int:
    """How many cells of a column have a digit, as a date has and the name of a day has not."""
    return sum(any(letter.isdigit() for letter in cell) for cell in _filled(rows, place))


def is_timeline(rows: Sequence[TableRow], clock: Clock, *, loose: bool = False) -> bool:
    """Whether a table tells what happened when."""
    if len(rows) < 2 or is_actions(rows[0].cells):
        return False
    found = columns(rows[0].cells, rows, clock, loose=loose)
    if "text" not in found or not any(name in found for name in _DATES):
        return False
    place = found.get("time", found.get("date", 0))
    return any(
        clock.look(row.cells[place]).understood.kind != "order" for row in rows[1:] if place < len(row.cells)
    )


def has_times_first(rows: Sequence[TableRow], clock: Clock) -> bool:
    """Whether a table tells what happened when, with the times in its first column: facts have their labels there."""
    found = columns(rows[0].cells, rows, clock) if is_timeline(rows, clock) else {}
    return 0 in {found.get(name) for name in _DATES}


def is_actions(head: Sequence[str]) -> bool:
    """Whether a table with this head lists actions: what is to be done, and by whom or when."""
    found = match_columns(head, ACTION_COLUMNS)
    return (
        "text" in found
        and bool(found.keys() & {"owner", "due", "priority"})
        and "time" not in (match_columns(head, EVENT_COLUMNS))
    )


def _with_year(day: str, head: Sequence[str], places: dict[str, int]) -> str:
    """The date of a row with the year that the head of its column says: ``Date (2021)``."""
    year = _YEAR.search(head[places["date"]]) if day and "date" in places else None
    return f"{day} {year[0]}" if year and not _YEAR.search(day) else day


def continued(cells: Sequence[str], head: Sequence[str], places: dict[str, int]) -> str:
    """The words of a row that goes on with the one above: all of it but its words is empty, its number too."""
    numbers = [place for place, name in enumerate(head) if _COUNTER.fullmatch(plain(name))]
    place = places["text"]
    others = (cell.strip() for number, cell in enumerate(cells) if number != place)
    return cells[place].strip() if numbers and place < len(cells) and not any(others) else ""


def row_fields(
    cells: Sequence[str], head: Sequence[str], places: dict[str, int], clock: Clock, *, shown: bool = False
) -> dict[str, Any] | None:
    """The fields of the event that a row says; None for a row without words.

    What has no field goes to its note, or (*shown*, in a report) to its words.
    """

    def cell(name: str) -> str:
        place = places.get(name)
        return decoded(cells[place]).strip() if place is not None and place < len(cells) else ""

    if not any(each.strip() for each in cells):
        return None
    when = " ".join(each for each in (_with_year(cell("date"), head, places), cell("time")) if each)
    zone = named(cell("zone")) if cell("zone") else None
    if until := cell("until"):
        when = f"{when} - {until}"
    before = clock.zone
    if zone:
        clock.in_zone(zone)
    # "TBD" is no time of the day of the row above.
    open_yet = bool(_OPEN.fullmatch(when))
    timed = clock.look(when) if open_yet else clock.row(when)
    if zone:
        clock.in_zone(before)
    fields: dict[str, Any] = dict(timed.fields)
    if open_yet:
        fields = {"precision": "order-only", "written": when, "time_reason": when}
    fields.setdefault("written", "")
    text = cell("text")
    if when and (timed.text or timed.understood.kind == "order"):
        # What the cell of the time says beside the time is not lost.
        rest = timed.text if timed.leads else when
        text = f"{rest}: {text}" if rest.strip(" -–:?") else text
    if cell("zone") == UNDECLARED and fields.get("at"):
        # The offsets of an exported timeline are those that were taken, not those that were declared.
        fields["zone"] = UNDECLARED
    fields["text"] = text
    for name in ("source", "actor"):
        value = cell(name)
        fields[name] = "" if value in {"-", "–", "—"} else value
    notes: list[str] = []
    kind, milestone = cell("kind"), cell("milestone")
    fields["kind"] = kind
    if kind.casefold() in MILESTONES and not milestone:
        milestone, fields["kind"] = kind.casefold(), ""
    elif kind.casefold() in KINDS:
        fields["kind"] = kind.casefold()
    fields["milestone"] = milestone.casefold() if milestone.casefold() in MILESTONES else milestone
    fields["tags"] = tuple(cell("tags").split())
    starred = cell("starred").casefold()
    fields["starred"] = starred in {"yes", "true", "1", "x", "★", "*"}
    if at_precision := next((each for each in get_args(Precision) if each == cell("precision")), None):
        fields["precision"] = at_precision
    if cell("about").casefold() in {"yes", "true", "1"}:
        fields["about"] = True
    if cell("written"):
        fields["written"] = cell("written")
    if cell("note"):
        notes.append(f"{plain(head[places['note']])}: {cell('note')}" if shown else cell("note"))
    taken = set(places.values())
    # The number of a row is its place, which it keeps.
    taken |= {
        place
        for place, name in enumerate(head)
        if _COUNTER.fullmatch(plain(name))
        and place < len(cells)
        and cells[place].strip(" .#").isdigit()
        and shown
    }
    notes += [
        f"{plain(head[place])}: {decoded(value).strip()}"
        if place < len(head) and head[place].strip()
        else value.strip()
        for place, value in enumerate(cells)
        if place not in taken and value.strip() not in {"", "-"}
    ]
    if notes and shown:
        fields["text"] = with_extras(fields["text"], notes)
    elif notes:
        fields["note"] = "\n".join(notes)
    return fields
