"""What step 6 asks of a tracker: which one, and what it needs to know."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from app.review.records import Tracking
from screens.dialogs import Entry

if TYPE_CHECKING:
    from app.settings import Settings


def choices(person: "Settings") -> list[tuple[str, str]]:
    """The trackers to choose from, each with a note: those of the settings first, then every kind."""
    from app.tracking.choosing import kinds

    own = {each.name: f"{each.kind} {each.settings.get('repo', '')}".strip() for each in person.trackers}
    return [*((name, f"your settings: {note}") for name, note in own.items())] + [
        (kind, "") for kind in kinds() if kind not in own
    ]


def entries(name: str, now: Tracking | None, person: "Settings") -> tuple[str, list[Entry]]:
    """The form for a tracker: what it calls the place of its tickets, and its server where it has one."""
    from app.tracking.choosing import GROUP

    now = now or Tracking()
    table = next((each for each in person.trackers if each.name == name), None)
    settings = table.settings if table else {}
    kind = table.kind if table else name
    found = next((each for each in entry_points(group=GROUP) if each.name == kind), None)
    made = found.load() if found else None
    what, example = getattr(made, "asks", ("Goes into", ""))
    server = getattr(made, "server", "")

    def hint(key: str, otherwise: str) -> str:
        return f"{settings[key]} (your settings)" if settings.get(key) else otherwise

    fields = [Entry("repo", what, now.repo, hint("repo", example))]
    if server:
        fields.append(Entry("base_url", "Address", now.base_url, hint("base_url", server)))
    fields += [
        Entry("labels", "Labels", ", ".join(now.labels), hint("labels", "post-mortem, reliability")),
        Entry("milestone", "Milestone", now.milestone, hint("milestone", "by its name")),
        Entry("report", "Report's address", now.report, hint("report", "https://…, named in every ticket")),
    ]
    return f"{name} (docs/trackers.md says where the token comes from)", fields


def tracking_of(name: str, values: Mapping[str, str]) -> Tracking:
    """What the form says."""
    labels = tuple(part.strip() for part in values["labels"].split(",") if part.strip())
    rest = {key: values.get(key, "").strip() for key in ("repo", "base_url", "milestone", "report")}
    return Tracking(tracker=name, labels=labels, **rest)


def problem(tracking: Tracking, person: "Settings") -> str:
    """One sentence when a tracker cannot be used like that; empty when it can."""
    from app.tracking.choosing import open_tracker
    from app.tracking.interface import TrackingProblem

    try:
        open_tracker(tracking, {}, person)
    except TrackingProblem as error:
        return str(error)
    return ""
