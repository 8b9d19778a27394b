"""Markdown files: comments that let one sentence stand, and what a review accepted."""

from app.review.language_document import Checked, check_document


def ids(checked: Checked) -> list[str]:
    return [finding.rule.id for finding in checked.findings]


ALLOW = '<!-- blamefree: allow B02 "their own words" -->'


def test_a_comment_alone_on_its_line_speaks_of_the_passage_that_follows() -> None:
    checked = check_document(f"human error\n\n{ALLOW}\nhuman error\n\nhuman error\n")
    assert ids(checked) == ["B02", "B02"]
    (allowed,) = checked.allowed
    assert (allowed.reason, allowed.finding.rule.id) == ("their own words", "B02")
    assert allowed.finding.start == 13 + len(ALLOW) + 1


def test_a_comment_in_a_passage_speaks_of_the_sentence_before_it() -> None:
    text = f"It was human error. It was human error.{ALLOW} It was human error."
    checked = check_document(text)
    assert ids(checked) == ["B02", "B02"]
    assert [allowed.finding.start for allowed in checked.allowed] == [text.index("human", 20)]


def test_a_comment_before_its_sentence_in_the_same_passage_is_understood_too() -> None:
    checked = check_document(f"- {ALLOW} It was human error.\n- human error")
    assert ids(checked) == ["B02"]
    assert len(checked.allowed) == 1


def test_one_comment_covers_all_of_its_rule_in_one_sentence_and_nothing_of_another_rule() -> None:
    checked = check_document(f"{ALLOW}\nClearly human error and human error. Human error!")
    assert ids(checked) == ["H01", "B02"]
    assert len(checked.allowed) == 2


def test_several_comments_may_stand_above_one_passage_and_in_tables() -> None:
    checked = check_document(f'{ALLOW}\n<!-- blamefree: allow H01 "all saw it" -->\nClearly human error.')
    assert ids(checked) == []
    assert [allowed.reason for allowed in checked.allowed] == ["all saw it", "their own words"]
    assert ids(check_document(f"| a | human error {ALLOW} | human error |")) == ["B02"]


def test_a_comment_without_a_reason_accepts_nothing_and_is_spoken_of() -> None:
    for says in ("allow B02", 'allow B02 ""', 'allow B02 " "', "allow", "off", 'allow B02 "x" more'):
        checked = check_document(f"<!-- blamefree: {says} -->\nhuman error")
        assert ids(checked) == ["L01", "B02"]
        assert checked.findings[0].words.startswith("<!-- blamefree")
        assert checked.allowed == ()


def test_a_comment_that_has_nothing_to_allow_any_more_is_spoken_of() -> None:
    assert ids(check_document(f"{ALLOW}\nall is well")) == ["L02"]
    assert ids(check_document(f"human error\n\n{ALLOW}")) == ["B02", "L02"]


def test_a_comment_inside_of_code_is_code() -> None:
    assert ids(check_document(f"```\n{ALLOW}\n```\n\nhuman error")) == ["B02"]
    assert ids(check_document(f"`{ALLOW}` is how, not human error")) == ["B02"]


def test_what_a_review_accepted_stands_in_its_exported_report() -> None:
    text = "## Summary\n\nIt was **human error**, `x`.\n\nHuman error."
    accepted = [("B02", "It was human error, \ufffc.", "quoted")]
    checked = check_document(text, None, accepted)
    assert ids(checked) == ["B02"]
    assert [allowed.reason for allowed in checked.allowed] == ["quoted"]
