"""What goes out of a review: the report, and what is missing in it."""

from dataclasses import asdict, replace
from datetime import datetime
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
    shown_zone_option,
    table,
)
from app.problems import MISSING

if TYPE_CHECKING:
    from app.report.public import Removal
    from app.review.records import Session

_FORMATS = ("md", "html", "pdf", "json", "txt", "slack", "confluence", "csv")


@click.command(
    short_help="Print or write the report.",
    epilog=examples(
        "blamefree report api-service",
        "blamefree report api-service --format html -o report.html",
        "blamefree report api-service --preset customer --dry-run",
        "blamefree report api-service --zone America/New_York",
    ),
)
@session_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Format of the report.  [default: from the file's name, else md]",
)
@click.option(
    "--preset",
    metavar="NAME",
    default="seed",
    show_default=True,
    help="seed, short, sre, pagerduty, customer, or one of the team's.",
)
@click.option("--public", is_flag=True, help="For readers outside: no names, hosts, links, private sections.")
@click.option(
    "--with",
    "keep",
    multiple=True,
    metavar="SECTION",
    help="Show it although the preset, or who reads it, says otherwise.",
)
@click.option("--without", "drop", multiple=True, metavar="SECTION", help="Leave it out.")
@click.option("--dry-run", is_flag=True, help="Print what would be taken out; write nothing.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the terminal.",
)
@click.option(
    "--plain",
    is_flag=True,
    help="Leave out the comment from which `blamefree import` reads the review again.",
)
@shown_zone_option
@click.option("--templates", type=click.Path(path_type=Path), metavar="DIR", help="The team's templates.")
@sessions_option
def report(
    wanted: str,
    form: str | None,
    preset: str,
    public: bool,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    dry_run: bool,
    output: Path | None,
    plain: bool,
    zone: str | None,
    templates: Path | None,
    root: Path | None,
) -> None:
    """Print the report in one of its formats, or write it to a file.

    Secrets are masked in every one (`blamefree secrets` lists them). --dry-run lists whatever else is taken out.
    """
    from app.opening import root_of
    from app.report.presets import team_folder
    from app.report.render import ReportProblem, Shape, for_readers, render
    from app.report.write import format_of
    from app.settings import load_settings

    if templates is not None and not templates.is_dir():
        raise Problem(f"{templates} is no folder: name the one with the team's templates.")
    folder = templates or team_folder(root_of(root), load_settings().templates)
    shape = Shape(preset, public, keep, drop, folder, zone=zone or "")
    if form is None:
        form = (format_of(output) or "md") if output else "md"
    with reading(root, wanted) as (place, session):
        if form in {"html", "pdf"} and not dry_run:
            from app.indicator import drawn

            shape = replace(shape, indicator=drawn(session, place))
        try:
            _, removed = for_readers(session, shape)
            wants = "html" if form == "pdf" else form
            text: str | bytes = "" if dry_run else render(session, wants, exact=not plain, shape=shape)
        except ReportProblem as problem:
            raise Problem(str(problem)) from problem
    if dry_run:
        _say_removals(removed)
        return
    if form == "pdf":
        text = _printed(str(text), output)
    if removed:
        remark(f"{len(removed)} things were taken out: --dry-run lists them.")
    if output is None:
        # Encoded for its format already; control characters never got this far.
        click.echo(text, nl=isinstance(text, str) and not text.endswith("\n"))
        return
    from app.report.write import write_to

    remark(f"written to {write_to(output, text)}")


def _printed(page: str, output: Path | None) -> bytes:
    """The page as PDF, which goes into a file only."""
    from app.report.pdf import PdfProblem, as_pdf

    if output is None:
        raise click.UsageError("A PDF goes into a file: add -o FILE.pdf.")
    try:
        return as_pdf(page)
    except PdfProblem as problem:
        raise Problem(str(problem)) from problem


def _say_removals(removed: "tuple[Removal, ...]") -> None:
    """What readers outside will not see."""
    if not removed:
        remark("Nothing is taken out but secrets: `blamefree secrets` lists those; --public takes out more.")
        return
    table(
        [
            {"kind": each.kind, "taken out": each.what, "instead": each.instead, "times": str(each.times)}
            for each in removed
        ]
    )


@click.command(
    short_help="Print what is missing, and claims that do not hold.",
    epilog=examples(
        "blamefree check api-service",
        "blamefree check docs/post-mortems/2025-02-09.md",
        "blamefree check api-service --accept '1.5 hours' --basis 'support hours'",
    ),
)
@session_argument
@click.option("--accept", metavar="WORDS", help="Let the claim with these words stand.")
@click.option("--basis", metavar="TEXT", help="What its number is based on; kept in the review.")
@json_option
@sessions_option
def check(wanted: str, accept: str | None, basis: str | None, as_json: bool, root: Path | None) -> int:
    """Print the seven things that make a review complete, claims that its records contradict, notes on the actions.

    Of a FILE with a report in Markdown, by whomever, only the claims. Exits with 1 while something is missing or a
    claim does not hold.
    """
    from app.commands import claims

    if accept is not None and not (basis or "").strip():
        raise click.UsageError("Say what the number is based on: --basis TEXT.")
    if (path := claims.document(wanted, root)) is not None:
        if accept is not None:
            raise click.UsageError("A basis is kept in a review: `blamefree import` the file first.")
        return claims.check_file(path, as_json=as_json)
    if accept is not None:
        claims.accept_claim(wanted, root, accept, basis or "")
    return _check_review(wanted, root, as_json=as_json)


def _check_review(wanted: str, root: Path | None, *, as_json: bool) -> int:
    from app.commands import claims
    from app.review.checklist import checklist
    from app.review.claims import judged, open_claims

    with reading(root, wanted) as (_, session):
        items = checklist(session)
        found = judged(session)
    wrong = open_claims(found)
    if as_json:
        told = {
            "name": "claims", "text": "Claims agree with the records", "done": not wrong,
            "missing": wrong[0].say if wrong else "", "screen": "report",
            "claims": [claims.facts(each) for each in found],
        }  # fmt: skip
        put_json([*(asdict(item) for item in items), told])
    else:
        for item in items:
            say(f"[{'x' if item.done else ' '}] {item.text}")
            if not item.done:
                say(f"    {item.missing}  (screen: {item.screen})")
        claims.say_claims(found)
        _say_gate(session)
    return 0 if all(item.done for item in items) and not wrong else MISSING


def _say_gate(session: "Session") -> None:
    """What the gate says about the actions; hints are for the screen."""
    from app.review import gate

    today = datetime.now().astimezone().date()
    found = [(action.id, each) for action in session.actions for each in gate.check(action, session, today)]
    found += [("all", each) for each in gate.overall(session)]
    for name, each in found:
        if each.level != "info":
            say(f"note {name} {each.rule}: {each.say}")
            if each.better:
                say(f"    better: {each.better}")
