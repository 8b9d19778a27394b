"""Reading objects that a cluster sent without trusting their shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.text import one_line
from collectors.kube.stamps import instant

Content = Mapping[str, Any]


def find(thing: Any, *path: str) -> Any:
    """What lies at *path*; nothing where there is nothing."""
    for step in path:
        if not isinstance(thing, Mapping):
            return None
        thing = thing.get(step)
    return thing


def text(thing: Any, *path: str) -> str:
    """A word or sentence at *path*, harmless to show; empty where there is none."""
    value = find(thing, *path)
    return one_line(str(value)).strip()[:2000] if isinstance(value, str | int | float) else ""


def number(thing: Any, *path: str) -> int:
    """A whole number at *path*, else 0."""
    value = find(thing, *path)
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def time(thing: Any, *path: str) -> datetime | None:
    """A time at *path*."""
    return instant(find(thing, *path))


def many(thing: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of a list at *path*."""
    value = find(thing, *path)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def uid(thing: Any) -> str:
    """The uid of an object."""
    return text(thing, "metadata", "uid")


def name(thing: Any) -> str:
    """The name of an object."""
    return text(thing, "metadata", "name") or "?"


def created(thing: Any) -> datetime | None:
    """When the cluster says that an object came into being."""
    return time(thing, "metadata", "creationTimestamp")


def owners(thing: Any) -> dict[str, str]:
    """The uids of what owns *thing*, with their kinds in small letters."""
    return {
        text(each, "uid"): text(each, "kind").lower() for each in many(thing, "metadata", "ownerReferences")
    }


def writer(thing: Any) -> tuple[str, datetime | None]:
    """Which tool last wrote what *thing* should be (its ``spec``), and when; the cluster's own do not count.

    https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    """
    latest: tuple[str, datetime | None] = ("", None)
    for each in many(thing, "metadata", "managedFields"):
        at, who = time(each, "time"), text(each, "manager")
        if at is None or text(each, "subresource") or who.startswith("kube-controller-manager"):
            continue
        if find(each, "fieldsV1", "f:spec") is not None and (latest[1] is None or at >= latest[1]):
            latest = who, at
    return latest
