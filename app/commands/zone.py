"""Saying in which zone the times of a review were written that name none."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands.common import (
    Problem,
    examples,
    json_option,
    put_json,
    reading,
    remark,
    say,
    session_argument,
    sessions_option,
    writing,
)

if TYPE_CHECKING:
    from app.review.records import Session

_LISTED = 12
"""Rows that are named one by one."""


@click.command(
    short_help="Say in which zone times were written that name none.",
    epilog=examples(
        "blamefree zone api-service",
        "blamefree zone api-service Europe/Berlin",
        "blamefree zone api-service CET --row E3 --row E4",
        "blamefree zone api-service --proposed",
    ),
)
@session_argument
@click.argument("zone", metavar="[ZONE]", required=False)
@click.option(
    "--row", "rows", multiple=True, metavar="ID", help="Only this row; may be given again.  [default: all]"
)
@click.option("--proposed", is_flag=True, help="The zone that links to chat messages beside the times prove.")
@json_option
@sessions_option
def zone(
    wanted: str, zone: str | None, rows: tuple[str, ...], proposed: bool, as_json: bool, root: Path | None
) -> None:
    """Declare the ZONE of the rows whose times name none: their clocks stay, their instants move.

    Without ZONE, lists those rows and what is known about their zone. It is one edit, as with Z on the timeline, and u
    takes it back there. Rows whose zone is known are left as they are.
    """
    if zone is not None and proposed:
        raise click.UsageError("Give a zone, or --proposed.")
    if zone is None and not proposed:
        with reading(root, wanted) as (_, session):
            _show(session, as_json=as_json)
        return
    from app.review.timewords import named
    from app.review.zoneless import declare, label, propose, undeclared
    from app.review.zones import find_zone

    with writing(root, wanted) as desk:
        open_ = {event.id: event for event in undeclared(desk.session)}
        picked = _picked(desk.session, tuple(open_), rows)
        if proposed:
            found = propose(desk.session)
            if found is None:
                raise Problem(
                    "Nothing proves the zone: no link to a chat message stands beside a time. "
                    "Name it, like Europe/Berlin."
                )
            rule, name = found.zone, found.name
        else:
            own, other = find_zone(zone or ""), named(zone or "")
            if own is not None:
                rule, name = own, zone or ""
            elif other is not None:
                rule, name = other.rule, other.name
            else:
                raise click.BadParameter(
                    f"there is no zone “{zone}”: write it like Europe/Berlin, CET or UTC+2.",
                    param_hint="ZONE",
                )
        if picked:
            desk.apply(
                label(len(picked), name),
                lambda before: declare(before, picked, rule, name),
                screen="timeline",
            )
    if as_json:
        put_json({"zone": name, "rows": picked})
    elif picked:
        say(f"{_names(picked)}: written in {name}. u on the timeline takes it back.")
    else:
        remark("Every row's zone is declared: nothing was changed.")


def _picked(session: "Session", open_: tuple[str, ...], rows: tuple[str, ...]) -> tuple[str, ...]:
    """The rows to declare: those that were named, which must be there and open, else all that are open."""
    known = {event.id for event in session.events}
    for name in rows:
        if name not in known:
            raise Problem(f"There is no row {name}: `blamefree zone` without a zone lists those to declare.")
        if name not in open_:
            raise Problem(f"The zone of {name} is declared already: it is left as it is.")
    return tuple(each for each in open_ if not rows or each in rows)


def _show(session: "Session", *, as_json: bool) -> None:
    from app.review.zoneless import propose, undeclared

    open_ = undeclared(session)
    found = propose(session)
    if as_json:
        put_json(
            {
                "undeclared": [
                    {"id": each.id, "written": each.written, "at": each.at.isoformat() if each.at else ""}
                    for each in open_
                ],
                "proposed": {"zone": found.name, "rows": found.rows} if found else None,
            }
        )
        return
    if not open_:
        say("Every row's zone is declared.")
        return
    timed = sum(event.at is not None for event in session.events)
    say(f"Zone not declared for {len(open_)} of {timed} rows: {_names(tuple(each.id for each in open_))}.")
    if found:
        say(f"Links to chat messages beside {_names(found.rows)} prove {found.name}: --proposed declares it.")
    remark("Next: blamefree zone SESSION ZONE, like Europe/Berlin.")


def _names(rows: tuple[str, ...]) -> str:
    more = len(rows) - _LISTED
    return f"{', '.join(rows[:_LISTED])}{f' and {more} more' if more > 0 else ''}"
