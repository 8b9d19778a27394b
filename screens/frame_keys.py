"""The keys of the frame, and how keys are shown: on the last line, and all of them on request."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from screens.frame_base import FrameBase
from screens.workbench import STEPS
from widgets.keybar import Key
from widgets.safe import content

FRAME_KEYS: list[BindingType] = [
    Binding("question_mark,f1", "keys", "Keys", key_display="?", id="keys", tooltip="Keys that work here"),
    Binding("n", "capture", "Type", id="capture", tooltip="Type a line: into the line at the bottom"),
    Binding("u,ctrl+z", "undo", "Undo", id="undo", tooltip="Undo the last edit"),
    Binding("U,ctrl+y", "redo", "Redo", show=False, id="redo", tooltip="Redo what was undone last"),
    Binding(
        "p", "park", "Park", show=False, id="park", tooltip="Park an idea, a question, a fix named too early"
    ),
    Binding("ctrl+p", "app.command_palette", "Commands", show=False, id="palette"),
    *[Binding(str(n), f"app.step('{step}')", show=False) for n, step in enumerate(STEPS, 1)],
    Binding("right_square_bracket", "prompt(1)", "Next prompt", key_display="]", show=False, id="prompt"),
    Binding("left_square_bracket", "prompt(-1)", "Previous prompt", key_display="[", show=False),
    Binding("l", "checklist", "Checklist", show=False, id="checklist"),
    Binding("L", "language", "Language: everything it has to say", show=False, id="language"),
    Binding("ctrl+r", "take_wording", "Take the better wording", show=False, id="wording.take"),
    Binding("ctrl+g", "let_stand", "Let the sentence stand, with a reason", show=False, id="wording.stand"),
    Binding("f5", "present", "Presenter mode", show=False, id="present"),
    Binding("f9", "clock", "Meeting clock", show=False, id="clock"),
    Binding("q", "app.leave", "Sessions", show=False, id="leave"),
]
"""What works on every step."""


PALETTE = Key("^p", "Commands", "app.command_palette")
"""Where there is room; Textual binds it in the application, where nothing is shown."""


def shown_keys(screen: Screen[Any]) -> list[Key]:
    """The keys for the last line, each action once: how to find the others, how to write, then what is
    special here; undo, which every hand knows, gives way first."""
    keys: dict[str, Key] = {}
    focused = screen.focused
    for active in screen.active_bindings.values():
        binding = active.binding
        # Textual does not see that “slash” is a character, which a field takes for itself.
        if focused and len(sign := binding.key_display or "") == 1 and focused.check_consume_key(sign, sign):
            continue
        if binding.show and binding.description and active.enabled:
            shown = screen.app.get_key_display(binding)
            keys.setdefault(binding.action, Key(shown, binding.description, binding.action))
    places = {"keys": -2, "capture": -1, "undo": 1}
    return [*sorted(keys.values(), key=lambda key: places.get(key.action, 0)), PALETTE]


def keyed(screen: Screen[Any], known: Iterable[SystemCommand] = ()) -> Iterator[SystemCommand]:
    """What the keys of *screen* do, for the palette, where it is found by words instead of by its key.

    Of what *known* offers already only the key is said, in the second line.
    """
    keys: dict[str, str] = {}
    fresh: list[SystemCommand] = []
    for active in screen.active_bindings.values():
        binding = active.binding
        name = binding.action.partition("(")[0]
        if not binding.description or binding.system or name in _MOVES or name.startswith("app."):
            continue
        if binding.action in keys:
            continue
        key = keys[binding.action] = screen.app.get_key_display(binding)
        run = partial(screen.app.run_action, binding.action, active.node)
        fresh.append(SystemCommand(binding.tooltip or binding.description, f"Key {key}", run))
    said: set[str] = set()
    for command in known:
        action = getattr(command.callback, "__name__", "").removeprefix("action_")
        said.add(action)
        key = keys.get(action, "")
        yield command._replace(help=f"{command.help} · key {key}" if key else command.help)
    taken = {action: None for action in keys if action in said}
    yield from (each for action, each in zip(keys, fresh, strict=True) if action not in taken)


def keys_of(screen: Screen[Any]) -> Content:
    """All keys that work on *screen* now: what is special here, what works everywhere, then moving about."""
    here: list[Content] = []
    everywhere: list[Content] = []
    table: list[Content] = []
    common = {
        binding.action
        for bindings in (FRAME_KEYS, Screen.BINDINGS)
        for binding in Binding.make_bindings(bindings)
    }
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.description or binding.system or binding.action in seen:
            continue
        if binding.action.partition("(")[0] in _MOVES:
            continue
        seen.add(binding.action)
        line = _key_line(screen.app.get_key_display(binding), binding.tooltip or binding.description)
        if active.node is screen and binding.action not in common:
            group = here
        elif active.node is screen or active.node is screen.app:
            group = everywhere
        else:
            group = table
        group.append(line)
    if legend := getattr(screen, "LEGEND", ""):
        here.append(_key_line("", legend))
    if isinstance(screen, FrameBase):
        everywhere.insert(0, _key_line("1-6 alt+1-6", "Jump to a step; alt works while typing"))
    table.append(_key_line("arrows …", "Move; also page up and down, home and end, with ctrl or not"))
    return Content("\n").join([*here, *table, content(""), *everywhere])


_MOVES = {
    *("move", "page", "row_end", "to_row", "to", "page_left", "page_right", "page_up", "page_down"),
    *("scroll_up", "scroll_down", "scroll_left", "scroll_right", "scroll_home", "scroll_end"),
}
"""Actions of the keys that only move, which nobody looks up one by one."""


def _key_line(key: str, meaning: str) -> Content:
    return Content.assemble(content(f"{key:>12}  ", "bold"), content(meaning))
