from hypothesis import given
from hypothesis import strategies as st

from app.evidence.lines import LONGEST, Lines, batches


def split(data: bytes, size: int) -> tuple[list[bytes], Lines]:
    lines = Lines()
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return [line for batch in batches(parts, lines) for line in batch], lines


@given(
    st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line and b"\r" not in line)),
    st.integers(1, 9),
)
def test_lines_are_the_same_however_the_blocks_fall(lines, size):
    assert split(b"".join(line + b"\n" for line in lines), size)[0] == lines


@given(st.binary(max_size=200), st.integers(1, 50))
def test_block_borders_never_change_the_result(data, size):
    whole, borders = split(data, 10_000), split(data, size)
    assert whole[0] == borders[0]


def test_windows_line_ends_go_and_lone_returns_stay():
    for size in (1, 2, 3, 100):
        assert split(b"a\r\nb\rc\r\nd", size)[0] == [b"a", b"b\rc", b"d"]


def test_a_line_of_any_length_costs_no_more_than_its_beginning():
    data = b"x" * (5 * LONGEST) + b"\nshort\n" + b"y" * (LONGEST + 1)
    found, lines = split(data, 4096)
    assert [len(line) for line in found] == [LONGEST, 5, LONGEST]
    assert lines.cut == 2


def test_what_is_not_utf8_is_counted_once_a_line():
    found, lines = split("good é\n".encode() + b"bad \xff \xfe\nbad \xc3\n", 7)
    assert len(found) == 3
    assert lines.invalid == 2
