"""What a person's settings add to a review's, and where tokens go."""

from pathlib import Path

import pytest

from app.review.records import Action, Session, Tracking
from app.settings import Settings, load_settings
from app.tracking.choosing import open_tracker
from app.tracking.interface import TrackingProblem

SETTINGS = """
[people]
"@bob" = "bob-h"
"@Eve" = { github = "eve-dev", jira = "5b10a2" }

[tracker.acme]
kind = "github"
repo = "acme/api"
labels = ["reliability"]
report = "https://wiki.acme.example/pm/{id}"

[tracker.acme.people]
"@bob" = "bob-at-acme"

[tracker.github]
repo = "acme/other"
"""


@pytest.fixture
def person(tmp_path: Path) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(SETTINGS, "utf-8")
    settings = load_settings(path)
    assert settings.problems == ()
    return settings


def body(person: Settings, owner: str, **tracking: object) -> dict:
    session = Session(id="PM 1", action=(Action(id="AI-001", text="Add a panel", owner=owner),))
    tracker = open_tracker(Tracking.model_validate(tracking), {}, person)
    return dict(tracker.plan(session)[0].body)


def test_a_handle_becomes_the_account_of_that_tracker(person: Settings) -> None:
    assert body(person, "@bob", tracker="github")["assignees"] == ["bob-h"]
    assert body(person, "bob", tracker="github")["assignees"] == ["bob-h"]
    assert body(person, "@bob", tracker="acme")["assignees"] == ["bob-at-acme"]
    assert body(person, "@eve", tracker="acme")["assignees"] == ["eve-dev"]
    assert body(person, "@zoe", tracker="acme")["assignees"] == ["zoe"]


def test_a_tracker_of_the_settings_brings_its_own_and_the_review_wins(person: Settings) -> None:
    first = body(person, "", tracker="acme")
    assert first["labels"] == ["reliability"]
    assert "https://wiki.acme.example/pm/PM%201" in first["body"]
    assert open_tracker(Tracking(tracker="acme"), {}, person).target.endswith("/repos/acme/api")
    assert open_tracker(Tracking(tracker="github"), {}, person).target.endswith("/repos/acme/other")
    own = Tracking(tracker="acme", repo="acme/web", labels=("x",))
    assert open_tracker(own, {}, person).target.endswith("/repos/acme/web")
    assert body(person, "", tracker="acme", labels=["x"])["labels"] == ["x"]


def test_a_kind_that_there_is_not_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[tracker.acme]\nkind = "jra"\n', "utf-8")
    with pytest.raises(TrackingProblem, match=r"\[tracker.acme\] is of the kind “jra”"):
        open_tracker(Tracking(tracker="acme"), {}, load_settings(path))
    with pytest.raises(TrackingProblem, match=r"There is no tracker “b”: name one of acme, .*github"):
        open_tracker(Tracking(tracker="b"), {}, load_settings(path))


@pytest.mark.parametrize("text", ["tracker = 3", "tracker.x = 3", "people = []"])
def test_tables_of_another_form_are_spoken_of_and_change_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    settings = load_settings(path)
    assert "are written as [" in settings.problems[0]
    assert (settings.trackers, dict(settings.people)) == ((), {})
