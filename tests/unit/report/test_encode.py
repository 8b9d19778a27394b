"""Each encoder gives any text back to a reader of its format, and nothing that runs."""

import csv
import io
import json
import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.markdown import cell, code, inline, link, quiet, safe_url
from app.report.encode import csv_cell, csv_table, json_text
from app.review.plain import one_line, visible

PIECES = [
    "|", "\\", "`", "``", "*", "**", "_", "__", "~", "~~", "[", "]", "(", ")", "!", "<", ">", "<b>",
    "</td>", "<!--", "&amp;", "&", "&#96;", "#", "# ", "- ", "+ ", "1. ", "=", "$", "$$", "http://a.b/%41",
    "www.x.io/%42", "https://ok.example/a_b?c=d", "xn--e1afmkfd.com/x", "me@mail.example",
    "javascript:alert(1)", "\n", "  ", "\t", "a", "B", "7", "é", "字", "\u202e", "\x1b", "\u00a0", ":", "/",
    ".", "%41", "|-|", "---", "===", "> ", "[x] ",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=40))


def reader(**options: bool) -> MarkdownIt:
    return MarkdownIt("gfm-like", {"html": False, **options})


def words(token) -> str:
    """The text a reader sees in an inline token."""
    return "".join(" " if each.type == "softbreak" else each.content for each in token.children)


def only_text(token) -> bool:
    """Nothing but text, and links that show where they lead."""
    return all(each.type in {"text", "link_open", "link_close"} for each in token.children)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
@example([("a|b", "c\\", "\\|")])
@example([("https://a.b/|", "`a|b`", "<https://a.b>")])
@example([("", "", "<|me@mail.example>")])
def test_any_text_in_a_table_keeps_its_rows_and_columns_and_reads_the_same(rows) -> None:
    lines = ["| A | B | C |", "|---|---|---|", *(f"| {' | '.join(map(cell, row))} |" for row in rows)]
    tokens = reader().parse("\n".join(lines))
    assert [each.type for each in tokens if each.level == 0] == ["table_open", "table_close"]
    cells = [tokens[place + 1] for place, each in enumerate(tokens) if each.type == "td_open"]
    assert len(cells) == 3 * len(rows)
    for token, text in zip(cells, (text for row in rows for text in row), strict=True):
        # html is off in this reader: a line break is seen as the tag that stands for it
        wanted = "<br>".join(line.strip() for line in visible(text).strip().split("\n"))
        assert only_text(token)
        assert words(token).strip() == wanted.strip()


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_the_only_tag_in_a_cell_is_the_line_break(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(f"| A |\n|---|\n| {cell(text)} |")
    tags = [sub.content for each in tokens for sub in each.children or [] if sub.type == "html_inline"]
    assert set(tags) <= {"<br>"}
    assert not [each for each in tokens if each.type == "html_block"]


@given(TEXTS)
@settings(max_examples=300, deadline=None)
@example("1. x")
@example("-")
@example("    code")
def test_any_text_at_the_start_of_a_block_stays_one_plain_paragraph(text: str) -> None:
    tokens = reader().parse(inline(text))
    kinds = [each.type for each in tokens]
    assert kinds in (["paragraph_open", "inline", "paragraph_close"], [])
    if tokens:
        assert only_text(tokens[1])
    assert (words(tokens[1]) if tokens else "").strip() == one_line(text).strip()


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_in_a_code_span_reads_the_same(text: str) -> None:
    span = code(text)
    shown = [each for each in reader().parse(f"x {span} y")[1].children if each.type == "code_inline"]
    assert [each.content for each in shown] == ([one_line(text)] if one_line(text).strip() else [])


@given(
    TEXTS, st.sampled_from(["https://a.example/x?y=(1)|<&copy;>", "http://b.example", "mailto:a@b.example"])
)
@settings(max_examples=100, deadline=None)
def test_a_link_shows_its_text_and_leads_where_it_says(text: str, url: str) -> None:
    children = reader(linkify=False).parse(link(text, url))[1].children
    assert [each.type for each in children if each.type != "text"] == ["link_open", "link_close"]
    assert "".join(each.content for each in children).strip() == (one_line(text).strip() or "link")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JAVASCRIPT:x",
        "file:///etc/passwd",
        " https://a",
        "https://a\nb",
        "//a",
    ],
)
def test_an_address_that_could_run_or_read_never_becomes_a_link(url: str) -> None:
    assert not safe_url(url)
    assert "](" not in link("text", url)


def test_what_reads_well_as_source_is_left_alone() -> None:
    for text in [
        "10:05:23",
        "(<100ms)",
        "~$5,000 (estimated)",
        "api_v2_name",
        "@alice",
        "#12",
        "Alert & page",
        "-",
    ]:
        assert cell(text) == text


@pytest.mark.parametrize(
    "text", ["@bob", "@org/team", "#12", "GH-12", "gh-7", "org/repo#1", "a@b", "(@x)", "org/repo@abc"]
)
def test_a_quiet_text_mentions_nobody_and_reads_the_same(text: str) -> None:
    assert not re.search(r"@\w|#\d|GH-\d", quiet(text), re.IGNORECASE)
    assert quiet(text).replace("\u200b", "") == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1", "\u00a0=1", "\r=1"],
)
def test_a_spreadsheet_computes_nothing(text: str) -> None:
    assert csv_cell(text).startswith("'")


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_csv_gives_every_cell_back(rows) -> None:
    text = csv_table(rows)
    assert text.endswith("\r\n")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [[each.removeprefix("'") for each in row] for row in read] == [
        [csv_cell(each).removeprefix("'") for each in row] for row in rows
    ]


def test_json_holds_times_as_text_and_no_number_that_json_lacks() -> None:
    read = json.loads(json_text({"a": date(2025, 2, 9), "b": float("inf"), "c": ["\x1b", {"d": "字"}]}))
    assert read == {"a": "2025-02-09", "b": None, "c": ["^[", {"d": "字"}]}
