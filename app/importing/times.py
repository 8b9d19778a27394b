"""Times in a document, one row after another: what is inherited, what a default date says, which zone counts."""

import calendar
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.review.records import Precision
from app.review.timewords import UTC_ZONE, Bounds, Context, Understood, Zone, at_start, find, follow, named

UNDECLARED: Final = "undeclared"
"""The zone of a row whose document names none."""

_PRECISIONS: Final[dict[str, Precision]] = {
    "ns": "subsecond", "us": "subsecond", "ms": "subsecond", "second": "second", "10s": "minute",
    "minute": "minute", "10min": "hour", "hour": "hour", "10h": "hour", "day": "day", "10day": "month",
    "month": "month", "year": "month",
}  # fmt: skip
_DATES: Final = frozenset({"day", "10day", "month", "year"})
_BEFORE = re.compile(r"[\s\-–—*_`•|>\[(~#]*")
_BEHIND_DAY = re.compile(
    r"[ \t,]*(?:\((?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?\)[ \t,]*)?", re.IGNORECASE
)
_JOINT = re.compile(r"\s*(?:[-–—:,;|>]+(?=\s|\Z)|:)?\s*")
_APART = re.compile(
    r"^(?P<mark>\*\*|__|\*|_|`)(?P<first>\d[\d:.]*[^\n*_`]{0,30}?)(?P=mark)(?P<join>\s*(?:to|until|till|and|[-–—])\s*)"
    r"(?P=mark)(?P<last>\d[\d:.]*[^\n*_`]{0,30}?)(?P=mark)"
)
_ESTIMATED = re.compile(r"\((?:estimated?|est\.|approx(?:imate(?:ly)?|\.)?|roughly)\)", re.IGNORECASE)
_TORN = re.compile(r"^(?P<hour>\W{0,8}\d{1,2}): (?P<rest>[0-5]\d ?[ap]\.?m\b)", re.IGNORECASE)
# A row that says that it is the zero of the others, as in "10:00 T0: the alert fires".
_ZERO = re.compile(r"(?<![\w.])T ?[=+-]?0(?![\w.]|:\d|\s?[+-])")
_NUMBERS = re.compile(r"(?<![\d./-])(\d\d)[-/](\d\d)[-/](\d{4})(?![\d/-])")
_CLOSERS = {"**": "**", "__": "__", "*": "*", "_": "_", "`": "`", "[": "]", "(": ")"}


@dataclass(frozen=True)
class Timed:
    """What a line says about its time, and the words beside that."""

    fields: dict[str, Any]
    """Of an event: at, until, precision and the rest."""
    text: str
    """The line without its time where the time stands at its beginning; all of it where it is in the sentence."""
    leads: bool
    """Whether the time is the first thing on the line."""
    ends: bool
    """Whether it is the last."""
    understood: Understood

    @property
    def has_clock(self) -> bool:
        """Whether it says more than a date."""
        return self.understood.kind != "order" and self.understood.precision not in _DATES

    @property
    def leads_or_bracketed(self) -> bool:
        """Whether nothing but a bracket and the level of a log stands before it."""
        return self.leads

    @property
    def is_date(self) -> bool:
        """Whether it is a date and nothing more exact."""
        return self.understood.start is not None and self.understood.precision in _DATES

    @property
    def is_moment(self) -> bool:
        """Whether the text is a date with a time of day, and nothing more."""
        return self.leads and self.has_clock and self.understood.dated and not self.text


