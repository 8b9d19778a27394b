"""Half-typed marks: offered is what the session knows, and a line is only ever gone on with, never changed."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.review.capture import factor
from app.review.completion import action_words, completions, event_words, factor_words, spelled
from app.review.moments import Context, read
from app.review.records import Action, Event, Factor, Incident, Session, Source
from app.review.vocabulary import CATEGORIES

SESSION = Session(
    incident=Incident(authors=("@alice",)),
    sources=(Source(id="S1", name="app logs"),),
    events=(
        Event(id="E1", text="a", kind="page", source="PagerDuty", actor="on-call"),
        Event(id="E2", text="b", kind="symptom", source="Prometheus", actor="-"),
    ),
    factors=(Factor(id="F1", text="f", category="Own words"),),
    actions=(Action(id="AI-001", text="a", owner="@bob"),),
)
EVENTS = event_words(SESSION)


def test_a_mark_at_the_end_is_completed() -> None:
    assert completions("10:15 x @al", EVENTS) == ("10:15 x @alice",)
    assert completions("10:15 x #sy", EVENTS) == ("10:15 x #symptom",)
    assert completions("10:15 x <app", EVENTS) == ("10:15 x <app logs>",)
    assert completions("10:15 x <app logs", EVENTS) == ("10:15 x <app logs>",)
    assert completions("10:15 x @ALICE", EVENTS) == ()


def test_what_was_used_last_is_offered_first() -> None:
    assert completions("<", EVENTS) == ("<Prometheus>", "<PagerDuty>", "<app logs>")
    assert completions("x #", EVENTS)[:2] == ("x #symptom", "x #page")
    assert completions("x @", EVENTS) == ("x @on-call", "x @alice", "x @bob", "x @System")


def test_who_types_a_capital_means_one() -> None:
    known = {"<": ("Prometheus", "pganalyze")}
    assert completions("<p", known)[0] == "<pganalyze>"
    assert completions("<P", known)[0] == "<Prometheus>"


def test_what_is_no_mark_is_not_completed() -> None:
    for line in ("", "a", "a@al", "pool <app logs> x", "80 <5", "x @alice ", "mail a@b"):
        assert completions(line, EVENTS) == (), line


def test_actors_keep_the_spelling_that_the_session_has() -> None:
    assert spelled("@on-call", EVENTS) == "on-call"
    assert spelled("@system", EVENTS) == "System"
    assert spelled("@alice", EVENTS) == "@alice"
    assert spelled("@-", EVENTS) == "-"
    assert spelled("", EVENTS) == ""
    both = event_words(Session(events=(Event(actor="@System"),)))
    assert spelled("@System", both) == "@System"


def test_the_other_steps_know_their_own_words() -> None:
    # What is offered is read back as it was meant; several words of one's own cannot be said in a line.
    assert completions("x %own", factor_words(SESSION)) == ()
    assert completions("x %det", factor_words(SESSION)) == ("x %Detection",)
    for name in CATEGORIES:
        (line,) = completions(f"x %{name.split()[0][:3]}", factor_words(SESSION))
        assert (factor(line).text, factor(line).category) == ("x", name)
    assert completions("x @b", action_words(SESSION)) == ("x @bob",)
    assert completions("x !h", action_words(SESSION)) == ("x !high",)


@given(st.text(max_size=30) | st.text("@#<al> ys", max_size=12))
def test_a_completion_begins_as_the_line_does(line: str) -> None:
    for found in completions(line, EVENTS):
        assert found.casefold().startswith(line.casefold())
        assert len(found) > len(line)


def test_a_minute_alone_is_read_in_the_hour_of_the_row() -> None:
    def reads(text: str, anchor: str | None, zero: str | None = None) -> str | None:
        moment = [datetime.fromisoformat(f"2025-02-09T{each}Z") if each else None for each in (anchor, zero)]
        found = read(text, Context(date(2025, 2, 9), UTC, *moment))
        return f"{found.at:%d %H:%M:%S} {found.written}" if found else None

    assert reads(":15 x", "10:12:00") == "09 10:15:00 :15"
    assert reads(":15:30 x", "10:12:00") == "09 10:15:30 :15:30"
    assert reads(":00 x", "10:12:00") == "09 10:00:00 :00"
    assert reads(":05 x", "10:58:00") == "09 11:05:00 :05"
    assert reads(":58 x", "10:05:00") == "09 09:58:00 :58"
    assert reads(":02 x", "23:58:00") == "10 00:02:00 :02"
    assert reads("~:05 x", None, "10:05:23") == "09 10:05:00 ~:05"
    for none in (":60", ":5 x", ":) fine", ":", ": 15", ":155"):
        assert reads(none, "10:12:00") is None, none
    assert reads(":15", None) is None
