"""People's own Markdown stays Markdown and does no harm, in any reader."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.report.prose import harmless, item, to_html

PIECES = [
    "<b>", "</b>", "<!-- ", "-->", "<script>", "`", "``", "```\n", "~~~\n", "\n", "\n\n", "    ", "- ", "> ",
    "1. ", "[x]", "(javascript:a)", "[x]: javascript:a\n", "[x](", ")", "<javascript:a>", "<https://a.b>",
    "![", "](data:x)", "](http://a.b)", "\\", "word ", "**", "*", "| a |\n|-|\n| ", "&#x6a;avascript:a",
    "<?", "<![CDATA[", "*/", "# ", "\t", "<a\nhref='x'>", "](<javascript:a>)",
]  # fmt: skip
PROSE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def careless_reader() -> MarkdownIt:
    """A reader that obeys raw HTML and every link."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True
    return reader


def harm_in(markdown: str) -> list[str]:
    environment: dict = {}
    tokens = careless_reader().parse(markdown, environment)
    every = [sub for token in tokens for sub in (token, *(token.children or []))]
    found = [each.content for each in every if each.type in {"html_block", "html_inline"}]
    links = [str(each.attrs.get("href", each.attrs.get("src", ""))) for each in every]
    links += [each["href"] for each in environment.get("references", {}).values()]
    return found + [each for each in links if re.match(r"(?!https?:|mailto:)[^/?#]*:", each, re.IGNORECASE)]


@given(PROSE)
@settings(max_examples=400, deadline=None)
def test_no_tag_and_no_dangerous_link_is_left(text: str) -> None:
    assert harm_in(harmless(text)) == []


@given(PROSE)
@example("```\n\t```")
@settings(max_examples=200, deadline=None)
def test_what_follows_is_not_swallowed(text: str) -> None:
    document = f"{harmless(text)}\n\n## Next\n\n- {item(text)}\n\n## Last\n"
    headings = [
        document.splitlines()[each.map[0]]
        for each in careless_reader().parse(document)
        if each.type == "heading_open" and each.level == 0 and each.map
    ]
    assert "## Next" in headings
    assert "## Last" in headings


@given(PROSE)
@settings(max_examples=200, deadline=None)
def test_as_html_it_holds_only_the_tags_of_markdown(text: str) -> None:
    html = to_html(text)
    tags = {each.lower() for each in re.findall(r"</?([A-Za-z!?][A-Za-z0-9]*)", html)}
    assert tags <= {
        "p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "br", "hr", "s", "h1", "h2",
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert all(re.match("https?:|mailto:|$", each) for each in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize(
    "text",
    [
        "**Bold** and `<code>`",
        "- a\n- b",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "[x](https://a.b)",
        "a < b & c",
        "1 <2",
    ],
)
def test_harmless_markdown_is_kept_to_the_letter(text: str) -> None:
    assert harmless(text) == text


def test_formatting_survives_beside_a_tag() -> None:
    assert harmless("**bold** <b>x</b> `<i>`") == "**bold** \\<b>x\\</b> `<i>`"


def test_an_open_code_block_is_closed() -> None:
    assert harmless("```\nls") == "```\nls\n```"
    assert harmless("```\nls\n```") == "```\nls\n```"


def test_a_picture_from_elsewhere_is_not_loaded() -> None:
    assert to_html("![graph](https://track.example/p.png)") == (
        '<p><a href="https://track.example/p.png" rel="noreferrer noopener">graph</a></p>\n'
    )


def test_further_lines_of_an_item_stay_in_the_item() -> None:
    assert item("one\ntwo\n\nthree") == "one\n  two\n\n  three"
