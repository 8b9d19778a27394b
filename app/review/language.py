"""Blameless language: text in, findings out. The rules are data; see :mod:`app.review.language_rules`.

Quoted speech, code, log lines and links are left alone: they are evidence, not the report's own words.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, is_not
from typing import Final, NamedTuple

from app.review.facets import Facet
from app.review.language_rules import Level, Rule, Ruleset, in_force, shipped
from app.review.language_text import Passage, layout, read
from app.review.records import Accepted, Session
from app.review.writing import Spot, spots

__all__ = ["Finding", "Level", "Place", "Rewrite", "Rule", "Ruleset"]

_LONGEST = 100_000
"""Characters of one field that are checked: nobody writes more by hand, and typing must never wait."""

_OPENS = frozenset(":-–—(•")

_ROLES = frozenset(("on-call", "oncall", "team", "everyone", "all", "we", "customer", "customers", "support"))
"""Words that stand where names do and are none."""


@dataclass(frozen=True)
class Rewrite:
    """A better wording for a stretch of a text; ``…`` in it stands for a fact that only people know."""

    start: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """*text* with the better wording in its place."""
        return text[: self.start] + self.text + text[self.end :]


class Finding(NamedTuple):
    """A place in a text that a rule speaks to."""

    rule: Rule
    start: int
    end: int
    words: str
    passage: Passage
    """What was read: the text around it without markup."""
    at: tuple[int, int]
    """The place in the passage."""

    @property
    def sentence(self) -> str:
        """The sentence that it stands in, on one line and without markup: what is accepted with a reason."""
        low, high = self.passage.sentence(*self.at)
        return self.passage.text[low:high]

    @property
    def sentence_span(self) -> tuple[int, int]:
        """Where that sentence stands in the text."""
        return self.passage.span(*self.passage.sentence(*self.at))

    @property
    def rewrite(self) -> Rewrite | None:
        """The better wording that the rule offers here, or None where only people can find one."""
        low, high = self.passage.sentence(*self.at)
        for offer in self.rule.offers:
            for match in offer.pattern.finditer(self.passage.text, low, high):
                if match.end() > self.at[0] and match.start() < self.at[1]:
                    return self._written(match, offer.write, begins=self._begins(match.start(), low))
        return None

    def _begins(self, start: int, low: int) -> bool:
        """Whether a place is where a sentence begins: its first word, or a capital behind a dash or a colon."""
        before = self.passage.text[low:start].rstrip()
        return not before or (before[-1] in _OPENS and self.passage.text[start].isupper())

    def _written(self, match: re.Match[str], write: str, *, begins: bool) -> Rewrite:
        start, end = self.passage.span(match.start(), match.end())
        text = re.sub(r"\\(\d)", lambda group: self.passage.written(*match.span(int(group[1]))), write)
        if begins and not text and end < len(self.passage.source):
            # What is left begins the sentence now.
            end += 1
            text = self.passage.source[end - 1 : end]
        if begins:
            text = text[:1].upper() + text[1:]
        elif write[:1] != "\\":
            text = text[:1].lower() + text[1:]
        return Rewrite(start, end, text)


@dataclass(frozen=True)
class Place:
    """A finding in a session, and the text that it stands in."""

    finding: Finding
    spot: Spot

    @property
    def where(self) -> str:
        """What people call that text: a record's id, or a part of the report."""
        return self.spot.where

    @property
    def screen(self) -> str:
        """The step that shows it."""
        return self.spot.screen


def rules() -> tuple[Rule, ...]:
    """The rules that ship with the program, in English."""
    return shipped().rules


def check(text: str, using: Ruleset | None = None) -> tuple[Finding, ...]:
    """Every place in *text* that a rule speaks to, in the order of the text. Repeating it costs nothing."""
    return _checked(text, using or in_force())


@lru_cache(maxsize=20_000)
def _checked(text: str, using: Ruleset) -> tuple[Finding, ...]:
    text = text[:_LONGEST]
    return findings(text, layout(text).spans, using.rules)


