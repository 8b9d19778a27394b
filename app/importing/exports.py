"""Exports of incident tools, recognised by their form: incident.io, PagerDuty, FireHydrant, Rootly, Grafana Incident.

They differ in names, not in form: an object with a few facts about the incident, lists of objects with a moment and
words (what happened), lists of actions or follow-ups. That form is read, whatever the tool; names may be written
``likeThis``, and resources may be wrapped as JSON:API does. Every value that has no place is kept as text with the path
that it stood at.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.importing.document import Options
from app.importing.draft import Draft
from app.importing.tasks import action_fields
from app.importing.times import Clock
from app.importing.values import as_text
from app.importing.words import milestone_of
from app.review.plain import visible
from app.review.vocabulary import MILESTONES

_MOMENTS: Final = (
    "occurred_at", "happened_at", "event_at", "event_time", "datetime", "@timestamp", "timestamp", "time", "at", "ts",
    "date", "created_at", "started_at", "created_time", "updated_at",
)  # fmt: skip
_WORDS: Final = (
    "message",
    "summary",
    "description",
    "text",
    "body",
    "content",
    "title",
    "name",
    "event",
    "note",
    "what",
    "msg",
    "details",
    "comment",
    "update",
    "type",
)
_WHO: Final = (
    *(
        "actor",
        "agent",
        "user",
        "author",
        "created_by",
        "creator",
        "updater",
        "responder",
        "assignee",
        "owner",
    ),
)
_ACTIONS: Final = re.compile(
    r"(?:incident_?)?(?:actions?|action_?items?|follow_?ups?|tasks?|to_?dos?)", re.IGNORECASE
)
_TIMELINE: Final = re.compile(
    r"(?:incident_?)?(?:events?|timeline(?:_?(?:items?|events?|entries))?|log_?entries|entries|updates?|milestones?"
    r"|lifecycle_?phases|status_?updates?|notes?|items|messages?|activit(?:y|ies)(?:_?(?:items?|log|entries))?)",
    re.IGNORECASE,
)
_FACTS: Final = {
    "title": ("title", "name"),
    "severity": ("severity", "priority", "urgency"),
    "summary": ("summary", "description", "customer_impact_summary"),
    "started_at": ("started_at", "impact_started_at", "incident_start", "start", "reported_at"),
    "ended_at": ("resolved_at", "incident_end", "ended_at", "end", "closed_at", "closed_time"),
    "id": ("reference", "number", "incident_number", "sequential_id", "external_id", "incident_id", "id"),
}  # fmt: skip
_SERVICES: Final = ("services", "affected_services", "impacted_services", "service")
_EFFECTS: Final = {
    "customer_impact_summary": "",
    "customers_impacted": "customers impacted",
    "monetary_impact": "monetary impact",
}
_STAGES: Final = {
    "detected_at": ("Detected", "detected"),
    "acknowledged_at": ("Acknowledged", "acknowledged"),
    "identified_at": ("Identified", "identified"),
    "mitigated_at": ("Mitigated", "mitigated"),
}
"""Moments that stand as facts of an incident and are rows of its timeline."""
_DEEPEST: Final = 40
_CONTAINERS: Final = frozenset({"data", "included"})


def read_json(value: Any, options: Options) -> Draft:
    """Read an export. Its account is of its values: each is a line ``path = value``."""
    value = _plainly(value)
    leaves = list(_leaves(value, ""))
    draft = Draft([f"{path} = {text}" for path, text in leaves])
    clock = Clock(zone=options.zone, undeclared=options.undeclared, day=options.day or options.fallback)
    reading = _Export(draft, clock, [path for path, _ in leaves])
    found = _incident(value)
    reading.facts(found)
    reading.stages(found)
    reading.walk(value, "", "")
    reading.rest()
    draft.incident.setdefault("title", options.name)
    draft.finish()
    draft.remarks += clock.doubts
    return draft


def _plainly(value: Any, depth: int = 0) -> Any:
    """*value* with names written_like_this, and resources of JSON:API with their attributes beside their id."""
    if isinstance(value, list) and depth < _DEEPEST:
        return [_plainly(each, depth + 1) for each in value]
    if not isinstance(value, Mapping) or depth >= _DEEPEST:
        return value
    found = {_snake(str(key)): _plainly(inner, depth + 1) for key, inner in value.items()}
    attributes = found.get("attributes")
    if isinstance(attributes, dict) and isinstance(found.get("type"), str) and "id" in found:
        rest = {key: inner for key, inner in found.items() if key not in {"attributes", "type"}}
        return {**rest, **attributes, "record_type": found["type"]}
    return found


def _snake(key: str) -> str:
    return (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
        if re.fullmatch(r"[a-z]+[A-Za-z0-9]*", key)
        else key
    )


def _leaves(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and value and depth < _DEEPEST:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]", depth + 1)
    elif value not in (None, "", [], {}):
        yield (
            visible(path),
            visible(value if isinstance(value, str) else json.dumps(value)).replace("\n", "⏎"),
        )


def _incident(value: Any) -> tuple[Mapping[str, Any], str]:
    """The object with the facts about the incident, and its path."""
    if isinstance(value, Mapping):
        for key in ("incident", "data", "event"):
            inner, path = value.get(key), key
            if isinstance(inner, Mapping) and isinstance(inner.get("data"), Mapping):
                inner, path = inner["data"], f"{key}.data"
            if isinstance(inner, Mapping) and any(name in inner for name in ("title", "name", "severity")):
                return inner, path
        return value, ""
    return {}, ""


class _Export:
    def __init__(self, draft: Draft, clock: Clock, paths: list[str]) -> None:
        self.draft, self.clock = draft, clock
        # The values below a path stand behind one another.
        self.spans: dict[str, tuple[int, int]] = {}
        for number, path in enumerate(paths):
            for stop in (*(match.start() for match in re.finditer(r"[.\[]", path)), len(path)):
                first = self.spans.get(path[:stop], (number, number))[0]
                self.spans[path[:stop]] = first, number

    def _use(self, path: str, became: str, where: str) -> None:
        if path in self.spans:
            first, last = self.spans[path]
            self.draft.use(first, last + 1, became, where)

    def facts(self, found: tuple[Mapping[str, Any], str]) -> None:
        """The title, the severity and the window of the incident."""
        value, path = found
        incident = self.draft.incident
        for field, names in _FACTS.items():
            for name in names:
                text = as_text(value.get(name)) if name in value and not isinstance(value[name], list) else ""
                if not text:
                    continue
                where = f"{path}.{name}" if path else name
                if field == "id":
                    self.draft.review_id = text
                elif field == "summary":
                    self.draft.prose["summary"] = text
                elif field in {"started_at", "ended_at"}:
                    moment = self.clock.look(text).fields.get("at")
                    if moment is None:
                        continue
                    incident[field] = moment
                else:
                    incident[field] = text
                self._fact(where, text, field)
                break
        self._services(value, path)
        self._effects(value, path)

    def _services(self, value: Mapping[str, Any], path: str) -> None:
        for name in _SERVICES:
            found = value.get(name)
            names = [as_text(each) for each in (found if isinstance(found, list) else [found]) if each]
            if names and not self.draft.incident.get("services"):
                self.draft.incident["services"] = names
                where = f"{path}.{name}" if path else name
                for said in names:
                    self._fact(where, said, "services")

    def _effects(self, value: Mapping[str, Any], path: str) -> None:
        """What it did to customers: a number each, and the words for it where they are not the summary."""
        for name, text in _EFFECTS.items():
            found = value.get(name)
            number = found if isinstance(found, int) and not isinstance(found, bool) and found else None
            said = found if isinstance(found, str) and found != self.draft.prose.get("summary") else ""
            if number is None and not said:
                continue
            where = f"{path}.{name}" if path else name
            first, last = self.spans.get(where, (0, -1))
            self.draft.impact(first, last + 1, visible(said) or text)
            if number is not None:
                self.draft.impacts[-1] = self.draft.impacts[-1].model_copy(update={"value": number})

    def _fact(self, path: str, text: str, field: str) -> None:
        """The value that became a fact; of an object only that which says what it is called."""
        first, last = self.spans.get(path, (0, -1))
        for number in range(first, last + 1):
            if first == last or self.draft.lines[number].endswith(f" = {text}"):
                self.draft.use(number, number + 1, "header", field)

    def stages(self, found: tuple[Mapping[str, Any], str]) -> None:
        """Moments among the facts that are milestones: ``detected_at``."""
        value, path = found
        for name, (text, milestone) in _STAGES.items():
            if isinstance(value.get(name), str) and value[name]:
                timed = self.clock.row(value[name])
                self.draft.event(0, 0, text=text, milestone=milestone, **timed.fields)
                self._use(f"{path}.{name}" if path else name, "event", self.draft.events[-1].id)

    def walk(self, value: Any, path: str, name: str) -> None:
        """Every list of objects that is a timeline or a list of actions."""
        if isinstance(value, Mapping):
            for key, inner in value.items():
                # "data" is the name of nothing: the list is called as what holds it.
                called = name if str(key) in _CONTAINERS else str(key)
                self.walk(inner, f"{path}.{key}" if path else str(key), called)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self._entry(inner, f"{path}[{number}]", name)

    def _entry(self, inner: Any, here: str, name: str) -> None:
        if isinstance(inner, Mapping) and not name and isinstance(inner.get("record_type"), str):
            name = inner["record_type"]
        if isinstance(inner, Mapping) and _ACTIONS.fullmatch(name):
            self._action(inner, here)
        elif name == "incident_timestamp_values" and isinstance(inner, Mapping):
            self._timestamp(inner, here)
        elif isinstance(inner, Mapping) and (_TIMELINE.fullmatch(name) or not name) and _moment(inner):
            self._event(inner, here)
        elif isinstance(inner, Mapping | list):
            self.walk(inner, here, "")

    def _timestamp(self, value: Mapping[str, Any], path: str) -> None:
        """A moment that a team gave a name: ``{"incident_timestamp": {"name": "Fixed at"}, "value": {"value": …}}``."""
        name, moment = as_text(value.get("incident_timestamp")), as_text(value.get("value"))
        if not name or not moment:
            return
        timed = self.clock.row(moment)
        milestone = milestone_of(re.sub(r"\s+at$", "", name))
        taken = {each.milestone for each in self.draft.events}
        fields = {**timed.fields, "text": name, "milestone": "" if milestone in taken else milestone}
        left = [f"{path}: {text}" for path, text in _leaves(value, "") if text not in {name, moment}]
        self.draft.event(0, 0, **fields, note="\n".join(left))
        self._use(path, "event", self.draft.events[-1].id)

    def _event(self, value: Mapping[str, Any], path: str) -> None:
        key = _moment(value)
        timed = self.clock.row(as_text(value[key]))
        fields: dict[str, Any] = dict(timed.fields)
        words, said = _words(value)
        who = next((name for name in _WHO if as_text(value.get(name)).strip()), "")
        fields["text"] = said or path
        fields["actor"] = as_text(value.get(who)) if who else ""
        kind = value.get("slug") or value.get("type")
        if isinstance(kind, str) and kind in MILESTONES:
            if kind in {each.milestone for each in self.draft.events}:
                if self._told_twice(kind, fields.get("at"), value, path):
                    return
            else:
                fields["milestone"] = kind
        if "type" not in words and isinstance(value.get("type"), str):
            fields["tags"] = (value["type"].replace(" ", "-"),)
        source = value.get("source") or value.get("channel")
        fields["source"] = as_text(source) if source else ""
        self._noted(fields, value, {key, *words, who, "type", "source"} | ({"channel"} if source else set()))
        self.draft.event(0, 0, **fields)
        self._use(path, "event", self.draft.events[-1].id)

    def _told_twice(self, milestone: str, at: Any, value: Mapping[str, Any], path: str) -> bool:
        """Whether a milestone stands in another list of the same export, too: what it says is noted there."""
        for place, event in enumerate(self.draft.events):
            if event.milestone == milestone and event.at == at:
                known = {event.text, event.note}
                left = [f"{name}: {text}" for name, text in _leaves(value, "") if text not in known]
                note = "\n".join(each for each in (event.note, *left) if each)
                self.draft.events[place] = event.model_copy(update={"note": note})
                self._use(path, "event", event.id)
                return True
        return False

    def _action(self, value: Mapping[str, Any], path: str) -> None:
        head = [str(name).replace("_", " ") for name in value]
        cells = [as_text(each) for each in value.values()]
        fields = action_fields(cells, head) or {}
        link = value.get("external_issue_reference")
        if (
            "ticket" not in fields
            and isinstance(link, Mapping)
            and isinstance(link.get("issue_permalink"), str)
        ):
            fields["ticket"] = {"url": link["issue_permalink"], "tracker": as_text(link.get("provider"))}
        if not fields.get("text"):
            fields["text"] = next((as_text(value.get(name)) for name in _WORDS if value.get(name)), path)
        # Of an object that gave its name, the rest.
        objects = {key: inner for key, inner in value.items() if isinstance(inner, Mapping)}
        said = str(fields)
        left = [f"{path}: {text}" for path, text in _leaves(objects, "") if text not in said]
        fields["note"] = "\n".join(each for each in (fields.get("note", ""), *left) if each)
        self.draft.action(0, 0, **fields)
        self._use(path, "action", self.draft.actions[-1].id)

    def _noted(self, fields: dict[str, Any], value: Mapping[str, Any], taken: set[str]) -> None:
        # Of an object that gave its name, the rest.
        named = {key: value[key] for key in taken if isinstance(value.get(key), Mapping)}
        shown = {fields.get(name) for name in ("text", "actor", "source")}
        left = [
            f"{path}: {text}"
            for path, text in _leaves(named, "")
            if text not in shown and text not in str(fields["text"])
        ]
        others = {key: inner for key, inner in value.items() if key not in taken}
        left += [f"{path}: {text}" for path, text in _leaves(others, "")]
        if left:
            fields["note"] = "\n".join(left)

    def rest(self) -> None:
        """What has no place of its own, with the path that it stood at."""
        left = [number for number, use in enumerate(self.draft.uses) if use is None]
        if left:
            lines = [self.draft.lines[number] for number in left]
            for number in left:
                self.draft.use(number, number + 1, "text", "Other fields")
            self.draft.keep("Other fields", "\n".join(["```", *lines, "```"]))


def _words(value: Mapping[str, Any]) -> tuple[set[str], str]:
    """What an entry says, and under which names: a title with its description, else the first that has words."""
    heads = [name for name in ("title", "name") if isinstance(value.get(name), str) and value[name].strip()]
    bodies = [
        name for name in ("description", "body") if isinstance(value.get(name), str) and value[name].strip()
    ]
    if heads and bodies:
        return {heads[0], bodies[0]}, f"{as_text(value[heads[0]])}\n\n{as_text(value[bodies[0]])}"
    name = next((name for name in _WORDS if as_text(value.get(name)).strip()), "")
    inner = value.get("data")
    if (
        name in {"", "type"}
        and isinstance(inner, Mapping)
        and (said := _words(inner)[1])
        and _words(inner)[0] != {"type"}
    ):
        # An envelope around the words: {"type": "chat", "data": {"body": …}}
        return {"data"}, said
    return {name} - {""}, as_text(value.get(name)) if name else ""


def _moment(value: Mapping[str, Any]) -> str:
    if "occurred_at" in value and not value["occurred_at"]:
        # It did not happen yet: when it was made or changed is not when it did.
        return ""
    found: Sequence[str] = [
        key for key in _MOMENTS if isinstance(value.get(key), str | int | float) and value.get(key)
    ]
    return found[0] if found else ""
