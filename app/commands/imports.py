"""Reports that were written elsewhere become reviews, or parts of one."""

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import opening
from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    remark,
    say,
    sessions_option,
    writing,
)
from app.problems import MISSING, sentence, working_in

if TYPE_CHECKING:
    from app.importing.document import Options
    from app.importing.draft import Draft
    from app.review.records import Session, Source
    from app.review.timewords import Zone

_SUFFIXES: Final = frozenset(
    f".{each}"
    for each in (
        "md",
        "markdown",
        "txt",
        "text",
        "rst",
        "html",
        "htm",
        "csv",
        "tsv",
        "json",
        "jsonl",
        "ndjson",
    )
)
_LARGE: Final = 2**20
"""Bytes from which on reading takes more than a moment."""
_BLANK: Final = b" \t\r\n\0\xef\xbb\xbf\xfe\xff"
"""Bytes of a file in which nothing is written, whatever its encoding."""
UNDECLARED: Final = "Europe/London"
"""What `blamefree time` takes undeclared zones for; docs/times.md says why."""


@click.command(
    "import",
    short_help="Read reports that were written elsewhere.",
    epilog=examples(
        "blamefree import docs/post-mortems",
        "blamefree import --into api-service timeline.csv --zone Europe/Berlin",
        "pbpaste | blamefree import --date 2025-02-09",
    ),
)
@click.argument("files", metavar="FILE…", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--into", "into", metavar="SESSION", help="Add to this review.  [default: a new review for each file]"
)
@click.option("--zone", metavar="ZONE", help="The zone of times without one, whatever the document declares.")
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of times without one."
)
@click.option(
    "--undeclared",
    metavar="ZONE",
    help="What times are taken for where nobody says a zone.  "
    f"[default: the zone of the review, else {UNDECLARED}]",
)
@click.option("--dry-run", is_flag=True, help="Say what would become what; make nothing.")
@json_option
@sessions_option
def import_report(
    files: tuple[Path, ...],
    into: str | None,
    zone: str | None,
    day: datetime | None,
    undeclared: str | None,
    dry_run: bool,
    as_json: bool,
    root: Path | None,
) -> None:
    """Read post-mortems: Markdown, HTML, plain text, CSV, JSON lines, exports of incident tools.

    FILE may be - for standard input, which is also read where no file is named, or a folder of reports. No line is
    lost: what is not understood is kept as text, the file itself is kept with the review, and the summary says what
    became what.
    """
    if not files and sys.stdin.isatty():
        raise click.UsageError("Name the reports to read, as in blamefree import notes.md, or pipe one in.")
    paths = _files(files or (Path("-"),))
    told: list[dict[str, Any]] = []
    for path in paths:
        try:
            if into is None:
                told.append(_new(path, zone, day, undeclared, root, dry_run=dry_run))
            else:
                told.append(_into(path, into, zone, day, undeclared, root, dry_run=dry_run))
        except (Problem, OSError) as problem:
            if len(paths) == 1:
                raise
            # One file that cannot be read keeps none of the others from being read.
            said = problem.format_message() if isinstance(problem, Problem) else sentence(problem)
            told.append({"file": path.name, "error": said})
    if as_json:
        put_json(told)
    else:
        for each in told:
            _tell(each)
    if any("error" in each for each in told):
        click.get_current_context().exit(MISSING)


def _files(given: tuple[Path, ...]) -> list[Path]:
    """The files to read: of a folder all reports in it and below, but no review and nothing hidden."""
    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        inside: list[Path] = []
        for at, folders, names in os.walk(path):
            folder = Path(at)
            folders[:] = sorted(
                each for each in folders if each[0] != "." and not (folder / each / "session.toml").exists()
            )
            inside += [folder / name for name in sorted(names) if Path(name).suffix.lower() in _SUFFIXES]
        if not inside:
            raise Problem(f"{path} holds no report: import reads Markdown, HTML, text, CSV and JSON.")
        found += inside
    return found


