"""The facts that head a review, as a form."""

from datetime import datetime

from app.review.moments import Context, read_exactly
from app.review.vocabulary import SEVERITIES
from app.review.zones import find_zone
from screens.dialogs import Entry
from screens.workbench import Workbench


def incident_entries(bench: Workbench) -> list[Entry]:
    """The form's fields with the session's values."""
    incident = bench.session.incident

    def shown(moment: datetime | None) -> str:
        return f"{moment.astimezone(bench.zone):%Y-%m-%d %H:%M:%S}" if moment else ""

    def check(text: str) -> str:
        fits = read_exactly(text, Context(bench.first_day, bench.zone))
        return "" if fits else f"“{text}” is not a time: type 2025-02-09 10:05."

    return [
        Entry("title", "Title", incident.title, required=True),
        Entry("severity", "Severity", incident.severity, hint=", ".join(SEVERITIES)),
        Entry("severity_note", "What that means", incident.severity_note),
        Entry(
            "started_at",
            f"Started ({bench.zone_name})",
            shown(incident.started_at),
            "2025-02-09 10:05",
            check=check,
        ),
        Entry(
            "ended_at",
            f"Ended ({bench.zone_name})",
            shown(incident.ended_at),
            "2025-02-09 10:40",
            check=check,
        ),
        Entry("timezone", "Time zone shown", incident.timezone, "UTC or Europe/Berlin", check=check_zone),
        Entry("services", "Services", ", ".join(incident.services), "api-service, orders-db"),
        Entry("authors", "Authors", ", ".join(incident.authors), "@alice, @bob"),
        Entry("facilitator", "Facilitator", incident.facilitator),
    ]


def check_zone(name: str) -> str:
    """A sentence when *name* is not a time zone of the IANA database."""
    if find_zone(name) is None:
        return f"“{name}” is not a time zone: type UTC, or a name such as Europe/Berlin."
    return ""


def incident_changes(values: dict[str, str], bench: Workbench) -> dict[str, object]:
    """What a filled-in form changes about the incident."""
    changes: dict[str, object] = dict(values)
    for name in ("started_at", "ended_at"):
        reading = read_exactly(values[name], Context(bench.first_day, bench.zone)) if values[name] else None
        changes[name] = reading.at if reading else None
    for name in ("services", "authors"):
        changes[name] = tuple(part.strip() for part in values[name].split(",") if part.strip())
    changes["timezone"] = values["timezone"] or "UTC"
    return changes
