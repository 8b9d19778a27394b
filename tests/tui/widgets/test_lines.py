"""The step bar, the prompt, the spark line and the checklist."""

from dataclasses import replace

import pytest

from app.text import cell_len
from tests.tui.frames import frame, line_with
from tests.tui.widgets.host import Host
from widgets.checklist import Checklist, Item
from widgets.prompt import PromptLine
from widgets.stepbar import Header, Step, StepBar

STEPS = (
    *(Step(1, "Collect", "done"), Step(2, "Timeline", "done"), Step(3, "Whys", "started")),
    *(Step(4, "Actions", "started", 2), Step(5, "Report"), Step(6, "Track")),
)
HEADER = Header("API Service Degradation · P1", "saved", "saved 14:02:11", STEPS, 3, 4, 7, "08:12")


async def test_the_bar_shows_the_title_the_light_and_every_step_with_its_state():
    app = Host(StepBar(HEADER))
    async with app.run_test(size=(120, 8)):
        title, steps = frame(app).split("\n")[:2]
        assert "API Service Degradation · P1" in title
        assert title.endswith("● saved 14:02:11")
        for label in ("1 Collect ✓", "2 Timeline ✓", "▸3 Whys …", "4 Actions 2!", "5 Report", "6 Track"):
            assert label in steps
        assert steps.endswith("checklist 4/7  ◷ 08:12")


@pytest.mark.parametrize("width", [200, 120, 100, 80, 70, 60, 40])
async def test_at_every_width_all_steps_the_state_and_the_light_stay(width):
    app = Host(StepBar(HEADER))
    async with app.run_test(size=(width, 8)):
        title, steps = frame(app).split("\n")[:2]
        assert title.endswith("● saved 14:02:11")
        assert all(str(number) in steps for number in range(1, 7))
        assert "▸3" in steps
        assert "2!" in steps
        assert "4/7" in steps
        assert cell_len(steps) <= width


@pytest.mark.parametrize(
    ("light", "text", "shown"),
    [
        ("saving", "", "◌ saving"),
        ("failed", "not saved: disk full", "✗ not saved: disk full"),
        ("read-only", "", "⊘ read-only"),
    ],
)
async def test_the_light_is_a_word_and_a_sign(light, text, shown):
    app = Host(StepBar(HEADER))
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.show(replace(app.widget.header, light=light, light_text=text, title="[red]" + "x" * 300))
        await pilot.pause()
        assert frame(app).split("\n")[0].endswith(shown)
        assert "[red]xxx" in frame(app)


async def test_a_click_on_a_step_or_on_the_checklist_is_told():
    app = Host(StepBar(HEADER))
    async with app.run_test(size=(120, 8), message_hook=app.hook) as pilot:
        steps = frame(app).split("\n")[1]
        await pilot.click(app.widget, offset=(steps.index("Timeline"), 1))
        await pilot.click(app.widget, offset=(steps.index("6 Track"), 1))
        await pilot.click(app.widget, offset=(steps.index("checklist") + 2, 1))
        await pilot.click(app.widget, offset=(10, 0))
        assert [message.step for message in app.posted(StepBar.Chosen)] == [2, 6]
        assert len(app.posted(StepBar.ChecklistClicked)) == 1


async def test_the_prompt_shows_its_sentence_and_the_hint_where_there_is_room():
    app = Host(PromptLine("How was that possible?", "next prompt  ]"))
    async with app.run_test(size=(80, 8), message_hook=app.hook) as pilot:
        assert frame(app).split("\n")[0].startswith(" ┊ How was that possible?")
        assert frame(app).split("\n")[0].endswith("next prompt  ]")
        await pilot.click(app.widget, offset=(10, 0))
        assert len(app.posted(PromptLine.NextRequested)) == 1
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert "next prompt" not in frame(app)
        app.widget.show("")
        await pilot.pause()
        assert "┊" not in frame(app)


ITEMS = (
    Item(True, "The timeline has five rows"),
    Item(False, "Every action has an owner", "2 without: AI-002"),
)


async def test_the_checklist_shows_what_is_done_and_what_is_missing():
    app = Host(Checklist(ITEMS))
    async with app.run_test(size=(40, 10)):
        assert "✓ The timeline has five rows" in line_with(app, "timeline")
        assert "○ Every action has an owner" in line_with(app, "owner")
        assert "2 without: AI-002" in frame(app)


async def test_an_item_is_chosen_by_key_and_by_mouse():
    app = Host(Checklist(ITEMS))
    async with app.run_test(size=(40, 10), message_hook=app.hook) as pilot:
        await pilot.press("down", "enter", "up", "space", "end", "enter", "home")
        assert [message.index for message in app.posted(Checklist.Chosen)] == [1, 0, 1]
        assert app.widget.cursor == 0
        await pilot.click(app.widget, offset=(5, 2))
        assert [message.index for message in app.posted(Checklist.Chosen)][-1] == 1


async def test_the_checklist_is_as_high_as_its_items_at_the_width():
    app = Host(Checklist(ITEMS))
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.widget.size.height == 3
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert app.widget.size.height > 3
        app.widget.show(())
        await pilot.press("down", "enter")
