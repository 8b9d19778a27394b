"""One ticket per action: which ones there are, what each should say, and what a change may write over. No network."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import quote

from app.redaction.session import masked
from app.review.plain import one_line
from app.review.records import Action, Session, Ticket, Tracking
from app.tracking import standing, wording
from app.tracking.interface import Draft, Made, Planned, Team, TrackingProblem
from app.tracking.standing import Piece, Standing
from app.tracking.team import bare

LABELS: Final = ("post-mortem",)
NOBODY: Final = Team()
"""Settings that say nothing."""
STANDS: Final = "what the ticket says by now"


class Planner(ABC):
    """What every tracker plans alike; its own file says how its requests look."""

    name: ClassVar[str]
    asks: ClassVar[tuple[str, str]] = ("Goes into", "what tickets are put into")
    """What a form asks for, and how it is written."""
    server: ClassVar[str] = ""
    """How a form asks for the server's address; empty where there is none."""
    sure: bool = False
    """Whether the list is known to show what was made at once; see :class:`~app.tracking.interface.Tracker`."""
    said_as: ClassVar[tuple[str, str]] = ("title", "body")
    """What a request and a record of the tracker call the title and the body."""
    inside: ClassVar[tuple[str, ...]] = ()
    """Where they stand in a request."""
    dated_as: ClassVar[tuple[str, ...]] = ()
    """Other fields that a change of the action changes, and that people may have changed in the ticket."""
    priority_labels: ClassVar[bool] = False
    """Whether a priority of the settings is one more label, where the tracker has no priorities."""

    def __init__(self, settings: Tracking, environment: Mapping[str, str], team: Team = NOBODY) -> None:
        self.repo = settings.repo.strip()
        self.settings = settings
        self.environment = environment
        self.team = team

    @property
    @abstractmethod
    def target(self) -> str:
        """Where tickets go, as people know it and as the journal remembers it."""

    @abstractmethod
    def request(self, draft: Draft) -> Planned:
        """The request that creates a ticket, as far as it is known without asking the tracker."""

    @abstractmethod
    def change(self, draft: Draft, ticket: Ticket) -> Planned:
        """The request that gives *ticket* the words of *draft*."""

    def words(self, session: Session, action: Action) -> str:
        """What a ticket says, with its marker, in the tracker's own markup."""
        return wording.body(session, action, self.report(session))

    def accounts(self, owner: str) -> str:
        """The account of an action's owner: as the settings say, else the handle; empty where there is none."""
        handle = owner.strip()
        known = self.team.people.get(bare(handle), "") if handle else ""
        return known or (handle[1:] if handle.startswith("@") and " " not in handle else "")

    def report(self, session: Session) -> str:
        """The address of the report; ``{id}`` in it stands for the review's id."""
        return self.settings.report.replace("{id}", quote(session.id, safe=""))

    def plan(self, session: Session) -> list[Planned]:
        """One entry per action, with the request as it would be sent; nothing is sent."""
        if not session.id:
            raise TrackingProblem("The review has no id, by which its tickets are found again: give it one.")
        clean = masked(session)
        return [
            self._planned(clean, action, each.owner)
            for action, each in zip(clean.actions, session.actions, strict=True)
        ]

    def _planned(self, session: Session, action: Action, owner: str) -> Planned:
        # An account may be looked up by an address that nobody gets to read.
        draft = replace(self.draft(session, action), account=self.accounts(owner))
        digest = self.fingerprint(draft)
        ticket = action.ticket
        if ticket and ticket.url:
            if not ticket.sent or standing.whole(ticket.sent) == digest:
                return Planned(action.id, "exists", ticket.url)
            reason = f"the action has changed since {ticket.url} was made"
            if ticket.tracker not in ("", self.name):
                return Planned(action.id, "changed", f"{reason} in {ticket.tracker}: change it there by hand")
            planned = self.change(draft, ticket)
            return replace(
                planned, action_id=action.id, reason=reason, digest=digest, draft=draft, ticket=ticket,
                open=(STANDS,),
            )  # fmt: skip
        if reason := _why_not(action):
            return Planned(action.id, "skip", reason)
        reason = "no ticket yet"
        if action.owner and not draft.account:
            reason = f"no ticket yet; {self.stranger(action.owner)}"
        planned = self.request(draft)
        return replace(planned, action_id=action.id, reason=reason, key=draft.key, digest=digest, draft=draft)

    def fingerprint(self, draft: Draft) -> str:
        """What tells whether an action has changed: of the title and the body, as a ticket says them."""
        return wording.digest(draft.title, draft.body)

    def stranger(self, owner: str) -> str:
        """Why nobody is assigned."""
        return f"“{owner}” has no account here: write it under [people] in the settings"

    def draft(self, session: Session, action: Action) -> Draft:
        """What the ticket of *action* should say and have."""
        priorities = self.team.options.get("priorities")
        named = priorities.get(action.priority.casefold(), "") if isinstance(priorities, Mapping) else ""
        labels = self.settings.labels or LABELS
        if named and self.priority_labels:
            labels = (*labels, one_line(str(named)))
        return Draft(
            key=wording.key(session, action),
            title=wording.title(action),
            body=self.words(session, action),
            account=self.accounts(action.owner),
            labels=labels,
            due=action.due,
            priority=one_line(str(named)) or action.priority.strip(),
            milestone=self.settings.milestone.strip(),
        )

    # Tickets that there are

    def pieces(self, body: Any) -> tuple[Piece, ...]:
        """The body of a request or a record in pieces that are compared one by one."""
        return tuple(standing.text_lines(str(body or "")))

    def plain(self, piece: Piece) -> str:
        """What a piece says."""
        return str(piece)

    def joined(self, pieces: Sequence[Piece]) -> Any:
        """A body of *pieces*."""
        return "\n".join(pieces)

    def value(self, given: Any) -> str:
        """A date or a number in a form that can be compared and remembered."""
        return str(given).replace(" ", "")[:10]

    def standing(self, fields: Mapping[str, Any]) -> Standing:
        """What the fields of a request or of a record say."""
        title, body = self.said_as
        values = {
            name: self.value(fields[name]) for name in self.dated_as if fields.get(name) not in (None, "")
        }
        return Standing(str(fields.get(title) or ""), self.pieces(fields.get(body)), values, self.plain)

    def fields(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a request."""
        for name in self.inside:
            request = request[name]
        return dict(request)

    def _with_fields(self, request: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        whole = dict(fields)
        for depth in range(len(self.inside), 0, -1):
            level = request
            for name in self.inside[: depth - 1]:
                level = level[name]
            whole = {**level, self.inside[depth - 1]: whole}
        return whole

    def changing(self, planned: Planned, record: Mapping[str, Any]) -> Planned:
        """A change of a ticket whose fields say *record* by now: what people wrote there stays."""
        if planned.ticket is None:
            raise RuntimeError("only a planned change can be prepared")
        fields = self.fields(planned.body)
        last = standing.remembered(planned.ticket.sent)
        wanted, there = self.standing(fields), self.standing(record)
        change = standing.over(wanted, there, last, anyway=planned.overwrite)
        if change.edited:
            reason = f"people have changed {planned.ticket.url} since it was written"
            return replace(
                planned, edited=True, reason=reason, method="", url="", body={}, open=(), change=change
            )
        title, body = self.said_as
        if change.title is None:
            del fields[title]
        fields[body] = self.joined(change.pieces)
        kept = {
            name: value
            for name, value in fields.items()
            if name not in self.dated_as or name in change.values
        }
        return replace(
            planned, body=self._with_fields(planned.body, kept), open=(), change=change,
            remarks=(*planned.remarks, *change.remarks),
        )  # fmt: skip

    def made(
        self,
        planned: Planned,
        ticket: Ticket,
        title: str,
        remarks: Sequence[str] = (),
        record: Mapping[str, Any] | None = None,
    ) -> Made:
        """The answer to a request that went through; *record* are the ticket's fields, where it has them."""
        fields = record if record and self.said_as[1] in record else self.fields(planned.body)
        says = standing.written(planned.digest, self.standing(fields))
        if planned.change is not None:
            says = planned.change.remembered(says)
        known = ticket.model_copy(update={"sent": str(says)})
        return Made(known, title, (*planned.remarks, *remarks))


def _why_not(action: Action) -> str:
    """Why an action gets no ticket; empty where it gets one."""
    if not action.id:
        return "it has no id"
    if not action.text.strip():
        return "it does not say what to do"
    return {"declined": "decided against", "done": "already done"}.get(action.status, "")
