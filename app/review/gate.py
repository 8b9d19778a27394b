"""The gate that actions pass: what keeps one from being done, what it is worth, and how it could be worded.

A1 to A17 follow field practice; what they say and the words they know are data, in ``gate.toml`` beside this
file. Nothing here blocks anything: it tells.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, Literal

from app.review import language
from app.review.language_rules import Level, in_force
from app.review.records import Action, Session

Strength = Literal["strong", "medium", "weak"]

_SEVERITY = re.compile(r"(?:p|s|sev)\D{0,3}([0-9])", re.IGNORECASE)
_MOST_ANDS = 8
_AFTER_AND = frozenset(
    ("the", "a", "an", "all", "every", "each", "our", "its", "it", "that", "this", "which")
)


@dataclass(frozen=True)
class Finding:
    """What a rule of the gate says about an action or a review, and a better wording where there is one."""

    rule: str
    level: Level
    say: str
    better: str = ""
    """``…`` in it stands for a fact that only people know."""


def check(action: Action, session: Session, today: date) -> tuple[Finding, ...]:
    """What the gate says about one action; nothing about one that is done.

    *today* stands for the day of the review while that has none.
    """
    if action.status == "done":
        return ()
    if action.status == "declined":
        return () if action.reason.strip() else (_finding("A15"),)
    day = session.incident.reviewed_on or today
    return (*_fields(action, session, day), *_wording(action, session, day))


def overall(session: Session) -> tuple[Finding, ...]:
    """What the gate says about all actions together."""
    words = _words()
    live = [action for action in session.actions if action.status not in {"declined", "done"}]
    found = []
    high = Counter(
        _person(action.owner)
        for action in live
        if action.priority.casefold() in words.high and not _nobody(action.owner)
    )
    names = {_person(action.owner): action.owner.strip() for action in reversed(live)}
    for owner, count in high.items():
        if count > words.data["most_high"]:
            found.append(_finding("A11", owner=names[owner], count=count))
    if len(live) > words.data["most_items"]:
        found.append(_finding("A12", count=len(live)))
    if live and all(strength(action) == "weak" for action in live):
        found.append(_finding("A16"))
    if session.actions and (open_factors := factors_without_action(session)):
        more = f" and {len(open_factors) - 4} more" if len(open_factors) > 4 else ""
        found.append(_finding("A17", factors=", ".join(open_factors[:4]) + more))
    return tuple(found)


def strength(action: Action) -> Strength:
    """What an action is worth (RCA2): strong changes the system, medium helps people, weak only asks them.

    To find something out changes nothing yet: with an end it is medium, without one weak.
    """
    words = _words()
    vague = _vague(action.text)
    if vague and vague.kind == "explore":
        return "medium" if action.done_when.strip() else "weak"
    text = f"{_bare(action.text)}\n{action.done_when}"
    if words.automatic.search(text):
        return "strong"
    if words.people.search(text) or words.weak.search(text):
        return "weak"
    if words.strong.search(text):
        return "strong"
    endless = vague is not None and not action.done_when.strip()
    return "weak" if endless and not _measurable(action, ()) else "medium"


def factors_without_action(session: Session) -> tuple[str, ...]:
    """The ids of factors that no action answers; a decision not to act is an answer, and what saved needs none."""
    answered = {factor for action in session.actions for factor in action.factors}
    return tuple(
        factor.id
        for factor in session.factors
        if factor.id not in answered and factor.kind != "saver" and factor.text.strip()
    )


def policies() -> dict[str, dict[str, int]]:
    """Days until an action is due by severity (``P1`` …), for every policy that is known by name."""
    return {each["name"]: dict(each["days"]) for each in _words().data["policy"]}


def due_by(severity: str, start: date, policy: str = "default") -> date | None:
    """The day by which a policy wants an action done; None where it says nothing about a severity.

    ``SEV-1``, ``S1`` and ``p1`` are read as ``P1``. Raises KeyError for a policy that is not known.
    """
    days = policies()[policy]
    match = _SEVERITY.search(severity)
    wanted = days.get(f"P{match[1]}") if match else None
    return start + timedelta(days=wanted) if wanted else None


def due_for(action: Action, session: Session, start: date, policy: str = "default") -> date | None:
    """The day by which a policy wants *action* done: by its own priority, else by the severity of the incident.

    High (or urgent) counts as P1, medium as P2, low as P3; where a policy says nothing about one, the next
    higher that it knows is taken. Raises KeyError for a policy that is not known.
    """
    words = _words()
    rank = words.data["ranks"].get(action.priority.strip().casefold())
    if rank is None:
        return due_by(session.incident.severity, start, policy)
    days = policies()[policy]
    known = [days[f"P{number}"] for number in range(rank, 0, -1) if f"P{number}" in days]
    return start + timedelta(days=known[0]) if known else None


@dataclass(frozen=True)
class Load:
    """What one owner has to do: open actions, those of high priority, those that are late, and the next date."""

    owner: str
    open: int
    high: int
    late: int
    next_due: date | None


def workload(session: Session, today: date) -> tuple[Load, ...]:
    """Who has how much to do, the most first; what nobody owns stands under an empty name, last."""
    words = _words()
    by_owner: dict[str, list[Action]] = {}
    names: dict[str, str] = {}
    for action in session.actions:
        if action.status in {"open", "in-progress"}:
            person = "" if _nobody(action.owner) else _person(action.owner)
            names.setdefault(person, action.owner.strip() if person else "")
            by_owner.setdefault(person, []).append(action)
    loads = [
        Load(
            names[person],
            len(owned),
            sum(action.priority.casefold() in words.high for action in owned),
            sum(action.due is not None and action.due < today for action in owned),
            min((action.due for action in owned if action.due), default=None),
        )
        for person, owned in by_owner.items()
    ]
    return tuple(
        sorted(loads, key=lambda load: (not load.owner, -load.high, -load.open, load.owner.casefold()))
    )


def split(text: str) -> tuple[str, str] | None:
    """The two actions in a text that joins them: two verbs with an object each. None for everything else."""
    words = _words()
    # What follows the first sentence explains it.
    bare = re.split(r"[.;:!?]\s", _bare(text), maxsplit=1)[0]
    for match in islice(re.finditer(r",? and (\w+)(?: (\w+))?", bare), _MOST_ANDS):
        first, second = bare[: match.start()], match[1].casefold()
        before = first.split()
        if len(before) < 2 or match[2] is None or second not in words.verbs:
            continue
        if before[0].casefold() not in words.verbs | {"fix"}:
            return None
        if second in words.nouns and match[2].casefold() not in _AFTER_AND:
            continue
        # "to suspect and identify nodes" is one thing to do.
        purpose = [n for n, word in enumerate(before[:-1]) if word.casefold() == "to"]
        if any(before[n + 1].casefold() in words.verbs for n in purpose) or before[-2:-1] == ["to"]:
            continue
        rest = bare[match.start(1) :]
        return first.rstrip(" ,"), rest[:1].upper() + rest[1:]
    return None


def _fields(action: Action, session: Session, day: date) -> Iterator[Finding]:
    if _nobody(action.owner):
        yield _finding("A1")
    wanted = due_for(action, session, day)
    offer = f"Due {wanted} ({action.priority.strip() or session.incident.severity})" if wanted else ""
    if action.due is None:
        yield _finding("A2", offer, problem="It has no due date.")
    elif action.due < day:
        yield _finding("A2", offer, problem=f"It is due {action.due}, before the review of {day}.")
    fields = {"priority": action.priority, "kind": action.kind}
    if missing := [name for name, value in fields.items() if not value.strip()]:
        yield _finding("A3", missing=" and no ".join(missing))
    known = {factor.id for factor in session.factors}
    if not known & set(action.factors):
        yield _finding("A9")
    if action.due and (days := (action.due - day).days) > (far := _words().data["far_days"]):
        yield _finding("A10", f"A first part by {day + timedelta(days=far)}: …", days=days)


def _wording(action: Action, session: Session, day: date) -> Iterator[Finding]:
    words = _words()
    bare = _bare(action.text)
    by = str(action.due or due_for(action, session, day) or "…")
    vague = _vague(action.text)
    if vague and not action.done_when.strip():
        yield _finding("A4", _reworded(vague, bare, by), words=vague.words)
    count, length = len(bare.split()), len(bare)
    if count < words.data["few_words"]:
        yield _finding(
            "A5", problem=f"{count or 'No'} word{'' if count == 1 else 's'}: which, where, and how much?"
        )
    elif length > words.data["most_characters"]:
        yield _finding("A5", problem=f"{length} characters: one sentence says what, the note says why.")
    if not _measurable(action, session.incident.services):
        yield _finding("A6", "" if vague else _topic(bare))
    first = bare.split()[0].strip(",:;.") if bare else ""
    if first and not vague and first.casefold() not in words.verbs:
        yield _finding("A7", words=first)
    asks = words.people.search(bare)
    if asks and not words.automatic.search(bare):
        yield _finding("A8", words.people_better, words=asks[0])
    if parts := split(bare):
        yield _finding("A13", f"{parts[0]} / {parts[1]}", first=parts[0], second=parts[1])
    yield from _blame(action, session)


def _blame(action: Action, session: Session) -> Iterator[Finding]:
    people = language.names(session)
    accepted = {(each.rule, each.text) for each in session.accepted}
    for text in (action.text, action.done_when):
        using = in_force().naming(people) if any(name in text for name in people) else None
        for found in language.check(text, using):
            if found.rule.group == "blame" and (found.rule.id, found.sentence) not in accepted:
                better = found.rewrite.applied(text) if found.rewrite else ""
                yield _finding("A14", better, words=found.words, why=found.rule.say)


@dataclass(frozen=True)
class _Words:
    """The data of the gate, its patterns compiled."""

    data: dict[str, Any]
    verbs: frozenset[str]
    nouns: frozenset[str]
    nobody: frozenset[str]
    high: frozenset[str]
    by_topic: frozenset[str]
    vague: tuple[tuple[str, re.Pattern[str], str], ...]
    topics: tuple[tuple[re.Pattern[str], str], ...]
    people: re.Pattern[str]
    automatic: re.Pattern[str]
    weak: re.Pattern[str]
    strong: re.Pattern[str]
    named: re.Pattern[str]
    capital: re.Pattern[str]
    label: re.Pattern[str]

    @property
    def people_better(self) -> str:
        """What to offer where people are asked to be better."""
        return next(better for kind, _, better in self.vague if kind == "people")


@cache
def _words() -> _Words:
    data = tomllib.loads(resources.files("app.review").joinpath("gate.toml").read_text("utf-8"))
    said = data["words"]
    names = ("people", "automatic", "weak", "strong", "named", "label")
    patterns = {name: re.compile(said[name], re.IGNORECASE) for name in names}
    return _Words(
        data,
        verbs=frozenset(said["verbs"].split()),
        nouns=frozenset(said["nouns"].split()),
        nobody=frozenset(data["nobody"]),
        high=frozenset(data["high"]),
        by_topic=frozenset(said["by_topic"]),
        vague=tuple(
            (each["kind"], re.compile(each["pattern"], re.IGNORECASE), each["better"])
            for each in data["vague"]
        ),
        topics=tuple((re.compile(each["pattern"], re.IGNORECASE), each["better"]) for each in data["topic"]),
        capital=re.compile(said["capital"]),
        **patterns,
    )


@dataclass(frozen=True)
class _Vague:
    """A beginning that promises nothing: its words, what follows them, and the wordings for its kind."""

    kind: str
    words: str
    rest: str
    better: str


def _vague(text: str) -> _Vague | None:
    bare = _bare(text)
    for kind, pattern, better in _words().vague:
        if match := pattern.match(bare):
            return _Vague(kind, match[0], bare[match.end() :].strip(" ,:;."), better)
    return None


def _reworded(vague: _Vague, bare: str, by: str) -> str:
    if vague.kind in _words().by_topic and (better := _topic(bare)):
        return better
    rest = bare if vague.kind == "pointer" else vague.rest
    return vague.better.format(by=by, rest=rest.rstrip(".") or "…")


def _topic(bare: str) -> str:
    return next((better for pattern, better in _words().topics if pattern.search(bare)), "")


def _measurable(action: Action, services: tuple[str, ...]) -> bool:
    words = _words()
    text = f"{_bare(action.text)}\n{action.done_when}"
    named = any(service and service.casefold() in text.casefold() for service in services)
    return named or bool(words.named.search(text) or words.capital.search(text))


def _bare(text: str) -> str:
    """The text without bullet, box, priority and emphasis, on one line."""
    line = " ".join(text.replace("**", "").split())
    return _words().label.sub("", f"{line} ", count=1).strip() if line else ""


def _nobody(owner: str) -> bool:
    return _person(owner) in _words().nobody


def _person(owner: str) -> str:
    return owner.strip().lstrip("@").casefold()


def _finding(rule: str, better: str = "", **facts: object) -> Finding:
    data = _words().data["rules"][rule]
    return Finding(rule, data["level"], data["say"].format(**facts), better)
