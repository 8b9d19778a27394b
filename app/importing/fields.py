"""Facts at the head of a report: lines such as ``**Severity**: P1``, tables of them, and the window of the incident."""

import re
from datetime import date
from typing import Final

from app.importing.blocks import Block, TableRow
from app.importing.draft import Draft
from app.importing.heads import whole_date
from app.importing.parts import item_groups
from app.importing.tables import has_times_first
from app.importing.times import Clock, Timed
from app.importing.words import FIELDS, Role, bare, label_of, role_of
from app.markdown import words as decoded
from app.review.timewords import Zone, named

_NONE_YET: Final = frozenset({"not set", "not yet", "-", "n/a", "none", "tbd", "tbc"})
_SAID: Final = ("impact", "causes", "summary")
"""Labels of a summary that are no fields, and have a part of the report."""
_SMALL = re.compile(r"(?P<label>[a-z][a-z _-]{1,30}):\s+(?P<value>\S.*)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_RESOLUTION = re.compile(r"resol(?:ution|u[cç][aã]o|uci[oó]n)\b", re.IGNORECASE)
_STATES: Final = ("draft", "in-review", "reviewed", "closed")


class Fields:
    """Takes labels with their values into the facts of an incident; what has no field is kept under its label."""

    def __init__(self, draft: Draft, clock: Clock, zone: Zone | None) -> None:
        self.draft, self.clock, self.zone = draft, clock, zone

    def lines(self, group: list[Block], *, known: bool = False) -> bool:
        """Lines that are labels with their values; whether *group* was nothing else.

        With *known* the labels must be ones that mean something, as inside a summary.
        """
        block = group[0]
        lines = [line.strip().rstrip("\\").strip() for line in block.text.split("\n")]
        if len(lines) == 1 and all(label_of(each) for each in lines[0].split(" | ")):
            # Several labels with their values on one line.
            for found in map(label_of, lines[0].split(" | ")):
                if found and block.kind == "paragraph":
                    self.field(found[0], found[1], block.begin, block.end)
            return block.kind == "paragraph"
        if _BREAK.search(block.text) and block.kind == "paragraph" and len(group) == 1:
            # A line ends where the page broke it, not where the text of the document does.
            lines = [" ".join(each.split()) for each in _BREAK.split(block.text) if each.strip()]
        labels = _labels(lines)
        if (
            labels
            and (head := labels[0])
            and not head[1]
            and role_of(head[0]) == "duration"
            and all(labels[1:])
        ):
            # "Duration:" over a line for its beginning and one for its end.
            known, lines, labels = True, lines[1:], labels[1:]
        if block.kind not in {"paragraph", "item"} or not labels or not all(labels) or len(group) > 1:
            return False
        roles = [role_of(label[0]) for label in labels if label]
        if known and not all(role in FIELDS or role in _SAID for role in roles):
            return False
        own = len(labels) == block.end - block.begin
        for number, found in enumerate(labels, block.end - len(labels)):
            if found:
                begin, end = (number, number + 1) if own else (block.begin, block.end)
                self.field(found[0], found[1], begin, end)
        self.draft.use(block.begin, block.end, "layout")
        return True

    def field(self, label: str, value: str, begin: int, end: int) -> None:
        """One label with its value on the lines *begin* to *end*."""
        value = decoded(value).strip()
        role = self._role(label, value)
        if role == "impact":
            self.draft.impact(begin, end, value)
            return
        if role == "causes":
            self.draft.say("trigger", begin, end, value)
            return
        if role == "summary":
            self.draft.say("summary", begin, end, value)
            return
        self.draft.use(begin, end, "header", label)
        if not self.take(role, value):
            self.draft.keep(label, value)

    def take(self, role: Role | None, value: str) -> bool:
        """Take *value* as the fact *role*; False where it is to be kept as text (too)."""
        incident = self.draft.incident
        if value.casefold() in _NONE_YET:
            return True
        if role == "severity":
            found = re.fullmatch(r"(?P<name>[^(]+?)\s*(?:\((?P<note>.*)\))?", value, re.DOTALL)
            incident["severity"] = found["name"] if found else value
            incident["severity_note"] = (found["note"] or "") if found else ""
        elif role in {"authors", "services"}:
            parts = re.split(r"[,、，\n]\s*(?:[-*+] )?", re.sub(r"\A[-*+] ", "", value))
            incident[role] = [each.strip() for each in parts if each.strip()]
        elif role == "reviewed" and (day := whole_date(value)):
            incident["reviewed_on"] = day
        elif role in {"started", "ended"} and (moment := (looked := self.clock.look(value)).fields.get("at")):
            incident[f"{role}_at"] = moment
            self._zone_of(looked)
            if role == "started":
                self.clock.zero = moment
        elif role == "duration":
            return value.startswith("unknown (") or self._window(value)
        elif role in {"facilitator", "title"} and not incident.get(role):
            incident[role] = value
        elif role == "id":
            self.draft.review_id = value
        elif role == "status" and value.casefold() in _STATES:
            incident["status"] = value.casefold()
        elif role == "zone" and named(value):
            self.clock.in_zone(self.zone or named(value))
            return False
        else:
            return False
        return True

    def table(self, block: Block) -> bool:
        """A table of labels beside their values, two or four columns wide; whether it was one."""
        if block.kind == "table" and has_times_first(block.rows, self.clock):
            return False
        said = _pairs(block)
        if not any(role_of(label) in FIELDS and value.strip() for _, label, value in said):
            return False
        for row, label, value in said:
            self._cell(row, label, value)
        self.draft.use(block.begin, block.end, "layout")
        return True

    def _cell(self, row: TableRow, label: str, value: str) -> None:
        value = decoded(value).strip()
        if re.fullmatch(r"`[^`]+`", value):
            value = value[1:-1].strip()
        if role_of(label) == "impact" and value:
            self.draft.impact(row.line, row.line + 1, value)
            return
        self.draft.use(row.line, row.line + 1, "header", label)
        role = self._role(label, value)
        if not self.take(role, value) and (value or role not in FIELDS):
            self.draft.keep(label, value)

    def _role(self, label: str, value: str) -> Role | None:
        """What a label means; beside a moment "Resolution" is the end, and a part of the report otherwise."""
        role = role_of(label)
        if role is None and _RESOLUTION.match(label) and (timed := self.clock.look(value)).fields.get("at"):
            return "ended" if timed.leads and not timed.text.strip() else None
        return role

    def _window(self, value: str) -> bool:
        """The beginning and the end in ``34 min 37 s (10:05:23 - 10:40:00 UTC, start to end of the incident)``,
        or in ``08:41–09:54 UTC (1 h 13 m)``, where the length beside them can be counted."""
        inside = re.search(r"\((?P<window>.*), start to end of the incident\)", value)
        looked = self.clock.look(inside["window"] if inside else value)
        fields = looked.fields
        if not fields.get("at") or not fields.get("until"):
            return False
        self._zone_of(looked)
        self.draft.incident |= {"started_at": fields["at"], "ended_at": fields["until"]}
        self.clock.zero = self.clock.zero or fields["at"]
        return bool(inside) or bool(re.fullmatch(r"[\s.,;]*(?:\([^()]{0,40}\))?[\s.]*", looked.text))

    def _zone_of(self, looked: Timed) -> None:
        """Where nothing declares a zone, the one that the window of the incident is written in is the document's."""
        found = looked.understood
        zone = named(found.zone) if found.zone_from == "text" and found.zone else None
        if zone and self.zone is None and self.clock.zone is None:
            self.clock.in_zone(zone)
            self.draft.remarks.append(
                f"The window of the incident is written in {zone.name}, and rows without a zone are read so."
            )


def tells_facts(block: Block) -> bool:
    """Whether a table has labels beside their values, two of which at least say a fact of the incident."""
    return sum(role_of(label) in FIELDS and bool(value.strip()) for _, label, value in _pairs(block)) > 1


def _pairs(block: Block) -> list[tuple[TableRow, str, str]]:
    """The labels of a table that is two or four columns wide, each with its value."""
    width = len(block.rows[0].cells) if block.rows else 0
    if block.kind != "table" or width not in {2, 4}:
        return []
    pairs = (
        (row, bare(row.cells[place]).strip(), row.cells[place + 1] if place + 1 < len(row.cells) else "")
        for row in block.rows
        for place in range(0, len(row.cells), 2)
    )
    return [(row, label, value) for row, label, value in pairs if label]


def is_head(found: list[Block]) -> bool:
    """Whether blocks are nothing but labels with their values, two of which at least say a fact of the incident."""
    roles: list[Role | None] = []
    for group in item_groups([block for block in found if block.kind != "rule"]):
        labels = _labels([line.strip() for line in group[0].text.split("\n")])
        if group[0].kind not in {"paragraph", "item"} or len(group) > 1 or not all(labels):
            return False
        roles += [role_of(label[0]) for label in labels if label]
    return sum(role in FIELDS for role in roles) > 1


def _labels(lines: list[str]) -> list[tuple[str, str] | None]:
    """The label and the value of each line: in bold, ``Date: …``, or all of them in small letters (``date: …``)."""
    labels = [label_of(line, plain_too=True) for line in lines]
    small = [_SMALL.fullmatch(line) for line in lines]
    if not any(labels) and all(small) and any(role_of(each["label"]) in FIELDS for each in small if each):
        return [(each["label"], each["value"].strip()) for each in small if each]
    return labels


def day_of(values: dict[str, object]) -> date | None:
    """The day that front matter names, whatever it calls it."""
    for name, value in values.items():
        found = re.fullmatch(
            r"(?:incident_?)?(?:date|day|started?(?:_at)?|detected(?:_at)?|occurred(?:_at)?|fecha|datum)",
            name,
        )
        if found and isinstance(value, date):
            return date(value.year, value.month, value.day)
        if found and isinstance(value, str) and (day := whole_date(value)):
            return day
    return None


def is_name(block: Block) -> bool:
    """Whether a block is a name, or a few, and no sentence."""
    return (
        block.kind in {"item", "paragraph"}
        and len(block.text) < 120
        and not re.search(r"[.!?]\s", block.text)
    )


def names_in(found: list[Block]) -> list[Block]:
    """The items of a list of names under a sentence about it."""
    names = [block for block in found if block.kind == "item"]
    apart = found[: len(found) - len(names)]
    whole = found == [*apart, *names] and all(map(is_name, names))
    return names if whole and apart and all(block.kind == "paragraph" for block in apart) else []