def _new(
    path: Path,
    zone: str | None,
    day: datetime | None,
    undeclared: str | None,
    root: Path | None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from app.history import Desk
    from app.importing.result import session_of
    from app.store.catalogue import free_id, new_folder

    name, raw = _bytes(path)
    draft = _read(name, raw, _options(name, zone, day, undeclared or UNDECLARED))
    home = opening.root_of(root)
    session = session_of(draft)
    first = session.incident.started_at or next((event.at for event in session.events if event.at), None)
    if not session.id or any(card == session.id for card in _ids(home)):
        started = first or datetime.now().astimezone()
        session = session.model_copy(update={"id": free_id(home, started.date())})
    folder = new_folder(home, session)
    if not dry_run:
        with working_in(folder):
            Desk.create(folder, session).close()
            with Desk.open(folder) as desk:
                source = _keep(desk.folder, desk.session, name, path, raw)
                desk.apply(f"Keep {name}", lambda session: _with_source(session, source, draft))
    return _facts(name, draft, folder=str(folder), review=session.id)


def _into(
    path: Path,
    wanted: str,
    zone: str | None,
    day: datetime | None,
    undeclared: str | None,
    root: Path | None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from app.importing.result import Origin, add_to, pointing

    name, raw = _bytes(path)
    with writing(root, wanted) as desk:
        incident = desk.session.incident
        first = incident.started_at.date() if incident.started_at else None
        options = _options(name, zone, day, undeclared or incident.timezone, fallback=first)
        draft = _read(name, raw, options)
        if not dry_run:
            source = _keep(desk.folder, desk.session, name, path, raw)
            events = pointing(tuple(draft.events), draft, Origin(source.id, source.artifacts[0].path))

            def added(session: "Session") -> "Session":
                session = session.model_copy(update={"sources": (*session.sources, source)})
                return add_to(session, draft, events, name)

            desk.apply(f"Import {name}", added)
        return _facts(name, draft, folder=str(desk.folder), review=desk.session.id)


def _ids(home: Path) -> list[str]:
    from app.store.catalogue import sessions

    return [card.id for card in sessions(home)]


def _bytes(path: Path) -> tuple[str, bytes]:
    from app.importing.read import SIZE_LIMIT

    if str(path) == "-":
        raw, name = sys.stdin.buffer.read(SIZE_LIMIT + 1), "pasted.txt"
    else:
        with path.open("rb") as file:
            raw, name = file.read(SIZE_LIMIT + 1), path.name
    if len(raw) > SIZE_LIMIT:
        raise Problem(
            f"{path} is larger than {SIZE_LIMIT // 2**20} MiB: it is evidence rather than a report, "
            "add it with `blamefree source SESSION add file`."
        )
    if not raw.strip(_BLANK):
        raise Problem(
            f"{'Standard input' if str(path) == '-' else path} is empty: there is nothing to import."
        )
    if len(raw) > _LARGE:
        remark(f"Reading {name}, {len(raw) / 2**20:.1f} MiB …")
    return name, raw


def _options(
    name: str, zone: str | None, day: datetime | None, undeclared: str, *, fallback: date | None = None
) -> "Options":
    from app.importing.document import Options

    on = day.date() if day else None
    known = _zone(zone, "--zone") if zone else None
    return Options(known, _zone(undeclared, "--undeclared"), on, fallback, Path(name).stem)


def _zone(name: str, option: str) -> "Zone":
    from app.review.timewords import named

    found = named(name)
    if found is None:
        raise click.BadParameter(
            f"there is no zone “{name}”: write it like Europe/Berlin, CET or UTC+2.", param_hint=option
        )
    return found


def _read(name: str, raw: bytes, options: "Options") -> "Draft":
    from app.importing.decoding import NotText, decode
    from app.importing.read import read

    try:
        text, guessed = decode(raw)
    except NotText:
        raise Problem(
            f"{name} is not text: save the report as Markdown, HTML, CSV or text, and import that."
        ) from None
    draft = read(text, options, name)
    if guessed:
        draft.remarks.insert(0, guessed)
    if not draft.incident.get("title"):
        draft.incident["title"] = options.name
    return draft


def _keep(folder: Path, session: "Session", name: str, path: Path, raw: bytes) -> "Source":
    """The document as it came, as evidence of the review."""
    from app.evidence.artifacts import Keeper
    from app.evidence.formats import ATTACHMENT
    from app.review.ids import next_ids
    from app.review.records import Source

    settings = {} if str(path) == "-" else {"path": str(path.resolve())}
    source = Source(id=next_ids(session, "sources")[0], kind="file", name=f"report {name}", settings=settings)
    artifact = Keeper(folder, source, datetime.now(UTC)).keep(name, raw, format=ATTACHMENT)
    return source.model_copy(update={"artifacts": (artifact,)})


def _with_source(session: "Session", source: "Source", draft: "Draft") -> "Session":
    from app.importing.result import Origin, pointing

    events = pointing(session.events, draft, Origin(source.id, source.artifacts[0].path))
    return session.model_copy(update={"sources": (*session.sources, source), "events": events})


def _facts(name: str, draft: "Draft", *, folder: str, review: str) -> dict[str, Any]:
    from app.importing.account import account, warnings

    return {
        "file": name,
        "folder": folder,
        "id": review,
        "title": draft.incident.get("title", ""),
        "events": len(draft.events),
        "actions": len(draft.actions),
        "factors": len(draft.factors),
        "impacts": len(draft.impacts),
        "passages": [passage.heading for passage in draft.passages],
        "lines": dict(draft.counts()),
        "account": account(draft),
        "remarks": warnings(draft),
    }


def _tell(facts: dict[str, Any]) -> None:
    from app.importing.account import in_words

    if "error" in facts:
        remark(f"not imported: {facts['error']}")
        return
    say(facts["folder"])
    remark(f"{facts['file']}: {in_words(facts)}")
    for each in facts["remarks"]:
        remark(f"  {each}")
