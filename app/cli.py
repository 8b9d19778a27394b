"""The command line: a thin skin over the application, every command a few lines over what ``app`` can do."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from app import __version__, opening
from app.commands.across import search, stats
from app.commands.asking import sql, verify
from app.commands.common import examples, sessions_option
from app.commands.completion import completion
from app.commands.doctor import doctor
from app.commands.evidence import collect, source, suggest
from app.commands.export import export
from app.commands.fishbone import fishbone
from app.commands.follow_up import calendar, follow_up
from app.commands.imports import import_report
from app.commands.lint import lint
from app.commands.note import note
from app.commands.outputs import check, report
from app.commands.review import review
from app.commands.reviews import demo, list_reviews, new, open_review
from app.commands.secret_list import secrets
from app.commands.send import send
from app.commands.time import time
from app.commands.token import token
from app.commands.track import track
from app.commands.zone import zone


class InOrder(click.Group):
    """Lists its commands in the order in which a review needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which they were added."""
        return list(self.commands)


@click.group(
    "blamefree",
    cls=InOrder,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "blamefree                          the list of reviews",
        "blamefree demo                     rehearse on a copy of the sample",
        "blamefree open api-service         resume where it was left",
    )
    + "\n\nExit codes: 0 all is well; 1 something is missing or failed; 2 wrong usage or bad input.",
)
@click.version_option(__version__, prog_name="blamefree", message="%(prog)s %(version)s")
@sessions_option
@click.pass_context
def cli(context: click.Context, root: Path | None) -> int:
    """Blameless post-mortems in the terminal, from raw evidence to tracked action items.

    Without a command, shows the list of reviews. SESSION is an id, a folder, a TOML file, or any part of a
    name that fits one review only.
    """
    return 0 if context.invoked_subcommand else opening.review_list(opening.root_of(root))


for command in (
    *(new, import_report, open_review, demo, list_reviews, source, doctor, collect, suggest, sql, verify),
    *(
        note,
        zone,
        report,
        secrets,
        fishbone,
        export,
        check,
        lint,
        send,
        track,
        calendar,
        review,
        follow_up,
        search,
        stats,
    ),
    *(time, token, completion),
):
    cli.add_command(command)


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code; errors are raised as they are."""
    result = cli.main(args=list(words), prog_name="blamefree", standalone_mode=False)
    sys.stdout.flush()
    return result if isinstance(result, int) else 0
