"""Zones as they are written: by name (``Europe/Berlin``), abbreviation (``CET``), offset (``UTC+2``), or word.

An abbreviation is the offset that it names, the whole year round: ``CET`` in July is UTC+1, because that is
what was written; that many people mean the summer time by it is kept as a doubt. An offset in brackets
behind an abbreviation decides. Words such as ``Eastern`` and ``PT`` name a region and follow its clock.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.review.timewords.model import UTC_ZONE, Zone
from app.review.timewords.tongues import EASTERN

_OFFSETS: Final = {
    name: float(hours)
    for name, hours in re.findall(
        r"(\S+)=(\S+)",
        """
        UTC=0 GMT=0 WET=0 WEST=1 BST=1 CET=1 CEST=2 MET=1 MEST=2 EET=2 EEST=3 MSK=3 TRT=3
        CAT=2 SAST=2 WAT=1 EAT=3 PKT=5 IST=5.5 WIB=7 SGT=8 HKT=8 JST=9 KST=9
        AWST=8 ACST=9.5 ACDT=10.5 AEST=10 AEDT=11 NZST=12 NZDT=13
        EST=-5 EDT=-4 CST=-6 CDT=-5 MST=-7 MDT=-6 PST=-8 PDT=-7 AKST=-9 AKDT=-8 HST=-10
        AST=-4 ADT=-3 NST=-3.5 NDT=-2.5 BRT=-3 BRST=-2 ART=-3 CLT=-4 CLST=-3 COT=-5 PET=-5 UYT=-3
        ICT=7 PHT=8 MYT=8 NPT=5.75 GST=4 IRST=3.5 IDT=3 MMT=6.5 UZT=5 ALMT=5 AZT=4 AMT=4 YEKT=5 NOVT=7 KRAT=7 VLAT=10
        MEZ=1 MESZ=2 HEC=2 HNEC=1 WIT=9 WITA=8 ChST=10 AoE=-12
        """,
    )
}
"""Hours ahead of UTC."""

_OTHERS: Final = {
    "BST": "British Summer Time; also Bangladesh (UTC+6)",
    "IST": "Indian time; also Irish (UTC+1) and Israeli (UTC+2)",
    "CST": "North American Central time; also Chinese (UTC+8) and Cuban (UTC-5)",
    "AST": "Atlantic time; also Arabian (UTC+3)",
    "MST": "Mountain time; also Malaysian (UTC+8)",
}
"""Abbreviations with several meanings: the one that is taken, and the others."""

_REGIONS: Final = {
    name: zone
    for zone, names in re.findall(
        r"(\S+): (.+)",
        """
        America/New_York: ET, Eastern, New York
        America/Chicago: CT, Central
        America/Denver: MT, Mountain
        America/Los_Angeles: PT, Pacific, San Francisco
        Europe/London: UK, London, British
        Europe/Dublin: Irish
        Europe/Berlin: Berlin, German
        Europe/Paris: Paris, French
        Europe/Amsterdam: Amsterdam, Dutch
        Europe/Copenhagen: Copenhagen, Danish
        Asia/Tokyo: Tokyo, Japan
        Asia/Shanghai: Beijing
        Australia/Sydney: Sydney
        Europe/Madrid: Madrid
        Europe/Rome: Rome
        Europe/Zurich: Zurich
        Europe/Vienna: Vienna
        Asia/Kolkata: India
        Asia/Singapore: Singapore
        """,
    )
    for name in names.split(", ")
}
"""Words that name a region with its own clock; all but the first four need "time" behind them, or the end."""

_LONG: Final = {
    "Coordinated Universal Time": "UTC",
    "Greenwich Mean Time": "GMT",
    "British Summer Time": "BST",
    "Central European Time": "CET",
    "Central European Summer Time": "CEST",
    "Indian Standard Time": "IST",
    "India Standard Time": "IST",
    "Japan Standard Time": "JST",
}

_SEASONS: Final = {
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
    "BST": "Europe/London",
}
"""Abbreviations that hold for half of the year, with a region whose clocks show when."""

MONTH_FIRST: Final = frozenset(
    name
    for short, region in _SEASONS.items()
    if region in {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"}
    for name in (short, region)
)
"""Zones whose people write 1/8/18 for 8 January."""

# Distributions leave these old names out of their zone data.
_OLD_NAMES: Final = {
    "US/Eastern": "America/New_York",
    "US/Central": "America/Chicago",
    "US/Mountain": "America/Denver",
    "US/Pacific": "America/Los_Angeles",
    "US/Alaska": "America/Anchorage",
    "US/Hawaii": "Pacific/Honolulu",
    "Asia/Calcutta": "Asia/Kolkata",
    "Europe/Kiev": "Europe/Kyiv",
}

# A zone ends its word: "10:15 UTC-based", "10:15z-index" and "10:15 UTC:15" name none.
_ENDS = rf"(?![^\W{EASTERN}]|:\w|-[^\W\d])"
_BRACKET_OFFSET = r"(?:UTC|GMT) ?(?P<sign>[+-]) ?(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?"
_PHRASES: Final = {
    "heure de Paris": "Europe/Paris",
    "heure avancée de l'Est": "America/Toronto",
    "heure normale de l'Est": "America/Toronto",
    "heure française": "Europe/Paris",
    "hora de Madrid": "Europe/Madrid",
    "hora peninsular": "Europe/Madrid",
    "horário de Brasília": "America/Sao_Paulo",
    "hora de Brasília": "America/Sao_Paulo",
    "ora italiana": "Europe/Rome",
    "deutsche Zeit": "Europe/Berlin",
    "日本時間": "Asia/Tokyo",
    "北京时间": "Asia/Shanghai",
    "한국 시간": "Asia/Seoul",
}
"""What people of a country call its time."""

_OPEN = r"[ \t\u00a0]{0,3}[(\[]?"
_LONG_NAME = re.compile(
    rf"(?:, )?{_OPEN}(?P<name>{'|'.join(sorted(_LONG, key=len, reverse=True))}){_ENDS}", re.IGNORECASE
)
_PAIR = re.compile(r"(?P<one>[A-Z]{3,4}) ?/ ?(?P<two>[A-Z]{3,4})\b")
_ZULU = re.compile(rf"[zZ]{_ENDS}")
# ``UTC-5`` is an offset, but ``10:00 UTC-10:30 UTC`` is a range of two times.
_UTC = re.compile(
    rf"{_OPEN}(?P<name>UTC|GMT)(?P<offset> ?\+ ?[0-9]{{1,2}}(?::?[0-9]{{2}})?|-[0-9]{{1,2}}(?!:?[0-9]))?{_ENDS}",
    re.IGNORECASE,
)
_SHORT = re.compile(
    rf"{_OPEN}(?P<name>{'|'.join(sorted(_OFFSETS.keys() - {'UTC', 'GMT'}, key=len, reverse=True))}|[ECMP]T){_ENDS}"
    rf"(?:[ ,]{{0,2}}[(\[=]? ?{_BRACKET_OFFSET}[)\]]?{_ENDS})?"
)
# ``9:37am pst``; "est" and "ist" are words of other languages.
_LOWER = re.compile(
    rf"[ \u00a0]?(?P<name>pst|pdt|edt|cst|cdt|mst|mdt|cet|cest|bst|jst|(?<=[apAP][mM] )est){_ENDS}"
)
_REGION = re.compile(
    rf"(?P<comma>, )?{_OPEN}(?:US )?(?P<name>{'|'.join(name for name in _REGIONS if len(name) > 2)}|UK)\b"
    r"(?P<tail>(?: (?P<season>Standard|Daylight))? [Tt]ime\b)?"
)
_SPOKEN = re.compile(
    rf"{_OPEN}(?:US )?(?P<name>pacific|eastern|central|mountain)(?: (?P<season>standard|daylight))? time{_ENDS}"
)
_PHRASE = re.compile(rf"(?:, )?{_OPEN}(?P<name>{'|'.join(_PHRASES)})(?!\w)", re.IGNORECASE)
_IANA = re.compile(
    rf"{_OPEN}(?P<name>(?:[A-Z][A-Za-z]+/)(?:[A-Z][A-Za-z_]+/)?[A-Z][A-Za-z_+-]*[A-Za-z]){_ENDS}"
)
_UTC_BEHIND = re.compile(
    rf"{_OPEN}(?:UTC|GMT)[-−](?P<hours>[01][0-9]):(?P<minutes>[0-5][0-9])(?!:?\w| ?(?:UTC|GMT|[A-Z]{{3,4}}\b))",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[ \t]?(?P<offset>[+-][0-9]{2}(?P<colon>:?)[0-9]{2})(?!:?\w|-\w)")
# PostgreSQL and ISO 8601 leave the minutes out: ``10:15:30+01``.
_HOURS_ONLY = re.compile(r"(?P<offset>[+-][0-9]{2})(?![:.]?\w|-\w)")
_DECLARED = re.compile(
    r"\b(?:all\s+times|alle\s+(?:zeiten|uhrzeiten|zeitangaben)(?:\s+(?:in|sind))*"
    r"|toutes\s+les\s+heures(?:\s+(?:sont|en))*|todas\s+las\s+horas(?:\s+(?:son|están|en))*"
    r"|todos\s+os\s+horários(?:\s+(?:são|estão|em))*)\s+(?=(?-i:UTC|GMT|[A-Z]{3,4}\b|[A-Z][a-z]+/))"
    r"|(?:時刻|時間|日時)(?:はすべて|は全て|は|[:：]|（|\()\s*"
    r"|\b(?:all\s+(?:the\s+)?)?(?:date\s*(?:and|&|/)\s*)?(?:times?|timestamps?|hours|time ?zone)\b[^.\n|]{0,40}?"
    r"(?:(?:\b(?:in|are|is|as)\b\s+)+(?:the\s+)?|:\s*|=\s*|[(\[]\s*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ZoneWord:
    """A zone that stands in a text, and where it ends."""

    zone: Zone
    end: int


def named(text: str) -> Zone | None:
    """The zone that a document declares in its own words: ``CET (GMT+1)``; None where it names none."""
    text = text.strip()
    if re.fullmatch(r"[+-][0-9]{1,2}(?::?[0-9]{2})?", text):
        rule = offset_zone(text)
        return Zone(rule, _offset_name(rule)) if rule else None
    found = _in_declaration(text, 0)
    if (pair := _PAIR.match(text)) and pair["one"] in _SEASONS:
        region = _SEASONS[pair["one"]]
        return Zone(iana(region) or UTC, region)
    if found is None:
        for place in (match.start() for match in re.finditer(rf"\b[A-Zhod{EASTERN}]", text[:200])):
            if found := _in_declaration(text, place):
                break
    return found.zone if found else None


def declared(text: str) -> Zone | None:
    """The zone that a sentence declares for the times around it: "all times are US/Pacific", "Time (UTC)"."""
    for match in _DECLARED.finditer(text[:4000]):
        if found := _in_declaration(text, match.end()):
            return found.zone
    return None


def match_zone(text: str, place: int) -> ZoneWord | None:
    """The zone that stands at *place*, behind a time, with its brackets."""
    if zulu := _ZULU.match(text, place):
        return ZoneWord(UTC_ZONE, zulu.end())
    for pattern, read in (
        (_UTC, _utc),
        (_SHORT, _short),
        (_LOWER, _lower),
        (_LONG_NAME, _long),
        (_IANA, _iana),
        (_REGION, _region),
        (_SPOKEN, _spoken),
        (_PHRASE, _phrase),
    ):
        match = pattern.match(text, place)
        if match and (zone := read(match)):
            return ZoneWord(zone, _closed(text, match))
    return None


def match_ahead(text: str, place: int, clock: timedelta) -> ZoneWord | None:
    """``UTC-05:00`` behind a time of day, where 05:00 cannot be the end of a range that begins at *clock*."""
    match = _UTC_BEHIND.match(text, place)
    if match is None or timedelta(hours=int(match["hours"]), minutes=int(match["minutes"])) > clock:
        return None
    rule = offset_zone(f"-{match['hours']}:{match['minutes']}")
    return ZoneWord(Zone(rule, _offset_name(rule)), _closed(text, match)) if rule else None


def match_offset(text: str, place: int, *, full_date: bool, rfc: bool) -> ZoneWord | None:
    """A bare offset behind a time.

    ``10:15-10:22`` is a range of two times. Even behind a full date ``-10:30`` could be either, so it needs the
    shape of RFC 3339 (*rfc*: a ``T``, or seconds) or no colon.
    """
    if (
        full_date
        and rfc
        and (hours := _HOURS_ONLY.match(text, place))
        and (rule := offset_zone(hours["offset"]))
    ):
        return ZoneWord(Zone(rule, _offset_name(rule)), hours.end())
    match = _OFFSET.match(text, place)
    if match is None:
        return None
    plus, colon = match["offset"][0] == "+", bool(match["colon"])
    certain = plus or (full_date and (not colon or rfc)) or (not colon and text[place : place + 1].isspace())
    rule = offset_zone(match["offset"]) if certain else None
    return ZoneWord(Zone(rule, _offset_name(rule)), match.end()) if rule else None


def out_of_season(zone: Zone, at: datetime) -> str:
    """What is doubtful about ``CET`` in July: clocks showed something else; empty where nothing is."""
    region = iana(_SEASONS[zone.name]) if zone.name in _SEASONS else None
    try:
        shown, meant = (at.astimezone(rule).utcoffset() for rule in (region, zone.rule))
    except (OverflowError, ValueError):
        return ""
    if (
        region is None
        or shown == meant
        or abs((shown or meant or timedelta()) - (meant or timedelta())) > timedelta(hours=1)
    ):
        return ""
    return f"“{zone.name}” is read as written; the clocks of {_SEASONS[zone.name]} were an hour off it on that day."


def offset_zone(written: str) -> tzinfo | None:
    """The zone of an offset that exists somewhere: at most 14 hours, in quarters of an hour."""
    digits = written[1:].replace(":", "").strip()
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes not in {0, 15, 30, 45}:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    if not length:
        return UTC
    return timezone(-length if written[0] == "-" else length)


def of_offset(offset: timedelta) -> Zone:
    """The zone with a fixed *offset*, named by it."""
    rule = timezone(offset) if offset else UTC
    return Zone(rule, _offset_name(rule))


@lru_cache(maxsize=256)
def iana(name: str) -> tzinfo | None:
    """The zone of this name in the IANA database; None when there is none."""
    try:
        return ZoneInfo(_OLD_NAMES.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _in_declaration(text: str, place: int) -> ZoneWord | None:
    # Without a time before it "UTC-05:00" cannot be a range.
    found = match_ahead(text, place, timedelta(days=1)) or match_zone(text, place)
    if found:
        return found
    region = _REGION.match(text, place)
    return (
        ZoneWord(_regional(region["name"]), region.end())
        if region and iana(_REGIONS[region["name"]])
        else None
    )


def _closed(text: str, match: re.Match[str]) -> int:
    """Where a zone ends that may stand in brackets."""
    opened = match[0].lstrip().startswith(("(", "["))
    end = match.end()
    return end + 1 if opened and text[end : end + 1] in {")", "]"} else end


def _utc(match: re.Match[str]) -> Zone | None:
    if not match["offset"]:
        return Zone(UTC, match["name"].upper())
    rule = offset_zone(match["offset"].replace(" ", ""))
    return Zone(rule, _offset_name(rule)) if rule else None


def _short(match: re.Match[str]) -> Zone | None:
    name = match["name"]
    if match["sign"]:
        rule = offset_zone(
            f"{match['sign']}{match['hours']}{':' + match['minutes'] if match['minutes'] else ''}"
        )
        return Zone(rule, name) if rule else None
    if name in _REGIONS:
        return _regional(name)
    offset = timedelta(hours=_OFFSETS[name])
    doubt = f"“{name}” is read as {_OTHERS[name]}." if name in _OTHERS else ""
    return Zone(timezone(offset) if offset else UTC, name, doubt)


def _lower(match: re.Match[str]) -> Zone:
    return _short_name(match["name"].upper())


def _long(match: re.Match[str]) -> Zone:
    wanted = match["name"].lower()
    return _short_name(next(short for name, short in _LONG.items() if name.lower() == wanted))


def _region(match: re.Match[str]) -> Zone | None:
    if match["comma"] and not match["tail"]:
        return None
    name, behind = match["name"], match.string[match.end() : match.end() + 2]
    if match["season"] and name in {"Eastern", "Central", "Mountain", "Pacific"}:
        return _short_name(f"{name[0]}{match['season'][0]}T")
    # "Eastern" alone is a zone, "Central" before a mark; "London" needs "time", or the end of what is said.
    alone = name in {"Eastern", "Pacific"} or not behind.strip() or behind[:1] in ")],;.|"
    alone = alone or (name in {"Central", "Mountain"} and behind.lstrip()[:1] in ':-–—|*`"')
    return _regional(name) if match["tail"] or alone else None


def _spoken(match: re.Match[str]) -> Zone:
    name = match["name"].title()
    return _short_name(f"{name[0]}{match['season'][0].upper()}T") if match["season"] else _regional(name)


def _phrase(match: re.Match[str]) -> Zone | None:
    wanted = match["name"].casefold()
    name = next(zone for words, zone in _PHRASES.items() if words.casefold() == wanted)
    rule = iana(name)
    return Zone(rule, name) if rule else None


def _short_name(name: str) -> Zone:
    offset = timedelta(hours=_OFFSETS[name])
    return Zone(timezone(offset) if offset else UTC, name)


def _regional(name: str) -> Zone:
    return Zone(iana(_REGIONS[name]) or UTC, _REGIONS[name])


def _iana(match: re.Match[str]) -> Zone | None:
    rule = iana(match["name"])
    return Zone(rule, match["name"]) if rule else None


def _offset_name(rule: tzinfo) -> str:
    return "UTC" if rule is UTC else str(rule)
