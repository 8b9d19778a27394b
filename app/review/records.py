"""The records a review is made of. They are values: frozen, validated, compared by content.

Field names are those of the session file. Unknown keys are kept, so that a file written by a newer
version or a team's own tool survives a load and a save. Times are aware; an offset that a person wrote
is kept. Fields whose words a team may want to choose (kinds, milestones, categories, priorities) are plain
text here; the words the program knows are in :mod:`app.review.vocabulary`.
"""

from datetime import UTC, date, datetime, timezone
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from app.review.plain import one_line, scrub, visible

SCHEMA = 1
"""The version of the session file that this program writes."""


def _whole_minute_offset(moment: datetime) -> datetime:
    """A fixed offset in whole minutes, as TOML has it; anything finer (a zone's mean time of 1890) becomes UTC.

    Python calls times of a named zone unequal in the hour that a clock change repeats; offsets do not do that.
    """
    offset = moment.utcoffset()
    if offset is None or isinstance(moment.tzinfo, timezone):
        return moment if offset is None or not offset.total_seconds() % 60 else moment.astimezone(UTC)
    return moment.astimezone(UTC if offset.total_seconds() % 60 else timezone(offset))


Moment = Annotated[AwareDatetime, AfterValidator(_whole_minute_offset)]
"""An instant with the offset it was written with; compared and sorted by instant."""
Line = Annotated[str, AfterValidator(one_line)]
"""Text on one line."""
Prose = Annotated[str, AfterValidator(visible)]
"""Text that may have several lines; Markdown in the narrative."""
Id = Annotated[str, AfterValidator(one_line)]
"""A short stable name such as ``E7`` or ``AI-002``; never used twice in a session."""
Table = Annotated[dict[str, Any], BeforeValidator(scrub)]
"""Settings of a source, as TOML holds them."""

ReviewStatus = Literal["draft", "in-review", "reviewed", "closed"]
ActionStatus = Literal["open", "in-progress", "done", "declined"]
Precision = Literal["subsecond", "second", "minute", "hour", "day", "month", "order-only"]


