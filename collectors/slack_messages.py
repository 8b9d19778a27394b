"""What a message of Slack says, as a fact: one rule for the export and for the API.

Both hold the same message objects. Joining, leaving and what else a channel says about itself is left out; an edited
message is told as it reads now, with when it was edited; a pinned one is offered for the timeline, for that is how
people mark what matters while they are in the middle of it.
Text: https://docs.slack.dev/messaging/formatting-message-text; objects: docs.slack.dev/reference/events/message
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from app.evidence.facts import Fact
from app.text import one_line
from collectors.answers import clipped, dig, prose, words

_TS: Final = re.compile(r"(\d{9,10})\.(\d{6})")
_LEFT_OUT: Final = {
    "channel_join", "channel_leave", "channel_archive", "channel_unarchive", "channel_convert_to_private",
    "channel_posting_permissions", "group_join", "group_leave", "group_archive", "group_unarchive", "bot_add",
    "bot_remove", "bot_enable", "bot_disable", "joiner_notification", "joiner_notification_for_inviter",
    "reminder_add", "tombstone", "ekm_access_denied", "app_conversation_join",
}  # fmt: skip
"""Kinds of messages by which a channel speaks of itself; ``tombstone`` stands for a deleted one."""
_MARKED: Final = {"pushpin", "round_pushpin", "memo", "bookmark"}
"""Reactions by which teams mark a message for the timeline."""
_LINK: Final = re.compile(r"<([@#!][^<>|]{1,300}|[a-z]{2,12}:[^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")
_TEXT: Final = 4_000
_SNIPPET: Final = 60


@dataclass(frozen=True)
class Room:
    """A channel and what its messages refer to.

    *key* is its id and *name* what people call it. *people* and *channels* are names by id. *home* is the
    workspace's address (``https://acme.slack.com/``), where it is known, for links.
    """

    key: str
    name: str
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    home: str = ""


def names(members: Iterable[Any]) -> dict[str, str]:
    """Names of people by id, out of the members of ``users.list`` or the export's ``users.json``."""
    found: dict[str, str] = {}
    for member in members:
        key = words(member, "id", limit=40)
        name = (
            words(member, "profile", "display_name", limit=80)
            or words(member, "profile", "real_name", limit=80)
            or words(member, "real_name", limit=80)
            or words(member, "name", limit=80)
        )
        if key and name:
            found[key] = name
    return found


def stamp(message: Any, name: str = "ts") -> datetime | None:
    """When *message* was written; its stamp (seconds and microseconds) is also its name in the channel."""
    match = _TS.fullmatch(words(message, name, limit=40))
    if not match:
        return None
    try:
        return datetime.fromtimestamp(int(match[1]), UTC).replace(microsecond=int(match[2]))
    except (ValueError, OverflowError, OSError):
        return None


def left_out(message: Any) -> bool:
    """Whether *message* is one by which the channel only speaks of itself."""
    return words(message, "subtype") in _LEFT_OUT


def is_reply(message: Any) -> bool:
    """Whether *message* stands in the thread of another one."""
    thread = words(message, "thread_ts", limit=40)
    return bool(thread) and thread != words(message, "ts", limit=40)


def fact(message: Any, room: Room, parent: Any = None) -> Fact | None:
    """*message* as a fact, or nothing when it has no time; *parent* began the thread it stands in."""
    at = stamp(message)
    if at is None:
        return None
    ts = words(message, "ts", limit=40)
    text = clipped(_said(message, room) or "(no text)", _TEXT)
    edited = stamp(dig(message, "edited"))
    if edited:
        text += f" (edited {edited:%Y-%m-%d %H:%M} UTC)"
    where = f"#{room.name}"
    if is_reply(message):
        text = f"↳ {text}"
        begun = one_line(_said(parent, room)) if parent is not None else ""
        where += f", thread “{clipped(begun, _SNIPPET)}”" if begun else ", thread"
    return Fact(
        at,
        text,
        "communication",
        f"{room.key}/{ts}",
        actor=author(message, room),
        object=where,
        url=_address(message, room, ts),
        notable=_matters(message),
    )


def author(message: Any, room: Room) -> str:
    """Who wrote *message*: the name where it is known, else the id."""
    key = words(message, "user", limit=40)
    return (
        room.people.get(key)
        or words(message, "user_profile", "display_name", limit=80)
        or words(message, "user_profile", "real_name", limit=80)
        or words(message, "username", limit=80)
        or words(message, "bot_profile", "name", limit=80)
        or key
        or words(message, "bot_id", limit=40)
    )


def plain(text: str, room: Room) -> str:
    """Slack's markup as people read it: ``<@U1>`` is ``@carol``, ``<https://x|y>`` is ``y (https://x)``."""

    def told(match: re.Match[str]) -> str:
        what, label = match[1], match[2] or ""
        if what.startswith("@"):
            return f"@{label or room.people.get(what[1:], what[1:])}".replace("@@", "@")
        if what.startswith("#"):
            return f"#{label or room.channels.get(what[1:], what[1:])}"
        if what.startswith("!"):
            return label or f"@{what[1:].partition('^')[0]}"
        what = what.removeprefix("mailto:")
        return f"{label} ({what})" if label and label != what else what

    # Once, and "&" at last: "&amp;lt;" was written as "&lt;".
    return _LINK.sub(told, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _said(message: Any, room: Room) -> str:
    parts = [plain(prose(message, "text", limit=_TEXT), room)]
    if not parts[0].strip():
        # Messages of tools have their words elsewhere.
        for attachment in (
            (dig(message, "attachments") or [])[:10] if _is_list(message, "attachments") else []
        ):
            told = [prose(attachment, name) for name in ("pretext", "title", "text")]
            told = [part for part in told if part] or [prose(attachment, "fallback")]
            parts.append(plain(": ".join(part for part in told if part), room))
        for block in (dig(message, "blocks") or [])[:20] if _is_list(message, "blocks") else []:
            parts.append(plain(prose(block, "text", "text"), room))
    for file in (dig(message, "files") or [])[:20] if _is_list(message, "files") else []:
        name = words(file, "title", limit=200) or words(file, "name", limit=200)
        parts.append(f"[file {name}]" if name else "[file]")
    return "\n".join(part for part in parts if part.strip())


def _is_list(message: Any, name: str) -> bool:
    return isinstance(dig(message, name), list)


def _matters(message: Any) -> bool:
    if dig(message, "pinned_to"):
        return True
    reactions = dig(message, "reactions")
    return isinstance(reactions, list) and any(words(each, "name") in _MARKED for each in reactions)


def _address(message: Any, room: Room, ts: str) -> str:
    if not re.fullmatch(r"https://[a-z0-9.-]{1,200}/", room.home) or not re.fullmatch(
        r"[A-Z0-9]{1,40}", room.key
    ):
        return ""
    address = f"{room.home}archives/{room.key}/p{ts.replace('.', '')}"
    thread = words(message, "thread_ts", limit=40)
    return (
        f"{address}?thread_ts={thread}&cid={room.key}"
        if is_reply(message) and _TS.fullmatch(thread)
        else address
    )
