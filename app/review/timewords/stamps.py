"""Stamps that machines write, complete in themselves: RFC 3339, access logs, klog, tornado, syslog, epoch.

What leaves its zone out is in the zone of the log, not of the people: see ``Context.log_zone``.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from app.review.timewords.clockword import Clock, match_clock
from app.review.timewords.dayforms import MONTHS, Day
from app.review.timewords.model import UTC_ZONE, Zone
from app.review.timewords.zonewords import match_offset, match_zone

_CLOCK = r"(?P<clock>[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:[.,][0-9]{1,9})?)"
_SHORTS = "|".join(name[:3].title() for name in MONTHS)

_ACCESS = re.compile(rf"\[?(?P<day>[0-3][0-9])/(?P<month>{_SHORTS})/(?P<year>[0-9]{{4}}):{_CLOCK}")
_KLOG = re.compile(rf"[IWEF](?P<month>[01][0-9])(?P<day>[0-3][0-9]) {_CLOCK}")
_TORNADO = re.compile(rf"\[?[IWECD] (?P<short>[0-9]{{2}})(?P<month>[01][0-9])(?P<day>[0-3][0-9]) {_CLOCK}")
_JUPYTER = re.compile(rf"\[?[IWECD] (?P<year>[0-9]{{4}})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9]) {_CLOCK}")
# What Python, Java and nginx put before a level: ``2017-09-29 00:46:54,810 WARNING``, ``… 18:46:07 [error]``.
_LEVELS = "TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRIT(?:ICAL)?|FATAL"
_LEVELED = re.compile(
    rf"\[?(?P<year>[0-9]{{4}})(?P<joint>[-/])(?P<month>[01][0-9])(?P=joint)(?P<day>[0-3][0-9])[ T]{_CLOCK}"
    rf"(?=(?<=[.,][0-9]{{3}})\]?\s{{1,3}}(?:\[[\w.:-]{{1,60}}\]\s{{1,3}}|(?:[\w.]{{1,60}}\s)?-\s){{0,3}}\[?(?:{_LEVELS})\b"
    rf"|\]?\s{{1,3}}\[(?i:{_LEVELS})\b)"
)
_SYSLOG = re.compile(
    rf"(?:<[0-9]{{1,3}}>)?(?P<name>{_SHORTS}) (?P<day>[ 0-3][0-9]) {_CLOCK}"
    r"(?= [\w.-]{1,253} [\w./()-]{1,64}(?:\[[0-9]+\])?:)"
)
_COMPACT = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[01][0-9])(?P<day>[0-3][0-9])T"
    r"(?P<hour>[0-2][0-9])(?P<minute>[0-5][0-9])(?P<second>[0-5][0-9])?(?=Z|[+-][0-9]{2}|\b)"
)
# All in one number: ``20190313184607``.
_RUN_TOGETHER = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?P<hour>[01][0-9]|2[0-3])(?P<minute>[0-5][0-9])(?P<second>[0-5][0-9])(?![\w.-])"
)
_CTIME = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<name>{_SHORTS}) (?P<day>[ 0-3][0-9]) {_CLOCK}"
    r"(?P<zone> [A-Z]{3,4})? (?P<year>[0-9]{4})\b"
)
# A moment as Discord and Slack write it into a message: ``<t:1618953630:R>``, ``<!date^1392734382^…|…>``.
_CHAT = re.compile(
    r"<(?:t:(?P<discord>1[0-9]{9})(?::[tTdDfFR])?|!date\^(?P<slack>1[0-9]{9})\^[^>\n]{1,200})>"
)
_EPOCH = re.compile(
    r"(?P<whole>1[0-9]{9})(?:\.(?P<fraction>[0-9]{1,9})|(?P<more>[0-9]{3}|[0-9]{6}|[0-9]{9}))?(?!\d|\.\d)"
)
_NAMES = (
    r"(?:@?timestamp|time|ts|datetime|date|when|at|t"
    r"|[a-z]{2,20}_(?:at|time|ts|timestamp|date|on|happened)|(?-i:[a-z]{2,20}(?:At|Time|Timestamp|Date))"
    r"|(?:created|updated|starts?|ends?|event|fired|resolved)(?:at|time))"
)
_KEY = re.compile(
    rf"(?:\"{_NAMES}\"\s{{0,3}}:\s{{0,3}}|'{_NAMES}'\s{{0,3}}:\s{{0,3}}|\b{_NAMES}=)[\"']?", re.IGNORECASE
)

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stamp:
    """A machine's stamp: its parts, and whether it says its zone."""

    day: Day
    clock: Clock
    zone: Zone | None
    end: int
    log: bool
    """Whether this is the stamp of a log, whose clock is the log's."""


