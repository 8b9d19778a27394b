"""The sections of a report by name, and the places of those that only their author has a name for."""

from collections.abc import Collection, Sequence
from typing import Final

from app.review.records import Passage

HEADINGS: Final[dict[str, str]] = {
    "summary": "Summary", "impact": "Impact", "root_cause": "Root Cause", "timeline": "Timeline",
    "detection": "Detection", "response": "Response", "factors": "Contributing Factors", "fishbone": "Fishbone",
    "actions": "Action Items", "declined": "Decided Not to Do", "went_well": "What Went Well",
    "was_hard": "What Was Hard", "lucky": "Where We Were Lucky", "surprises": "What Surprised Us",
    "lessons": "Lessons Learned", "prevention": "Prevention", "questions": "Open Questions",
    "gaps": "Gaps in the Data", "definitions": "Definitions of Durations", "people": "People by Role",
    "evidence": "Evidence and Queries", "appendix": "Timeline Appendix: Every Further Row",
    "doing": "What We Are Doing", "facts": "About This Review", "header": "Head of the Report",
}  # fmt: skip
"""What the sections are called where a preset does not say otherwise."""

HEAD: Final = "header"
"""The place above every section."""
PLACES: Final = (
    HEAD, "summary", "impact", "root_cause", "timeline", "detection", "response", "factors", "actions", "went_well",
    "was_hard", "lucky", "surprises", "lessons", "prevention", "questions", "gaps", "definitions",
)  # fmt: skip
"""Sections that a custom one may stand after, in the order of the classic report."""


def section_of(heading: str) -> str:
    """The name of the section that the classic report calls *heading*; empty where that is a custom one."""
    if heading.startswith(f"{HEADINGS['timeline']} (all times"):
        return "timeline"
    if heading.startswith(HEADINGS["appendix"]):
        return "appendix"
    return next((name for name, said in HEADINGS.items() if said == heading and name != HEAD), "")


def in_places(
    sections: Sequence[str], passages: Sequence[Passage], *, whole: bool
) -> tuple[str | tuple[int, ...], ...]:
    """The sections of a report in order, and between them the numbers of the custom ones that stand there.

    One with a place stands behind the section of that name; the others stand together where *sections* says
    ``passages``. Where it does not, those without a place are left out, or with *whole* come before the definitions.
    """
    behind: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        behind.setdefault(passage.after if passage.after in sections else "", []).append(number)
    rest = behind.pop("", [])
    found: list[str | tuple[int, ...]] = []
    for number, name in enumerate(sections):
        if name == "passages":
            found.append(tuple(rest))
            continue
        found.append(name)
        # The drawing of the factors is a part of their section.
        if name == "factors" and sections[number + 1 : number + 2] == ("fishbone",):
            continue
        anchor = "factors" if name == "fishbone" and sections[number - 1] == "factors" else name
        found.append(tuple(behind.get(anchor, ())))
    if whole and "passages" not in sections:
        place = found.index("definitions") if "definitions" in found else len(found)
        found.insert(place, tuple(rest))
    return tuple(each for each in found if each)


def moved(passage: Passage, by: int, among: Collection[str] = PLACES) -> Passage:
    """The custom section one place further up or down; without a place yet, it stands at the end of the prose."""
    places = [each for each in PLACES if each in among]
    now = places.index(passage.after) if passage.after in places else places.index("prevention")
    return passage.model_copy(update={"after": places[max(0, min(len(places) - 1, now + by))]})
