"""Edits of the tree of factors: nothing is lost, no ring appears, no link dangles."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import branches, edits
from app.review.records import Factor, Session


def tree(*links: str) -> Session:
    """F1, F2 … with these parents."""
    return Session(
        factors=tuple(Factor(id=f"F{n}", text=f"f{n}", parent=up) for n, up in enumerate(links, 1))
    )


def parents(session: Session) -> dict[str, str]:
    return {factor.id: factor.parent for factor in session.factors}


def order(session: Session) -> list[str]:
    return [factor.id for factor in session.factors]


def linked(session: Session, key: str) -> tuple[str, ...]:
    return next(factor.also_under for factor in session.factors if factor.id == key)


def test_an_answer_stands_behind_everything_below_its_question() -> None:
    session = branches.add_factor(tree("", "F1", "F2", ""), Factor(text="new", parent="F1"), after="F1")
    assert [factor.id for factor in session.factors] == ["F1", "F2", "F3", "F5", "F4"]
    assert branches.add_factor(tree(""), Factor(text="new"), after="F9").factors[-1].id == "F2"


def test_a_factor_cannot_hang_under_itself_or_its_own_answers_or_nobody() -> None:
    session = tree("", "F1", "F2")
    for parent in ("F1", "F2", "F3", "F9"):
        assert branches.set_parent(session, "F1", parent) is session
    assert parents(branches.set_parent(session, "F3", "")) == {"F1": "", "F2": "F1", "F3": ""}


def test_a_factor_moves_among_its_siblings() -> None:
    session = tree("", "", "F1", "")
    assert [factor.id for factor in branches.swap_factor(session, "F4", -1).factors] == [
        "F1",
        "F3",
        "F4",
        "F2",
    ]
    for factor_id, step in (("F1", -1), ("F4", 1), ("F3", 1), ("F9", 1)):
        assert branches.swap_factor(session, factor_id, step) is session


def test_what_moves_takes_everything_below_it_along() -> None:
    session = tree("", "F1", "F2", "F1", "")
    assert order(branches.set_parent(session, "F2", "F5")) == ["F1", "F4", "F5", "F2", "F3"]
    assert order(branches.set_parent(session, "F2", "")) == ["F1", "F4", "F5", "F2", "F3"]
    moved = branches.move_behind(session, "F2", "F4")
    assert (order(moved), parents(moved)["F2"]) == (["F1", "F4", "F2", "F3", "F5"], "F1")
    assert branches.move_behind(session, "F1", "F3") is session


def test_in_is_under_the_one_above_and_out_is_behind_the_parent() -> None:
    session = tree("", "F1", "F1", "F1", "")
    inside = branches.indent(session, "F3")
    assert (order(inside), parents(inside)["F3"]) == (order(session), "F2")
    outside = branches.outdent(session, "F2")
    assert (order(outside), parents(outside)["F2"]) == (["F1", "F3", "F4", "F2", "F5"], "")
    for edit, key in ((branches.indent, "F1"), (branches.indent, "F2"), (branches.outdent, "F5")):
        assert edit(session, key) is session


def test_a_factor_belongs_below_a_second_parent_and_no_longer() -> None:
    session = branches.link(tree("", "F1", ""), "F2", "F3")
    assert linked(session, "F2") == ("F3",)
    for key, parent in (("F2", "F3"), ("F2", "F1"), ("F2", "F2"), ("F2", "F9"), ("F9", "F2"), ("F1", "F2")):
        assert branches.link(session, key, parent) is session
    # Through the link, F3 stands above F2: it cannot come below it any more.
    assert branches.link(session, "F3", "F2") is session
    assert branches.set_parent(session, "F3", "F2") is session
    assert branches.unlink(session, "F2", "F3") == tree("", "F1", "")


def test_a_link_goes_when_its_parent_goes_or_becomes_the_only_one() -> None:
    session = branches.link(tree("", "F1", ""), "F2", "F3")
    assert linked(edits.delete(session, "factors", {"F3"}), "F2") == ()
    assert linked(branches.set_parent(session, "F2", "F3"), "F2") == ()
    under = branches.link(tree("", "F1", "F2"), "F3", "F1")
    assert linked(edits.delete(under, "factors", {"F2"}), "F3") == ()


def has_ring(session: Session) -> bool:
    """Whether somebody stands above himself, over parents and links."""
    up = {factor.id: {factor.parent, *factor.also_under} - {""} for factor in session.factors}
    for start in up:
        seen: set[str] = set()
        queue = list(up[start])
        while queue:
            here = queue.pop()
            if here == start:
                return True
            if here not in seen:
                seen.add(here)
                queue += up.get(here, ())
    return False


MOVES = st.tuples(
    st.sampled_from(["parent", "delete", "swap", "add", "copy", "link", "behind", "in", "out"]),
    st.integers(1, 9).map("F{}".format),
    st.integers(0, 9).map(lambda number: f"F{number}" if number else ""),
)


@settings(max_examples=200)
@given(st.lists(MOVES, max_size=25))
def test_no_sequence_of_edits_makes_a_ring_or_loses_a_factor(moves: list[tuple[str, str, str]]) -> None:
    session = tree("", "F1", "F1", "F3", "")
    given_out = {factor.id for factor in session.factors}
    for move, here, there in moves:
        before = {factor.id for factor in session.factors}
        if move == "parent":
            session = branches.set_parent(session, here, there)
        elif move == "delete":
            session = edits.delete(session, "factors", {here})
        elif move == "swap":
            session = branches.swap_factor(session, here, 1)
        elif move == "add":
            parent = there if there in before else ""
            session = branches.add_factor(session, Factor(text="new", parent=parent), after=here)
        elif move == "link":
            session = branches.link(session, here, there)
        elif move == "behind":
            session = branches.move_behind(session, here, there)
        elif move in {"in", "out"}:
            session = (branches.indent if move == "in" else branches.outdent)(session, here)
        else:
            session = edits.duplicate(session, "factors", {here})
        after = {factor.id for factor in session.factors}
        assert before - after <= ({here} if move == "delete" else set())
        assert not (after - before) & given_out, "an id was given out twice"
        given_out |= after
        assert not has_ring(session)
        assert all(factor.parent == "" or factor.parent in after for factor in session.factors)
        assert all(set(factor.also_under) <= after - {factor.parent} for factor in session.factors)
