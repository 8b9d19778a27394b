"""The report on its way out: which version of it, what is taken out of it, what is masked, and where it is written."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.review.zones import find_zone
from app.text import cut

if TYPE_CHECKING:
    from app.redaction.session import Found
    from app.report.public import Removal
    from app.report.render import Shape
    from screens.frame import StepScreen

_ENDINGS: Final = {"slack": "slack.txt", "confluence": "confluence.xml"}
_WIDE: Final = 70
_MOST: Final = 400
"""Removals that are listed before anybody writes: more than a person reads."""


async def choose_shape(screen: "StepScreen", shape: "Shape") -> "Shape | None":
    """Ask which preset, and for whom; None where it was left as it was."""
    from app.report.presets import PresetProblem, presets, team_folder
    from app.settings import load_settings
    from screens.dialogs import Choice, Choose

    folder = team_folder(screen.bench.desk.folder.parent, load_settings().templates)
    try:
        known = await asyncio.to_thread(presets, folder)
    except PresetProblem as problem:
        screen.say(str(problem), "error")
        return None
    choices = []
    for each in known.values():
        if not each.public:
            choices.append(Choice(each.name, f"{each.name}, inside", each.text))
        choices.append(
            Choice(
                f"{each.name} public",
                f"{each.name}, public",
                each.text if each.public else f"{each.text}; no names, hosts, links",
            )
        )
    current = f"{shape.preset} public" if shape.public else shape.preset
    picked = await screen.app.push_screen_wait(Choose("Which version of the report?", choices, current))
    if not picked:
        return None
    name, _, outside = picked.partition(" ")
    return replace(shape, preset=name, public=bool(outside), templates=folder)


def in_next_zone(screen: "StepScreen", shape: "Shape") -> "Shape":
    """The same version with its times in the next zone that has a name; the review is not changed by it."""
    bench = screen.bench
    names = [each.name for each in bench.zones if find_zone(each.name)]
    place = names.index(shape.zone) if shape.zone in names else 0
    name = names[(place + 1) % len(names)]
    if len(names) == 1:
        screen.say(f"Times are in {name}: the review's zone, UTC and this machine's zone are the same.")
    else:
        screen.say(f"The report's times are in {name}{', the review’s zone' if name == names[0] else ''}.")
    return replace(shape, zone="" if name == names[0] else name)


async def copy_report(screen: "StepScreen", shape: "Shape") -> None:
    """Put the version that is shown on the clipboard, as Markdown."""
    from app.report.render import ReportProblem, render

    session = screen.bench.session
    try:
        text = await asyncio.to_thread(lambda: render(session, "md", shape=shape))
    except ReportProblem as problem:
        screen.say(str(problem), "error")
        return
    screen.app.copy_to_clipboard(text)
    screen.say(
        "The report was sent to the terminal's clipboard as Markdown (inside tmux: set-clipboard must be on)."
    )


async def choose_sections(screen: "StepScreen", shape: "Shape") -> "Shape | None":
    """Ask which section to take out or to take in, until there is nothing more to change."""
    from app.report.render import ReportProblem, chosen_preset
    from app.review.sections import HEADINGS
    from screens.dialogs import Choice, Choose

    try:
        preset = chosen_preset(shape)
    except ReportProblem as problem:
        screen.say(str(problem), "error")
        return None
    names = dict.fromkeys((*preset.sections, *HEADINGS, "passages"))
    current = ""
    before = shape
    while True:
        shown = ({*preset.sections} - {*shape.drop}) | {*shape.keep}
        choices = [
            Choice(
                name,
                f"{'✓' if name in shown else '○'} "
                + ("Sections of your own" if name == "passages" else preset.heading(name)),
                "" if name in shown else "left out",
            )
            for name in names
        ]
        picked = await screen.app.push_screen_wait(
            Choose("Sections of the report: Enter switches one, Esc ends", choices, current)
        )
        if not picked:
            return shape if shape != before else None
        current = picked
        keep, drop = {*shape.keep} - {picked}, {*shape.drop} - {picked}
        if picked in shown:
            drop.add(picked)
        elif picked not in preset.sections or shape.public:
            keep.add(picked)
        order = list(names)
        shape = replace(
            shape,
            keep=tuple(sorted(keep, key=order.index)),
            drop=tuple(sorted(drop, key=order.index)),
        )


async def write_report(screen: "StepScreen", shape: "Shape") -> None:
    """Ask for a format, show what is taken out for readers outside, and write it into the review's folder."""
    from app.indicator import drawn
    from app.report.pdf import PdfProblem, as_pdf
    from app.report.render import ReportProblem, for_readers, render
    from app.report.write import WriteProblem, file_name, write
    from screens.dialogs import Choice, Choose, Confirm

    picked = await screen.app.push_screen_wait(
        Choose(
            "Write the report as",
            [
                Choice("md", "Markdown", "for a repository, a wiki, a pull request"),
                Choice("html", "HTML", "one file, prints well, nothing is loaded from outside"),
                Choice("pdf", "PDF", "the page, printed by a browser on this machine"),
                Choice("json", "JSON", "everything, for programs"),
                Choice("txt", "Plain text", "for mail"),
                Choice("slack", "Slack", "a summary in mrkdwn"),
                Choice("confluence", "Confluence", "storage format"),
                Choice("csv", "CSV", "for a spreadsheet"),
            ],
        )
    )
    if not picked:
        return
    session, folder = screen.bench.session, screen.bench.desk.folder
    try:
        _, removed = await asyncio.to_thread(for_readers, session, shape)
        if removed and not await screen.app.push_screen_wait(
            Confirm(f"{len(removed)} things are taken out", removals(removed), "Write it")
        ):
            return

        def work() -> str:
            form = "html" if picked == "pdf" else picked
            wanted = replace(shape, indicator=drawn(session, folder)) if form == "html" else shape
            page = render(session, form, exact=True, shape=wanted)
            version = f"-{shape.preset}" if shape.preset != "seed" else ""
            version += "-public" if shape.public else ""
            name = file_name(session, "x").removesuffix(".x") + f"{version}.{_ENDINGS.get(picked, picked)}"
            return str(write(folder, name, as_pdf(page) if picked == "pdf" else page))

        if picked == "pdf":
            screen.say("A browser prints the report …")
        path = await asyncio.to_thread(work)
    except (ReportProblem, WriteProblem, PdfProblem) as problem:
        screen.say(str(problem), "error")
        return
    screen.say(f"Written: {path}")


