"""What a terminal shows, as plain text: it can be read in a test and compared in a review."""

from typing import Any

from textual.app import App


def frame(app: App[Any]) -> str:
    """The whole screen, line by line, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def line_with(app: App[Any], text: str) -> str:
    """The first line of the screen in which *text* can be read; empty if there is none."""
    return next((line for line in frame(app).split("\n") if text in line), "")
