"""The difference between two sessions, as a value: what an edit changed, and how to take it back.

Undo, the journal, the audit trail and the merge with a file that somebody else changed all live on it. Only
what differs is held: records are compared by identity first, so one edit among 10,000 events is cheap.

Applying is strict. A change says what it found as well as what it wrote; where something else is there now,
:class:`DeltaConflict` names the record and the field instead of overwriting it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, count
from operator import attrgetter, is_not
from typing import Any, cast

from app.review.plain import visible
from app.review.records import LISTS, Record, Session
from app.review.tables import ABSENT, as_table, cell, columns, pack, same, unpack

SECTIONS = ("incident", "narrative", "follow_up")
"""The session's records that are not in a list."""
NOUNS = {
    "impacts": "impact",
    "sources": "source",
    "events": "event",
    "factors": "factor",
    "actions": "action",
    "parked": "parked idea",
    "distribution": "distribution entry",
    "follow_up": "follow-up",
}
"""What a record of each list or section is called in a sentence."""


class DeltaError(ValueError):
    """The session cannot be compared or changed: an id is missing or used twice."""


class DeltaConflict(DeltaError):
    """A change does not fit what is there now. *record* and *field* say where."""

    def __init__(self, record: str, field: str = ""):
        self.record, self.field = record, field
        super().__init__(f"{record} {field}".strip())


@dataclass(frozen=True)
class Delta:
    """What changed, as JSON data: safe to write, to send and to read back.

    ``parts`` maps ``session``, a section or a list to its changes. For the session's own fields and a
    section: ``[old, new]``, two tables of packed values in which a key that is left out has no value. For a
    list: ``removed`` and ``added`` as ``[index, id before it, table]``, ``changed`` as ``[index, id, old,
    new]``, and ``order`` as the ids of the stretch that was reordered, before and after.
    """

    parts: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.parts)

    def inverse(self) -> "Delta":
        """The change back."""
        return Delta({name: _inverse(part) for name, part in self.parts.items()})

    def places(self) -> Iterator[str]:
        """What it touches, for people: ``event E7 text``, ``action AI-002 added``."""
        for name, part in self.parts.items():
            noun = NOUNS.get(name, name)
            if isinstance(part, list):
                yield from (f"{noun} {key}" for key in {**part[0], **part[1]})
                continue
            for _, record_id, old, new in part.get("changed", ()):
                yield from (f"{noun} {record_id} {key}" for key in {**old, **new})
            for kind in ("removed", "added"):
                yield from (f"{noun} {unpack(table)['id']} {kind}" for _, _, table in part.get(kind, ()))
            if "order" in part:
                yield f"order of the {noun} list"


def _inverse(part: Any) -> Any:
    if isinstance(part, list):
        return part[::-1]
    swapped: dict[str, Any] = {}
    if "changed" in part:
        swapped["changed"] = [[index, each, new, old] for index, each, old, new in part["changed"]]
    if "added" in part:
        swapped["removed"] = part["added"]
    if "removed" in part:
        swapped["added"] = part["removed"]
    if "order" in part:
        swapped["order"] = part["order"][::-1]
    return swapped


def diff(before: Session, after: Session) -> Delta:
    """What turns *before* into *after*. Raises DeltaError for an empty or repeated id."""
    parts: dict[str, Any] = {}
    if before is not after:
        if own := _difference(before, after):
            parts["session"] = own
        for name in SECTIONS:
            if section := _difference(getattr(before, name), getattr(after, name)):
                parts[name] = section
        for name in LISTS:
            if rows := _list_difference(name, getattr(before, name), getattr(after, name)):
                parts[name] = rows
    return Delta(parts)


def _difference(before: Record, after: Record) -> list[dict[str, Any]]:
    """``[old, new]`` of the fields that differ, or nothing."""
    if before is after:
        return []
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for key in _keys(before, after):
        was, now = cell(before, key), cell(after, key)
        if not same(was, now):
            if was is not ABSENT:
                old[key] = was
            if now is not ABSENT:
                new[visible(key)] = now
    return [old, new] if old or new else []


def _keys(before: Record, after: Record) -> Iterator[str]:
    """Keys whose values may differ; of the session only its own, since its lists are compared apart."""
    apart = {*LISTS, *SECTIONS} if isinstance(before, Session) else ()
    for name, key, _ in columns(type(before)):
        if name not in apart and before.__dict__[name] is not after.__dict__[name]:
            yield key
    yield from {**(before.__pydantic_extra__ or {}), **(after.__pydantic_extra__ or {})}


def _list_difference(name: str, before: Sequence[Record], after: Sequence[Record]) -> dict[str, Any]:
    if before is after:
        return {}
    shorter = min(len(before), len(after))
    start = next(compress(count(), map(is_not, before, after)), shorter)
    same_end = next(compress(count(), map(is_not, reversed(before), reversed(after))), shorter)
    same_end = min(same_end, shorter - start)
    olds, news = before[start : len(before) - same_end], after[start : len(after) - same_end]
    old_at, new_at = _positions(name, olds), _positions(name, news)
    added = [index for each, index in new_at.items() if each not in old_at]
    if added:
        elsewhere = set(map(_ID, chain(before[:start], before[len(before) - same_end :])))
        _positions(name, [news[index] for index in added], elsewhere)
    result: dict[str, Any] = {}
    changed = [
        [start + at, each, *difference]
        for each, at in old_at.items()
        if each in new_at and (difference := _difference(olds[at], news[new_at[each]]))
    ]
    if changed:
        result["changed"] = changed
    removed = [index for each, index in old_at.items() if each not in new_at]
    if removed:
        result["removed"] = [_placed(before, start + index) for index in removed]
    if added:
        result["added"] = [_placed(after, start + index) for index in added]
    if order := _order(
        [each for each in old_at if each in new_at], [each for each in new_at if each in old_at]
    ):
        result["order"] = order
    return result


