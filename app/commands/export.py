"""The timeline of a review, for another program or a page."""

from pathlib import Path

import click

from app.commands.common import (
    examples,
    reading,
    remark,
    session_argument,
    sessions_option,
    shown_zone_option,
)

_FORMATS = ("md", "csv", "json", "timesketch", "mermaid")
_SUFFIXES = {".md": "md", ".csv": "csv", ".json": "json", ".mmd": "mermaid", ".mermaid": "mermaid"}


@click.command(
    short_help="Print or write the timeline.",
    epilog=examples(
        "blamefree export api-service timeline --format csv -o timeline.csv",
        "blamefree export api-service timeline --format timesketch",
        "blamefree export api-service timeline --format mermaid --zone America/New_York",
    ),
)
@session_argument
@click.argument("what", metavar="timeline", type=click.Choice(["timeline"]), default="timeline")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Format of the timeline.  [default: from the file's name, else md]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the terminal.",
)
@shown_zone_option
@sessions_option
def export(
    wanted: str, what: str, form: str | None, output: Path | None, zone: str | None, root: Path | None
) -> None:
    """Print every row of the timeline, or write it to a file; the zone of its clocks is stated."""
    from app.report.formats import TIMELINE_FORMATS
    from app.report.timeline import timeline, without_place

    if form is None:
        form = _SUFFIXES.get(output.suffix.lower(), "md") if output else "md"
    chosen = next(each for each in TIMELINE_FORMATS if each == form)
    with reading(root, wanted) as (_, session):
        text = timeline(session, chosen, zone or "")
        left_out = without_place(session, chosen)
    if left_out:
        remark(f"{left_out} rows without a time are left out: Timesketch asks for one.")
    if output is None:
        # Encoded for its format already; bytes, so that no line end is changed on its way.
        click.echo(text.encode("utf-8", "replace"), nl=False)
        return
    from app.report.write import write_to

    remark(f"written to {write_to(output, text)}")
