"""The reference for the start: a Textual application of six empty screens, made on their first visit."""

import gc

gc.disable()

from textual.app import App, ComposeResult  # noqa: E402 - nothing of the start is garbage, imports included
from textual.screen import Screen  # noqa: E402
from textual.widgets import Static  # noqa: E402


class Step(Screen[None]):
    """One of the six, with nothing on it but a word to wait for."""

    def compose(self) -> ComposeResult:
        """The word."""
        yield Static("skeleton-ready")


class Skeleton(App[None]):
    """Six modes; only the first is mounted."""

    MODES = dict.fromkeys(("collect", "timeline", "whys", "actions", "report", "track"), Step)
    DEFAULT_MODE = "timeline"

    def on_ready(self) -> None:
        """Let the collector of garbage work again."""
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    Skeleton().run()
