"""The review four weeks later: what was done, declined and why, what is open, and whether it came again. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.review import edits
from app.review.records import Action, Session
from app.tracking.relatives import Relative, relatives
from app.tracking.review import Known


@dataclass(frozen=True)
class FollowedUp:
    """What the follow-up found."""

    on: date
    done: tuple[Action, ...]
    declined: tuple[Action, ...]
    open: tuple[Action, ...]
    relatives: tuple[Relative, ...]

    @property
    def unexplained(self) -> tuple[Action, ...]:
        """Declined without saying why."""
        return tuple(action for action in self.declined if not action.reason.strip())


def follow_up(session: Session, others: Iterable[Known], today: date) -> FollowedUp:
    """What became of the actions of *session*, and its relatives among *others*."""

    def having(*statuses: str) -> tuple[Action, ...]:
        return tuple(action for action in session.actions if action.status in statuses)

    return FollowedUp(
        today,
        having("done"),
        having("declined"),
        having("open", "in-progress"),
        relatives(session, others),
    )


def as_text(found: FollowedUp) -> str:
    """What was found, in Markdown that reads as plain text: a heading, a line for each action and relative."""
    parts = [
        _part("Done", [f"{_named(each)}{_day(each)}" for each in found.done]),
        _part("Declined", [f"{_named(each)}: {_reason(each)}" for each in found.declined]),
        _part("Still open", [f"{_named(each)}{_due(each, found.on)}" for each in found.open]),
        _part("Has it happened again? Relatives", [_relative(each) for each in found.relatives]),
    ]
    return "\n\n".join(parts)


def with_follow_up(session: Session, found: FollowedUp, note: str = "") -> Session:
    """*session* with the follow-up done: what was found, the day, and the people's *note* where there is one."""
    changes: dict[str, object] = {"done_on": found.on, "found": as_text(found)}
    if note:
        changes["note"] = "\n".join(filter(None, (session.follow_up.note, note)))
    return edits.set_follow_up(session, **changes)


def _part(title: str, lines: list[str]) -> str:
    return "\n".join([f"{title} ({len(lines)})", *(f"- {line}" for line in lines or ["none"])])


def _named(action: Action) -> str:
    return f"{action.id} {' '.join(action.text.split())}"


def _day(action: Action) -> str:
    return f" ({action.closed_on})" if action.closed_on else ""


def _reason(action: Action) -> str:
    return " ".join(action.reason.split()) or "no reason was given"


def _due(action: Action, today: date) -> str:
    who = f", {action.owner}" if action.owner else ", nobody has it"
    if action.due is None:
        return f"{who}, no date"
    late = (today - action.due).days
    return f"{who}, {f'{late} d overdue' if late > 0 else f'due {action.due}'}"


def _relative(each: Relative) -> str:
    when = f" on {each.on}" if each.on else ""
    order = "later" if each.later else "earlier"
    name = f"{each.session_id} {each.title}" if each.session_id else each.title
    return f"{name}{when} ({order}): {'; '.join(each.why)}"
