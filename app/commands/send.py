"""Sending the report: by mail, to Slack, into a file, the clipboard, or a repository."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands.common import (
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
from app.problems import MISSING


@click.command(
    short_help="Send the report, and note to whom.",
    epilog=examples(
        "blamefree send api-service --to team@acme.example --dry-run",
        "blamefree send api-service --to team@acme.example --to slack",
        "blamefree send api-service --to git:~/post-mortems",
        "blamefree send api-service --to status@acme.example --preset customer --dry-run",
    ),
)
@session_argument
@click.option(
    "--to",
    "receivers",
    multiple=True,
    required=True,
    metavar="WHERE",
    help="Mail addresses, slack, slack:NAME, file:PATH, clipboard, git or git:PATH; may be given again.",
)
@click.option(
    "--preset",
    metavar="NAME",
    default="seed",
    show_default=True,
    help="seed, short, sre, pagerduty, customer, or one of the team's.",
)
@click.option("--public", is_flag=True, help="For readers outside: no names, hosts, links, private sections.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would go, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@json_option
@sessions_option
def send(
    wanted: str,
    receivers: tuple[str, ...],
    preset: str,
    public: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    root: Path | None,
) -> int:
    """Send the report once, and note in the review to whom it went, when and how.

    Secrets are masked, names are roles where the review says so. Nothing is ever sent a second time by itself:
    where it is not clear whether it arrived, that is said. Exits with 1 when something was not sent.
    """
    from app.indicator import drawn
    from app.opening import root_of
    from app.report.presets import team_folder
    from app.report.render import Shape
    from app.review.distribution import deadline
    from app.sending.interface import SendProblem
    from app.sending.local import to_terminal
    from app.sending.send import cut_off, prepare, wants_page
    from app.sending.send import send as go
    from app.settings import load_settings

    def now() -> datetime:
        return datetime.now(UTC)

    settings = load_settings()
    shape = Shape(preset, public, templates=team_folder(root_of(root), settings.templates))
    with reading(root, wanted) as (place, session):
        if any(map(wants_page, receivers)):
            shape = replace(shape, indicator=drawn(session, place))
        ready = [
            asyncio.run(prepare(session, to, settings, os.environ, now(), to_terminal, shape))
            for to in receivers
        ]
    if dry_run:
        if as_json:
            put_json([{"how": each.how, "to": each.to, "exactly": each.exactly} for each in ready])
        for each in () if as_json else ready:
            say(f"would go by {each.how} to {each.to}\n\n{each.exactly}\n")
        return 0
    facts = []
    with writing(root, wanted) as desk:
        for each in ready:
            if doubt := cut_off(desk, each):
                remark(doubt)
        names = ", ".join(each.to for each in ready)
        if not yes and sys.stdin.isatty() and sys.stdout.isatty():
            click.confirm(f"Send the report to {names}?", abort=True)
        for each in ready:
            try:
                sent = asyncio.run(
                    go(each, desk, lambda label, edit: desk.apply(label, edit, screen="track"), now)
                )
            except SendProblem as problem:
                state = "unclear" if problem.unclear else "not sent"
                facts.append({"to": each.to, "how": each.how, "result": state, "sentence": str(problem)})
            else:
                said = "; ".join(sent.remarks)
                facts.append({"to": sent.to, "how": each.how, "result": "sent", "sentence": said})
        clock = deadline(desk.session, now()).text
    if as_json:
        put_json(facts)
    else:
        for fact in facts:
            say(f"{fact['result']}\t{fact['how']}\t{fact['to']}\t{fact['sentence']}".rstrip("\t"))
        remark(f"report: {clock}")
    return 0 if all(fact["result"] == "sent" for fact in facts) else MISSING
