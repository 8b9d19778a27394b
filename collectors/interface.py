"""The small interface behind which every source lives.

A collector knows one kind of source and nothing about the terminal. It is given a :class:`Job`, keeps what
it finds as artifacts exactly as they came, reports progress as data, and returns what it gathered together
with the holes it knows of. To add a source, write one module with a subclass of :class:`Collector` and name
it in the entry-point group ``blamefree.collectors``.
"""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from app.evidence.artifacts import Keeper
from app.evidence.facts import FACTS, Fact, dump_facts
from app.evidence.window import Span, Window
from app.review.records import Artifact, Gap, Source
from app.text import one_line

__all__ = [
    "CollectProblem",
    "Collected",
    "Collector",
    "Command",
    "Examination",
    "Field",
    "Gap",
    "Job",
    "Lent",
    "NeedsConfirmation",
    "Progress",
    "Span",
    "State",
    "Window",
    "host_in",
    "settings_from_text",
    "text_from_settings",
]

State = Literal["queued", "running", "done", "failed", "cancelled"]
FieldKind = Literal["text", "path", "url", "variable", "pairs", "flag", "words"]


class CollectProblem(Exception):
    """A source could not be collected; ``str()`` is one sentence that says what to do."""


@dataclass(frozen=True)
class Command:
    """A program with its arguments, and the folder that it runs in; never a line for a shell."""

    argv: tuple[str, ...]
    folder: Path

    @property
    def shown(self) -> str:
        """The command as a person would type it, every character visible."""
        return one_line(shlex.join(self.argv))


@dataclass(frozen=True)
class Lent:
    """Something of the person at this machine that a source would use: it belongs to them, not to the session.

    A ``token`` *name* (of a variable or a keyring entry) that would be sent to the server *to*; or a ``kubeconfig``
    at the path *name*, whose login programs would run.
    """

    what: Literal["token", "kubeconfig"]
    name: str
    to: str = ""

    @property
    def shown(self) -> str:
        """What would happen, in words for a person."""
        if self.what == "token":
            return f"your token {one_line(self.name)} would be sent to {one_line(self.to)}"
        return f"the login programs that {one_line(self.name)} names would run"


class NeedsConfirmation(CollectProblem):
    """A command of the session would run on this machine, or use what is this person's; nobody here agreed yet.

    Raised before anything happens; see :mod:`collectors.confirmed`.
    """

    def __init__(self, item: Command | Lent) -> None:
        self.item = item
        if isinstance(item, Command):
            where = one_line(str(item.folder))
            told = f"The command {item.shown} (in {where}) was not run: look at it and confirm it first."
        else:
            told = f"Nothing was asked, because {item.shown}: look at that and confirm it first."
        super().__init__(told)


