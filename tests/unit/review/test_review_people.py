"""Names and the roles that stand in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.people import in_roles, people, set_roles, show_all_as_roles, show_as_roles, shown, with_roles
from app.review.records import Action, Event, Incident, Narrative, Parked, Person, Session

ROLES = {"Alice": "on-call engineer", "Bob Ng": "database engineer", "Mark": "engineer A"}

REVIEW = Session(
    incident=Incident(title="x", authors=("@alice", "@bob"), facilitator="@eve"),
    narrative=Narrative(summary="Alice saw it. Then @bob helped Alice's team.", lessons=("ask Bob",)),
    events=(
        Event(id="E1", text="@alice restarts the pooler", actor="@alice", milestone="acknowledged"),
        Event(id="E2", text="Bob asks Alice", actor="@bob"),
        Event(id="E3", text="the cache is full", actor="system"),
    ),
    actions=(Action(id="AI-001", text="Alice adds a graph", owner="@bob", reason="Bob said so"),),
    parked=(Parked(id="P1", text="what did Alice see?"),),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@alice restarts it", "The on-call engineer restarts it"),
        ("then @ALICE restarts it", "then the on-call engineer restarts it"),
        ("asked Alice. Bob Ng agreed", "asked the on-call engineer. The database engineer agreed"),
        ("Alice's shell", "The on-call engineer's shell"),
        ("Alice, Mark and Bob Ng", "The on-call engineer, the engineer A and the database engineer"),
        ("the mark on the disk, alice in chains", "the mark on the disk, alice in chains"),
        ("alice@example.com and a-Alice, Alicea, x.Alice", "alice@example.com and a-Alice, Alicea, x.Alice"),
        ("malice, Alice.example.com", "malice, Alice.example.com"),
        ("**Alice** said: Alice knew", "**The on-call engineer** said: The on-call engineer knew"),
        ("", ""),
    ],
)
def test_names_become_roles_and_other_words_stay(text: str, expected: str) -> None:
    assert in_roles(text, ROLES) == expected


@given(st.text(max_size=200))
def test_a_text_without_a_name_stays_to_the_letter(text: str) -> None:
    assert in_roles(text, {"Zzyxq": "engineer"}) == text or "zzyxq" in text.casefold()


def test_roles_are_told_from_the_rows_until_people_choose() -> None:
    assert people(REVIEW) == {"Alice": "on-call engineer", "Bob": "engineer", "Eve": "facilitator"}
    chosen = set_roles(REVIEW, {"Bob": "database engineer"})
    assert people(chosen)["Bob"] == "database engineer"
    assert chosen.people == (Person(name="Bob", role="database engineer"),)
    assert people(set_roles(chosen, {"Bob": " "})) == people(REVIEW)


def test_many_engineers_are_told_apart() -> None:
    crowd = Session(
        incident=Incident(authors=tuple(f"@n{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(30)))
    )
    assert len(set(people(crowd).values())) == 30


def test_one_row_is_shown_in_roles_and_the_words_stay() -> None:
    hidden = show_as_roles(REVIEW, ("E2",), True)
    assert [each.text for each in shown(hidden).events] == [
        "@alice restarts the pooler", "The engineer asks the on-call engineer", "the cache is full",
    ]  # fmt: skip
    assert shown(hidden).events[1].actor == "engineer"
    assert hidden.events[1].text == "Bob asks Alice"
    assert show_as_roles(hidden, ("E2",), False) == REVIEW
    assert shown(REVIEW) is REVIEW


def test_the_whole_review_is_shown_without_a_name_and_back() -> None:
    hidden = show_all_as_roles(REVIEW, True)
    said = shown(hidden).model_dump_json()
    assert not [name for name in ("lice", "Bob", "bob", "@eve") if name in said]
    assert "system" in said
    assert show_all_as_roles(hidden, False) == REVIEW


def test_without_names_nothing_changes() -> None:
    bare = Session(events=(Event(id="E1", text="it failed"),))
    assert with_roles(bare) == bare