_ID = attrgetter("id")


def _id(row: Record) -> str:
    return cast(str, row.__dict__["id"])


def _positions(name: str, rows: Iterable[Record], taken: Iterable[str] = ()) -> dict[str, int]:
    positions: dict[str, int] = dict.fromkeys(taken, -1)
    for index, row in enumerate(rows):
        each = _id(row)
        if not each or each in positions:
            raise DeltaError(
                f"the {NOUNS[name]} id {each!r} is used twice" if each else f"an {NOUNS[name]} has no id"
            )
        positions[each] = index
    return positions


def _placed(rows: Sequence[Record], index: int) -> list[Any]:
    return [index, _id(rows[index - 1]) if index else "", pack(as_table(rows[index]))]


def _order(old: list[str], new: list[str]) -> list[list[str]]:
    """The stretch in which two orders of the same ids differ, before and after."""
    if old == new:
        return []
    start = next(compress(count(), (a != b for a, b in zip(old, new, strict=True))))
    end = next(compress(count(), (a != b for a, b in zip(reversed(old), reversed(new), strict=True))))
    return [old[start : len(old) - end], new[start : len(new) - end]]


def apply(session: Session, delta: Delta) -> Session:
    """*session* with *delta* done to it; records that it does not touch stay the same objects.

    Raises DeltaConflict where the session is not as the delta found it, pydantic's ValidationError where the
    result would not be a valid record.
    """
    update: dict[str, Any] = {}
    for name, part in delta.parts.items():
        if name in LISTS:
            update[name] = _apply_list(name, getattr(session, name), part)
        elif name in SECTIONS:
            update[name] = _apply_fields(getattr(session, name), part[0], part[1], NOUNS.get(name, name))
    own = delta.parts.get("session")
    if own:
        session = _apply_own(session, own[0], own[1])
    return session.model_copy(update=update) if update else session


def _check(record: Record, old: dict[str, Any], new: dict[str, Any], where: str) -> None:
    for key in {**old, **new}:
        if not same(cell(record, key), old.get(key, ABSENT)):
            raise DeltaConflict(where, key)


def _apply_fields(record: Record, old: dict[str, Any], new: dict[str, Any], where: str) -> Record:
    _check(record, old, new, where)
    table = {key: value for key, value in as_table(record).items() if key not in old}
    return type(record).model_validate({**table, **{key: unpack(value) for key, value in new.items()}})


def _apply_own(session: Session, old: dict[str, Any], new: dict[str, Any]) -> Session:
    _check(session, old, new, "session")
    fresh = Session.model_validate({key: unpack(value) for key, value in new.items()})
    touched = {**old, **new}
    names = [name for name, key, _ in columns(Session) if key in touched]
    changed = session.model_copy(update={name: getattr(fresh, name) for name in names})
    # The copy has a dictionary of its own for the keys that no field claims.
    extra = changed.__pydantic_extra__
    if extra is not None:
        for key in old:
            extra.pop(key, None)
        extra.update(fresh.__pydantic_extra__ or {})
    return changed


def _apply_list(name: str, rows: Sequence[Record], part: dict[str, Any]) -> tuple[Record, ...]:
    noun, result = NOUNS[name], list(rows)
    for index, each, old, new in part.get("changed", ()):
        at = _find(result, each, index, noun)
        result[at] = _apply_fields(result[at], old, new, f"{noun} {each}")
    for index, _, table in reversed(part.get("removed", ())):
        gone = unpack(table)
        at = _find(result, gone["id"], index, noun)
        found = as_table(result[at])
        for key in {**found, **gone}:
            one, other = (pack(each[key]) if key in each else ABSENT for each in (found, gone))
            if not same(one, other):
                raise DeltaConflict(f"{noun} {gone['id']}", key)
        del result[at]
    if "order" in part:
        _reorder(result, part["order"][0], part["order"][1], noun)
    added = part.get("added", ())
    if added:
        taken = set(map(_ID, result))
        for index, before, table in added:
            new = unpack(table)
            if new["id"] in taken:
                raise DeltaConflict(f"{noun} {new['id']}", "id")
            taken.add(new["id"])
            result.insert(_place(result, index, before), LISTS[name].model_validate(new))
    return tuple(result)


def _find(rows: list[Record], each: str, hint: int, noun: str) -> int:
    if hint < len(rows) and _id(rows[hint]) == each:
        return hint
    for index, row in enumerate(rows):
        if _id(row) == each:
            return index
    raise DeltaConflict(f"{noun} {each}")


def _place(rows: list[Record], index: int, before: str) -> int:
    """Where an added record goes: to its index if its neighbour is there too, else behind that neighbour."""
    if not before or (0 < index <= len(rows) and _id(rows[index - 1]) == before):
        return min(index, len(rows))
    return next((at + 1 for at, row in enumerate(rows) if _id(row) == before), min(index, len(rows)))


def _reorder(rows: list[Record], old: list[str], new: list[str], noun: str) -> None:
    """Put the records *new* into the places that the records *old* hold now."""
    wanted = set(old)
    places = [index for index, row in enumerate(rows) if _id(row) in wanted]
    if [_id(rows[index]) for index in places] != old:
        raise DeltaConflict(f"order of the {noun} list")
    by_id = {_id(rows[index]): rows[index] for index in places}
    for index, each in zip(places, new, strict=True):
        rows[index] = by_id[each]