@dataclass
class Clock:
    """Reads the times of one document, row by row."""

    zone: Zone | None = None
    """That the document declares; none where it declares none."""
    undeclared: Zone = UTC_ZONE
    day: date | None = None
    default: bool = False
    """Whether *day* was declared for all rows without a date: they do not follow the row before."""
    proved: dict[str, Zone] = field(default_factory=dict)
    """Zones that a link beside a time proved, by name."""
    doubts: list[str] = field(default_factory=list)
    about: bool = False
    """Whether the document says that all its times are approximate."""
    year: int | None = None
    """Of dates without one, until a row has told its day."""
    month_first: bool | None = None
    """Whether dates such as ``01-10-2024`` have the month first, where another date of the document proves it."""
    zero: datetime | None = None
    """What ``T+5 min`` counts from: the start of the incident, where the document gives it."""

    def __post_init__(self) -> None:
        self._said: Zone | None = None
        self._context = self._fresh()
        self._last: tuple[str, Context, Understood] | None = None

    def _fresh(self) -> Context:
        return Context(
            day=self.day,
            year=self.year,
            zone=self.zone or self._said,
            undeclared=self.undeclared,
            zero=self.zero,
        )

    def on(self, day: date, *, default: bool = False) -> None:
        """The rows from here on are on *day*: a heading says so, or (*default*) a sentence for all of them."""
        self.day, self.default = day, default
        self._context = self._fresh()

    def in_year(self, year: int) -> None:
        """The dates from here on are of *year*, where they do not say theirs."""
        self.year, self.day = year, None
        self._context = replace(self._context, year=year, day=None)

    def in_zone(self, zone: Zone | None) -> None:
        """The rows from here on are in *zone*."""
        self.zone = zone
        self._context = replace(self._context, zone=zone or self._said)

    def look(self, text: str) -> Timed:
        """What *text* says about its time, without taking it as a row."""
        text = _in_one(text)
        return _timed(text, self._find(text, self._now()), self._context)

    def _now(self) -> Context:
        context = self._context
        return context if context.zero == self.zero else replace(context, zero=self.zero)

    def beside(self, text: str, anchor: datetime | None) -> Timed:
        """Read a line of a log that is quoted beside a row: the rows behind it are not read against it."""
        context = replace(self._context, anchor=anchor or self._context.anchor)
        return _timed(text, find(text, context), context)

    def _find(self, text: str, context: Context) -> Understood:
        """A line is looked at, and then read as a row: what was found the first time is found again."""
        if self._last is None or self._last[:2] != (text, context):
            self._last = (text, context, self._read(text, context))
        return self._last[2]

    def _read(self, text: str, context: Context) -> Understood:
        if self.month_first is None:
            return _find(text, context)
        order = r"\3-\1-\2" if self.month_first else r"\3-\2-\1"
        found = _find(_NUMBERS.sub(order, text), context)
        return replace(found, written=text[found.begin : found.stop].strip())

    def row(self, text: str) -> Timed:
        """Read *text* as the next row: the rows behind it are read against it."""
        text = _in_one(text)
        found = self._find(text, self._now())
        if self.about and found.start:
            found = replace(found, about=True)
        context, settled = follow(self._context, found)
        if self.zero is None and settled.start and _ZERO.search(text):
            self.zero = settled.start.lo
        if not (self.default and found.dated):
            # The next date is the one nearest to this, past the end of the year as well.
            self._context = replace(context, year=None) if settled.start else context
        if settled.zone_from == "evidence":
            zone = named(settled.zone)
            if zone:
                self.proved[zone.name] = zone
        if settled.zone_from == "text" and self.zone is None and (said := named(settled.zone)):
            # Rows that leave their zone out have that of the row above them, where the document declares none.
            self._said = said
            self._context = replace(self._context, zone=said)
        self.doubts += [f"{settled.written}: {doubt}" for doubt in settled.doubts]
        return _timed(text, settled, self._context)


def _in_one(text: str) -> str:
    """*text* with a range in one pair of marks that has one around each of its ends (``**12:22** to **13:00**``),
    and without the space in ``10: 08 AM``."""
    text = _TORN.sub(r"\g<hour>:\g<rest>", text, count=1)
    return _APART.sub(r"\g<mark>\g<first>\g<join>\g<last>\g<mark>", text, count=1)