def removals(removed: "Sequence[Removal]") -> str:
    """What readers outside will not see, one a line."""
    lines = [
        f"{each.kind}: {cut(each.what, _WIDE)} → {each.instead}{f' ({each.times} times)' if each.times > 1 else ''}"
        for each in removed[:_MOST]
    ]
    if len(removed) > _MOST:
        lines.append(f"… and {len(removed) - _MOST} more: blamefree report --public --dry-run lists them")
    return "\n".join(lines)


async def show_secrets(screen: "StepScreen") -> None:
    """List what is masked; the one that is chosen may leave, with a reason, or is masked again."""
    from app.redaction.session import grant, revoke, secrets
    from screens.dialogs import Ask, Choice, Choose

    found = await asyncio.to_thread(secrets, screen.bench.session)
    if not found:
        screen.say("Nothing was found in this review that has to be masked.")
        return
    choices = [Choice(str(number), _told(each), _state(each)) for number, each in enumerate(found)]
    left = sum(not each.granted for each in found)
    picked = await screen.app.push_screen_wait(
        Choose(f"{left} masked wherever the report goes. Enter changes one", choices)
    )
    if not picked:
        return
    chosen = found[int(picked)]
    if chosen.granted:
        screen.edit(f"Mask {chosen.tag} again", lambda session: revoke(session, chosen.kind, chosen.value))
        return
    reason = await screen.app.push_screen_wait(
        Ask(
            f"Let {chosen.tag} leave?",
            hint=f"{chosen.hint} in {chosen.where}. Say why it may; the reason is kept.",
        )
    )
    if reason and reason.strip():
        screen.edit(
            f"Let {chosen.tag} leave", lambda session: grant(session, chosen.kind, chosen.value, reason)
        )


def _told(each: "Found") -> str:
    return (
        f"{each.tag} {cut(each.hint, 40)} · {each.where}{f' · {each.times} times' if each.times > 1 else ''}"
    )


def _state(each: "Found") -> str:
    return f"leaves: {each.granted}" if each.granted else "masked"
