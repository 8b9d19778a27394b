"""Secrets in a whole review: the list to read, the review with tags in their place, and what may stay.

Masking happens on the way out, before any format is written, so that no format has to think of it. What people typed
stays as it is. What may leave although it looks like a secret is kept in the session, with a reason.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final, NamedTuple

from platformdirs import user_state_path

from app.redaction import engine
from app.review.plain import one_line
from app.review.records import Accepted, Record, Session

RULE: Final = "secret"
"""How an exception begins in the session's list of what was accepted: ``secret.e-mail``."""
_NO_TEXT: Final = frozenset(
    ("id", "sha256", "suggestion", "sent", "at", "parent", "factors", "events", "retired")
)


class Found(NamedTuple):
    """A secret in a review: what it is, what stands for it outside, where it was first seen."""

    kind: str
    value: str
    tag: str
    where: str
    """``E5 text``, ``summary``: as people call the place."""
    times: int
    granted: str
    """The reason for which it may leave; empty where it is masked."""

    @property
    def hint(self) -> str:
        """Enough of the value to know it again, and no more."""
        value = one_line(self.value)
        if self.kind == "e-mail" or self.granted:
            return value
        return f"{value[:3]}… ({len(value)} characters)" if len(value) > 8 else f"({len(value)} characters)"


def masked(session: Session) -> Session:
    """The review as it may leave: tags in the place of secrets, in every field, but for what was granted."""
    return rewritten(session, partial(engine.mask, tag=_tagger(session)))


def masked_text(session: Session, text: str) -> str:
    """One text that leaves with the review."""
    return engine.mask(text, _tagger(session))


def masked_data(session: Session, value: Any) -> Any:
    """Plain data that leaves with the review: every text in it, keys left as they are."""
    if isinstance(value, str):
        return masked_text(session, value)
    if isinstance(value, dict):
        return {key: masked_data(session, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_data(session, each) for each in value]
    return value


def secrets(session: Session) -> tuple[Found, ...]:
    """Every secret of the review once, in the order of the file, granted ones too."""
    stays = grants(session)
    key = _key(session)
    found: dict[tuple[str, str], Found] = {}
    for where, text in _texts(session, ""):
        for kind, start, end in engine.find(text):
            value = text[start:end]
            known = found.get((kind, value))
            found[kind, value] = (
                known._replace(times=known.times + 1)
                if known
                else Found(kind, value, engine.tag(kind, value, key), where, 1, _reason(stays, kind, value))
            )
    return tuple(found.values())


def grants(session: Session) -> dict[tuple[str, str], str]:
    """What may leave, by kind and value, with the reason. ``@acme.example`` grants every address of a domain."""
    return {
        (each.rule.removeprefix(f"{RULE}."), each.text): each.reason
        for each in session.accepted
        if each.rule.startswith(f"{RULE}.")
    }


def grant(session: Session, kind: str, value: str, reason: str, by: str = "") -> Session:
    """Let a value leave. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("Say why it may leave: a reason is kept with every exception.")
    fresh = Accepted(rule=f"{RULE}.{kind}", text=one_line(value), reason=reason.strip(), by=by)
    kept = revoke(session, kind, value).accepted
    return session.model_copy(update={"accepted": (*kept, fresh)})


def revoke(session: Session, kind: str, value: str) -> Session:
    """Mask a value again."""
    rule, text = f"{RULE}.{kind}", one_line(value)
    kept = tuple(each for each in session.accepted if (each.rule, each.text) != (rule, text))
    return session if len(kept) == len(session.accepted) else session.model_copy(update={"accepted": kept})


def _tagger(session: Session) -> Callable[[str, str], str]:
    stays = grants(session)
    key = _key(session)
    return lambda kind, value: value if _reason(stays, kind, value) else engine.tag(kind, value, key)


def _key(session: Session) -> bytes:
    return machine_key() + session.id.encode("utf-8", "replace")


def _reason(stays: Mapping[tuple[str, str], str], kind: str, value: str) -> str:
    if not stays:
        return ""
    value = one_line(value)
    if kind == "e-mail" and (domain := stays.get((kind, f"@{value.rpartition('@')[2]}"))):
        return domain
    return stays.get((kind, value), "")


@lru_cache(maxsize=1)
def machine_key() -> bytes:
    """What makes tags unguessable: drawn once on this machine, kept in the platform's state folder, never shared.

    Where it cannot be kept, tags are stable within one run of the program.
    """
    path = user_state_path("blamefree") / "redaction.key"
    with suppress(OSError):
        kept = path.read_bytes()
        if len(kept) >= 32:
            return kept
    fresh = token_bytes(32)
    with suppress(OSError):
        return _keep(path, fresh)
    return fresh


def _keep(path: Path, fresh: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes() or fresh
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
    return fresh


# Walking over the records


def rewritten(session: Session, change: Callable[[str], str]) -> Session:
    """The review with every text in it as *change* has it; ids, digests and times stay."""
    fresh: Session = _masked(session, change)
    return fresh


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """*value* with every text in it masked; the same object where nothing changed."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Record):
        update = {
            name: fresh
            for name, old in _fields(value)
            if (fresh := _masked(old, mask)) is not old and fresh != old
        }
        return value.model_copy(update=update) if update else value
    if isinstance(value, tuple | list):
        items = [_masked(each, mask) for each in value]
        changed = any(new is not old for new, old in zip(items, value, strict=True))
        return (tuple(items) if isinstance(value, tuple) else items) if changed else value
    if isinstance(value, Mapping):
        return {name: _masked_entry(str(name), each, mask) for name, each in value.items()}
    return value


def _masked_entry(name: str, value: Any, mask: Callable[[str], str]) -> Any:
    """A setting: its name tells as much as its value."""
    if isinstance(value, str) and not engine.find(value):
        head = f"{name}=`"
        told = mask(f"{head}{value}`")
        return told[len(head) : -1] if told.startswith(head) else value
    return _masked(value, mask)


def _fields(record: Record) -> Iterator[tuple[str, Any]]:
    whole = isinstance(record, Session)
    for name in (*type(record).model_fields, *(record.model_extra or ())):
        if whole or name not in _NO_TEXT:
            yield name, getattr(record, name)


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Record):
        named = str(getattr(value, "id", "") or "") if where else ""
        for name, each in _fields(value):
            if isinstance(value, Session) and name == "accepted":
                continue
            yield from _texts(each, " ".join(filter(None, (named or where, name.replace("_", " ")))))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each, where)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, str) and not engine.find(each):
                yield f"{where} {name}", f"{name}=`{each}`"
            else:
                yield from _texts(each, f"{where} {name}")
