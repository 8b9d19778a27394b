"""The sample in every preset and format is as it was read and found good; hostile text harms none of them."""

import csv
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from app.report.pdf import PdfProblem, as_pdf, browser
from app.report.render import FORMATS, PRESETS, render
from app.report.schema import json_schema
from app.review.records import Incident, Narrative, Session
from app.text import cell_len
from tests.fakes.classic_review import classic_review
from tests.unit.report.test_render import PAYLOADS, full_of, shipped_sample

GOLDEN = Path(__file__).parents[2] / "golden" / "report"
DOCS = Path(__file__).parents[3] / "docs"
CALLS = (
    "<!channel>",
    "<!here>",
    "@channel",
    "@here @everyone",
    "<@U123>",
    "#12 GH-3",
    "Fixes #1",
    "*bold* _it_ `c`",
)
CELLS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1", '=HYPERLINK("http://x")', 'a,"b"\r\nc')


@pytest.fixture(autouse=True)
def a_key_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.redaction.session.machine_key", lambda: b"k" * 32)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("form", FORMATS)
def test_the_sample_is_the_golden_report_in_every_preset_and_format(preset: str, form: str) -> None:
    text = render(shipped_sample(), form, preset=preset)
    path = GOLDEN / f"{preset}.{form}"
    if os.environ.get("BLAMEFREE_UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


def storage(text: str) -> ET.Element:
    return ET.fromstring(f'<page xmlns:ac="urn:ac">{text.replace("&nbsp;", " ")}</page>')


@pytest.mark.parametrize("payload", [*PAYLOADS, *CALLS, "]]>", "]]><script>x</script>"])
def test_hostile_text_is_only_text_in_confluence(payload: str) -> None:
    tree = storage(render(full_of(payload), "confluence"))
    tags = {each.tag.replace("{urn:ac}", "ac:") for each in tree.iter()}
    assert tags <= {
        "page", "p", "h1", "h2", "h3", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "em",
        "code", "br", "a", "blockquote", "ac:structured-macro", "ac:plain-text-body",
    }  # fmt: skip
    for each in tree.iter():
        names = {name.replace("{urn:ac}", "ac:") for name in each.attrib}
        assert names <= ({"href"} if each.tag == "a" else {"ac:name"})
        assert re.match(r"https?://|mailto:|$", each.attrib.get("href", ""))


@pytest.mark.parametrize("payload", [*PAYLOADS, *CALLS])
def test_hostile_text_calls_nobody_and_links_nowhere_in_slack(payload: str) -> None:
    text = render(full_of(payload), "slack")
    assert "<" not in text.replace("&lt;", "")
    assert not re.search(r"@(?:channel|here|everyone)", text)
    assert not re.search(r"@\w", text)
    assert "\x1b" not in text


@pytest.mark.parametrize("payload", [*PAYLOADS, *CALLS])
def test_plain_text_holds_no_control_character_and_no_line_that_is_too_long(payload: str) -> None:
    text = render(full_of(payload), "txt")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    for line in text.split("\n"):
        assert cell_len(line) <= 72 or " " not in line.strip()[:60], line


@pytest.mark.parametrize("payload", CELLS)
def test_no_cell_is_a_formula(payload: str) -> None:
    rows = list(csv.reader(io.StringIO(render(full_of(payload), "csv"), newline="")))
    assert {len(row) for row in rows} == {9}
    for cell in (cell for row in rows for cell in row):
        assert len(cell) < 2 or not cell.lstrip(" \u00a0").startswith(tuple("=+-@\t＝")), cell


@pytest.mark.parametrize("payload", [*PAYLOADS, *CALLS, *CELLS])
def test_the_json_keeps_to_its_schema_whatever_it_holds(payload: str) -> None:
    validator = Draft202012Validator(json_schema())
    for session in (full_of(payload), shipped_sample(), Session()):
        validator.validate(json.loads(render(session, "json")))


def test_the_schema_in_the_documentation_holds_and_loses_no_key() -> None:
    path = DOCS / "report.schema.json"
    if os.environ.get("BLAMEFREE_UPDATE_GOLDENS"):
        path.write_text(json.dumps(json_schema(), indent=1, sort_keys=True) + "\n")
    told, now = json.loads(path.read_text()), json_schema()
    Draft202012Validator(told).validate(json.loads(render(shipped_sample(), "json")))
    for name, record in told["$defs"].items():
        assert set(record["properties"]) <= set(now["$defs"][name]["properties"]), name


class Tables(HTMLParser):
    """The cells of every table, row by row."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_reader_of_githubs_markdown_finds_the_same_tables_as_one_of_the_page(preset: str) -> None:
    text = render(shipped_sample(), preset=preset)
    github = Tables(MarkdownIt("gfm-like", {"html": False}).render(text)).tables
    assert github
    assert github == Tables(render(shipped_sample(), "html", preset=preset)).tables


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("form", ["md", "html", "txt", "slack", "confluence", "csv"])
def test_every_duration_stands_beside_its_definition(preset: str, form: str) -> None:
    text = render(shipped_sample(), form, preset=preset)
    assert "detected - started" in text
    assert "1 min 22 s" in text


@pytest.mark.parametrize("payload", ["*b* _i_ ~s~ `c`", "a `c` b", "```x```", "*Bold* and *bold*", "_a_b_"])
def test_no_text_is_formatting_in_slack(payload: str) -> None:
    shown = render(Session(incident=Incident(title=payload)), "slack").split("\n")[0]
    inner = shown.removeprefix("*Post-mortem: ").removesuffix("*")
    # Slack reads a mark where it begins a word and another one ends it.
    assert not re.search(r"(?<![\w\u200b])([*_~`])(?=\S)[^\u200b]*?(?<=[^\s\u200b])\1(?!\w)", inner)
    assert inner.replace("\u200b", "") == payload


def test_prose_loses_its_marks_in_slack_but_not_its_words() -> None:
    told = Session(narrative=Narrative(summary="It was **very** slow, see [the graph](https://x.example/1)."))
    assert "*Summary*\nIt was very slow, see the graph." in render(told, "slack")


def test_a_long_summary_for_slack_is_cut_at_a_line_and_says_so() -> None:
    told = Session(incident=Incident(title="x"), narrative=Narrative(summary="word " * 2000))
    text = render(told, "slack")
    assert len(text) <= 3_001
    assert text.endswith("… the report has the rest\n")


def test_without_a_browser_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PdfProblem, match="No browser was found"):
        browser({"PATH": str(tmp_path)})
    with pytest.raises(PdfProblem, match="BLAMEFREE_BROWSER names nothing-like-it"):
        browser({"PATH": str(tmp_path), "BLAMEFREE_BROWSER": "nothing-like-it"})
    failing = tmp_path / "chromium"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    with pytest.raises(PdfProblem, match="printed nothing"):
        as_pdf("<p>x</p>", {"PATH": str(tmp_path)})


def test_the_classic_review_is_whole_in_plain_text() -> None:
    text = render(classic_review(), "txt")
    for action in classic_review().actions:
        assert action.id in text
        assert action.text in " ".join(text.split())
