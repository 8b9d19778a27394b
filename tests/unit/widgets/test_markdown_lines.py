"""Markdown as lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import cell_len
from widgets.markdown_lines import Span, lay_out, parse, wrap_spans


def drawn(markdown: str, width: int = 40) -> list[str]:
    return ["".join(span.text for span in line).rstrip() for line in lay_out(parse(markdown), width).lines]


def styles(markdown: str) -> set[tuple[str, str]]:
    return {(span.text, span.style) for line in lay_out(parse(markdown), 40).lines for span in line}


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("one\ntwo", ["one two"]),
        ("one\\\ntwo", ["one", "two"]),
        ("- a\n- b\n  - c\n\nafter", ["• a", "• b", "  • c", "", "after"]),
        ("3. a\n4. b", ["3. a", "4. b"]),
        ("> quoted\n>\n> twice", ["▎ quoted", "▎", "▎ twice"]),
        ("```\n  code\n```", ["  code"]),
        ("---", ["─" * 40]),
        ("[text](http://x) ![alt](y)", ["text [image: alt]"]),
        ("<b>html</b>", ["<b>html</b>"]),
        ("[red]no markup[/red]", ["[red]no markup[/red]"]),
        ("a \x1b[2J b &#x202E; c", ["a ^[[2J b <202E> c"]),
        ("", []),
    ],
)
def test_blocks_become_lines(markdown, lines):
    assert drawn(markdown) == lines


def test_styles_are_named():
    assert {("b", "strong"), ("i", "emphasis"), ("c", "code"), ("s", "struck")} <= styles(
        "**b** *i* `c` ~~s~~"
    )
    assert ("t", "link") in styles("[t](http://x)")
    assert ("Head", "h2") in styles("## Head")


def test_a_long_item_hangs_under_its_text():
    lines = drawn("- " + "word " * 20)
    assert lines[0].startswith("• word")
    assert all(line.startswith("  word") for line in lines[1:])


def test_a_table_keeps_its_columns_wraps_its_cells_and_breaks_where_told():
    lines = drawn("| Time | Event |\n|---|---|\n| 10:05:23 | " + "word " * 12 + "|\n| 10:06 | a<br>b |", 40)
    assert lines[0].startswith("Time      Event")
    assert lines[1].startswith("────────  ───")
    assert lines[2].startswith("10:05:23  word")
    assert lines[3].startswith("          word")
    assert lines[-2:] == ["10:06     a", "          b"]


def test_headings_tell_their_lines():
    page = lay_out(parse("# A\n\ntext\n\n## B *c*"), 40)
    assert [(level, text) for level, text, _ in page.headings] == [(1, "A"), (2, "B c")]
    assert all("".join(s.text for s in page.lines[line]).startswith(text) for _, text, line in page.headings)


@given(
    st.lists(st.builds(Span, st.text(max_size=30), st.sampled_from(["", "strong", "code"])), max_size=6),
    st.integers(1, 30),
)
@settings(max_examples=150)
def test_wrapping_keeps_every_visible_character_in_order_and_the_width(spans, width):
    lines = wrap_spans(spans, width)
    squeezed = "".join("".join(span.text for line in lines for span in line).split())
    assert squeezed == "".join("".join(span.text for span in spans).split())
    for line in lines:
        # A character wider than the line still has to stand somewhere.
        text = "".join(span.text for span in line)
        assert (
            cell_len(text) <= max(width, 2)
            or len(text.strip()) <= 1
            or any(not s.isprintable() for s in text)
        )


@given(st.text(alphabet="ab *_`#>-|[]()<>!\n1.&;~\\", max_size=120), st.integers(10, 60))
@settings(max_examples=150)
def test_any_text_can_be_laid_out(markdown, width):
    lay_out(parse(markdown), width)
