"""What stands at the head of a document: front matter, dates, and the zone that it declares."""

import re
import tomllib
from datetime import date, datetime, timedelta
from typing import Any

from app.importing.blocks import Block
from app.importing.times import Clock
from app.importing.words import FIELDS, label_of, role_of
from app.review.timewords import Zone, declared, named
from app.review.timewords.zonewords import of_offset

_ABOUT = re.compile(
    r"\ball (?:the )?times (?:are )?(?:approximat|estimate|rough)|\b(?:approximate|estimated) times\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:did(?: not|n[’']?t)|ruled out|(?:was|were) not|not (?:a|the) cause)\b", re.IGNORECASE
)
_ALL_TIMES = re.compile(
    r"\b(?:all|following|below) (?:the )?(?:times?|timestamps?|dates?)\b(?P<behind>[^.\n]{0,60})",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?<![\d:.])\d{1,2}[:h]\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[ap]\.?m\.?)?\s?\(?"
    r"(?:(?P<region>(?:pacific|mountain|central|eastern) (?:standard |daylight )?time)"
    r"|(?P<zone>[A-Z]{2,5}(?:[+-]\d{1,2})?))\b",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(
    r"(?<!\d)(?P<year>20\d\d)(?P<mark>[-_./]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)"
)
_ZERO = re.compile(r"\bT[-+]?0(?: ?(?:min|h|s))?\b\s*(?:is|was|=|:|[-–—]|\()\s*(?P<behind>[^\n|]{4,60})")
_TITLE = re.compile(r"[^\w\s]*\s*Post-?Mortem: (?P<title>.*?)(?: \(\d{4}-\d{2}-\d{2}\))?", re.IGNORECASE)
_TOLD = re.compile(r"\btime ?line\b", re.IGNORECASE)
_USUAL = re.compile(
    r"actions?|an?|all|and|approx\w*|are|at|below|brief|cause|chronolog\w*|complete|detailed|edit|estimate[sd]?|events?"
    r"|following|full|high|hours?|in|incident|is|it|key|level|lines?|local|occurred|of|on|only|order|our|outage|overview|root"
    r"|rough|sequence|short|source|summary|table|the|these|this|time|timelines?|times|timestamps?|timezone|to|updates?|we|what"
    r"|when|zones?|\w+ing",
    re.IGNORECASE,
)
"""Words of the heading of a timeline that say no more than that it is one."""
_NEAR = 40
_WEEKS = timedelta(days=60)
_NUMBERS = re.compile(r"(?<![\d./-])(\d\d)[-/](\d\d)[-/]\d{4}(?![\d-])")
_YEAR = re.compile(r"(?<![\w/.-])20[0-4]\d(?![\w/-])")
_WITH_YEAR = re.compile(r"(?:19|20)\d\d|(?<![\d/])\d{1,2}/\d{1,2}/\d\d(?![\d/])")
# "12→13/09/2026" is the night between them: its rows begin on the first.
_OVER_NIGHT = re.compile(
    r"(?<![\d./-])(?P<first>\d{1,2}) ?(?:→|->|–|-) ?\d{1,2}"
    r"(?P<mark>[./])(?P<month>\d{1,2})(?P=mark)(?P<year>20\d\d)(?!\d)"
)
_OTHER_DAY = re.compile(
    r"\b(?:updated|published|created|written|reviewed|review|meeting|due|released?|version|deadline|prepared)\b",
    re.IGNORECASE,
)


def front_values(lines: list[str], mark: str) -> dict[str, Any]:
    """The values of front matter: TOML between ``+++``, or the plain lines of YAML between ``---``."""
    if mark == "+++":
        try:
            return tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError:
            return {}
    values: dict[str, Any] = {}
    key = ""
    for line in lines:
        found = re.match(r"(?P<key>[\w-]+):(?:\s+(?P<value>\S.*))?$", line)
        item = re.match(r"\s*-\s+(?P<value>\S.*)$", line)
        if found and found["value"]:
            value = found["value"].strip()
            inside = re.fullmatch(r"\[(?P<items>.*)\]", value)
            if inside:
                values[found["key"]] = [
                    _unquoted(each) for each in inside["items"].split(",") if each.strip()
                ]
                continue
            value = _unquoted(value)
            values[found["key"]] = (whole_date(value) if len(value) == 10 else None) or value
        elif found:
            key = found["key"]
        elif item and key:
            values.setdefault(key, []).append(_unquoted(item["value"]))
    return values


def _unquoted(value: str) -> str:
    return value.strip().strip("'\"")


def whole_date(value: str) -> date | None:
    """The date that *value* begins with, as ``2025-02-09``."""
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None


def declared_zone(found: list[Block]) -> Zone | None:
    """The zone that a sentence or a heading declares for the times of the document."""
    for block in found:
        text = block.text
        if block.kind in {"heading", "paragraph", "item"} and (zone := declaration(text)):
            return zone
        label = label_of(text) if block.kind == "paragraph" else None
        title = text if block.kind == "heading" else label[0] if label and not label[1] else ""
        if title and role_of(title) == "timeline" and (zone := named(title)):
            return zone
    return None


def declaration(text: str) -> Zone | None:
    """The zone that a sentence declares: ``All times in UTC``, ``All times US/Pacific, 24-hour clock``."""
    if zone := declared(text):
        return zone
    found = _ALL_TIMES.search(text[:4000])
    for word in re.findall(r"[\w/+-]+", found["behind"]) if found else ():
        # A region that nobody knows does not hide the place behind it.
        zone = named(word) or named(word.rpartition("/")[2]) if word[0].isupper() else None
        if zone:
            return zone
    return None


def zero_hour(found: list[Block], clock: Clock) -> datetime | None:
    """The moment that a sentence says ``T+5 min`` counts from: ``T0 is 2024-05-02 14:03 UTC``."""
    for block in found:
        for match in _ZERO.finditer(block.text):
            looked = clock.look(match["behind"])
            if looked.leads and looked.has_clock and looked.understood.start:
                return looked.understood.start.lo
    return None


def spoken_zone(found: list[Block]) -> Zone | None:
    """The one zone that the sentences of a document name beside their times; none where they name several."""
    zones: dict[str, Zone] = {}
    for block in found:
        if block.kind == "fence":
            continue
        for word, region in {match.group("zone", "region") for match in _SPOKEN.finditer(block.text)}:
            if (region or word.isupper()) and (zone := named(region or word)):
                zones[zone.name] = zone
    return next(iter(zones.values())) if len(zones) == 1 else None


def named_day(name: str) -> date | None:
    """The day that the name of a file or of a page says: ``2024-05-21-outage``, ``20240521_outage``."""
    for found in _NAMED_DAY.finditer(name):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
    return None


def title_of(heading: str) -> str:
    """A title without the words and the date that this program's reports put around it."""
    found = _TITLE.fullmatch(heading)
    return found["title"] if found else heading


def says_more(heading: str, clock: Clock) -> bool:
    """Whether the heading of a timeline says more than that it is one, when it was, and how its times are meant."""
    found = clock.look(heading).understood
    rest = heading[: found.begin] + " " + heading[found.stop :] if found.written else heading
    words = re.findall(r"[^\W\d_]{2,}", rest) if _TOLD.search(heading) else []
    return any(not _USUAL.fullmatch(word) and named(word) is None for word in words)


def front_zone(values: dict[str, Any]) -> Zone | None:
    """The zone of the offset that the moments in front matter are written with."""
    for value in values.values():
        offset = None
        if isinstance(value, datetime):
            offset = value.utcoffset()
        elif isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[T ][\d:.]+[+-]\d\d:?\d\d", value):
            offset = datetime.fromisoformat(value).utcoffset()
        if offset:
            return of_offset(offset)
    return None


def titled_or_labelled(found: list[Block], clock: Clock) -> date | None:
    """The day of the times without one: of the title, of a label such as ``Date:``, or of the timeline's heading."""
    named_days = [
        day_said(block.text, clock) for block in found[:12] if block.kind == "heading" or _is_date(block)
    ]
    headings = [
        day_said(block.text, clock)
        for block in found
        if block.kind == "heading" and role_of(block.text) == "timeline"
    ]
    titles = [named_day(block.text.split("\n")[0]) for block in found[:2]]
    return next((day for day in (*named_days, *titles, *headings) if day), None)


def spoken_day(blocks: list[Block], clock: Clock) -> date | None:
    """The first whole date that a report speaks of before its timeline ends."""
    for block in blocks[:60]:
        if block.kind in {"heading", "paragraph", "item", "table"}:
            for line in block.text.split("\n"):
                found = _WITH_YEAR.search(line)
                if (
                    found
                    and not _is_other(line, clock)
                    and (day := day_said(line, clock) or day_said(found[0], clock))
                ):
                    return day
    return None


def _is_other(line: str, clock: Clock) -> bool:
    """Whether the date of a line is that of the report, or of anything else but what happened."""
    label = label_of(line.strip(), plain_too=True)
    if label and role_of(label[0]) in FIELDS:
        return bool(_OTHER_DAY.search(label[0]))
    begin = clock.look(line).understood.begin
    return bool(_OTHER_DAY.search(line[max(0, begin - _NEAR) : begin]))


def month_first(text: str) -> bool | None:
    """Whether ``01-10-2024`` has the month first: a date of the document has a day there that can be no month."""
    dates = [match.groups() for match in _NUMBERS.finditer(text)]
    first, second = (any(int(each[place]) > 12 for each in dates) for place in (0, 1))
    return second if first != second else None


def titled_day(title: str, clock: Clock) -> date | None:
    """The whole date that a title says, in figures or in words."""
    return named_day(title) or (day_said(title, clock) if _YEAR.search(title) else None)


def day_in(text: str, clock: Clock, published: date) -> date | None:
    """The day that *text* speaks of, where it lies in the weeks before the report was published."""
    day = day_said(text, clock)
    return day if day and timedelta() < published - day <= _WEEKS else None


def told_day(found: list[Block], clock: Clock, published: date) -> date | None:
    """The day that the first words of a report speak of: blogs have the day of the report in their front matter."""
    for block in found[:6]:
        if block.kind in {"heading", "paragraph", "item"} and (day := day_in(block.text, clock, published)):
            return day
    return None


def first_year(found: list[Block]) -> int | None:
    """The year that a document speaks of first, in its title or above all."""
    for block in found[:60]:
        if block.kind in {"heading", "paragraph", "item", "table"} and (year := _YEAR.search(block.text)):
            return int(year[0])
    return None


def _is_date(block: Block) -> bool:
    label = label_of(block.text.split("\n")[0], plain_too=True)
    return bool(label and role_of(label[0]) == "date")


def day_said(text: str, clock: Clock) -> date | None:
    """The whole date that *text* speaks of first; of a night the day on which it began."""
    if found := _OVER_NIGHT.search(text):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["first"]))
        except ValueError:
            pass
    looked = clock.look(text).understood
    exact = looked.start is not None and looked.dated and looked.precision not in {"month", "year", "10day"}
    return looked.start.lo.date() if exact and looked.start else None


def says_about(text: str) -> bool:
    """Whether a sentence says that all times of the document are approximate."""
    return bool(_ABOUT.search(text[:2000]))


def says_not(heading: str) -> bool:
    """Whether what stands under *heading* is what was not a cause."""
    return bool(_NOT.search(heading))
