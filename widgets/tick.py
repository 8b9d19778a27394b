"""A box to tick whose state can be read without colour."""

from textual.content import Content
from textual.widgets import Checkbox

from widgets.safe import content


class Tick(Checkbox):
    """Textual draws the same sign in a ticked and in an empty box, in two colours. Here it is ``[x]`` or ``[ ]``."""

    DEFAULT_CSS = """
    Tick { width: auto; height: 1; border: none; padding: 0; margin: 0 1 0 0; }
    Tick:focus { border: none; text-style: reverse; }
    """

    def __init__(self, label: str, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(content(label), value, id=id, compact=True)

    def render(self) -> Content:
        """The box and what it is for."""
        return Content.assemble(content("[x] " if self.value else "[ ] "), content(str(self.label.plain)))