def _find(text: str, context: Context) -> Understood:
    """The time of a line; a day that it begins with counts for words such as "sometime between" behind it."""
    found = find(text, context)
    if (
        found.start is None
        or found.precision != "day"
        or found.end
        or not _BEFORE.fullmatch(text[: found.begin])
    ):
        return found
    rest = text[found.stop :]
    between = _BEHIND_DAY.match(rest)
    gap = between.end() if between else 0
    more = at_start(rest[gap:], replace(context, day=found.start.lo.date(), anchor=None))
    if (
        more is None
        or more.start is None
        or more.dated
        or more.precision in _DATES
        or more.kind == "relative"
    ):
        return found
    stop = found.stop + gap + more.stop
    return replace(more, begin=found.begin, stop=stop, written=text[found.begin : stop].strip(), dated=True)


def _timed(text: str, found: Understood, context: Context) -> Timed:
    if found.kind == "order" and not found.reason:
        return Timed({"precision": "order-only"}, text, False, False, found)
    before, after = text[: found.begin], text[found.stop :]
    leads = bool(_BEFORE.fullmatch(before))
    rest = _without_time(before, after) if leads else text
    if leads and found.start and _ESTIMATED.match(rest):
        found = replace(found, about=True)
    return Timed(_fields(found, context), rest, leads, not after.strip(" .:*_`)]"), found)


def _without_time(before: str, after: str) -> str:
    """The words behind a time: marks that opened before it close behind it."""
    opened = re.findall(r"\*\*|__|[*_`\[(]", before)
    link = ""
    while opened:
        closer = _CLOSERS[opened.pop()]
        stripped = after.lstrip()
        joint = _JOINT.match(stripped)
        if stripped.startswith(closer):
            after = stripped[len(closer) :]
        elif joint and stripped[joint.end() :].startswith(closer):
            after = stripped[joint.end() + len(closer) :]
        elif closer in {"**", "__"} and after.rstrip().endswith(closer):
            # The whole line stands in bold.
            after = after.rstrip()[: -len(closer)]
        elif closer == "]" and re.match(r"[^\[\]\n]+\]\(", after):
            # The words of a link begin with the time.
            link = "["
    return link + _JOINT.sub("", after, count=1).strip()


def _fields(found: Understood, context: Context) -> dict[str, Any]:
    fields: dict[str, Any] = {"written": found.written}
    if found.reason and found.reason != found.written:
        fields["time_reason"] = found.reason
    elif found.reason:
        fields["time_reason"] = found.reason.strip("()[] ")
    if found.start is None:
        return fields | {"precision": "order-only"}
    precision = _PRECISIONS.get(found.precision, "minute")
    if found.kind == "relative" and precision != "subsecond":
        precision = "second"
    fields |= {"at": found.start.lo, "precision": precision}
    fields["about"] = found.about or found.kind in {"after", "before"}
    if late := _latest(found.start, precision):
        fields["at_latest"] = late
    if found.end:
        fields["until"] = found.end.lo
        if late := _latest(found.end, precision):
            fields["until_latest"] = late
    zone = UNDECLARED if found.zone_from == "undeclared" else found.zone
    if zone != "UTC":
        fields["zone"] = zone
    return fields


def _latest(bounds: Bounds, precision: Precision) -> datetime | None:
    """The last instant that is meant, where the precision alone does not give it."""
    usual = latest_of(bounds.lo, precision)
    return bounds.hi if abs(bounds.hi - usual) > timedelta(seconds=1) else None


def latest_of(at: datetime, precision: Precision) -> datetime:
    """The last instant that a time known to *precision* can mean."""
    lengths = {
        "minute": timedelta(seconds=59),
        "hour": timedelta(minutes=59, seconds=59),
        "day": timedelta(hours=23, minutes=59, seconds=59),
    }
    try:
        if precision == "month":
            days = calendar.monthrange(at.year, at.month)[1]
            return at + timedelta(days=days) - timedelta(seconds=1)
        return at + lengths.get(precision, timedelta())
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
