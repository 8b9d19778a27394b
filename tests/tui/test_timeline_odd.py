"""Sessions that no meeting begins with, and some end with: every key of the timeline leaves them whole."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.review.records import Event, Incident, Session
from tests.tui.driving import quiet, running, steps
from tests.tui.frames import frame
from tests.tui.reviews import saved
from widgets.sheet import Sheet

AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)
NIGHT = datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
"""An hour that a clock in Berlin shows twice."""


def timed(*moments: datetime | None) -> tuple[Event, ...]:
    return tuple(
        Event(
            id=f"E{number}", at=at, precision="order-only" if at is None else "second", text=f"row {number}"
        )
        for number, at in enumerate(moments, 1)
    )


ODD = {
    "empty": (),
    "one row": timed(AT),
    "all at one time": timed(*[AT] * 30),
    "order alone": timed(*[None] * 30),
    "years apart": timed(AT - timedelta(days=20_000), AT, AT + timedelta(days=20_000)),
    "the ends of the calendar": timed(
        datetime(1, 1, 1, tzinfo=UTC), AT, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    ),
    "the night of the clocks": timed(
        NIGHT.replace(fold=0), NIGHT.replace(fold=1), NIGHT + timedelta(hours=2)
    ),
    "long words": (
        Event(id="E1", at=AT, text="x" * 5_000, source="s" * 300, actor="@" + "a" * 300),
        Event(id="E2", at=AT, text="two words " * 500),
    ),
    "wide words": tuple(
        Event(id=f"E{number}", at=AT, text=each * 20, source=each, actor=each, kind=each)
        for number, each in enumerate(("漢字", "👩‍🚀", "e\u0301", "שלום", "🇩🇪", "\u200b"), 1)
    ),
}
SIZES = [(80, 24), (160, 48), (40, 10)]
KEYS = (
    *(
        "down",
        "up",
        "pagedown",
        "ctrl+end",
        "ctrl+home",
        "right",
        "end",
        "home",
        "space",
        "shift+down",
        "escape",
    ),
    *("s", "f", "T", "T", "T", "O", "O", "z", "z", "z", ">", ">", ">", "!", "escape"),
    *("/", "x", "escape", "v", "escape", "b", "escape", "r", "escape", "m", "escape", "g", "escape"),
    *("f5", "f5", "i", "escape", "enter", "escape", "J", "K", "y", "u"),
)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ODD)
async def test_every_key_leaves_an_odd_session_whole(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    session = Session(incident=Incident(title=name, timezone="Europe/Berlin"), events=ODD[name])
    folder = saved(tmp_path, session)
    async with running(tmp_path, folder, "timeline", size) as (app, pilot):
        await quiet(pilot)
        for key in KEYS:
            await pilot.press(key)
        await quiet(pilot)
        assert frame(app).strip()
        while app.bench is not None and len(app.screen_stack) > 1:
            await steps(pilot, "escape")
        assert app.bench is not None
        kept = app.bench.session.events
        assert [each.text for each in kept] == [each.text for each in ODD[name]] or name in {"order alone"}
        assert sorted(each.text for each in kept) == sorted(each.text for each in ODD[name])


async def test_a_long_text_is_edited_in_its_cell_and_comes_back_whole(tmp_path: Path) -> None:
    folder = saved(tmp_path, Session(events=ODD["long words"]))
    async with running(tmp_path, folder, "timeline", (80, 24)) as (app, pilot):
        await quiet(pilot)
        app.screen.query_one("#timeline", Sheet).move_cursor(column_key="text")
        await steps(pilot, "enter", "end", "y", "enter")
        await quiet(pilot)
        assert app.bench is not None
        assert app.bench.session.events[0].text == "x" * 5_000 + "y"
        await steps(pilot, "u")
        assert app.bench.session.events == ODD["long words"]
