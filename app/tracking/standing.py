"""What a ticket says by now, and which part of it may be written over: people's words in a tracker are theirs.

What was written last is remembered as fingerprints in :attr:`app.review.records.Ticket.sent`: of the whole, of the
lines of the body, of the title, and the date and the like as they are. A changed action then changes only what still
stands as it was written. Lines that people have put before or behind stay; a title, a date or a priority that they
have changed stays and is said; where they have changed the lines themselves, they are asked.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.review.plain import one_line
from app.tracking import wording

_LENGTH: Final = 16

Piece = Any
"""A line of a body; in Jira's documents a paragraph."""


@dataclass(frozen=True)
class Written:
    """What was written last: *whole* tells whether the action has changed since, the rest what is still ours."""

    whole: str = ""
    lines: int = 0
    body: str = ""
    title: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        values = "".join(f" {name}={value}" for name, value in sorted(self.values.items()))
        return f"{self.whole} {self.lines}:{self.body} {self.title}{values}"


@dataclass(frozen=True)
class Standing:
    """What a ticket says: its title, the pieces of its body, and the values of other fields by name."""

    title: str
    pieces: tuple[Piece, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    plain: Callable[[Piece], str] = str
    """What a piece says."""


def whole(sent: str) -> str:
    """The fingerprint that tells whether an action has changed."""
    return sent.partition(" ")[0]


def remembered(sent: str) -> Written:
    """What :attr:`~app.review.records.Ticket.sent` says was written last."""
    first, _, rest = sent.partition(" ")
    body, _, rest = rest.partition(" ")
    title, _, rest = rest.partition(" ")
    lines, _, mark = body.partition(":")
    if not (lines.isascii() and lines.isdigit() and mark and title):
        return Written(first)
    pairs = (each.partition("=") for each in rest.split(" ") if "=" in each)
    return Written(first, int(lines), mark, title, {name: value for name, _, value in pairs})


def written(digest: str, standing: Standing) -> Written:
    """What to remember of a ticket that says *standing*, all of which was written just now."""
    start, end = _trimmed(standing)
    return Written(
        digest, end - start, _mark(standing, start, end), _short(one_line(standing.title)), standing.values
    )


@dataclass(frozen=True)
class Change:
    """What of a wanted text may be written: *title* and *values* that may be sent, the new *pieces* of the body.

    *edited*: people have changed what was written, so nothing may be. *remarks* say what stays as people set it.
    """

    wanted: Standing
    last: Written = Written()
    title: str | None = None
    pieces: tuple[Piece, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    around: bool = False
    """Whether lines of people stand before or behind."""
    edited: bool = False

    def remembered(self, answered: Written) -> Written:
        """What to remember of a ticket that says *answered* after this change went through."""
        ours = written(answered.whole, self.wanted) if self.around else answered
        sent = {name: answered.values.get(name, value) for name, value in self.values.items()}
        title = answered.title if self.title is not None else self.last.title
        return Written(answered.whole, ours.lines, ours.body, title, {**self.last.values, **sent})


def over(wanted: Standing, there: Standing, last: Written, *, anyway: bool = False) -> Change:
    """What of *wanted* may be written over *there*, where *last* was written before; *anyway*: all of it."""
    everything = Change(wanted, last, wanted.title, wanted.pieces, wanted.values)
    if anyway:
        return everything
    if not last.body:
        # Remembered as one fingerprint only: all of it stands, or it cannot be told what is whose.
        text = "\n".join(_line(there, number) for number in range(*_trimmed(there)))
        ours = last.whole in {wording.digest(there.title, each) for each in (text, f"{text}\n")}
        return everything if ours else Change(wanted, last, edited=True)
    place = _place(there, last)
    if place is None:
        return Change(wanted, last, edited=True)
    start, end = _trimmed(wanted)
    pieces = (*there.pieces[: place[0]], *wanted.pieces[start:end], *there.pieces[place[1] :])
    remarks: list[str] = []
    title: str | None = wanted.title
    if _short(one_line(there.title)) != last.title:
        title = None
        remarks.append(f"its title stays as people set it: “{one_line(there.title)[:80]}”")
    values: dict[str, str] = {}
    for name, value in wanted.values.items():
        before, now = last.values.get(name, ""), there.values.get(name, "")
        if value in (before, now):
            continue
        if now == before:
            values[name] = value
        else:
            remarks.append(f"its {_said(name)} stays as people set it{_dated(now)}")
    around = _trimmed(there) != place
    return Change(wanted, last, title, pieces, values, tuple(remarks), around)


def _place(there: Standing, last: Written) -> tuple[int, int] | None:
    """Where the lines that were written last stand, whole and unchanged."""
    for start in range(len(there.pieces) - last.lines + 1):
        if _mark(there, start, start + last.lines) == last.body:
            return start, start + last.lines
    return None


def _mark(standing: Standing, start: int, end: int) -> str:
    return _short("\n".join(_line(standing, number) for number in range(start, end)))


def _line(standing: Standing, number: int) -> str:
    return standing.plain(standing.pieces[number]).rstrip()


def _trimmed(standing: Standing) -> tuple[int, int]:
    """The pieces without empty ones at both ends."""
    start, end = 0, len(standing.pieces)
    while start < end and not _line(standing, start):
        start += 1
    while end > start and not _line(standing, end - 1):
        end -= 1
    return start, end


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _said(name: str) -> str:
    return name if name in {"priority", "labels", "assignee", "milestone"} else _DATES.get(name, "due date")


_DATES: Final = {"start_date": "start date"}


def _dated(value: str) -> str:
    return f" ({value})" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else ""


def adopted(digest: str, there: Standing) -> str:
    """What to remember of a ticket that was found: empty unless it says exactly what has *digest*."""
    text = "\n".join(_line(there, number) for number in range(*_trimmed(there)))
    ours = digest in {wording.digest(there.title, each) for each in (text, f"{text}\n")}
    return str(written(digest, there)) if ours else ""


def text_lines(body: str) -> Sequence[str]:
    """A body in lines; some servers end theirs with CR LF."""
    return body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