def findings(text: str, spans: list[tuple[int, int]], rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Every place inside the passages *spans* of *text* that one of *rules* speaks to, in order."""
    # One letter of Unicode becomes longer in lower case: positions must stay.
    folded = text.replace("\u0130", "i").lower()
    starts = [start for start, _ in spans]
    passages: dict[int, Passage] = {}
    found: list[Finding] = []
    for rule in sorted(rules, key=attrgetter("id")):
        for number in _candidates(folded, starts, spans, rule):
            passage = passages.get(number) or passages.setdefault(number, read(text, *spans[number]))
            for match in rule.pattern.finditer(passage.text):
                if match.end() > match.start():
                    start, end = passage.span(match.start(), match.end())
                    found.append(Finding(rule, start, end, text[start:end], passage, match.span()))
    # Sorting keeps the order of the rules where two speak to one place.
    return tuple(sorted(found, key=attrgetter("start")))


def _candidates(folded: str, starts: list[int], spans: list[tuple[int, int]], rule: Rule) -> Iterable[int]:
    """The numbers of the passages that a rule must look at: those with a word that it needs."""
    if not rule.needs:
        return range(len(spans))
    numbers: set[int] = set()
    for need in rule.needs:
        place = folded.find(need)
        while place >= 0:
            number = bisect_right(starts, place) - 1
            if number >= 0 and place < spans[number][1]:
                numbers.add(number)
            if number + 1 >= len(spans):
                break
            place = folded.find(need, max(starts[number + 1] - len(need) + 1, place + 1))
    return numbers


def check_session(session: Session, using: Ruleset | None = None) -> tuple[Place, ...]:
    """Every finding in what people wrote but for those they accepted; the parking lot is left alone."""
    accepted = {(each.rule, each.text) for each in session.accepted}
    return tuple(place for place in all_places(session, using) if not accepted or key(place) not in accepted)


def all_places(session: Session, using: Ruleset | None = None) -> tuple[Place, ...]:
    """Every finding in what people wrote, accepted ones too. The people of the session are persons by name."""
    using = using or in_force()
    people = names(session)
    naming = using.naming(people) if people else using
    return tuple(
        Place(finding, spot)
        for spot, text in spots(session)
        if text
        # Most texts name nobody: they stay known to the cache when somebody joins the review.
        for finding in check(text, naming if any(name in text for name in people) else using)
    )


def check_text(session: Session, text: str, using: Ruleset | None = None) -> tuple[Finding, ...]:
    """Every finding in a text that is being written for *session*, but for those that people accepted."""
    using = using or in_force()
    people = names(session)
    found = check(text, using.naming(people) if any(name in text for name in people) else using)
    accepted = {(each.rule, each.text) for each in session.accepted} if found else set()
    return tuple(each for each in found if (each.rule.id, each.sentence) not in accepted)


def key(place: Place) -> tuple[str, str]:
    """What an acceptance of this finding is kept under: the rule, and the sentence as it is read."""
    return place.finding.rule.id, place.finding.sentence


def broken_case(using: Ruleset) -> str:
    """A sentence about the first rule that does not do what its own cases say, or nothing."""
    for rule in using.rules:
        for texts, wanted, does in ((rule.hit, True, "does not find"), (rule.no_hit, False, "finds")):
            for text in texts:
                if any(each.rule is rule for each in check(text, using)) is not wanted:
                    return (
                        f"The rule {rule.id} {does} “{text}”: correct its pattern, its needs, or this case."
                    )
    return ""


def blaming(session: Session, using: Ruleset | None = None) -> tuple[Place, ...]:
    """The findings that keep a report from being called blameless: blame and counterfactuals."""
    return tuple(
        place
        for place in check_session(session, using)
        if place.finding.rule.group in {"blame", "counterfactual"} and place.finding.rule.level != "info"
    )


def accept(session: Session, finding: Finding, reason: str, by: str = "") -> Session:
    """Let one sentence stand, with a reason. It is asked about again as soon as its words change."""
    rule, text = finding.rule.id, finding.sentence
    kept = [each for each in session.accepted if (each.rule, each.text) != (rule, text)]
    fresh = Accepted(rule=rule, text=text, reason=reason, by=by)
    return session.model_copy(update={"accepted": (*kept, fresh)})


_ACTORS: Final[Facet[str]] = Facet(attrgetter("actor"))
_named: tuple[tuple[object, ...], tuple[str, ...]] = ((), ())
"""What the answer that was given last depends on, and that answer."""


def names(session: Session) -> tuple[str, ...]:
    """The people that a session names as authors, owners and actors, without the ``@`` of a handle.

    An actor is a person only with an ``@``: it may be a job or a service as well.
    """
    global _named
    depends = (_ACTORS.of(session.events), session.incident, session.actions)
    known = _named
    if not known[0] or any(map(is_not, known[0], depends)):
        known = _named = depends, _names(depends[0], session)
    return known[1]


def _names(actors: tuple[str, ...], session: Session) -> tuple[str, ...]:
    said = {session.incident.facilitator, *session.incident.authors}
    said |= {actor for actor in set(actors) if actor.startswith("@")}
    said |= {action.owner for action in session.actions}
    bare = {name.strip().lstrip("@") for name in said} - {""}
    handles = {name[:1].upper() + name[1:] for name in bare if name.casefold() not in _ROLES}
    return tuple(sorted(handles))
