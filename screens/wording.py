"""The language check at work on a screen: what is being typed, or the row under the cursor, is looked at.

Findings appear below the field and never take the focus. One key takes the better wording, one lets the
sentence stand with a reason, one lists all findings of the review.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Selection as Marked

from app.review.language import Finding, accept, check_session, check_text
from app.review.records import Session
from app.review.writing import Spot, text_at, with_text
from widgets.wording import Advice

if TYPE_CHECKING:
    from screens.dialogs import Wording
    from screens.frame_base import FrameBase

LONGEST_TYPED = 20_000
"""Characters of a text under the hand that are looked at at each key."""

OPEN_WORD = "…"
"""What stands in a better wording for a fact that only people know."""


class InHand(NamedTuple):
    """What the keys of the language check act on: a finding, and the field or the record that it stands in.

    *text* is what was looked at; in a field it begins at *at* (a typed line holds a time and signs besides).
    """

    finding: Finding
    text: str
    field: Input | TextArea | None = None
    at: int = 0
    spot: Spot | None = None
    more: int = 0

    @property
    def advice(self) -> Advice:
        """What is said about it."""
        rewrite = self.finding.rewrite
        better = ""
        if rewrite:
            low, high = self.finding.sentence_span
            whole = rewrite.applied(self.text)
            better = whole[low : high + len(whole) - len(self.text)]
        return Advice(self.finding.rule.id, self.finding.words, self.finding.rule.say, better, self.more)


def in_hand(screen: "FrameBase") -> InHand | None:
    """The first finding in what is being typed; where nothing is, in the row under the cursor."""
    session = screen.bench.session
    field = field_of(screen.focused)
    if field is not None:
        text = _typed(field)
        if not screen.is_prose(field) or len(text) > LONGEST_TYPED:
            return None
        # Looked at as the record will keep it: a sentence behind a time would pass for a line of a log.
        said = screen.said(text) if screen.capture.is_field(field) else text
        at = text.find(said)
        said, at = (said, at) if at >= 0 else (text, 0)
        found = check_text(session, said)
        return InHand(found[0], said, field, at, more=len(found) - 1) if found else None
    for spot in screen.spots_here():
        text = text_at(session, spot)
        found = check_text(session, text)
        if found:
            return InHand(found[0], text, spot=spot, more=len(found) - 1)
    return None


def field_of(widget: Widget | None) -> Input | TextArea | None:
    """The widget when a person types in it."""
    return widget if isinstance(widget, Input | TextArea) else None


def _typed(field: Input | TextArea) -> str:
    return field.value if isinstance(field, Input) else field.text


def take(screen: "FrameBase", hand: InHand) -> None:
    """Put the better wording into the field, or into the record as one edit."""
    rewrite = hand.finding.rewrite
    if rewrite is None:
        screen.say("There is no ready wording for this one: say what happened instead.")
        return
    text, spot = rewrite.applied(hand.text), hand.spot
    if hand.field is not None:
        whole = _typed(hand.field)
        text = whole[: hand.at] + text + whole[hand.at + len(hand.text) :]
        _put(hand.field, text, hand.at + rewrite.start, rewrite.text)
    elif spot is not None:
        screen.edit(
            f"Take the better wording in {spot.where}", lambda session: with_text(session, spot, text)
        )


def _put(field: Input | TextArea, text: str, start: int, fresh: str) -> None:
    """Show *text*; what people must fill in is selected, so that the next letter takes its place."""
    gap = fresh.find(OPEN_WORD)
    low, high = (start + gap, start + gap + 1) if gap >= 0 else (start + len(fresh),) * 2
    if isinstance(field, Input):
        field.value = text
        field.selection = type(field.selection)(low, high)
        return
    # Replaced, not loaded: the field's own undo takes it back.
    field.replace(text, (0, 0), field.document.end)
    field.selection = Marked(_location(text, low), _location(text, high))


def _location(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n"), index - (before.rfind("\n") + 1)


def wording_of(screen: "FrameBase") -> Callable[[str], "Wording | None"]:
    """What a dialog of *screen* asks at every key; the sentence can be accepted once it is in its record."""
    from screens.dialogs import Wording

    def look(text: str) -> Wording | None:
        found = check_text(screen.bench.session, text) if len(text) <= LONGEST_TYPED else ()
        if not found:
            return None
        advice = replace(InHand(found[0], text, more=len(found) - 1).advice, may_stand=False)
        rewrite = found[0].rewrite
        return Wording(advice, rewrite.applied(text) if rewrite else "")

    return look


async def let_stand(screen: "FrameBase", hand: InHand) -> None:
    """Ask why the sentence may stand, and keep the reason in the session."""
    from screens.dialogs import Ask

    finding = hand.finding
    reason = await screen.app.push_screen_wait(
        Ask(
            f"Let “{finding.words[:40]}” stand?",
            hint=f"{finding.rule.id}: {finding.rule.say} Say why it may stay; the reason is kept.",
        )
    )
    if reason:
        screen.edit(f"Let “{finding.words[:30]}” stand", lambda session: accept(session, finding, reason))


async def choose_finding(screen: "FrameBase") -> Spot | None:
    """All findings of the review in a list; the one that a person chose."""
    import asyncio

    from screens.dialogs import Choice, Choose

    session: Session = screen.bench.session
    places = await asyncio.to_thread(check_session, session)
    if not places:
        screen.say("The language check has nothing to say about this review.")
        return None
    choices = [
        Choice(
            str(number), f"{each.finding.rule.id} {each.where}: “{each.finding.words}”", each.finding.rule.say
        )
        for number, each in enumerate(places)
    ]
    picked = await screen.app.push_screen_wait(
        Choose(f"Language: {len(places)} to look at. Enter goes there", choices)
    )
    return places[int(picked)].spot if picked else None
