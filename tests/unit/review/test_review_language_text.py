"""What of a text is its author's own: Markdown's constructs, quoted speech, logs, and where each word stands."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.language_text import MASK, layout, read

OURS = "we failed to look"


def passages(text: str, *, document: bool = True) -> list[str]:
    return [read(text, *span).text for span in layout(text, document=document).spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a wrapped\n  line\n\nnext", ["a wrapped line", "next"]),
        ("# Heading\ntext", ["Heading", "text"]),
        ("Heading\n=======\ntext", ["Heading", "text"]),
        ("- one\n- two\n  more", ["one", "two more"]),
        ("1. one\n2) two", ["one", "two"]),
        ("- [x] done\n- [ ] open", ["done", "open"]),
        ("| a | b |\n|---|:-:|\n| c \\| d | e |", [" a ", " b ", " c | d ", " e "]),
        ("the **root** cause and __bold__ snake_case_name", ["the root cause and bold snake_case_name"]),
        ("a [label](https://x.example/human) b ![image](i.png)", ["a label b image"]),
        ("a [label][ref] b\n\n[ref]: https://x.example 'human error'", ["a label b"]),
        ("see <https://x.example> and https://x.example/a_b.", [f"see {MASK} and {MASK}"]),
        ("a<br>b <b>c</b>", ["a b c"]),
        ("a \\*b\\* c", ["a *b* c"]),
        ("was  executed\tby", ["was executed by"]),
        ("a <!-- human error --> b", ["a  b"]),
        ("a\n\n---\n\nb", ["a", "b"]),
        ("[Action Item] do it", ["Action Item do it"]),
        ("caf\u00e9 \u0130stanbul \U0001f600 b", ["caf\u00e9 \u0130stanbul \U0001f600 b"]),
    ],
)
def test_markdown_is_read_as_its_words(text: str, expected: list[str]) -> None:
    assert passages(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{OURS}\n```",
        f"```text\n{OURS}\n\n{OURS}\n```",
        f"~~~~\n~~~\n{OURS}\n~~~~",
        f"- ```\n  {OURS}\n  ```",
        f"```\n{OURS}",
        f"> {OURS}\n> {OURS}",
        f"<!-- {OURS} -->",
        f"<!--\n{OURS}\n\n{OURS}\n-->",
        f"<pre>\n{OURS}\n</pre>",
        f"---\ntitle: {OURS}\n---",
        f"+++\ntitle: {OURS}\n+++\n",
        f"    {OURS}",
        f"\t{OURS}",
        f"- x\n\n      {OURS}\n",
        f"2025-02-09T10:05:23Z ERROR {OURS}",
        f"2025-02-09 10:05:23,114 [main] WARN {OURS}",
        f"I0209 10:05:23.123456 1 server.go:12] {OURS}",
        f"Feb  9 10:05:23 host kernel: {OURS}",
        f'10.0.0.1 - - [09/Feb/2025:10:05:23 +0000] "GET" {OURS}',
        f'{{"level": "error", "msg": "{OURS}"}}',
        f"level=error ts=12 msg=x {OURS}",
        f"[E 180220 15:32:35 launcher:93] {OURS}",
        f"`{OURS}`",
        f"``{OURS} ` {OURS}``",
        f"“{OURS}”",
        f"„{OURS}“",
        f"»{OURS}«",
        f"‘{OURS}, we didn’t’",
        f"'{OURS}, we didn't'",
        f'She said: "{OURS}\nand {OURS}".',
    ],
)
def test_code_logs_quotes_and_machinery_are_left_alone(text: str) -> None:
    assert not any("failed" in each for each in passages(text))
    (*_, last) = passages(f"{OURS}\n\n{text}\n\n") or [""]
    assert passages(f"{text}\n\n")[-1:] != [OURS] or last == OURS


@pytest.mark.parametrize(
    "text",
    [
        f"2023-06-06 10:23 - {OURS}",
        f"- 10:23 UTC - {OURS}",
        f"{OURS} in `code`",
        f'a 19" rack, {OURS}, a 20" rack',
        f"the engineers' shift: {OURS}",
        f"don't; {OURS}; won't",
        f"a ` and {OURS}",
        f"- item\n\n    {OURS}",
        f"10. item\n\n      {OURS}",
        f"text\n    {OURS}",
        f"```\ncode\n```\n{OURS}",
        f"<!-- a --> {OURS}",
        f"<!-- a\n--> \n{OURS}",
        f"5 < 6 and {OURS} and 7 > 6",
        f"---\n{OURS}",
        f"ERROR budget: {OURS}",
    ],
)
def test_prose_beside_them_is_not(text: str) -> None:
    assert any(OURS in each for each in passages(text))


def test_a_field_has_neither_front_matter_nor_code_that_is_only_indented() -> None:
    assert passages(f"    {OURS}", document=False) == [OURS]
    assert passages(f"---\n{OURS}\n---", document=False) == [OURS]


def test_a_comment_to_this_program_is_kept_with_its_place() -> None:
    text = (
        'a <!-- blamefree: allow B04 "x" --> b\n\n  <!-- blamefree: y -->\n\n```\n<!-- blamefree: z -->\n```'
    )
    remarks = layout(text, document=True).remarks
    assert [(each.says, each.alone) for each in remarks] == [('allow B04 "x"', False), ("y", True)]
    assert [text[each.start : each.end][:4] for each in remarks] == ["<!--", "<!--"]


SIGNS = [*"ab .!\n\t*_`~[]()<>!\"'“”„«»‘’|#-+=\\\u0130é:/0123", "http://", "<!--", "-->"]
MARKUP = st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)


@given(MARKUP, st.booleans())
def test_every_character_of_a_passage_knows_where_it_stands(text: str, document: bool) -> None:
    spans = layout(text, document=document).spans
    assert spans == sorted(spans)
    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    for span in spans:
        passage = read(text, *span)
        for place, character in enumerate(passage.text):
            origin = passage.origin(place)
            assert span[0] <= origin < span[1]
            assert character in {text[origin], MASK, " "}
            low, high = passage.sentence(place, place + 1)
            assert low <= place < high


def test_sentences_end_where_a_reader_sees_it() -> None:
    text = "First v2.3.0 e.g. this. Second! (Third?) 4th goes on."
    passage = read(text, 0, len(text))
    found = {passage.text[slice(*passage.sentence(place, place + 1))] for place in range(len(text))}
    assert {"First v2.3.0 e.g. this.", "Second!", "(Third?)", "4th goes on."} <= found


def test_what_is_read_as_one_sign_is_written_out_whole() -> None:
    text = "look at `the plan`\n  and **all** of [it](https://x.example)."
    passage = read(text, 0, len(text))
    assert passage.text == f"look at {MASK} and all of it."
    assert passage.written(5, 9) == "at `the plan`"
    assert passage.written(0, 10) == "look at `the plan`\n  "
    assert passage.written(0, 0) == ""
