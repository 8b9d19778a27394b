"""A team's sources: in the settings, in a review, and back; other lines of the file stay as they are."""

from pathlib import Path

import pytest

from app.review.records import Source
from app.settings import Profile, ProfileProblem, load_settings, save_profile
from collectors.profiles import profile_of, source_of

OURS = """# ours
theme = "nord"

[source.prod-prometheus]
kind = "prometheus"
url = "http://prometheus:9090"
token_env = "PROM_TOKEN"
queries = { errors = "sum(rate(http_errors[1m]))" }
"""


def test_sources_of_the_settings_become_sources_of_a_review(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(OURS)
    settings = load_settings(tmp_path / "config.toml")
    assert settings.problems == ()
    source = source_of(settings.profiles[0])
    assert (source.kind, source.name) == ("prometheus", "prometheus prometheus:9090")
    assert source.settings["queries"] == {"errors": "sum(rate(http_errors[1m]))"}


def test_a_source_is_saved_behind_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    source = Source(kind="file", name="App Logs!", settings={"path": "/var/log", "from": "2025-02-09"})
    save_profile(profile_of(source), path)
    path.write_text(f"# mine\n{path.read_text()}# end")
    save_profile(Profile("two", "file", {"path": 'x [red] "y"'}), path)
    written = path.read_text()
    assert written.startswith("# mine\n")
    assert "# end" in written
    settings = load_settings(path)
    assert [(each.name, dict(each.settings)) for each in settings.profiles] == [
        ("app-logs", {"path": "/var/log"}), ("two", {"path": "x [red] \"y\""}),
    ]  # fmt: skip


def test_a_name_that_is_taken_or_a_broken_file_is_a_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OURS)
    with pytest.raises(ProfileProblem, match="has a source “prod-prometheus” already"):
        save_profile(Profile("prod-prometheus", "file", {}), path)
    path.write_text("theme = [")
    with pytest.raises(ProfileProblem, match="was not read"):
        save_profile(Profile("x", "file", {}), path)
    assert path.read_text() == "theme = ["


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[source.x]\nurl = 'y'", "[source.x] has no kind"),
        ("source = 5", "sources are written as [source.NAME]"),
        ("lead_minutes = -1", "“lead_minutes” must be a number of minutes from 0 to 44640"),
        ("tail_minutes = true", "“tail_minutes” must be a number of minutes"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "config.toml").write_text(content)
    (problem,) = load_settings(tmp_path / "config.toml").problems
    assert sentence in problem
