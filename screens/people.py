"""Names to roles, on any step: for the rows meant, for the whole review, and who has which role."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from app.review.people import people, set_roles, show_all_as_roles, show_as_roles

if TYPE_CHECKING:
    from screens.dialogs import Choice
    from screens.frame_base import FrameBase


async def choose_roles(screen: "FrameBase", rows: Collection[str] = ()) -> None:
    """Ask whose names are to be shown as roles, and do it as one edit; what was typed stays as it is."""
    from screens.dialogs import Choice, Choose

    session = screen.bench.session
    if not people(session):
        screen.say("The review names nobody.")
        return
    everywhere = session.names_as_roles
    picked = await screen.app.push_screen_wait(
        Choose(
            "Names and roles",
            [*_of_rows(screen, rows), _of_all(everywhere), Choice("roles", "who has which role …")],
        )
    )
    if picked == "rows":
        on = not _all_roles(screen, rows)
        name = next(iter(rows)) if len(rows) == 1 else f"{len(rows)} rows"
        screen.edit(
            f"Show {'roles' if on else 'names'} in {name}", lambda current: show_as_roles(current, rows, on)
        )
    elif picked == "all":
        screen.edit(
            f"Show {'names' if everywhere else 'roles'} in the whole review",
            lambda current: show_all_as_roles(current, not everywhere),
        )
    elif picked == "roles":
        await _write_roles(screen)


def _of_rows(screen: "FrameBase", rows: Collection[str]) -> list["Choice"]:
    from screens.dialogs import Choice

    if not rows:
        return []
    what = "names" if _all_roles(screen, rows) else "roles"
    return [Choice("rows", f"show {what} in {'this row' if len(rows) == 1 else f'these {len(rows)} rows'}")]


def _of_all(everywhere: bool) -> "Choice":
    from screens.dialogs import Choice

    return Choice("all", f"show {'names' if everywhere else 'roles'} in the whole review", "report included")


def _all_roles(screen: "FrameBase", rows: Collection[str]) -> bool:
    return all(event.as_role for event in screen.bench.session.events if event.id in rows)


async def _write_roles(screen: "FrameBase") -> None:
    from screens.dialogs import Entry, Form

    known = people(screen.bench.session)
    values = await screen.app.push_screen_wait(
        Form(
            "Who has which role",
            [Entry(name, name, role, "empty: told from the rows") for name, role in known.items()],
        )
    )
    if values is None:
        return
    changed = {name: role for name, role in values.items() if role != known[name]}
    if changed:
        screen.edit("Say who has which role", lambda session: set_roles(session, changed))
