"""What every way of sending shares: the content, what exactly would go, and what became of it.

Nothing is ever sent twice by itself: no way of sending has a key by which a receiver could tell a repetition.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property


class SendProblem(Exception):
    """It could not be sent; ``str()`` is one sentence that says what to do.

    *unclear*: it may have arrived all the same, so that trying again may send it twice.
    """

    def __init__(self, sentence: str, *, unclear: bool = False) -> None:
        super().__init__(sentence)
        self.unclear = unclear


@dataclass(frozen=True)
class Content:
    """The report in the forms that ways of sending need, each made when it is asked for; secrets are masked in all."""

    title: str
    name: str
    """A file name without its ending."""
    told: Callable[[str], str]
    """The report in a format of :data:`app.report.render.FORMATS`."""

    @cached_property
    def markdown(self) -> str:
        """GitHub's Markdown."""
        return self.told("md")

    @cached_property
    def html(self) -> str:
        """One page."""
        return self.told("html")

    @cached_property
    def text(self) -> str:
        """Plain text for mail."""
        return self.told("txt")

    @cached_property
    def summary(self) -> str:
        """A few lines in Slack's mrkdwn."""
        return self.told("slack")


@dataclass(frozen=True)
class Sent:
    """What became of it: to whom it went, and what is to be said about that."""

    to: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ready:
    """Everything is decided, nothing has happened: what would go, to whom, and the one attempt to do it."""

    how: str
    to: str
    exactly: str
    """What would go, to the letter; passwords and secret addresses are starred."""
    go: Callable[[], Awaitable[Sent]]
    """Send it, once. Raises :class:`SendProblem`."""
