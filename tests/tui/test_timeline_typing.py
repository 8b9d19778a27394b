"""Twenty rows without touching anything else: the capture line of the timeline, key by key."""

from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from app.history import Desk
from app.review.records import Event, Session
from app.store.reading import load
from tests.tui.driving import KEYS, running, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import at, saved

SAMPLE = Path(__file__).parents[2] / "sessions" / "2025-02-09-api-service-degradation" / "session.toml"
LIMIT = 400
"""Keys in which the nine rows of the sample must be written, completions and every Enter counted."""

TYPED = (
    ":05:23 First 5xx errors appear <⇥#s⇥⏎",
    ":06:45 High error rate alert fires <P⇥#al⏎",
    ":08:12 On-call engineer paged <Pa⇥@S⇥#p⇥⏎",
    ":12:00 Engineer acknowledges alert <⇥@a⇥#⇥⏎",
    ":15:30 Database connection pool exhausted <a⇥#s⇥⏎",
    ":18:45 Database queries identified as slow <p⇥@⇥#o⏎",
    ":22:10 Cache layer deployed as mitigation <k⇥@⇥#act⏎",
    ":35:00 Error rate returns to normal <Pr⇥#o⏎",
    "+5m Incident marked resolved <Pa⇥@⇥#com⏎",
)


def sample() -> Session:
    return load(SAMPLE.read_bytes()).session


def before_the_rows(root: Path) -> Path:
    """The sample as it is when its sources were collected, and no row was written yet."""
    with Desk.create(
        root / "review", sample().model_copy(update={"events": (), "factors": (), "actions": ()})
    ) as desk:
        return desk.folder


@dataclass(frozen=True)
class Said:
    """What a row says. The sample has a dash where nobody acted, as the seed's table does."""

    at: object
    until: object
    precision: str
    text: str
    kind: str
    source: str
    actor: str

    @classmethod
    def by(cls, row: Event) -> "Said":
        return cls(row.at, row.until, row.precision, row.text, row.kind, row.source, row.actor.strip("-"))


def keys_of(line: str) -> list[str]:
    special = {"⇥": "tab", "⏎": "enter"}
    return [special.get(sign) or KEYS.get(sign, sign) for sign in line]


async def test_the_nine_rows_of_the_sample_take_less_than_400_keys(tmp_path: Path) -> None:
    async with running(tmp_path, before_the_rows(tmp_path), "timeline", (120, 30)) as (app, pilot):
        keys = ["n", *(key for line in TYPED for key in keys_of(line))]
        assert len(keys) < LIMIT
        await pilot.press(*keys)
        await steps(pilot)
        assert [Said.by(row) for row in app.bench.session.events] == [Said.by(row) for row in sample().events]
        assert app.screen.capture.has_caret
        assert len(app.bench.desk.labels()) == len(TYPED)


async def typing(pilot: Pilot[None], text: str) -> None:
    await steps(pilot, *keys_of(text))


async def test_what_the_session_knows_is_offered_while_typing(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await typing(pilot, "n10:20 all clear @al")
        line = app.screen.capture
        assert line_with(app, "> 10:20 all clear").startswith(" > 10:20 all clear @alice")
        assert line_with(app, "> 10:20 all clear").endswith("tab @alice")
        # What was understood so far stays in view.
        assert "10:20 UTC · @al · “all clear”" in frame(app)
        await steps(pilot, "tab")
        assert line.text == "10:20 all clear @alice "
        assert "tab @" not in frame(app)
        await typing(pilot, "#sy")
        await steps(pilot, "right")
        assert line.text == "10:20 all clear @alice #symptom "
        await typing(pilot, "<app")
        await steps(pilot, "right", "enter")
        row = app.bench.session.events[-1]
        assert (row.text, row.actor, row.kind, row.source) == ("all clear", "@alice", "symptom", "app logs")
        assert line.has_caret
        assert line.text == ""


async def test_tab_again_takes_the_next_of_what_was_offered(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        await typing(pilot, "nx #")
        first = app.screen.capture.text
        assert first == "x #"
        seen = []
        for _ in range(30):
            await pilot.press("tab")
            seen.append(app.screen.capture.text)
        assert len(set(seen)) > 12, "every kind and every milestone"
        assert seen[0] in seen[1:], "round and round"
        # Typing goes on from the one that was taken.
        await typing(pilot, "y")
        assert app.screen.capture.text == f"{seen[-1]}y"


async def test_a_tab_with_nothing_to_complete_does_not_leave_a_line_half_typed(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        before = app.bench.session
        await typing(pilot, "n10:20 all @nobody⇥d")
        assert app.screen.capture.text == "10:20 all @nobodyd"
        assert app.bench.session == before
        await steps(pilot, *["backspace"] * 18, "tab")
        assert not app.screen.capture.has_caret


async def test_a_hostile_name_is_completed_and_shown_as_it_stands(tmp_path: Path) -> None:
    nasty = "[red]lo\x1b]0;x\x07gs[/x]"
    session = Session.model_validate({"event": [{"text": "x", "source": nasty, "actor": "@[b]漢"}]})
    with Desk.create(tmp_path / "nasty", session) as desk:
        folder = desk.folder
    async with running(tmp_path, folder, "timeline") as (app, pilot):
        await typing(pilot, "ny <⇥@⇥")
        assert app.screen.capture.text == "y <[red]lo^[]0;x^Ggs[/x]> @[b]漢 "
        assert "from [red]lo^[]0;x^Ggs[/x]" in frame(app)
        await steps(pilot, "enter")
        assert app.bench.session.events[-1].source == app.bench.session.events[0].source
        assert app.bench.session.events[-1].actor == "@[b]漢"


async def test_a_minute_alone_is_one_near_the_selected_row(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "timeline") as (app, pilot):
        app.screen.query_one("#timeline").move_cursor("E1")
        await typing(pilot, "n:59 before the hour⏎")
        await typing(pilot, ":02:30 behind it⏎")
        times = {row.text: row.at for row in app.bench.session.events}
        assert times["before the hour"] == at("09:59:00")
        assert times["behind it"] == at("10:02:30")
