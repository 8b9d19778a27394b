"""What the screens outside of a review share: a last line with the keys, and a sentence where there is no room."""

from typing import Any, ClassVar, TypeVar, cast

from textual import on
from textual.screen import Screen

from screens.room import mind_the_room
from screens.workbench import Host
from widgets.keybar import KeyBar

Answer = TypeVar("Answer")


class OpeningScreen(Screen[Answer]):
    """A screen over all reviews; its subclass composes one :class:`KeyBar` and one ``Enlarge``."""

    MAIN: ClassVar[str]
    """Selector of the widget that has the focus when the screen is entered."""
    OPEN_LABEL: ClassVar[str] = "Open"
    """What Enter does with a row."""

    def on_mount(self) -> None:
        """Go to the list."""
        self.query_one(self.MAIN).focus()
        self.bindings_updated_signal.subscribe(self, self._show_keys)
        self.call_after_refresh(self._show_keys, self)

    def _show_keys(self, _screen: Screen[Any]) -> None:
        from screens.frame_keys import shown_keys

        if self.is_current:
            keys = shown_keys(self)
            self.query_one(KeyBar).show(
                [key._replace(label=self.OPEN_LABEL) if key.action == "open" else key for key in keys]
            )

    @on(KeyBar.Chosen)
    async def _key_chosen(self, event: KeyBar.Chosen) -> None:
        event.stop()
        for active in self.active_bindings.values():
            if active.binding.action == event.action:
                await self.app.run_action(event.action, active.node)
                return
        await self.app.run_action(event.action, self)

    def on_resize(self) -> None:
        """Say so when the terminal is too small to be of use."""
        mind_the_room(self, self.MAIN)

    @property
    def host(self) -> Host:
        """The application, as far as screens know it."""
        return cast("Host", self.app)

    def action_keys(self) -> None:
        """Every key that works here."""
        from screens.dialogs import Reader
        from screens.frame_keys import keys_of

        self.app.push_screen(Reader("Keys", keys_of(self)))