class Record(BaseModel):
    """What all records share: frozen, and kind to keys it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, allow_inf_nan=False, defer_build=True
    )


class Incident(Record):
    """What happened, in the few facts that head the report."""

    title: Line = ""
    severity: Line = ""
    severity_note: Line = ""
    status: ReviewStatus = "draft"
    started_at: Moment | None = None
    ended_at: Moment | None = None
    timezone: Line = "UTC"
    services: tuple[Line, ...] = ()
    authors: tuple[Line, ...] = ()
    facilitator: Line = ""
    reviewed_on: date | None = None


class Passage(Record):
    """A part of the report under a heading of its own, in Markdown."""

    heading: Line = ""
    text: Prose = ""
    after: Line = ""
    """The section that it stands behind, by its name such as ``impact``; empty for where a preset puts it."""


class Narrative(Record):
    """The parts of the report that people write, in Markdown."""

    summary: Prose = ""
    trigger: Prose = ""
    detection: Prose = ""
    response: Prose = ""
    went_well: tuple[Prose, ...] = ()
    was_hard: tuple[Prose, ...] = ()
    lucky: tuple[Prose, ...] = ()
    surprises: tuple[Prose, ...] = ()
    lessons: tuple[Prose, ...] = ()
    prevention: Prose = ""
    passages: tuple[Passage, ...] = Field(default=(), alias="passage")
    """What a report says under headings that have no field here: kept as it was written, in its order."""


class Impact(Record):
    """One segment of the effect on users; several are normal (per service, per level, per region)."""

    id: Id = ""
    text: Prose = ""
    value: int | float | None = None
    unit: Line = ""
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    estimated: bool = False


class Gap(Record):
    """A stretch of the window that a source could not cover, and why."""

    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    why: Line = ""
    artifact: Line = ""
    """The file that shows the hole, where one does: read again in another zone, it is another hole."""


class Artifact(Record):
    """A file kept as it came: where it lies, what it holds, and the request that made it."""

    path: Line = ""
    sha256: Line = ""
    query: Line = ""
    tool: Line = ""
    """What asked, with its version: ``blamefree 0.1.0``, ``kubectl v1.31.2``."""
    object: Line = ""
    """What all of it is about, where its lines do not say it themselves: ``pod/api-7d9f/api``, a host."""
    collected_at: Moment | None = None
    format: Line = ""
    rows: int = 0
    bytes: int = 0
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    note: Line = ""
    zoneless: bool = False
    """Its times name no zone: they are read in that of the source, and in UTC until somebody says which."""


class Source(Record):
    """A place that evidence comes from. *clock_offset_s* is added to its times; raw times are kept.

    *clock_ahead_s* is by how many seconds the server's clock was ahead of this machine's when it was last
    asked; nothing where nobody measured it.
    """

    id: Id = ""
    kind: Line = ""
    name: Line = ""
    clock_offset_s: float = 0.0
    clock_ahead_s: float | None = None
    settings: Table = Field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = Field(default=(), alias="artifact")
    gaps: tuple[Gap, ...] = Field(default=(), alias="gap")
    note: Prose = ""


class Pointer(Record):
    """Where in the evidence a record can be seen: a line of an artifact, a query, or a link."""

    source: Id = ""
    artifact: Line = ""
    line: int = 0
    query: Line = ""
    url: Line = ""


class Event(Record):
    """One row of the timeline.

    *at* is the earliest instant that *written* can mean, *precision* how much later it may have been.
    *at_latest* and *until_latest* are the last instants that its beginning and its end can mean, where the
    precision does not say so already ("sometime between 14:00 and 14:30"). An event without *at* is
    order-only: it stands where it was put.
    """

    id: Id = ""
    at: Moment | None = None
    until: Moment | None = None
    precision: Precision = "second"
    about: bool = False
    at_latest: Moment | None = None
    until_latest: Moment | None = None
    written: Line = ""
    zone: Line = ""
    """The zone that *written* was read in, as it was declared; ``undeclared`` where nobody says it."""
    time_reason: Line = ""
    """Why the time is not known, in the author's words: ``Time TBC``."""
    track: Line = ""
    """Which of several parallel or successive courses of events the row belongs to."""
    text: Prose = ""
    kind: Line = ""
    milestone: Line = ""
    source: Line = ""
    actor: Line = ""
    starred: bool = False
    tags: tuple[Line, ...] = ()
    evidence: tuple[Pointer, ...] = ()
    suggestion: Line = ""
    as_role: bool = False
    """Names in this row are shown as roles."""
    fold: Id = ""
    """The row that says the same and stands for this one in the timeline; nothing when it is a line of its own."""
    note: Prose = ""


class Factor(Record):
    """A condition that contributed. Factors form a tree with several roots through *parent*.

    *also_under* names further factors that it belongs below: the tree shows it there as a link.
    """

    id: Id = ""
    parent: Id = ""
    also_under: tuple[Id, ...] = ()
    question: Line = ""
    """What was asked when this was the answer."""
    text: Prose = ""
    kind: Line = ""
    mark: Line = ""
    category: Line = ""
    label: Line = ""
    events: tuple[Id, ...] = ()
    evidence: tuple[Pointer, ...] = ()
    note: Prose = ""


class Ticket(Record):
    """An action's twin in the team's tracker."""

    tracker: Line = ""
    url: Line = ""
    number: int = 0
    state: Line = ""
    sent: Line = ""
    """A digest of the words that were sent, which tells whether the action has changed since."""
    synced_at: Moment | None = None


class Action(Record):
    """Something that somebody will do by a date, and how the team will know that it is done."""

    id: Id = ""
    text: Prose = ""
    done_when: Prose = ""
    owner: Line = ""
    sponsor: Line = ""
    """Who has the standing to see it through when other work comes first; not who does it."""
    due: date | None = None
    priority: Line = ""
    kind: Line = ""
    group: Line = ""
    """The heading that it stands under among the actions: a component, a term, a team."""
    factors: tuple[Id, ...] = ()
    events: tuple[Id, ...] = ()
    """Rows of the timeline that it came from."""
    status: ActionStatus = "open"
    reason: Prose = ""
    closed_on: date | None = None
    ticket: Ticket | None = None
    note: Prose = ""


class Parked(Record):
    """An idea, a question, or a fix named too early, waiting for the actions screen."""

    id: Id = ""
    text: Prose = ""
    outcome: Literal["", "action", "question", "dropped"] = ""
    reason: Prose = ""


