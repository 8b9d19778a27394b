"""Settings and places: the person's own, read forgivingly, written atomically, never a reason to fail."""

import json
from pathlib import Path

import pytest

from app import settings
from app.settings import Place, Settings, load_settings, place, remember_place


def test_no_file_no_settings() -> None:
    assert load_settings() == Settings()


def test_the_file_is_in_the_configuration_folder_or_where_the_environment_says(own_home: Path) -> None:
    assert settings.config_path({}).parts[-2:] == ("blamefree", "config.toml")
    assert settings.config_path({"BLAMEFREE_CONFIG": "/x/y.toml"}) == Path("/x/y.toml")


def test_what_is_set_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('sessions = "~/reviews"\ntheme = "nord"\n')
    assert load_settings(path) == Settings(sessions="~/reviews", theme="nord")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'colour = "red"\n',
            "“colour” is not a setting; there are lead_minutes, rules, sessions",
        ),
        ("theme = 3\n", "“theme” must be text in quotes."),
        ("theme =\n", "was not read"),
        ('"\\u001b[2J" = 1\n', "“^[[2J” is not a setting"),
    ],
)
def test_what_is_not_understood_is_one_sentence_and_the_rest_counts(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'sessions = "kept"\n{text}')
    found = load_settings(path)
    (problem,) = found.problems
    assert said in problem
    assert str(path) in problem
    assert found.sessions == ("" if "not read" in said else "kept")


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff\xfe")])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "config.toml")
    assert "correct or remove it" in load_settings(tmp_path / "config.toml").problems[0]


def test_where_a_review_was_left_is_remembered_per_review(tmp_path: Path) -> None:
    remember_place(tmp_path / "a", "whys", "F3")
    remember_place(tmp_path / "b", "timeline", "E7")
    remember_place(tmp_path / "a", "report", "")
    assert place(tmp_path / "a") == Place("report", "")
    assert place(tmp_path / "b" / ".." / "b") == Place("timeline", "E7")
    assert place(tmp_path / "c") == Place()


def test_only_the_latest_places_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_MOST_PLACES", 3)
    for number in range(5):
        remember_place(tmp_path / str(number), "whys", "")
    assert [place(tmp_path / str(number)).screen for number in range(5)] == ["", "", "whys", "whys", "whys"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"x": 1}', '{"x": {"screen": ["\\u001b[2J"]}}', "\x00", "null"]
)
def test_a_damaged_memory_of_places_is_forgotten_not_a_failure(tmp_path: Path, text: str) -> None:
    remember_place(tmp_path, "whys", "F3")
    places = settings._places_path()
    places.write_text(text)
    assert place(tmp_path) == Place()
    remember_place(tmp_path, "whys", "F3")
    assert place(tmp_path) == Place("whys", "F3")
    assert isinstance(json.loads(places.read_text()), dict)


def test_a_home_that_cannot_be_written_to_is_no_reason_to_fail(tmp_path: Path) -> None:
    state = settings._places_path().parent
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text("a file in the way")
    remember_place(tmp_path, "whys", "F3")
    assert place(tmp_path) == Place()


@pytest.mark.parametrize(
    ("table", "replaces", "understood"),
    [
        ('typing = "replace"', True, True),
        ('typing = "command"', False, True),
        ('typing = "excel"', False, False),
        ("typing = true", False, False),
        ('typing = "replace"\nsize = 3', False, False),
    ],
)
def test_the_timeline_can_be_a_spreadsheet_from_the_start(
    tmp_path: Path, table: str, replaces: bool, understood: bool
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[timeline]\n{table}\n")
    found = load_settings(path)
    assert found.type_to_replace is replaces
    assert ("typing = " in "".join(found.problems)) is not understood
