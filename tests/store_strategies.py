"""Hypothesis strategies for any session that can be built, unknown keys included.

They are made from the records' own annotations, so a field that is added tomorrow is covered tomorrow.
"""

import functools
import types
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st
from pydantic import AwareDatetime

from app.review.plain import one_line, visible
from app.review.records import LISTS, Record, Session

NASTY = "\"'\\\n\t\r\0\x1b[]{}=#.,:é漢\u202e\u2028😀 aB1"
TEXT = st.text(st.sampled_from(NASTY) | st.characters(), max_size=12)
IDS = TEXT.map(one_line).filter(bool)

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28), timezones=st.just(UTC) | OFFSETS)
DATES = st.dates(date(1, 1, 1))

ATOMS = (
    TEXT.map(visible)
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | MOMENTS
    | st.datetimes(datetime(1, 1, 1))
    | DATES
    | st.times()
)
KEYS = TEXT.map(visible)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def unknown(kind: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Keys that *kind* does not know."""
    taken = {each for name, field in kind.model_fields.items() for each in (name, field.alias or name)}
    return st.dictionaries(KEYS.filter(lambda key: key not in taken), VALUES, max_size=2)


@functools.cache
def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return of_type(args[0])
    if origin in (typing.Union, types.UnionType):
        return st.one_of([of_type(arg) for arg in args])
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(of_type(args[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(KEYS, VALUES, max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return record(annotation)
    return {
        str: TEXT,
        bool: st.booleans(),
        int: st.integers(-(2**63), 2**63),
        float: st.floats(allow_nan=False, allow_infinity=False),
        AwareDatetime: MOMENTS,
        date: DATES,
        type(None): st.none(),
    }[annotation]


@functools.cache
def _tables(kind: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """A few fields of *kind*: most fields of most records are left at their default, as in real reviews."""
    cells = [
        st.tuples(st.just(field.alias or name), of_type(field.annotation))
        for name, field in kind.model_fields.items()
        if name not in ("id", "schema_", *LISTS)
    ]
    return st.lists(st.one_of(cells), max_size=4).map(dict)


@functools.cache
def record(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Any record of this kind, with an id if it has one."""
    named = "id" in kind.model_fields
    parts = st.tuples(unknown(kind), _tables(kind), IDS if named else st.just(""))
    return parts.map(
        lambda drawn: kind.model_validate({**drawn[0], **drawn[1], **({"id": drawn[2]} if named else {})})
    )


@functools.cache
def rows(kind: type[Record], max_size: int = 3) -> st.SearchStrategy[tuple[Record, ...]]:
    return st.lists(record(kind), max_size=max_size, unique_by=lambda row: row.id).map(tuple)


def sessions() -> st.SearchStrategy[Session]:
    """Any session that can be built."""
    lists = st.lists(
        st.one_of([st.tuples(st.just(name), rows(kind)) for name, kind in LISTS.items()]), max_size=3
    ).map(dict)
    parts = st.tuples(unknown(Session), _tables(Session), lists, IDS | st.just(""))
    return parts.map(
        lambda drawn: Session.model_validate({**drawn[0], **drawn[1], **drawn[2], "id": drawn[3]})
    )


@st.composite
def edited(draw: st.DrawFn, session: Session) -> Session:
    """*session* after edits: records changed, added, removed, moved; fields and unknown keys changed."""
    other = draw(sessions())
    update: dict[str, Any] = {}
    for name, kind in LISTS.items():
        mine = [row for row in getattr(session, name) if draw(st.integers(0, 4))]
        mine = [
            row if draw(st.integers(0, 3)) else draw(record(kind)).model_copy(update={"id": row.id})
            for row in mine
        ]
        taken = {row.id for row in mine}
        mine += [row for row in getattr(other, name) if row.id not in taken]
        update[name] = tuple(draw(st.permutations(mine)) if len(mine) > 1 else mine)
    taken_over = ("incident", "narrative", "follow_up", "dismissed", "retired", "id")
    update |= {name: getattr(other, name) for name in draw(st.lists(st.sampled_from(taken_over)))}
    changed = session.model_copy(update=update)
    if draw(st.booleans()):
        changed.__pydantic_extra__.clear()  # type: ignore[union-attr]
        changed.__pydantic_extra__.update(other.__pydantic_extra__ or {})  # type: ignore[union-attr]
    return changed
