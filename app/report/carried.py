"""The comment at the end of a report in Markdown: see :mod:`app.carry`."""

from collections.abc import Iterator, Sequence
from typing import Any

from app import carry, markdown
from app.report import prose
from app.report.bases import stated
from app.report.view import FURTHER, Report, Row
from app.review.claims import RULE
from app.review.plain import one_line
from app.review.records import Record, Session
from app.review.tables import as_table, pack

_PRIVATE = ("evidence", "suggestion", "note")


def comment(session: Session, report: Report, pieces: Sequence[str] = ()) -> str:
    """What *report* shows of *session*, exactly; one line for each record. *pieces* names its parts in order."""
    lines = [carry.line(record) for record in _records(session, report, pieces)]
    return "\n".join([carry.OPENING, *lines, carry.CLOSING])


def _records(session: Session, report: Report, pieces: Sequence[str]) -> Iterator[dict[str, Any]]:
    head = carry.digest(report.title, report.day, *(part for pair in report.header for part in pair))
    incident = session.incident.model_copy(update={"facilitator": ""})
    yield {"id": session.id, "incident": pack(as_table(incident)), "row": head}
    yield from _narrative(session, report)
    yield from _passages(session, report, pieces)
    yield from _events(session, report)
    yield from _factors(session, {each for row in _rows(report) for each in (row.event, *row.hidden)})
    yield from _actions(session, report)
    for impact, shown in zip(session.impacts, report.impacts, strict=True):
        plain = _inline(shown)
        yield _record("impact", impact, {"text": plain}, plain)
    shown_bases = {each.words for each in stated(session)}
    for accepted in session.accepted:
        if accepted.rule == RULE and accepted.text in shown_bases:
            # Who said so is not in the report.
            yield {"accepted": pack(as_table(accepted, without=("by",)))}
    shown_questions = [each for each in session.parked if each.outcome in {"", "question"}]
    for parked in shown_questions:
        plain = _inline(parked.text)
        yield _record("parked", parked, {"text": plain, "outcome": "question"}, plain)


def _record(kind: str, record: Record, seen: dict[str, Any], *row: str) -> dict[str, Any]:
    """A record without what can be *seen* of it; where a field is seen in other words, as it is."""
    table = as_table(record, without=_PRIVATE)
    for name, value in seen.items():
        if table.get(name, "") == value:
            table.pop(name, None)
        elif name not in table:
            table[name] = ""
    return {kind: pack(table), "row": carry.digest(*row)}


def _inline(text: str) -> str:
    """What a reader of ``inline(text)`` finds."""
    return markdown.words(markdown.inline(text))


def _narrative(session: Session, report: Report) -> Iterator[dict[str, Any]]:
    narrative = session.narrative
    for name in carry.PROSE.values():
        text = getattr(narrative, name)
        seen = prose.harmless(getattr(report.narrative, name))
        if text and (seen != text or _has_heading(text) or carry.is_placeholder(text)):
            yield {"narrative": {name: text}, "row": carry.digest(seen)}
    for name in carry.LISTED.values():
        pairs = zip(getattr(narrative, name), getattr(report.narrative, name), strict=True)
        for number, (text, shown) in enumerate(pairs):
            seen = carry.entry(f"- {prose.item(shown)}".split("\n"))
            if seen != text or _has_heading(text) or "\n- " in f"\n{seen}":
                yield {"entry": name, "number": number, "text": text, "row": carry.digest(seen)}


def _passages(session: Session, report: Report, pieces: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The custom sections in the order in which they stand, each with the section that it is seen behind."""
    place = ""
    for name in pieces:
        head, _, count = name.partition(" ")
        if head != "passage":
            place = name
            continue
        number = int(count)
        passage = session.narrative.passages[number]
        seen = prose.harmless(report.narrative.passages[number].text)
        record: dict[str, Any] = {
            "passage": _inline(passage.heading or FURTHER),
            "number": number,
            "row": carry.digest(seen),
            "place": place,
        }
        if passage.after:
            record["after"] = passage.after
        if seen != passage.text:
            record["text"] = passage.text
        if _inline(passage.heading or FURTHER) != passage.heading:
            record["heading"] = passage.heading
        yield record


def _has_heading(text: str) -> bool:
    return bool(carry.headings(text.split("\n")))


def _rows(report: Report) -> tuple[Row, ...]:
    return (*report.rows, *report.further_rows)


def _events(session: Session, report: Report) -> Iterator[dict[str, Any]]:
    rows = {row.event: row for row in _rows(report)}
    hidden = {each for row in _rows(report) for each in row.hidden}
    for event in session.events:
        row = rows.get(event.id)
        if row is None:
            if event.id in hidden:
                # It has no words of its own: it stands and falls with the row that it is folded into.
                yield _record("event", event, {}, "")
            continue
        cells = tuple(carry.cell(markdown.cell(each)) for each in (row.time, row.text, row.source, row.actor))
        seen = {"text": cells[1], "source": cells[2], "actor": cells[3]}
        yield _record("event", event, seen, *cells)


def _factors(session: Session, rows: set[str]) -> Iterator[dict[str, Any]]:
    shown = {factor.id for factor in session.factors if factor.text.strip()}
    for factor in session.factors:
        if factor.id in shown:
            label, text = _inline(factor.label), _inline(factor.text)
            linked = tuple(each for each in factor.events if each in rows)
            fresh = factor.model_copy(update={"events": linked})
            yield _record("factor", fresh, {"text": text, "label": label}, label, text)


def _actions(session: Session, report: Report) -> Iterator[dict[str, Any]]:
    rows = {row.id: row for row in report.actions}
    for action in session.actions:
        row = rows.get(action.id)
        if row is not None:
            cells = tuple(
                carry.cell(markdown.cell(each))
                for each in (row.id, row.text, row.owner, row.due, row.priority)
            )
            seen = {"id": cells[0], "text": cells[1], "owner": cells[2], "priority": cells[4].casefold()}
            record = _record("action", action, seen, *cells)
            record["action"].pop("due", None)
            yield record
        else:
            reason = _inline(action.reason or "no reason recorded")
            said = f"{_inline(action.id)}: {_inline(action.text)} ({reason})"
            yield _record("action", action, {}, one_line(said))
