"""A team's rules are in force wherever text is checked, and a broken file is a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.opening import root_of
from app.review.language import check
from app.review.language_rules import put_in_force
from app.rules import use_team_rules

OWN = """
off = ["H01"]
[[rule]]
id = "X01"
group = "blame"
level = "warn"
pattern = '{person} dropped the ball'
say = "Say which hand-over was missing."
hit = ["the team dropped the ball"]
no_hit = ["the ball dropped"]
"""


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    put_in_force(None)


def found(text: str) -> list[str]:
    return [each.rule.id for each in check(text)]


def test_rules_beside_the_reviews_are_in_force_once_the_folder_is_known(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(OWN)
    assert root_of(tmp_path) == tmp_path
    assert found("Obviously the team dropped the ball.") == ["X01"]


def test_a_setting_names_another_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    assert use_team_rules(tmp_path, str(tmp_path / "own.toml")) == ""
    assert found("we dropped the ball") == ["X01"]
    assert "cannot be read" in use_team_rules(tmp_path, str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[[rule", "is not TOML"),
        ('off = ["X99"]', "There is no rule “X99” to change"),
        ("language = 'xx'", "There are no rules for the language “xx”"),
        (OWN.replace("the ball dropped", "we dropped the ball"), "correct its pattern"),
    ],
)
def test_a_broken_file_is_a_sentence_and_the_rules_that_ship_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, sentence: str
) -> None:
    (tmp_path / "rules.toml").write_text(content)
    root_of(tmp_path)
    told = capsys.readouterr().err
    assert sentence in told
    assert "Until then the rules that ship are used." in told
    assert found("it was obvious") == ["H01"]


def test_another_language_is_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('language = "de"\n')
    (tmp_path / "language.de.toml").write_text(
        'language = "de"\n[[rule]]\nid = "D01"\ngroup = "blame"\nlevel = "error"\n'
        "pattern = '\\bselbst schuld\\b'\nsay = 'Was machte es möglich?'\nhit = ['er ist selbst schuld']\n"
        "no_hit = ['Schulden']\n"
    )
    assert use_team_rules(tmp_path) == ""
    assert found("Das Team ist selbst schuld, obviously.") == ["D01"]
