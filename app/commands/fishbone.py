"""The fishbone of a review, for a pull request, a page, or a slide."""

from pathlib import Path

import click

from app.commands.common import examples, reading, remark, session_argument, sessions_option


@click.command(
    short_help="Print or write the fishbone.",
    epilog=examples(
        "blamefree fishbone api-service",
        "blamefree fishbone api-service --width 160",
        "blamefree fishbone api-service -o fishbone.svg",
    ),
)
@session_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "svg"]),
    help="Format of the drawing.  [default: from the file's name, else text]",
)
@click.option(
    "--width",
    type=click.IntRange(40, 400),
    help="Columns to draw for; ribs that need more make it wider.  [default: 120]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the terminal.",
)
@sessions_option
def fishbone(
    wanted: str, form: str | None, width: int | None, output: Path | None, root: Path | None
) -> None:
    """Print the factors as a fishbone: the spine to the effect, a rib for every category."""
    from app.report.fishbone import FORMATS, WIDTH, render

    if form is None:
        form = "svg" if output and output.suffix.lower() == ".svg" else "text"
    chosen = next(each for each in FORMATS if each == form)
    with reading(root, wanted) as (_, session):
        text = render(session, chosen, width or WIDTH)
    if output is None:
        # Control characters never got this far; bytes, so that no line end is changed on its way.
        click.echo(text.encode("utf-8", "replace"), nl=False)
        return
    from app.report.write import write_to

    remark(f"written to {write_to(output, text)}")
