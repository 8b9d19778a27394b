"""The parts of a report that people write on its screen: how each reads as text, and how it is put back."""

from dataclasses import dataclass

from app.review import edits
from app.review.records import Impact, Passage, Session
from app.review.sections import HEADINGS, moved


@dataclass(frozen=True)
class Part:
    """A part of the report that people write. A *listed* one is several lines, one per bullet."""

    key: str
    title: str
    listed: bool = False
    number: int = -1
    """Of a section under a heading of people's own: which of them it is."""


PARTS = (
    Part("summary", "Summary"),
    Part("impacts", "Impact", listed=True),
    Part("trigger", "Trigger"),
    Part("detection", "Detection"),
    Part("response", "Response"),
    Part("went_well", "What went well", listed=True),
    Part("was_hard", "What was hard", listed=True),
    Part("lucky", "Where we were lucky", listed=True),
    Part("surprises", "What surprised us", listed=True),
    Part("lessons", "Lessons learned", listed=True),
    Part("prevention", "Prevention"),
)


def parts_of(session: Session) -> tuple[Part, ...]:
    """The parts that every report has, and behind them the sections of people's own."""
    passages = enumerate(session.narrative.passages)
    return (
        *PARTS,
        *(Part("passages", each.heading or "Further", number=number) for number, each in passages),
    )


def place_of(session: Session, part: Part) -> str:
    """Where a section of people's own stands, in words."""
    if part.number < 0:
        return ""
    after = session.narrative.passages[part.number].after
    if not after:
        return "behind the prose"
    return "above all sections" if after == "header" else f"behind {HEADINGS.get(after, after)}"


def part_text(session: Session, part: Part) -> str:
    """The text of a part as it is edited; a listed part is one point a line."""
    if part.number >= 0:
        return session.narrative.passages[part.number].text
    if part.key == "impacts":
        return "\n".join(_impact_line(impact) for impact in session.impacts)
    value = getattr(session.narrative, part.key)
    return "\n".join(value) if part.listed else str(value)


def _impact_line(impact: Impact) -> str:
    number = "" if impact.value is None else f"{impact.value:,} "
    return f"{number}{impact.text}{' (estimated)' if impact.estimated else ''}"


def with_part(session: Session, part: Part, text: str) -> Session:
    """The session with a part as it was written."""
    lines = [line.strip().removeprefix("- ").strip() for line in text.split("\n")]
    points = tuple(line for line in lines if line)
    if part.key == "impacts":
        return _with_impacts(session, points)
    if part.number >= 0:
        return _with_passage(session, part.number, text.strip("\n").rstrip())
    value = points if part.listed else text.strip()
    return edits.set_narrative(session, **{part.key: value})


def _with_impacts(session: Session, lines: tuple[str, ...]) -> Session:
    """Lines become impact records; a line that did not change keeps its record with all it knows."""
    known = {_impact_line(impact): impact for impact in session.impacts}
    kept = [known[line] for line in lines if line in known]
    gone = {impact.id for impact in session.impacts} - {impact.id for impact in kept}
    session = edits.delete(session, "impacts", gone)
    for place, line in enumerate(lines):
        if line not in known:
            session = edits.add(session, "impacts", _impact_of(line), place)
    return session


def _impact_of(line: str) -> Impact:
    estimated = line.endswith("(estimated)")
    words = line.removesuffix("(estimated)").strip()
    head, _, rest = words.partition(" ")
    digits = head.replace(",", "")
    if digits.isdigit() and len(digits) <= 15 and rest:
        return Impact(text=rest, value=int(digits), estimated=estimated)
    return Impact(text=words, estimated=estimated)


def _with_passage(session: Session, number: int, text: str) -> Session:
    """A section of people's own with another text; without any it goes."""
    passages = list(session.narrative.passages)
    if number >= len(passages):
        # It was taken back while it was written: what was written stays as a section.
        passages.append(Passage(heading="Further"))
        number = len(passages) - 1
    passages[number : number + 1] = [passages[number].model_copy(update={"text": text})] if text else []
    return edits.set_narrative(session, passages=tuple(passages))


def with_section(session: Session, heading: str, after: str) -> Session:
    """The session with a further section, behind the one that is called *after*."""
    fresh = Passage(heading=heading, text="*Not written yet.*", after=after)
    return edits.set_narrative(session, passages=(*session.narrative.passages, fresh))


def with_place(session: Session, number: int, by: int) -> Session:
    """The session with a section of people's own one place further up or down."""
    passages = list(session.narrative.passages)
    passages[number] = moved(passages[number], by)
    return edits.set_narrative(session, passages=tuple(passages))