def match_stamp(text: str, place: int) -> Stamp | None:
    """The machine's stamp at *place*; None for what people write."""
    for pattern in (_ACCESS, _TORNADO, _JUPYTER, _KLOG, _LEVELED, _SYSLOG, _CTIME):
        if match := pattern.match(text, place):
            return _stamp(text, match)
    if match := _COMPACT.match(text, place) or _RUN_TOGETHER.match(text, place):
        return _compact(text, match)
    if match := _CHAT.match(text, place):
        found = match_epoch(match["discord"] or match["slack"], 0)
        return replace(found, end=match.end(), log=False) if found else None
    return None


def field_values(text: str) -> tuple[int, ...]:
    """Where the values of the time fields of a structured line (``"startsAt": "``, ``ts=``) begin."""
    return tuple(match.end() for match in _KEY.finditer(text))


def match_epoch(text: str, place: int) -> Stamp | None:
    """Seconds since 1970 (or in thousandths of them, and so on) as the value of a field."""
    match = _EPOCH.match(text, place)
    if match is None:
        return None
    fraction = match["fraction"] or match["more"] or ""
    at = _START + timedelta(seconds=int(match["whole"]), microseconds=int(fraction.ljust(6, "0")[:6]))
    clock = match_clock(f"{at:%H:%M:%S}{'.' + fraction if fraction else ''}", 0, dated=True)
    if clock is None:
        return None
    day = Day("day", match.end(), at.year, at.month, at.day, at.day)
    return Stamp(day, clock, UTC_ZONE, match.end(), log=True)


def _stamp(text: str, match: re.Match[str]) -> Stamp | None:
    parts = match.groupdict()
    year = (
        int(parts["year"])
        if parts.get("year")
        else 2000 + int(parts["short"])
        if parts.get("short")
        else None
    )
    name = parts.get("name") or parts["month"]
    month = int(name) if name.isdigit() else _month(name)
    number = int(parts["day"])
    clock = match_clock(parts["clock"], 0, dated=True)
    if clock is None or not 1 <= month <= 12 or not 1 <= number <= 31:
        return None
    zone, end = None, match.end()
    if parts.get("zone") and (named := match_zone(parts["zone"], 0)):
        zone = named.zone
    elif not parts.get("zone") and (offset := match_offset(text, end, full_date=True, rfc=True)):
        zone, end = offset.zone, offset.end
    if match[0].startswith("[") and text[end : end + 1] == "]":
        end += 1
    return Stamp(Day("day", end, year, month, number, number), clock, zone, end, log=True)


def _compact(text: str, match: re.Match[str]) -> Stamp | None:
    second = match["second"]
    clock = match_clock(f"{match['hour']}:{match['minute']}{':' + second if second else ''}", 0, dated=True)
    number, month = int(match["day"]), int(match["month"])
    if clock is None or not 1 <= month <= 12 or not 1 <= number <= 31:
        return None
    found = match_zone(text, match.end()) or match_offset(text, match.end(), full_date=True, rfc=True)
    end = found.end if found else match.end()
    day = Day("day", end, int(match["year"]), month, number, number)
    return Stamp(day, clock, found.zone if found else None, end, log=False)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name.lower()))
