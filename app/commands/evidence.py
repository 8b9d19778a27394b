"""Sources, collecting from them, and the suggestions that come out of what was collected."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    place,
    put_json,
    reading,
    remark,
    say,
    session_argument,
    sessions_option,
    table,
    writing,
)
from app.commands.source_times import ask_about, clock, set_source, zone
from app.commands.sources import chosen
from app.problems import MISSING

if TYPE_CHECKING:
    from app.history import Desk
    from app.review.records import Event, Source
    from app.suggest import Suggestion


@click.group(
    short_help="Add, list or remove sources.",
    epilog=examples(
        "blamefree source api-service add prometheus --set url=http://prometheus:9090 \\",
        "    --set 'queries=errors = rate(http_requests_total{code=~\"5..\"}[1m])'",
        "blamefree source api-service add file --set path=incident-logs.txt",
        "blamefree source api-service add command -- journalctl -u api --since {from} -o json",
    ),
)
@session_argument
@sessions_option
@click.pass_context
def source(context: click.Context, wanted: str, root: Path | None) -> None:
    """Add, list or remove the sources of a review."""
    context.obj = wanted


@source.command(epilog=examples("blamefree source api-service add file --set path=incident-logs.txt"))
@click.argument("kind")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND ...]")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; may be given again.")
@click.option("--name", default="", help="What the source is called.  [default: from its settings]")
@click.option("--clock-offset", type=float, default=0.0, help="Seconds to add to this source's times.")
@json_option
@sessions_option
@click.pass_obj
def add(
    wanted: str,
    kind: str,
    words: tuple[str, ...],
    pairs: tuple[str, ...],
    name: str,
    clock_offset: float,
    as_json: bool,
    root: Path | None,
) -> None:
    """Add a source of KIND (file, prometheus …), or one of your settings by its name.

    Secrets are named by variable, never given.

    A command that you give here, or a token for a server, counts as confirmed on this machine: it is you who wrote it.
    """
    from app.commands.confirming import confirm_own
    from app.commands.sources import source_from_pairs, with_words
    from app.review import edits

    fresh = source_from_pairs(kind, with_words(kind, pairs, words), name, clock_offset)
    confirm_own(fresh)
    with writing(root, wanted) as desk:
        desk.apply(f"Add {fresh.name}", lambda session: edits.add(session, "sources", fresh))
        added = desk.session.sources[-1]
    if as_json:
        put_json(_source_facts(added))
    else:
        say(f"{added.id}\t{added.kind}\t{added.name}")


@source.command("list", epilog=examples("blamefree source api-service list"))
@json_option
@sessions_option
@click.pass_obj
def list_sources(wanted: str, as_json: bool, root: Path | None) -> None:
    """List the sources of a review."""
    with reading(root, wanted) as (_, session):
        facts = [_source_facts(each) for each in session.sources]
    if as_json:
        put_json(facts)
    elif facts:
        table(
            [{key: str(facts[key]) for key in ("id", "kind", "name", "artifacts", "gaps")} for facts in facts]
        )
    else:
        remark("No sources yet: add one with `blamefree source SESSION add KIND --set KEY=VALUE`.")


@source.command(epilog=examples("blamefree source api-service remove S2"))
@click.argument("source_id", metavar="ID")
@sessions_option
@click.pass_obj
def remove(wanted: str, source_id: str, root: Path | None) -> None:
    """Remove a source; what was collected from it stays in the folder."""
    from app.review import edits

    with writing(root, wanted) as desk:
        (known,) = chosen(desk.session, (source_id,))
        desk.apply(f"Remove {known}", lambda session: edits.delete(session, "sources", {known}))
    say(f"{known} removed")


for command in (set_source, zone, clock):
    source.add_command(command)


@source.command(epilog=examples("blamefree source api-service save S2 prod-prometheus"))
@click.argument("source_id", metavar="ID")
@click.argument("name", default="")
@sessions_option
@click.pass_obj
def save(wanted: str, source_id: str, name: str, root: Path | None) -> None:
    """Save a source in your settings, for the next review; the names of secrets go along, no secret does."""
    from app.settings import ProfileProblem, save_profile
    from collectors.profiles import profile_of

    with reading(root, wanted) as (_, session):
        (known,) = chosen(session, (source_id,))
        profile = profile_of(next(each for each in session.sources if each.id == known), name)
    try:
        path = save_profile(profile)
    except ProfileProblem as problem:
        raise Problem(str(problem)) from problem
    say(f"{profile.name}\t{path}")


def _source_facts(each: "Source") -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "name": each.name,
        "settings": each.settings,
        "clock_offset_s": each.clock_offset_s,
        "artifacts": len(each.artifacts),
        "gaps": len(each.gaps),
    }


@click.command(
    short_help="Collect evidence from the sources.",
    epilog=examples(
        "blamefree collect api-service",
        "blamefree collect api-service --source S1 --json",
        "kubectl logs deploy/api --timestamps | blamefree collect api-service --stdin api",
        "blamefree collect api-service --confirm S3",
    ),
)
@session_argument
@click.option(
    "--source", "words", multiple=True, metavar="SOURCE", help="Id, kind or name; may be given again."
)
@click.option("--stdin", "piped", default="", metavar="NAME", help="Read standard input as the source NAME.")
@click.option(
    "--confirm",
    "--confirm-command",
    "confirmed",
    multiple=True,
    metavar="SOURCE",
    help="You looked at the command of this source, or the token that it sends, and want that; may be given again.",
)
@click.option(
    "--lead", type=click.IntRange(0, 44_640), metavar="MINUTES", help="Before the incident.  [default: 30]"
)
@click.option(
    "--tail", type=click.IntRange(0, 44_640), metavar="MINUTES", help="After its end.  [default: 10]"
)
@json_option
@sessions_option
def collect(
    wanted: str,
    words: tuple[str, ...],
    piped: str,
    confirmed: tuple[str, ...],
    lead: int | None,
    tail: int | None,
    as_json: bool,
    root: Path | None,
) -> int:
    """Collect evidence from the sources of a review, all at once.

    A review may come from somebody else: a command in it runs, and a token of yours goes to a server that it names,
    only after you confirmed exactly that on this machine, here or on the collect screen.

    With --json prints one object per line: progress, then the outcome of each source. Exits with 1 when a
    source failed or was stopped; what the others gave is kept.
    """
    from app.commands.collecting import gather, piped_source
    from app.commands.confirming import confirm_named, confirm_when_asked
    from app.commands.sources import repeatable

    with writing(root, wanted) as desk:
        named = (*words, *confirmed)
        ids = chosen(desk.session, named) if named or not piped else []
        if not named:
            ids = repeatable(desk.session, ids)
        if piped:
            ids.append(piped_source(desk, piped))
        if not ids:
            raise Problem("The review has no sources: add one with `blamefree source SESSION add KIND`.")
        confirm_named(desk.session, chosen(desk.session, confirmed) if confirmed else [])
        confirm_when_asked(desk.session, ids)
        outcomes = gather(desk, ids, as_json=as_json, lead=lead, tail=tail)
        ask_about(desk.session, desk.folder, ids, as_json=as_json)
    return 0 if all(outcome.state == "done" for outcome in outcomes.values()) else MISSING


@click.command(
    short_help="Print what the evidence suggests.",
    epilog=examples("blamefree suggest api-service", "blamefree suggest api-service --accept KEY"),
)
@session_argument
@click.option("--accept", "accepted", multiple=True, metavar="KEY", help="Make it a row; may be given again.")
@click.option("--dismiss", "dismissed", multiple=True, metavar="KEY", help="Do not suggest it again.")
@json_option
@sessions_option
def suggest(
    wanted: str, accepted: tuple[str, ...], dismissed: tuple[str, ...], as_json: bool, root: Path | None
) -> None:
    """Print what the evidence suggests for the timeline, each with its reason."""
    from app.review import edits
    from app.suggest import suggest as find

    folder = place(root, wanted)
    if accepted or dismissed:
        with writing(root, wanted) as desk:
            known = {one.key: one for one in find(desk.session, folder)}
            if unknown := [key for key in (*accepted, *dismissed) if key not in known]:
                raise Problem(f"There is no suggestion “{unknown[0]}” now: list them without --accept.")
            for key in accepted:
                _accept(desk, known[key].event)
            if dismissed:
                desk.apply("Dismiss suggestions", lambda session: edits.dismiss(session, dismissed))
    with reading(root, wanted) as (_, session):
        found = find(session, folder)
    if as_json:
        put_json([_facts(one) for one in found])
    elif found:
        table([_line(one) for one in found], least=("source", "kind"))
    else:
        remark("Nothing is suggested: collect evidence, or everything was accepted or dismissed.")


def _accept(desk: "Desk", event: "Event") -> None:
    from app.review import edits

    desk.apply(f"Accept “{event.text[:40]}”", lambda session: edits.accept(session, event))


def _facts(one: "Suggestion") -> dict[str, Any]:
    event = one.event
    return {
        "key": one.key,
        "at": event.at.isoformat() if event.at else None,
        "kind": event.kind,
        "text": event.text,
        "source": event.source,
        "reason": one.reason,
        "evidence": [pointer.model_dump(exclude_defaults=True) for pointer in event.evidence],
    }


def _line(one: "Suggestion") -> dict[str, str]:
    at = one.event.at
    return {
        "time": at.isoformat(" ", "seconds") if at else "-",
        "kind": one.event.kind,
        "event": one.event.text,
        "source": one.event.source,
        "why": one.reason,
        "key": one.key,
    }
