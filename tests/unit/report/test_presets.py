"""Presets order the sections; a team's templates take the place of those that ship, in a sandbox."""

import re
from pathlib import Path

import pytest

from app.report.presets import SHIPPED, PresetProblem, presets, team_folder
from app.report.render import ReportProblem, Shape, render
from app.review.records import Narrative, Passage, Session
from tests.fakes.classic_review import classic_review


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("preset", "wanted"),
    [
        ("short", ["Summary", "Impact", "Timeline (all times UTC)", "Contributing Factors", "Action Items",
                   "Definitions of Durations"]),
        ("sre", ["Summary", "Impact", "Root Causes and Contributing Factors", "Trigger", "Action Items",
                 "Lessons Learned", "What Went Well", "Timeline (all times UTC)", "Prevention", "People by Role",
                 "Definitions of Durations", "About This Review"]),
        ("pagerduty", ["Overview", "What Happened", "Contributing Factors", "Impact", "Responders",
                       "Timeline (all times UTC)", "What Went Well?", "Lessons Learned", "Action Items", "Prevention",
                       "Definitions of Durations", "About This Review"]),
        ("customer", ["Summary", "Impact", "What Happened", "What We Are Doing", "Definitions of Durations"]),
    ],
)  # fmt: skip
def test_each_preset_has_its_sections_in_its_order(preset: str, wanted: list[str]) -> None:
    assert headings(render(classic_review(), preset=preset)) == wanted


@pytest.mark.parametrize("preset", SHIPPED)
def test_markdown_and_html_have_the_same_headings(preset: str) -> None:
    page = re.findall(r"<h2>(.+?)</h2>", render(classic_review(), "html", preset=preset))
    assert [each.replace("&#39;", "'") for each in page] == headings(render(classic_review(), preset=preset))


def own(folder: Path, **files: str) -> Shape:
    (folder / "md").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / "presets.toml" if name == "presets" else folder / "md" / f"{name}.md.j2"
        path.write_text(text)
    return Shape("ours" if "presets" in files else "seed", templates=folder)


def test_a_teams_template_takes_the_place_of_one_section_in_every_format(tmp_path: Path) -> None:
    shape = own(
        tmp_path,
        summary="## In short\n{{ report.narrative.summary | prose }}\n\nAsk *us*: {{ report.title }}.\n",
    )
    text = render(classic_review(), shape=shape)
    assert headings(text)[:2] == ["In short", "Impact"]
    page = render(classic_review(), "html", shape=shape)
    assert "<h2>In short</h2>" in page
    assert "Ask <em>us</em>: API Service Degradation." in page


def test_a_team_has_presets_and_sections_of_its_own(tmp_path: Path) -> None:
    shape = own(
        tmp_path,
        presets='[presets.ours]\nsections = ["header", "sla", "summary"]\nheadings = { summary = "In short" }\n',
        sla="## {{ heading }}\n{{ report.rows | length }} rows\n",
    )
    assert headings(render(classic_review(), shape=shape)) == ["Sla", "In short"]
    assert "<h2>Sla</h2>" in render(classic_review(), "html", shape=shape)


def test_values_are_encoded_also_where_a_template_does_not_ask_for_it(tmp_path: Path) -> None:
    shape = own(tmp_path, summary="## S\n{{ report.narrative.summary }}\n")
    text = render(
        Session(narrative=Narrative(summary="<script>x</script> [a](javascript:x)")), "html", shape=shape
    )
    assert "<script>x" not in text
    assert 'href="javascript' not in text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ report.nothing }}", "failed"),
        ("{% for %}", "is wrong in line 1"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "failed"),
        ("{{ report.__init__.__globals__ }}", "failed"),
        ("{{ 1 / 0 }}", "failed"),
        ("{% for x in range(999999999) %}{% endfor %}", "failed"),
        ("{% include 'md/other.md.j2' %}", "There is no template md/other.md.j2"),
    ],
)
def test_what_a_template_does_wrong_is_one_sentence_and_it_stays_in_its_sandbox(
    tmp_path: Path, template: str, said: str
) -> None:
    with pytest.raises(ReportProblem, match=said) as problem:
        render(classic_review(), shape=own(tmp_path, summary=template))
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[presets", "is no TOML"),
        ("x = 1", "has no table"),
        ("[presets.ours]\nsections = 3", "needs sections"),
        ('[presets.ours]\nsections = ["../../etc/passwd"]', "needs sections"),
        ('[presets.ours]\nsections = ["header"]\nheadings = 3', "a table of texts"),
    ],
)
def test_presets_that_are_wrong_are_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "presets.toml").write_text(text)
    with pytest.raises(PresetProblem, match=said):
        presets(tmp_path)


def test_the_teams_folder_is_beside_the_reviews_or_in_the_settings(tmp_path: Path) -> None:
    assert team_folder(tmp_path) is None
    (tmp_path / "templates").mkdir()
    assert team_folder(tmp_path) == tmp_path / "templates"
    assert team_folder(tmp_path, str(tmp_path / "elsewhere")) is None


def test_passages_keep_their_headings_and_order_in_presets_that_show_them() -> None:
    session = Session(
        narrative=Narrative(passages=(Passage(heading="One", text="1"), Passage(heading="Two", text="2")))
    )
    for preset in ("seed", "sre", "pagerduty"):
        found = headings(render(session, preset=preset))
        assert found.index("One") + 1 == found.index("Two")
