"""What comes of a document while it is read: records, and for every line of it what it became."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from app.importing.due import Dues
from app.review.records import Accepted, Action, Event, Factor, Impact, Parked, Passage

LISTS: Final = ("went_well", "was_hard", "lucky", "surprises", "lessons")
"""Parts of the narrative that are lists."""
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,9}[.)])(?:\s+(?:\[[ xX]\]\s+)?|$)")


class Use(NamedTuple):
    """What a line became."""

    became: str
    """``event``, ``action``, ``factor``, ``impact``, ``header``, ``text``, ``heading``, ``question``, ``date``,
    ``zone``, ``layout``, ``blank``, ``computed``."""
    where: str = ""
    """Which one, or under which heading."""


@dataclass
class Draft:
    """The parts of a review as they are found, and the account of the lines."""

    lines: list[str]
    incident: dict[str, Any] = field(default_factory=dict)
    review_id: str = ""
    prose: dict[str, str] = field(default_factory=dict)
    """summary, trigger, detection, response, prevention."""
    listed: dict[str, list[str]] = field(default_factory=dict)
    passages: list[Passage] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    event_lines: list[int] = field(default_factory=list)
    """For every event the line that it begins on, counted from 1."""
    placed: bool = True
    """Whether the lines are those of the file, and not of the text that was made of a page or of values."""
    factors: list[Factor] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    impacts: list[Impact] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    """What numbers of its text stand on that its rows do not give."""
    remarks: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    """Zones that a link beside a time proved."""
    uses: list[Use | None] = field(default_factory=list)
    place: str = ""
    """The section of the report that was read last: what is kept as text stands behind it."""

    def __post_init__(self) -> None:
        self.dues = Dues(self.lines)
        self.uses = [None] * len(self.lines)
        self._said: dict[str, list[str]] = {}
        self._used: set[str] = set()

    # The account

    def use(self, begin: int, end: int, became: str, where: str = "") -> None:
        """Lines *begin* to *end* became this; a line that has become something stays that."""
        for number in range(begin, end):
            if self.uses[number] is None:
                self.uses[number] = Use(became, where) if self.lines[number].strip() else Use("blank")

    def finish(self) -> None:
        """Give every line that is left its place: text that nobody took is kept as text."""
        self.place = ""
        for part, texts in self._said.items():
            # Joined once: a text of thousands of paragraphs would be copied for each of them.
            self.prose[part] = "\n\n".join(each for each in (self.prose[part], *texts) if each)
        begin: int | None = None
        for number in range(len(self.lines) + 1):
            left = number < len(self.lines) and self.uses[number] is None and self.lines[number].strip()
            if left and begin is None:
                begin = number
            elif not left and begin is not None:
                self.passage("Other lines", begin, number)
                begin = None
        for number, use in enumerate(self.uses):
            if use is None:
                self.uses[number] = Use("blank")

    def counts(self) -> Counter[str]:
        """How many lines became what."""
        return Counter(use.became for use in self.uses if use)

    # Text

    def raw(self, begin: int, end: int) -> str:
        """The lines as they stand there, without blank ones around them."""
        return "\n".join(self.lines[begin:end]).strip("\n").rstrip()

    def item(self, begin: int, end: int) -> str:
        """The lines of an item of a list without its mark; its further lines lose the same indentation."""
        first = self.lines[begin]
        mark = _BULLET.match(first)
        width = mark.end() if mark else len(first) - len(first.lstrip())
        rest = [
            line[width:] if not line[:width].strip() else line.lstrip()
            for line in self.lines[begin + 1 : end]
        ]
        return "\n".join([first[width:], *rest]).strip("\n").rstrip()

    def raw_below(self, begin: int, end: int) -> str:
        """The lines that are indented under an item, without the indentation that they share."""
        import textwrap

        return textwrap.dedent("\n".join(self.lines[begin:end])).strip("\n").rstrip()

    def passage(self, heading: str, begin: int, end: int, became: str = "text") -> None:
        """Keep lines as text under *heading*; a run that goes on under the same heading is one text."""
        self.use(begin, end, became, heading)
        self.keep(heading, self.raw(begin, end))

    def keep(self, heading: str, text: str) -> None:
        """Keep *text* under *heading*."""
        last = self.passages[-1] if self.passages else None
        if last is not None and (last.heading, last.after) == (heading, self.place):
            text = f"{last.text}\n\n{text}".strip("\n")
            self.passages[-1] = last.model_copy(update={"text": text})
        else:
            self.passages.append(Passage(heading=heading, text=text, after=self.place))

    def say(self, part: str, begin: int, end: int, text: str | None = None) -> None:
        """Add lines to a part of the narrative that is running text."""
        self.use(begin, end, "text", part)
        text = self.raw(begin, end) if text is None else text
        self.prose.setdefault(part, "")
        self._said.setdefault(part, []).append(text)

    def entry(self, part: str, begin: int, end: int, text: str) -> None:
        """Add an entry to a part of the narrative that is a list."""
        self.use(begin, end, "text", part)
        self.listed.setdefault(part, []).append(text)

    # Records

    def event(self, begin: int, end: int, **fields: Any) -> None:
        """Add a row of the timeline; its id is its number."""
        fields["id"] = f"E{len(self.events) + 1}"
        self.events.append(Event.model_validate(fields))
        self.event_lines.append(begin + 1)
        self.use(begin, end, "event", fields["id"])

    def factor(self, begin: int, end: int, **fields: Any) -> str:
        """Add a factor and return its id."""
        name = f"F{len(self.factors) + 1}"
        self.factors.append(Factor.model_validate(fields | {"id": name}))
        self.use(begin, end, "factor", name)
        return name

    def action(self, begin: int, end: int, **fields: Any) -> None:
        """Add an action; the id that it came with is kept where no other has it."""
        wanted = fields.get("id") or ""
        count = len(self.actions) + 1
        while not wanted or wanted in self._used:
            wanted, count = f"AI-{count:03d}", count + 1
        self._used.add(wanted)
        self.actions.append(Action.model_validate(fields | {"id": wanted}))
        self.use(begin, end, "action", wanted)

    def impact(self, begin: int, end: int, text: str) -> None:
        """Add a segment of the effect on users."""
        name = f"I{len(self.impacts) + 1}"
        self.impacts.append(Impact(id=name, text=text))
        self.use(begin, end, "impact", name)

    def question(self, begin: int, end: int, text: str) -> None:
        """Add an open question."""
        name = f"P{len(self.parked) + 1}"
        self.parked.append(Parked(id=name, text=text, outcome="question"))
        self.use(begin, end, "question", name)
