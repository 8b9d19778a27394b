"""The version for readers outside: roles for names, and no host, link, query, note, or chosen section.

It is a review of its own, made before any format is written, so that no format can let through what was taken out.
Every removal is listed, to be read before anything is written.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from app.redaction.session import rewritten, secrets
from app.review.people import in_roles, people, with_roles
from app.review.records import Analysis, FollowUp, Session, Tracking

PUBLIC_RULE: Final = "public"
"""How what may be named outside is kept among what a session accepted: ``public``, the host or the word."""

_URL = re.compile(
    r"(?:https?|ssh|git|ftps?|wss?|postgres(?:ql)?|mysql|redis|amqps?|mongodb(?:\+srv)?)://[^\s<>\"')\]]+",
    re.IGNORECASE,
)
_LINK = re.compile(rf"\[(?P<text>[^\]\n]*)\]\((?P<url>{_URL.pattern})[^)]*\)", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w.@/-])(?:"
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:internal|local|lan|corp|intra|intranet|home|private|svc|consul|localdomain)\b(?:\.[a-z]+)*"
    r"|(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?!\w|\.\w)"
    r"|(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4})+"
    r"|ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}[\w.-]*"
    r"|i-[0-9a-f]{8,17}\b"
    r"|[a-z0-9][a-z0-9-]*-[a-f0-9]{8,10}-[a-z0-9]{5}(?![\w-])"
    r"|(?:localhost|[a-z0-9-]*[-.\d][a-z0-9.-]*):(?:\d{3,5}|80)(?![\w:-]|\.\w)"
    r")",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d")

SECTIONS: Final[dict[str, str]] = {
    "surprises": "What surprised us",
    "declined": "Decided not to do",
    "questions": "Open questions",
    "gaps": "Gaps in the data",
    "people": "People by role",
    "evidence": "Evidence and queries",
    "tickets": "Links to tickets",
    "notes": "Private notes",
}
"""What is left out unless it is chosen; further parts of the narrative can be left out by their names."""
_MORE: Final = (
    "detection",
    "response",
    "went_well",
    "was_hard",
    "lucky",
    "lessons",
    "prevention",
    "passages",
)


CHOICES: Final = (*SECTIONS, *_MORE)
"""Every part that can be chosen by name."""


class Removal(NamedTuple):
    """Something that readers outside do not see."""

    kind: str
    """``name``, ``host``, ``link``, ``section``, ``secret``."""
    what: str
    instead: str
    times: int


class PublicProblem(Exception):
    """The public version cannot be made as asked; ``str()`` is one sentence that says what to do."""


def public(
    session: Session, *, keep: Collection[str] = (), drop: Collection[str] = ()
) -> tuple[Session, tuple[Removal, ...]]:
    """The review for readers outside, and everything that was taken out of it.

    *keep* names sections of :data:`SECTIONS` to show all the same, *drop* further ones to leave out.
    Raises :class:`PublicProblem`.
    """
    if unknown := [name for name in (*keep, *drop) if name not in CHOICES]:
        raise PublicProblem(
            f"There is no section “{unknown[0]}” to choose: name one of {', '.join(CHOICES)}."
        )
    gone = (set(SECTIONS) - set(keep)) | set(drop)
    removed: Counter[tuple[str, str, str]] = Counter()
    roles = people(session)
    may = {each.text.casefold() for each in session.accepted if each.rule == PUBLIC_RULE}
    hosts = _hosts(session)
    whole = session
    session = _without(session, gone, removed)
    for name, role in roles.items():
        if count := _count(session, re.compile(rf"(?<![\w.-])@?{re.escape(name)}(?![\w-])", re.IGNORECASE)):
            removed["name", name, f"the {role}"] += count
    session = with_roles(session)
    session = rewritten(session, _changing(roles, hosts, may, removed))
    masked = tuple(
        Removal("secret", each.hint, each.tag, each.times) for each in secrets(whole) if not each.granted
    )
    listed = tuple(Removal(kind, what, instead, times) for (kind, what, instead), times in removed.items())
    return session, (*listed, *masked)


def _without(session: Session, gone: Collection[str], removed: Counter[tuple[str, str, str]]) -> Session:
    """The review without what is chosen to be left out, and without what only the program needs."""

    def out(name: str, count: int) -> None:
        if count:
            title = SECTIONS.get(name, name.replace("_", " "))
            removed["section", title, "left out"] += count

    narrative: dict[str, Any] = {}
    for name in (*_MORE, "surprises"):
        value = getattr(session.narrative, name)
        if name in gone and value:
            out(name, len(value) if isinstance(value, tuple) else 1)
            narrative[name] = type(value)()
    actions = session.actions
    if "declined" in gone:
        actions = tuple(each for each in actions if each.status != "declined")
        out("declined", len(session.actions) - len(actions))
    if "tickets" in gone:
        out("tickets", sum(each.ticket is not None for each in actions))
        actions = tuple(each.model_copy(update={"ticket": None}) for each in actions)
    groups: tuple[tuple[Any, ...], ...] = (session.events, session.factors, actions, session.sources)
    out(
        "notes",
        sum(bool(each.note) for group in groups for each in group) + int(bool(session.follow_up.note)),
    )
    out(
        "gaps" if "gaps" in gone else "",
        sum(len(each.gaps) for each in session.sources) if "gaps" in gone else 0,
    )
    pointers = sum(len(each.evidence) for group in groups[:2] for each in group)
    out("evidence" if "evidence" in gone else "", pointers if "evidence" in gone else 0)
    questions = [each for each in session.parked if each.outcome in {"", "question"}]
    out("questions", len(questions) if "questions" in gone else 0)
    sources = (
        ()
        if "gaps" in gone
        else tuple(
            each.model_copy(update={"settings": {}, "artifacts": (), "note": ""}) for each in session.sources
        )
    )
    return session.model_copy(
        update={
            "narrative": session.narrative.model_copy(update=narrative),
            "actions": tuple(each.model_copy(update={"note": ""}) for each in actions),
            "events": tuple(each.model_copy(update={"note": "", "evidence": (), "suggestion": ""})
                for each in session.events),
            "factors": tuple(each.model_copy(update={"note": "", "evidence": ()}) for each in session.factors),
            "sources": sources,
            "parked": () if "questions" in gone else tuple(questions),
            "people": (),
            "accepted": (),
            "dismissed": (),
            "retired": (),
            "distribution": (),
            "tracking": Tracking(),
            "follow_up": FollowUp(review_on=session.follow_up.review_on),
            "analysis": Analysis(fishbone=session.analysis.fishbone, categories=session.analysis.categories),
        }
    )  # fmt: skip


def _changing(
    roles: dict[str, str],
    hosts: tuple[str, ...],
    may: Collection[str],
    removed: Counter[tuple[str, str, str]],
) -> Callable[[str], str]:
    known = (
        re.compile("|".join(rf"(?<![\w.-]){re.escape(each)}(?![\w-])" for each in hosts), re.IGNORECASE)
        if hosts
        else None
    )

    def link(found: re.Match[str]) -> str:
        if _public(found["url"], may):
            return found[0]
        removed["link", found["url"], found["text"] or "[link]"] += 1
        return found["text"] or "[link]"

    def url(found: re.Match[str]) -> str:
        if _public(found[0], may):
            return found[0]
        removed["link", found[0], "[link]"] += 1
        return "[link]"

    def host(found: re.Match[str]) -> str:
        if found[0].casefold() in may or _CLOCK.fullmatch(found[0]):
            return found[0]
        removed["host", found[0], "[host]"] += 1
        return "[host]"

    def change(text: str) -> str:
        if "://" in text:
            text = _URL.sub(url, _LINK.sub(link, text))
        if known is not None:
            text = known.sub(host, text)
        if "." in text or ":" in text or "-" in text:
            text = _HOST.sub(host, text)
        return in_roles(text, roles)

    return change


def _public(address: str, may: Collection[str]) -> bool:
    try:
        return (urlsplit(address).hostname or "") in may
    except ValueError:
        return False


def _hosts(session: Session) -> tuple[str, ...]:
    """Machines that the review's own sources name: hosts of their addresses, pods, clusters."""
    found: set[str] = set()
    for source in session.sources:
        for value in _strings(source.settings.values()):
            if "://" in value:
                try:
                    found.add(urlsplit(value).hostname or "")
                except ValueError:
                    continue
        found |= {
            source.settings[name]
            for name in ("context", "host", "cluster")
            if isinstance(source.settings.get(name), str)
        }
        found |= {part for each in source.artifacts for part in each.object.split("/")[1:2]}
    return tuple(sorted((each for each in found if len(each) > 3), key=len, reverse=True))


def _strings(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _strings(value)
        elif isinstance(value, dict):
            yield from _strings(value.values())


def _count(session: Session, pattern: re.Pattern[str]) -> int:
    total = 0

    def count(text: str) -> str:
        nonlocal total
        total += len(pattern.findall(text))
        return text

    rewritten(session, count)
    return total
