"""The tree of factors as it is drawn, also from a file that somebody edited by hand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.factors import walk
from app.review.records import Factor, Session


def tree(**links: str) -> Session:
    return Session(
        factors=tuple(Factor(id=name, text=f"text of {name}", parent=up) for name, up in links.items())
    )


def drawn(session: Session) -> list[str]:
    """The tree in the usual line art."""
    lines = []
    for each in walk(session):
        bars = "".join("  " if last else "│ " for last in each.last[1:-1])
        sign = ("└ " if each.last[-1] else "├ ") if each.depth else ""
        lines.append(f"{bars}{sign}{each.factor.id}")
    return lines


def test_factors_stand_below_their_question_in_the_order_of_the_file() -> None:
    session = tree(F1="", F2="F1", F5="", F3="F2", F4="F1", F6="F5")
    assert drawn(session) == ["F1", "├ F2", "│ └ F3", "└ F4", "F5", "└ F6"]
    assert [each.children for each in walk(session)] == [2, 1, 0, 0, 1, 0]
    assert [each.last[0] for each in walk(session)] == [False] * 4 + [True] * 2


def test_a_factor_whose_parent_is_missing_is_a_root() -> None:
    assert drawn(tree(F1="", F2="F9", F3="F2")) == ["F1", "F2", "└ F3"]


def test_a_ring_begins_with_its_first_factor() -> None:
    assert drawn(tree(F1="F3", F2="F1", F3="F2", F4="")) == ["F1", "└ F2", "  └ F3", "F4"]
    assert drawn(tree(F1="F1")) == ["F1"]


def test_factors_that_share_an_id_are_all_drawn() -> None:
    twins = (
        Factor(id="F1", text="a"),
        Factor(id="F1", text="b"),
        Factor(id="F2", parent="F1"),
        Factor(),
        Factor(),
    )
    assert [each.factor for each in walk(Session(factors=twins))] == [
        twins[0],
        twins[2],
        twins[1],
        twins[3],
        twins[4],
    ]


def test_a_very_deep_tree_is_no_problem() -> None:
    session = tree(**{f"F{n}": f"F{n - 1}" for n in range(1, 5_000)})
    assert [each.depth for each in walk(session)] == list(range(4_999))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8)), max_size=12))
def test_every_factor_is_drawn_exactly_once_whatever_the_links(links: list[tuple[int, int]]) -> None:
    factors = tuple(
        Factor(id=f"F{name}" if name else "", parent=f"F{up}" if up else "", text=str(place))
        for place, (name, up) in enumerate(links)
    )
    placed = walk(Session(factors=factors))
    assert sorted(int(each.factor.text) for each in placed) == list(range(len(factors)))
    depth = -1
    for each in placed:
        assert each.depth <= depth + 1
        assert len(each.last) == each.depth + 1
        depth = each.depth
    assert sum(each.children for each in placed) == sum(each.depth > 0 for each in placed)
