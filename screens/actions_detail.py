"""What stands below and beside the grid of actions: the gate's words, the parking lot, factors, who has what."""

from datetime import date

from app.review import gate
from app.review.records import Action, Session
from app.text import cut

LETTER = {"strong": "S", "medium": "M", "weak": "W"}
"""What an action is worth, in one letter beside the mark of the gate."""

STRENGTHS = {
    "strong": "strong: it changes the system",
    "medium": "medium: it helps people",
    "weak": "weak: it asks people",
}

_SIGNS = {"error": "✗", "warn": "▲", "info": "·"}
_LONGEST = 160


def detail_lines(session: Session, here: Action | None, today: date, *, whole: bool) -> list[str]:
    """What is said about the action under the cursor; with *whole*, its text first, for narrow grids."""
    lines: list[str] = []
    if here is None:
        return [f"{_SIGNS[each.level]} {each.say}" for each in gate.overall(session)]
    if whole:
        done = f"   done when: {here.done_when}" if here.done_when else ""
        lines.append(f"{here.text}{done}")
    if here.sponsor:
        lines.append(f"└ sponsor {cut(here.sponsor, 60)}")
    if here.reason:
        lines.append(f"└ {here.status}: {cut(here.reason, _LONGEST)}")
    found = sorted(gate.check(here, session, today), key=lambda each: list(_SIGNS).index(each.level))
    worth = STRENGTHS[gate.strength(here)] if here.status != "declined" and here.text.strip() else ""
    mends = f"r mends what it lacks ({len(found)})" if found else ""
    if worth or mends:
        lines.append("└ " + " · ".join(part for part in (worth, mends) if part))
    for each in found:
        better = f"  → {each.better}" if each.better else ""
        lines.append(cut(f"└ {_SIGNS[each.level]} {each.rule} {each.say}{better}", _LONGEST * 2))
    if here.events:
        lines.append(f"└ from {', '.join(here.events)}")
    if here.ticket and here.ticket.url:
        state = cut(here.ticket.state, 20) or "state unknown"
        lines.append(f"└ ticket {cut(here.ticket.url, 100)} ({state})")
    return lines


def side_lines(session: Session, today: date) -> list[tuple[str, list[str]]]:
    """Headings with lines: what all actions together lack, what waits, and who has how much to do."""
    blocks: list[tuple[str, list[str]]] = []
    if overall := [
        f"{_SIGNS[each.level]} {each.say}" for each in gate.overall(session) if each.rule != "A17"
    ]:
        blocks.append(("all together", overall))
    waiting = [parked for parked in session.parked if not parked.outcome]
    if waiting:
        blocks.append((f"parking lot ({len(waiting)})   k decides", [f"“{each.text}”" for each in waiting]))
    texts = {factor.id: factor.text for factor in session.factors}
    if loose := gate.factors_without_action(session):
        named = [f"{each} {texts[each]}" for each in loose]
        blocks.append((f"factors without an action ({len(named)})   f makes one", named))
    free = [
        action
        for action in session.actions
        if action.status != "declined" and not set(action.factors) & set(texts)
    ]
    if free and session.factors:
        blocks.append(
            (f"actions without a factor ({len(free)})   v links", [f"{each.id} {each.text}" for each in free])
        )
    loads = gate.workload(session, today)
    if loads:
        blocks.append(("who has what", [load_line(each) for each in loads]))
    return blocks


def load_line(load: gate.Load) -> str:
    """One owner's open actions in a line."""
    facts = [f"{load.open} open"]
    if load.high:
        facts.append(f"{load.high} high")
    if load.late:
        facts.append(f"{load.late} late")
    if load.next_due:
        facts.append(f"next {load.next_due:%m-%d}")
    return f"{load.owner or 'nobody'}: {', '.join(facts)}"
