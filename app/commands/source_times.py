"""What sources are asked about: the zone of times that name none, clocks that disagree; and changing a setting."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    sessions_option,
    table,
    writing,
)
from app.commands.sources import chosen

if TYPE_CHECKING:
    from app.evidence.clocks import Proposal
    from app.evidence.zones import Reread
    from app.review.records import Session, Source


@click.command("set", epilog=examples("blamefree source api-service set S1 zone=Europe/Berlin"))
@click.argument("source_id", metavar="ID")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
@sessions_option
@click.pass_obj
def set_source(wanted: str, source_id: str, pairs: tuple[str, ...], root: Path | None) -> None:
    """Change settings of a source; an empty value takes one away. It is read anew when you collect again."""
    from app.commands.confirming import confirm_own
    from app.commands.sources import settings_with
    from app.evidence.zones import with_zone
    from app.review import edits

    with writing(root, wanted) as desk:
        (known,) = chosen(desk.session, (source_id,))
        source = next(each for each in desk.session.sources if each.id == known)
        settings = settings_with(source, pairs)
        confirm_own(source.model_copy(update={"settings": settings}), before=source)

        def change(session: "Session") -> "Session":
            return edits.change(session, "sources", {known}, settings=settings)

        if settings.get("zone") != source.settings.get("zone"):
            read = _read_in(desk.session, desk.folder, source, str(settings.get("zone") or ""))
            desk.apply(f"Edit source {known}", lambda session: change(with_zone(session, read)))
        else:
            desk.apply(f"Edit source {known}", change)
    say(f"{known} changed")


@click.command(epilog=examples("blamefree source api-service zone S1 Europe/Berlin"))
@click.argument("source_id", metavar="ID")
@click.argument("zone", metavar="ZONE")
@sessions_option
@click.pass_obj
def zone(wanted: str, source_id: str, zone: str, root: Path | None) -> None:
    """Say in which ZONE the times of a source were written that name none; its lines are read again."""
    from app.evidence.index import is_zone
    from app.evidence.zones import with_zone

    if not is_zone(zone):
        raise Problem(f"There is no zone called “{zone}”: write it like Europe/Berlin, or UTC.")
    with writing(root, wanted) as desk:
        (known,) = chosen(desk.session, (source_id,))
        source = next(each for each in desk.session.sources if each.id == known)
        fresh = _read_in(desk.session, desk.folder, source, zone)
        desk.apply(f"Read the times of {known} in {zone}", lambda session: with_zone(session, fresh))
    files = len(fresh.artifacts)
    say(f"{known} is read in {zone} ({files} file{'' if files == 1 else 's'} with times that name no zone)")


@click.command(
    epilog=examples(
        "blamefree source api-service clock",
        "blamefree source api-service clock S2 --apply",
        "blamefree source api-service clock S2 --clear",
    )
)
@click.argument("source_id", metavar="[ID]", required=False, default="")
@click.option("--apply", "applied", is_flag=True, help="Correct the clock as proposed.")
@click.option("--clear", "cleared", is_flag=True, help="Take the correction back.")
@click.option("--set", "seconds", type=float, default=None, help="Correct it by so many seconds.")
@json_option
@sessions_option
@click.pass_obj
def clock(
    wanted: str,
    source_id: str,
    applied: bool,
    cleared: bool,
    seconds: float | None,
    as_json: bool,
    root: Path | None,
) -> None:
    """List sources whose clocks disagree, with a correction for each; apply one, or take it back.

    A correction is seconds that are added to the times of a source. The raw times stay as they are.
    """
    if applied + cleared + (seconds is not None) > 1:
        raise Problem("Give one of --apply, --clear and --set.")
    if not (applied or cleared or seconds is not None):
        with reading(root, wanted) as (folder, session):
            ids = chosen(session, (source_id,) if source_id else ())
            _show([each for each in found(session, folder) if each.source in ids], session, as_json)
        return
    if not source_id:
        raise Problem("Name the source whose clock to correct, such as S2.")
    from app.review import edits

    with writing(root, wanted) as desk:
        (known,) = chosen(desk.session, (source_id,))
        offset = 0.0 if cleared else seconds
        if offset is None:
            proposal = next((each for each in found(desk.session, desk.folder) if each.source == known), None)
            if proposal is None:
                raise Problem(
                    f"Nothing is proposed for {known}: its clock agrees as far as the evidence shows."
                )
            offset = proposal.offset_s
        desk.apply(
            f"Correct the clock of {known} by {offset:+g} s",
            lambda session: edits.change(session, "sources", {known}, clock_offset_s=offset),
        )
    say(
        f"{known}: {offset:+g} s are added to its times"
        if offset
        else f"{known}: its times stand as they are"
    )


def _read_in(session: "Session", folder: Path, source: "Source", zone: str) -> "Reread":
    from datetime import UTC, datetime

    from app.evidence.zones import reread
    from collectors.runner import window_of

    return reread(session, folder, source.id, zone, window_of(session, source, datetime.now(UTC)))


def found(session: "Session", folder: Path) -> "list[Proposal]":
    """The corrections that the evidence proposes now."""
    from datetime import UTC, datetime

    from app.evidence.clocks import proposals
    from app.evidence.window import incident_window

    return proposals(session, folder, window=incident_window(session, datetime.now(UTC)))


def ask_about(session: "Session", folder: Path, ids: list[str], *, as_json: bool) -> None:
    """Say what the sources *ids* have to be asked about, and how to answer."""
    for question in _questions(session, folder, ids):
        if as_json:
            put_json({"type": "question", **question}, indent=None)
        else:
            remark(f"? {question['source']} {question['name']}: {question['text']}: `{question['answer']}`")


def _questions(session: "Session", folder: Path, ids: list[str]) -> "list[dict[str, Any]]":
    from app.evidence.zones import needs_zone

    names = {each.id: each.name or each.kind for each in session.sources}
    asked = [
        {
            "source": each.id,
            "name": names[each.id],
            "about": "zone",
            "text": "its times name no zone and are read as UTC until you say which it is",
            "answer": f"blamefree source SESSION zone {each.id} Europe/Berlin",
        }
        for each in session.sources
        if each.id in ids and needs_zone(each)
    ]
    return asked + [
        {
            "source": each.source,
            "name": names[each.source],
            "about": "clock",
            "offset_s": each.offset_s,
            "text": f"{each.reason} {_change(each)}",
            "answer": f"blamefree source SESSION clock {each.source} --apply",
        }
        for each in found(session, folder)
        if each.source in ids
    ]


def _change(proposal: "Proposal") -> str:
    most = "at least " if proposal.at_least else ""
    return f"Proposed: {proposal.offset_s:+g} s{f' ({most.strip()})' if most else ''}"


def _show(proposals: "list[Proposal]", session: "Session", as_json: bool) -> None:
    names = {each.id: _name(each) for each in session.sources}
    if as_json:
        put_json(
            [
                {
                    "source": each.source,
                    "offset_s": each.offset_s,
                    "now_s": each.now_s,
                    "at_least": each.at_least,
                    "reason": each.reason,
                }
                for each in proposals
            ]
        )
    elif proposals:
        table(
            [
                {
                    "source": each.source,
                    "name": names[each.source],
                    "now": f"{each.now_s:+g} s",
                    "proposed": f"{each.offset_s:+g} s",
                    "why": each.reason,
                }
                for each in proposals
            ]
        )
    else:
        remark("No clock disagrees, as far as the evidence shows.")


def _name(source: "Source") -> str:
    return source.name or source.kind