class Distribution(Record):
    """The report went to somebody: to whom, when, and how."""

    id: Id = ""
    to: Line = ""
    sent_at: Moment | None = None
    how: Line = ""
    unclear: bool = False
    """It may not have arrived: the answer to the attempt was lost."""


class FollowUp(Record):
    """What happens around and after the report: the meeting, the weekly look at open actions, the follow-up."""

    meeting: Moment | None = None
    """When the review meeting begins, where its hour is known; its day alone is the incident's *reviewed_on*."""
    weekly: Line = ""
    review_on: date | None = None
    done_on: date | None = None
    found: Prose = ""
    """What was done, declined and open on that day, and the relatives: as the program found it."""
    note: Prose = ""


class Tracking(Record):
    """Where the actions' tickets are made. The token comes from the environment or the tracker's own tool."""

    tracker: Line = ""
    """A kind of tracker, or the name of one in the settings of the person who makes the tickets."""
    repo: Line = ""
    """The repository, project, team or file that the tickets go into, as the tracker names it."""
    base_url: Line = ""
    labels: tuple[Line, ...] = ()
    milestone: Line = ""
    report: Line = ""
    """The address of the report, which every ticket names."""


class Analysis(Record):
    """How this review asks, and how it groups what it finds."""

    hows: bool = False
    """Whether the screen asks by questions that begin with "how" only."""
    covered: tuple[Line, ...] = ()
    """Families of questions that people ticked by hand as covered."""
    categories: tuple[Line, ...] = ()
    """The ribs of the fishbone, in order; the known ones where there are none."""
    fishbone: bool = False
    """Whether the report shows the fishbone."""


class Display(Record):
    """How the team looks at its timeline: the same for everybody who opens the review."""

    quiet_s: int | None = None
    """Stretches of so many seconds without a row are pointed out; 0 for never, nothing for the usual ones."""
    indicator: Line = ""
    """The series that is drawn over the rows, by its key; errors a minute where there is none."""


class Accepted(Record):
    """One sentence that may stand although a rule of blameless language speaks to it, and why."""

    rule: Line = ""
    text: Line = ""
    """The sentence as it is read, without markup; other words are asked about again."""
    reason: Prose = ""
    by: Line = ""


class Person(Record):
    """Somebody of the review, and the role that stands in the place of the name where names are not shown."""

    name: Line = ""
    role: Line = ""


class Session(Record):
    """A whole review. Every edit makes a new one; see :mod:`app.review.edits`."""

    schema_: int = Field(default=SCHEMA, alias="schema")
    id: Id = ""
    names_as_roles: bool = False
    """Names are shown as roles in the whole review; what people typed stays as it is."""
    incident: Incident = Incident.model_construct()
    narrative: Narrative = Narrative.model_construct()
    impacts: tuple[Impact, ...] = Field(default=(), alias="impact")
    sources: tuple[Source, ...] = Field(default=(), alias="source")
    events: tuple[Event, ...] = Field(default=(), alias="event")
    factors: tuple[Factor, ...] = Field(default=(), alias="factor")
    actions: tuple[Action, ...] = Field(default=(), alias="action")
    parked: tuple[Parked, ...] = ()
    distribution: tuple[Distribution, ...] = ()
    analysis: Analysis = Analysis.model_construct()
    display: Display = Display.model_construct()
    tracking: Tracking = Tracking.model_construct()
    follow_up: FollowUp = FollowUp.model_construct()
    dismissed: tuple[Line, ...] = ()
    """Keys of suggestions that people decided against."""
    people: tuple[Person, ...] = Field(default=(), alias="person")
    accepted: tuple[Accepted, ...] = ()
    """Sentences that the language check leaves alone, each with a reason."""
    retired: tuple[Id, ...] = ()
    """The highest id of each family that was given out and deleted, so that no id is used twice."""


Entry = Impact | Source | Event | Factor | Action | Parked | Distribution
"""A record that lives in one of the session's lists and is found by its id."""

LISTS: dict[str, type[Record]] = {
    "impacts": Impact,
    "sources": Source,
    "events": Event,
    "factors": Factor,
    "actions": Action,
    "parked": Parked,
    "distribution": Distribution,
}
"""The session's lists of records with ids, by field name."""
