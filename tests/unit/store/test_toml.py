"""session.toml: what is written reads back unchanged, stays quick, and looks as people expect."""

import tomllib
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from app.review.records import Event, Session, Source
from app.review.tables import identical
from app.store.reading import check_line, load
from app.store.toml import Rendered, Renderer
from tests.store_strategies import sessions


def render(session: Session, renderer: Renderer | None = None) -> Rendered:
    return (renderer or Renderer()).render(session, 57, "3f9a01bc", lambda _: None)


@settings(max_examples=200, deadline=None)
@given(sessions())
def test_any_session_round_trips_through_toml_unchanged_unknown_keys_included(session: Session) -> None:
    data = render(session).data
    loaded = load(data)
    assert loaded.session == session
    assert identical(loaded.session, session)
    assert loaded.check.fits
    assert loaded.notices == ()
    assert render(loaded.session).data == data


REVIEW = Session(
    id="PM-2025-02-09",
    incident={
        "title": 'The "API"',
        "started_at": datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC),
        "services": ["api"],
    },
    narrative={"summary": 'Errors rose.\n\nThe "pool" was full.', "lessons": ["one", "two"]},
    impact=[{"id": "I1", "value": 40000, "from": datetime(2025, 2, 9, 10, 5, tzinfo=UTC), "estimated": True}],
    source=[
        {
            "id": "S1",
            "clock_offset_s": 42.5,
            "settings": {"context": "prod", "labels": {"app": "api"}},
            "artifact": [{"path": "evidence/S1/a.log.gz", "rows": 3}],
            "team's own": [1, [2, {"deep": date(2025, 2, 9)}]],
        }
    ],
    event=[{"id": "E1", "text": "First 5xx", "evidence": [{"source": "S1", "line": 88213}]}],
    action=[{"id": "AI-001", "ticket": {"tracker": "github", "number": 41}}],
    parked=[{"id": "P1"}],
    dismissed=["alert|HighErrorRate"],
    team="payments",
    custom={"at": time(10, 0)},
)

EXPECTED = '''\
schema = 1
id = "PM-2025-02-09"
dismissed = ["alert|HighErrorRate"]
team = "payments"

[incident]
title = "The \\"API\\""
started_at = 2025-02-09T10:05:23Z
services = ["api"]

[narrative]
summary = """
Errors rose.

The "pool" was full."""
lessons = ["one", "two"]

[[impact]]
id = "I1"
value = 40000
from = 2025-02-09T10:05:00Z
estimated = true

[[source]]
id = "S1"
clock_offset_s = 42.5
"team's own" = [
    1,
    [
        2,
        { deep = 2025-02-09 },
    ],
]
[source.settings]
context = "prod"
[source.settings.labels]
app = "api"
[[source.artifact]]
path = "evidence/S1/a.log.gz"
rows = 3

[[event]]
id = "E1"
text = "First 5xx"
[[event.evidence]]
source = "S1"
line = 88213

[[action]]
id = "AI-001"
[action.ticket]
tracker = "github"
number = 41

[[parked]]
id = "P1"

[custom]
at = 10:00:00
'''


def test_a_review_is_written_one_key_per_line_in_the_order_of_the_format() -> None:
    rendered = render(REVIEW)
    last = f"\n# blamefree seq=57 journal=3f9a01bc sha256={rendered.sha256}\n"
    assert rendered.data.decode() == EXPECTED + last


def test_a_one_word_edit_is_a_one_line_difference_besides_the_check_line() -> None:
    event = REVIEW.events[0].model_copy(update={"text": "First 502s"})
    changed = REVIEW.model_copy(update={"events": (event,)})
    before, after = (render(each).data.splitlines() for each in (REVIEW, changed))
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 2


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        '"""',
        '""""""',
        'a\n"',
        'a\n""',
        '"""\n"""',
        "\\\n\\",
        '\n\n"\\"\n',
        "\n",
        " \n \n",
        "a\n\tb",
        "a\\\nb",
    ],
)
def test_prose_with_quotes_and_backslashes_keeps_every_character(text: str) -> None:
    session = Session(narrative={"summary": text})
    assert load(render(session).data).session.narrative.summary == text


def test_a_save_after_one_edit_writes_one_record_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(events=[Event(id=f"E{n}", text=f"row {n}") for n in range(300)])
    renderer = Renderer()
    render(session, renderer)
    parsed: list[str] = []
    loads = tomllib.loads
    monkeypatch.setattr("app.store.toml.tomllib.loads", lambda text: parsed.append(text) or loads(text))
    rows = list(session.events)
    rows[7] = rows[7].model_copy(update={"text": "new words"})
    edited = session.model_copy(update={"events": tuple(rows)})
    data = render(edited, renderer).data
    assert [text for text in parsed if "[[event]]" in text] == ['[[event]]\nid = "E7"\ntext = "new words"\n']
    assert load(data).session == edited


def test_records_that_are_gone_are_not_kept_in_memory() -> None:
    renderer = Renderer()
    render(Session(events=[Event(id=f"E{n}") for n in range(50)]), renderer)
    render(Session(), renderer)
    assert len(renderer._pieces) <= 3


def test_a_long_render_makes_pauses() -> None:
    pauses: list[float] = []
    session = Session(events=[Event(id=f"E{n}") for n in range(500)])
    Renderer().render(session, 1, "", pauses.append)
    assert len(pauses) >= 5


def test_nan_in_an_unknown_key_survives() -> None:
    session = Session.model_validate({"x": float("nan"), "y": [float("-inf")]})
    assert identical(load(render(session).data).session, session)


def test_a_time_in_a_named_zone_keeps_its_instant_and_offset() -> None:
    twice = datetime(2025, 11, 2, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York"))
    session = Session(events=[Event(id="E1", at=twice)])
    (event,) = load(render(session).data).session.events
    assert event.at is not None
    assert event.at.isoformat() == "2025-11-02T01:30:00-05:00"


def test_a_record_with_nothing_but_defaults_is_kept() -> None:
    session = Session(
        source=[Source(id="S1", artifact=[{}], gap=[{}, {}])], action=[{"id": "A", "ticket": {}}]
    )
    assert load(render(session).data).session == session


def test_the_check_line_covers_every_byte_above_it() -> None:
    data = render(REVIEW).data
    assert check_line(data).fits
    assert not check_line(data.replace(b"First 5xx", b"First 6xx")).fits
    assert not check_line(data + b"# more\n").present
