"""Relatives of an incident: what they share is counted in the open, and always the same."""

from datetime import UTC, date, datetime

from app.review.records import Action, Factor, Incident, Session
from app.tracking.followup import as_text, follow_up, with_follow_up
from app.tracking.relatives import relatives, words
from app.tracking.review import Known


def review(
    name: str, *factors: str, services: tuple[str, ...] = (), day: int = 1, category: str = ""
) -> Session:
    return Session(
        id=name,
        incident=Incident(title=name, services=services, started_at=datetime(2025, 3, day, tzinfo=UTC)),
        factor=tuple(
            Factor(id=f"F{number}", text=text, category=category) for number, text in enumerate(factors, 1)
        ),
    )


def known(*sessions: Session) -> list[Known]:
    return [Known(session.incident.title, session, session.id) for session in sessions]


MINE = review("mine", "Connection pool exhausted (20 of 20)", services=("orders",), day=10)


def test_a_shared_service_alone_makes_no_relative_and_with_a_like_factor_it_does() -> None:
    service = review("service", "DNS was slow", services=("Orders",))
    both = review("both", "The pool of connections was too small", services=("orders",))
    assert [(each.title, each.points) for each in relatives(MINE, known(service, both))] == [("both", 4)]
    found = relatives(MINE, known(both))[0]
    assert found.why == (
        "same service: orders",
        "F1 is like F1 “The pool of connections was too small” (connection, pool)",
    )


def test_two_shared_services_are_enough() -> None:
    one, two = (review(name, services=("a", "b")) for name in ("one", "two"))
    assert [each.why for each in relatives(one, known(two))] == [("same service: a, b",)]


def test_a_like_factor_counts_more_in_the_same_category_and_is_enough_then() -> None:
    mine = review("mine", "certificate renewal was not watched", category="Detection")
    same = review("same", "renewal of a certificate failed", category="detection")
    other = review("other", "renewal of a certificate failed", category="Process")
    assert [(each.title, each.points) for each in relatives(mine, known(same, other))] == [("same", 3)]


def test_those_that_came_later_stand_first_and_the_review_itself_is_left_out() -> None:
    earlier = review(
        "earlier", "connection pool exhausted", "pool connection limit", services=("orders",), day=1
    )
    later = review("later", "connection pool exhausted", services=("orders",), day=20)
    found = relatives(MINE, known(earlier, MINE, later))
    assert [(each.title, each.later) for each in found] == [("later", True), ("earlier", False)]


def test_words_of_most_reviews_tell_nothing() -> None:
    others = [review(f"r{number}", f"deployment pipeline {number}x broke") for number in range(4)]
    mine = review("mine", "deployment pipeline stopped", services=("a",))
    twin = review("twin", "deployment pipeline again", services=("a",))
    assert relatives(mine, known(*others, twin)) == ()
    assert len(relatives(mine, known(twin))) == 1


def test_a_saver_is_no_factor_that_came_again() -> None:
    saver = review("saver", services=("orders",)).model_copy(
        update={"factors": (Factor(id="F1", kind="saver", text="connection pool exhausted alert"),)}
    )
    assert relatives(MINE, known(saver)) == ()


def test_telling_words_are_folded_and_single() -> None:
    assert words("The Pools of v2.3.0 were down, because x") == {"pool", "v2.3.0"}


def test_the_follow_up_says_what_was_done_declined_open_and_came_again() -> None:
    session = MINE.model_copy(
        update={
            "actions": (
                Action(id="AI-001", text="alert", status="done", closed_on=date(2025, 3, 12)),
                Action(id="AI-002", text="bigger\npool", status="declined", reason="hides the query"),
                Action(id="AI-003", text="plan", status="declined"),
                Action(id="AI-004", text="test", owner="@bob", due=date(2025, 4, 1)),
                Action(id="AI-005", text="doc", status="in-progress"),
            )
        }
    )
    found = follow_up(session, known(session), date(2025, 4, 7))
    assert as_text(found).split("\n") == [
        "Done (1)",
        "- AI-001 alert (2025-03-12)",
        "",
        "Declined (2)",
        "- AI-002 bigger pool: hides the query",
        "- AI-003 plan: no reason was given",
        "",
        "Still open (2)",
        "- AI-004 test, @bob, 6 d overdue",
        "- AI-005 doc, nobody has it, no date",
        "",
        "Has it happened again? Relatives (0)",
        "- none",
    ]
    assert [each.id for each in found.unexplained] == ["AI-003"]
    written = with_follow_up(with_follow_up(session, found, "first"), found, "second")
    assert (written.follow_up.done_on, written.follow_up.note) == (date(2025, 4, 7), "first\nsecond")