@dataclass(frozen=True)
class Field:
    """One setting of a source, as a form asks for it.

    *label* has at most 17 characters, for forms are narrow; *example* says the rest. *kind* says how to read
    what is typed: ``pairs`` is one ``name = value`` a line and becomes a table, ``flag`` is yes or no,
    ``variable`` is the *name* of an environment variable, ``words`` is split as a shell would (and nothing
    else a shell does) and becomes a list; the rest is text.
    *secret_env* marks a variable that holds a secret: the session stores its name, never its value.
    """

    name: str
    label: str
    required: bool = False
    example: str = ""
    kind: FieldKind = "text"
    secret_env: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a source stands. *done* is a fraction of 1, *eta_s* seconds; ``None`` where nobody knows."""

    source_id: str
    state: State
    step: str = ""
    rows: int = 0
    bytes: int = 0
    done: float | None = None
    eta_s: float | None = None
    message: str = ""
    covered: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What one collection gathered. *notes* are sentences for people; *gaps* become records on the source.

    *clock_s* is by how many seconds the clock of the server was ahead of this machine's, where the
    answers told it (an HTTP ``Date`` header against the middle of request and answer). It is remembered on
    the source, and :mod:`app.evidence.clocks` makes a proposal of it.
    """

    artifacts: tuple[Artifact, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    clock_s: float | None = None


@dataclass(frozen=True)
class Examination:
    """How a source stands before anything is collected from it; ``None`` where it does not tell.

    *reachable*: it answered. *authorised*: it lets this login read what a collection needs. *clock_s*: by how
    many seconds its clock is ahead of this one. *covers*: it still holds the whole window. *sentences* are
    for people: what is wrong and what to do about it, and what is worth knowing.
    """

    reachable: bool | None = None
    authorised: bool | None = None
    clock_s: float | None = None
    covers: bool | None = None
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """What a collector is given for one collection of one source.

    *window* is ``None`` when the incident has no start yet; a file can be read all the same. *keeper* keeps
    artifacts (what was kept stays, even when the collection fails later). *report* takes any of the
    fields of :class:`Progress` by name and may be called from a thread, as often as one likes. *cancelled*
    turns true when the person stops the source; a coroutine is cancelled besides.
    """

    source: Source
    folder: Path
    window: Window | None
    now: datetime
    keeper: Keeper
    report: Callable[..., None]
    cancelled: Callable[[], bool]
    environment: Mapping[str, str]

    def setting(self, name: str) -> str:
        """A setting that is text, without spaces around it; empty where there is none."""
        value = self.source.settings.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def keep_facts(
        self, name: str, facts: Iterable[Fact], query: str, covers: Window | None = None
    ) -> Artifact:
        """Keep what the source declares beside what it sent, as lines that can be searched and suggested.

        *covers* is what was asked for and answered, by the source's own clock, where that is more than from the
        first fact to the last.
        """
        known = list(facts)
        return self.keeper.keep(
            name,
            dump_facts(known),
            format=FACTS,
            query=query,
            rows=len({fact.key for fact in known}),
            from_=covers.start if covers else min((fact.at for fact in known), default=None),
            to=covers.end if covers else max((fact.until or fact.at for fact in known), default=None),
        )


class Collector(ABC):
    """One kind of source."""

    kind: ClassVar[str]
    """What ``source.kind`` says, e.g. ``prometheus``."""
    title: ClassVar[str]
    """What a person calls it, in a list of kinds."""
    fields: ClassVar[tuple[Field, ...]]

    @abstractmethod
    def check(self, settings: Mapping[str, Any]) -> str:
        """One sentence on what is wrong with *settings*; empty when a collection can be tried."""

    @abstractmethod
    def describe(self, settings: Mapping[str, Any]) -> str:
        """A short name for a source with *settings*, e.g. ``prometheus prom.example:9090``."""

    def repeatable(self, settings: Mapping[str, Any]) -> bool:
        """Whether a source with *settings* can be asked again at any time; one that cannot is asked by name."""
        return True

    def command(self, settings: Mapping[str, Any]) -> Command | None:
        """The command that a collection would run, which the person at this machine must have confirmed."""
        return None

    def lent(self, settings: Mapping[str, Any]) -> tuple[Lent, ...]:
        """What of this person's a collection would use: each token that is named, with the server it would go to."""
        host = next((host_in(settings.get(each.name)) for each in self.fields if each.kind == "url"), "")
        names = [settings.get(each.name) for each in self.fields if each.secret_env]
        return tuple(Lent("token", name, host) for name in names if host and isinstance(name, str) and name)

    @abstractmethod
    async def collect(self, job: Job) -> Collected:
        """Gather the evidence; raise :class:`CollectProblem` or ``HttpProblem`` when that fails."""

    async def examine(self, job: Job) -> Examination | None:
        """Say how the source stands without collecting anything or keeping an artifact.

        Nothing when this kind of source cannot be asked. A source that cannot be reached, or that refuses
        the login, is an :class:`Examination` that says so, not an error.
        """
        return None


def host_in(address: Any) -> str:
    """The server that *address* names, in small letters; empty when it names none."""
    try:
        return (urlsplit(address).hostname or "") if isinstance(address, str) else ""
    except ValueError:
        return ""


def settings_from_text(fields: tuple[Field, ...], form: Mapping[str, str]) -> dict[str, Any]:
    """Settings as the session keeps them, from what was typed into a form; empty fields are left out."""
    settings: dict[str, Any] = {}
    for field in fields:
        typed = form.get(field.name, "").strip()
        if not typed:
            continue
        if field.kind == "pairs":
            table: dict[str, str] = {}
            for number, line in enumerate((part.strip() for part in typed.splitlines() if part.strip()), 1):
                name, sign, value = line.partition(" = ")
                # A query may hold “=” but not “ = ” before its first brace: a bare query gets a number.
                if sign and "{" not in name and "(" not in name:
                    table[name.strip()] = value.strip()
                else:
                    table[f"query {number}"] = line
            settings[field.name] = table
        elif field.kind == "words":
            try:
                settings[field.name] = shlex.split(typed)
            except ValueError:
                # A quote is not closed: the collector's check says so, and nothing that was typed is lost.
                settings[field.name] = typed
        elif field.kind == "flag":
            settings[field.name] = typed.lower() in ("y", "yes", "true", "on", "1")
        else:
            settings[field.name] = typed
    return settings


def text_from_settings(fields: tuple[Field, ...], settings: Mapping[str, Any]) -> dict[str, str]:
    """What a form shows for *settings*; the opposite of :func:`settings_from_text`."""
    form: dict[str, str] = {}
    for field in fields:
        value = settings.get(field.name, "")
        if isinstance(value, Mapping):
            form[field.name] = "\n".join(f"{name} = {text}" for name, text in value.items())
        elif field.kind == "words" and isinstance(value, list | tuple):
            form[field.name] = shlex.join(str(word) for word in value)
        elif isinstance(value, bool):
            form[field.name] = "yes" if value else "no"
        else:
            form[field.name] = str(value)
    return form
