"""The preview of the report."""

import asyncio
import threading

from tests.tui.frames import frame
from tests.tui.widgets.host import Host
from widgets import preview as module
from widgets.preview import Preview

REPORT = "# Title\n\n" + "\n\n".join(f"## Part {n}\n\n" + f"words{n} " * 60 for n in range(20))


async def shown(app: Host, pilot, markdown: str) -> None:
    app.widget.show(markdown)
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_markdown_is_shown_and_its_headings_are_told():
    app = Host(Preview(empty="Nothing yet"))
    async with app.run_test(size=(60, 12), message_hook=app.hook) as pilot:
        await pilot.pause()
        assert "Nothing yet" in frame(app)
        await shown(app, pilot, "# Title\n\nSome **bold** and [red] text\n\n## Part")
        assert "Some bold and [red] text" in frame(app)
        assert app.posted(Preview.Shown)[-1].headings == ((1, "Title"), (2, "Part"))


async def test_jump_goes_to_a_heading():
    app = Host(Preview())
    async with app.run_test(size=(60, 12)) as pilot:
        await shown(app, pilot, REPORT)
        assert app.widget.jump("Part 7")
        await pilot.pause()
        assert frame(app).split("\n")[0].strip() == "Part 7"
        assert not app.widget.jump("nowhere")


async def test_the_place_being_read_stays_when_something_is_written_above():
    app = Host(Preview())
    async with app.run_test(size=(60, 12)) as pilot:
        await shown(app, pilot, REPORT)
        app.widget.jump("Part 7")
        app.widget.scroll_relative(y=2, animate=False)
        await pilot.pause()
        before = [line[:57].rstrip() for line in frame(app).split("\n")[:8]]
        await shown(app, pilot, REPORT.replace("# Title\n\n", "# Title\n\nnew\n\nlines\n\n", 1))
        assert [line[:57].rstrip() for line in frame(app).split("\n")[:8]] == before


async def test_keys_scroll():
    app = Host(Preview())
    async with app.run_test(size=(60, 12)) as pilot:
        await shown(app, pilot, REPORT)
        for key, top in (("pagedown", True), ("home", False), ("space", True), ("g", False), ("end", True)):
            await pilot.press(key)
            await pilot.wait_for_scheduled_animations()
            await pilot.pause()
            assert (app.widget.scroll_offset.y > 0) is top, key


async def test_a_resize_breaks_the_lines_anew():
    app = Host(Preview())
    async with app.run_test(size=(80, 12)) as pilot:
        await shown(app, pilot, "word " * 30)
        await pilot.resize_terminal(40, 12)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert max(len(line) for line in frame(app).split("\n")) <= 40


async def test_the_newest_text_wins_and_the_loop_is_free_meanwhile(monkeypatch):
    started, go = threading.Event(), threading.Event()
    read: list[str] = []
    parse = module.parse

    def slow(markdown):
        read.append(markdown)
        if markdown == "one":
            started.set()
            go.wait(10)
        return parse(markdown)

    monkeypatch.setattr(module, "parse", slow)
    app = Host(Preview())
    async with app.run_test(size=(60, 12)) as pilot:
        app.widget.show("one")
        await asyncio.to_thread(started.wait, 10)
        for text in ("two", "three"):
            app.widget.show(text)
        await pilot.press("down")
        go.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "three" in frame(app)
        assert "one" not in frame(app)
        assert "two" not in read


async def test_two_hundred_kilobytes_are_drawn_by_the_screenful(monkeypatch):
    drawn = []
    app = Host(Preview())
    table = "| time | event |\n|---|---|\n" + "".join(
        f"| 10:00 | event {n} happened |\n" for n in range(6000)
    )
    async with app.run_test(size=(60, 12)) as pilot:
        draw = app.widget._draw
        monkeypatch.setattr(app.widget, "_draw", lambda *args: drawn.append(1) or draw(*args))
        await shown(app, pilot, table)
        app.widget.scroll_end(animate=False)
        await pilot.pause()
        assert "event 5999" in frame(app)
        assert len(drawn) < 60
