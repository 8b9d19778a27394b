"""How far a review has come: the state of each of its six steps, in order."""

from dataclasses import dataclass
from typing import Literal

from app.review.checklist import Item, checklist
from app.review.claims import check_claims, open_claims
from app.review.language import blaming
from app.review.records import Session


@dataclass(frozen=True)
class Step:
    """The state of one step; *problems* counts what is still wrong where that can be counted."""

    name: str
    state: Literal["empty", "started", "done"]
    problems: int = 0


@dataclass(frozen=True)
class Progress:
    """The steps of a review and its checklist, computed together."""

    steps: tuple[Step, ...]
    items: tuple[Item, ...]

    @property
    def done(self) -> int:
        """How many of the checklist's items hold."""
        return sum(item.done for item in self.items)


def progress(session: Session) -> Progress:
    """The state of every step, and the checklist."""
    items = checklist(session)
    holds = {item.name: item.done for item in items}
    live = [action for action in session.actions if action.status != "declined"]
    unfinished = sum(not (action.owner and action.due and action.priority) for action in live)
    narrative = session.narrative
    written = bool(narrative.summary or narrative.trigger or narrative.lessons or narrative.went_well)
    after = [holds["distributed"], holds["tracked"], holds["follow-up"]]
    collected = [source for source in session.sources if source.artifacts]
    # Words that blame, and claims that the timeline contradicts: a report with either would need an edit.
    wrong = len(blaming(session)) + len(open_claims(check_claims(session)))
    steps = (
        _step("collect", bool(session.sources), len(collected) == len(session.sources)),
        _step("timeline", bool(session.events), holds["timeline"]),
        _step("whys", bool(session.factors), holds["factors"]),
        _step("actions", bool(session.actions), holds["actions"], unfinished),
        _step("report", written, bool(narrative.summary) and holds["language"], wrong),
        _step("track", any(after), all(after)),
    )
    return Progress(steps, items)


def _step(name: str, begun: bool, done: bool, problems: int = 0) -> Step:
    if not begun:
        return Step(name, "empty")
    return Step(name, "done" if done and not problems else "started", problems)
