"""The list of all sessions, finding one by any part of its name, and places for new ones."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history import Desk
from app.review.records import Session
from app.store import catalogue
from app.store.catalogue import default_root, find, new_folder, sessions
from app.store.errors import NotFound

TITLES = {"PM-1": "API Service Degradation", "PM-2": "API cache outage", "PM-10": "Login slow"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "sessions"
    for age, (each, title) in enumerate(TITLES.items()):
        session = Session(
            id=each,
            incident={"title": title, "severity": "P1", "started_at": datetime(2025, 2, 9 + age, tzinfo=UTC)},
        )
        folder = new_folder(root, session)
        Desk.create(folder, session).close()
        os.utime(folder / "session.toml", (1_000_000 + age, 1_000_000 + age))
    return root


def test_the_list_shows_the_last_saved_first_with_its_facts(root: Path) -> None:
    cards = sessions(root)
    assert [card.id for card in cards] == ["PM-10", "PM-2", "PM-1"]
    assert cards[2] == catalogue.Card(
        root / "2025-02-09-api-service-degradation",
        id="PM-1",
        title="API Service Degradation",
        severity="P1",
        status="draft",
        started=date(2025, 2, 9),
        saved_at=datetime.fromtimestamp(1_000_000, UTC),
    )


def test_a_session_that_cannot_be_read_is_listed_with_the_reason(root: Path) -> None:
    (root / "2025-02-10-api-cache-outage" / "session.toml").write_text("[incident\n")
    (root / "not a session").mkdir()
    (root / "a file").write_text("x")
    problems = [card.problem for card in sessions(root) if card.problem]
    assert problems == [
        "cannot be read: at line 1, column 10: expected ']' at the end of a table declaration"
    ]
    assert len(sessions(root)) == 3


def test_a_session_of_odd_types_is_listed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "session.toml").write_text(
        "id = 3\n[incident]\ntitle = ['x']\nstarted_at = 2025-02-09\n"
    )
    (card,) = sessions(tmp_path)
    assert (card.id, card.title, card.started) == ("", "", date(2025, 2, 9))


def test_no_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert sessions(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("PM-1", "PM-1"),
        ("pm-2", "PM-2"),
        ("2025-02-11-login-slow", "PM-10"),
        ("login", "PM-10"),
        ("degradation", "PM-1"),
        ("Cache out", "PM-2"),
        ("2025-02-10", "PM-2"),
    ],
)
def test_a_session_is_found_by_id_and_by_any_part_that_only_it_has(
    root: Path, wanted: str, found: str
) -> None:
    folder = find(root, wanted)
    assert next(card.id for card in sessions(root) if card.folder == folder) == found


def test_a_session_is_found_by_its_folder_and_its_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "2025-02-11-login-slow"
    assert find(root, str(folder)) == folder
    assert find(root / "elsewhere", str(folder / "session.toml")) == folder
    monkeypatch.chdir(folder)
    assert find(root, ".").resolve() == folder


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            "api",
            "'api' fits 2 sessions: 2025-02-10-api-cache-outage, 2025-02-09-api-service-degradation; say more",
        ),
        ("logon-slow", "no session fits 'logon-slow' in"),
        ("logon-slow", "there is 2025-02-11-login-slow"),
        ("", "no session was named"),
    ],
)
def test_what_fits_none_or_several_names_those_that_are_there(root: Path, wanted: str, words: str) -> None:
    with pytest.raises(NotFound) as caught:
        find(root, wanted)
    assert words in str(caught.value)


def test_where_there_is_nothing_the_way_to_make_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="make one with `blamefree new`"):
        find(tmp_path, "x")


def test_some_other_file_is_not_a_session(root: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("x = 1")
    with pytest.raises(NotFound, match=r"is not the session\.toml of a session's folder"):
        find(root, str(tmp_path / "config.toml"))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("API Service Degradation", "2025-02-09-api-service-degradation"),
        ("  Überlast im ﬁlialnetz (№ 7) ", "2025-02-09-uberlast-im-filialnetz-no-7"),
        ("../../etc/passwd", "2025-02-09-etc-passwd"),
        ("漢字", "2025-02-09"),
        ("x" * 300, "2025-02-09-" + "x" * 69),
    ],
)
def test_a_folder_is_named_by_day_and_title(tmp_path: Path, title: str, name: str) -> None:
    session = Session(incident={"title": title, "started_at": datetime(2025, 2, 9, tzinfo=UTC)})
    assert new_folder(tmp_path, session) == tmp_path / name
    (tmp_path / name).mkdir()
    second = new_folder(tmp_path, session)
    assert second.name.endswith("-2")
    assert len(second.name) <= 80
    assert list(tmp_path.iterdir()) == [tmp_path / name]


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_no_title_leads_out_of_the_folder(title: str, each: str) -> None:
    root = Path("/nowhere/sessions")
    place = new_folder(root, Session(id=each, incident={"title": title}))
    assert place.parent == root
    assert 0 < len(place.name) <= 80
    assert set(place.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert place.name.strip("-") == place.name


def test_the_folder_of_all_sessions_is_the_option_then_the_environment_then_here() -> None:
    environ = {"BLAMEFREE_SESSIONS": "/env"}
    assert default_root(Path("/flag"), environ) == Path("/flag")
    assert default_root(None, environ) == Path("/env")
    assert default_root(None, {"BLAMEFREE_SESSIONS": ""}) == Path("sessions")
    assert default_root(None, {}) == Path("sessions")


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ("[[event]]\nat = 2025-02-09T23:50:00Z\n[[event]]\nat = 2025-02-08T10:00:00Z\n", date(2025, 2, 8)),
        (
            "[[event]]\nat = 2025-01-01T00:00:00Z\n[[event]]\nat = 2025-02-09T10:00:00Z\nmilestone = 'detected'\n",
            date(2025, 2, 9),
        ),
        ("[[event]]\ntext = 'no time'\n", None),
        ("event = 3\n", None),
    ],
)
def test_a_review_without_a_start_is_listed_by_the_first_day_of_its_rows(
    tmp_path: Path, rows: str, day: date | None
) -> None:
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "session.toml").write_text(rows)
    assert sessions(tmp_path)[0].started == day
