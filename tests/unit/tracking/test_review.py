"""Open actions over several reviews, the most pressing first."""

from datetime import date

from markdown_it import MarkdownIt

from app.review.records import Action, Incident, Session, Ticket
from app.tracking.review import as_markdown, open_actions, overdue, spell_due
from tests.fakes.classic_review import at, classic_review

TODAY = date(2025, 2, 18)


def review_of(*actions: Action) -> list[tuple[str, Session]]:
    return [("a review", Session(id="PM-1", incident=Incident(ended_at=at("10:40:00")), action=actions))]


def test_overdue_comes_first_then_soon_then_undated_then_later() -> None:
    rows = open_actions(
        review_of(
            Action(id="later", due=date(2025, 6, 1)),
            Action(id="undated"),
            Action(id="soon", due=date(2025, 2, 25)),
            Action(id="today", due=TODAY),
            Action(id="late", due=date(2025, 2, 17)),
            Action(id="later-still", due=date(2025, 1, 1)),
        ),
        TODAY,
    )
    assert [row.id for row in rows] == ["later-still", "late", "today", "soon", "undated", "later"]
    assert [spell_due(row) for row in rows] == [
        "48 days overdue", "1 day overdue", "due today", "due in 7 days", "no date", "due in 103 days",
    ]  # fmt: skip
    assert overdue(rows) == 2


def test_equal_dates_go_by_priority() -> None:
    actions = [Action(id=each, due=TODAY, priority=each) for each in ("other", "low", "High", "medium")]
    assert [row.id for row in open_actions(review_of(*actions), TODAY)] == ["High", "medium", "low", "other"]


def test_done_and_declined_actions_are_left_out() -> None:
    actions = [Action(id=each, status=each) for each in ("open", "in-progress", "done", "declined")]
    assert [row.id for row in open_actions(review_of(*actions), TODAY)] == ["open", "in-progress"]


def test_the_age_counts_from_the_review_else_from_the_end_else_is_unknown() -> None:
    ended = review_of(Action(id="AI-001"))
    assert [row.age for row in open_actions(ended, TODAY)] == [9]
    assert {row.age for row in open_actions([("x", classic_review())], TODAY)} == {8}
    assert [row.age for row in open_actions([("x", Session(action=(Action(),)))], TODAY)] == [None]


def test_rows_of_several_reviews_are_sorted_together_and_named() -> None:
    other = ("other", Session(action=(Action(id="AI-001", due=date(2025, 2, 15)),)))
    rows = open_actions([("api", classic_review()), other], TODAY)
    assert [(row.review, row.id) for row in rows][:3] == [
        ("api", "AI-004"),
        ("other", "AI-001"),
        ("api", "AI-001"),
    ]


def test_as_markdown_it_is_one_table_whatever_the_texts_hold() -> None:
    rows = open_actions(
        review_of(
            Action(
                id="AI|1", text="a | b\n<b>c</b>", owner="@x|y", ticket=Ticket(url="https://t.example/a|b")
            ),
            Action(id="AI-2", text="`", ticket=Ticket(url="javascript:alert(1)")),
        ),
        TODAY,
    )
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(as_markdown(rows))
    assert [each.type for each in tokens if each.level == 0] == ["table_open", "table_close"]
    assert len([each for each in tokens if each.type == "td_open"]) == 14
    links = [sub.attrs["href"] for each in tokens for sub in each.children or [] if sub.type == "link_open"]
    assert links == ["https://t.example/a%7Cb"]


def test_no_open_action_is_said_in_words() -> None:
    assert as_markdown([]) == "No open actions.\n"
