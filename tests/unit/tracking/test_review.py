"""Open actions over several reviews, the most pressing first."""

from datetime import date

from markdown_it import MarkdownIt

from app.review.records import Action, Incident, Session, Ticket
from app.tracking.review import Known, Weekly, as_markdown, by_owner, open_actions, overdue, spell_due, weekly
from tests.fakes.classic_review import at, classic_review

TODAY = date(2025, 2, 18)


def review_of(*actions: Action) -> list[Known]:
    return [Known("a review", Session(id="PM-1", incident=Incident(ended_at=at("10:40:00")), action=actions))]


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
    assert {row.age for row in open_actions([Known("x", classic_review())], TODAY)} == {8}
    assert [row.age for row in open_actions([Known("x", Session(action=(Action(),)))], TODAY)] == [None]


def test_rows_of_several_reviews_are_sorted_together_and_named() -> None:
    other = Known("other", Session(action=(Action(id="AI-001", due=date(2025, 2, 15)),)))
    rows = open_actions([Known("api", classic_review()), other], TODAY)
    assert [(row.review, row.id) for row in rows][:3] == [
        ("api", "AI-004"),
        ("other", "AI-001"),
        ("api", "AI-001"),
    ]


def test_as_markdown_it_is_one_table_whatever_the_texts_hold() -> None:
    found = weekly(
        review_of(
            Action(
                id="AI|1", text="a | b\n<b>c</b>", owner="@x|y", ticket=Ticket(url="https://t.example/a|b")
            ),
            Action(id="AI-2", text="`", ticket=Ticket(url="javascript:alert(1)")),
        ),
        TODAY,
    )
    tokens = MarkdownIt("gfm-like", {"html": True}).parse(as_markdown(found))
    assert [each.type for each in tokens if each.level == 0][:2] == ["table_open", "table_close"]
    assert [each.type for each in tokens].count("table_open") == 1
    assert len([each for each in tokens if each.type == "td_open"]) == 16
    links = [sub.attrs["href"] for each in tokens for sub in each.children or [] if sub.type == "link_open"]
    assert links == ["https://t.example/a%7Cb"]


def test_no_open_action_is_said_in_words() -> None:
    assert as_markdown(Weekly(TODAY, (), ())) == "No open actions.\n"


def test_what_was_done_or_declined_since_last_week_is_shown_the_last_first() -> None:
    found = weekly(
        review_of(
            Action(id="old", status="done", closed_on=date(2025, 2, 10)),
            Action(id="edge", status="done", closed_on=date(2025, 2, 11)),
            Action(id="no", status="declined", closed_on=date(2025, 2, 17), reason="too dear"),
            Action(id="undated", status="done"),
        ),
        TODAY,
    )
    assert [(row.id, row.status, row.reason) for row in found.closed] == [
        ("no", "declined", "too dear"),
        ("edge", "done", ""),
    ]
    assert not found.open
    longer = weekly(
        review_of(Action(id="old", status="done", closed_on=date(2025, 2, 10))), TODAY, date(2025, 1, 1)
    )
    assert [row.id for row in longer.closed] == ["old"]
    assert "**Closed since 2025-01-01**" in as_markdown(longer)


def test_high_priority_without_a_sponsor_is_named_and_everything_else_is_not() -> None:
    found = weekly(
        review_of(
            Action(id="bare", priority="High"),
            Action(id="dash", priority="high", sponsor=" - "),
            Action(id="has", priority="high", sponsor="@cto"),
            Action(id="low", priority="low"),
            Action(id="closed", priority="high", status="done"),
        ),
        TODAY,
    )
    assert [row.id for row in found.unsponsored] == ["bare", "dash"]
    assert "**High priority without a sponsor:** bare (a review), dash (a review)" in as_markdown(found)


def test_owners_are_counted_the_one_with_most_overdue_first() -> None:
    found = weekly(
        review_of(
            Action(id="1", owner="@a", due=date(2025, 6, 1)),
            Action(id="2", owner="@a", due=date(2025, 2, 20)),
            Action(id="3", owner="@b", due=date(2025, 2, 1)),
            Action(id="4"),
        ),
        TODAY,
    )
    assert [(each.owner, each.open, each.overdue, each.soon) for each in found.loads] == [
        ("@b", 1, 1, 0),
        ("@a", 2, 0, 1),
        ("", 1, 0, 0),
    ]
    assert [row.id for row in by_owner(found.open)] == ["4", "2", "1", "3"]


def test_an_open_action_whose_ticket_is_closed_says_so() -> None:
    found = weekly(
        review_of(Action(id="AI-1", due=TODAY, ticket=Ticket(url="https://t.example/1", state="closed"))),
        TODAY,
    )
    assert "| due today (ticket closed) |" in as_markdown(found)
