"""How a tree becomes lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.text import cell_len
from widgets.outline_lines import LEAST_TEXT, Node, branches, lay_out

KEYS = [f"F{n}" for n in range(8)]
nodes = st.lists(
    st.builds(
        Node,
        key=st.sampled_from(KEYS),
        text=st.text(max_size=60),
        parent=st.sampled_from([*KEYS, "", "unknown"]),
        prefix=st.sampled_from(["", "How?"]),
    ),
    unique_by=lambda node: node.key,
    max_size=8,
)


@given(nodes)
@settings(max_examples=80)
def test_every_node_is_drawn_exactly_once_whatever_the_parents_say(given_nodes):
    tree = branches(given_nodes, ())
    assert sorted(branch.node.key for branch in tree) == sorted(node.key for node in given_nodes)


@given(nodes, st.sets(st.sampled_from(KEYS)))
@settings(max_examples=80)
def test_what_is_folded_away_is_counted(given_nodes, folded):
    tree = branches(given_nodes, folded)
    assert len(tree) + sum(branch.hidden for branch in tree) == len(given_nodes)


@given(nodes, st.integers(30, 90))
@settings(max_examples=80)
def test_no_line_is_wider_than_the_room(given_nodes, width):
    for line in lay_out(branches(given_nodes, ()), width):
        drawn = line.guide + line.prefix + line.text
        assert cell_len(drawn) <= max(width, cell_len(line.guide) + LEAST_TEXT)


def test_a_node_that_is_its_own_parent_is_a_root():
    assert [branch.depth for branch in branches([Node("F1", "x", "F1")], ())] == [0]


def test_an_edited_node_takes_one_line():
    tree = branches([Node("F1", "word " * 40)], ())
    assert len(lay_out(tree, 40)) > 1
    assert len(lay_out(tree, 40, "F1")) == 1
