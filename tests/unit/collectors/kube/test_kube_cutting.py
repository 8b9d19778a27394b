"""Logs are cut to the window, to the nanosecond, however the network cuts them into blocks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.kube.logs import Cutter
from collectors.kube.stamps import from_ns, line_ns, to_ns

BASE = to_ns(datetime(2025, 2, 9, 10, 0, tzinfo=UTC))


def line(ns: int, text: str) -> bytes:
    whole = from_ns(ns).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{ns % 10**9:09d}Z {text}\n".encode()


def cut(content: bytes, low: int, high: int, sizes: list[int]) -> tuple[bytes, Cutter]:
    cutter = Cutter(low, high)
    out, at, number = b"", 0, 0
    while at < len(content):
        size = sizes[number % len(sizes)]
        out += cutter.feed(content[at : at + size])
        at, number = at + size, number + 1
    return out + cutter.finish(), cutter


@given(
    st.lists(st.integers(0, 40 * 10**9), max_size=60),
    st.integers(0, 40 * 10**9),
    st.integers(0, 40 * 10**9),
    st.lists(st.integers(1, 300), min_size=1, max_size=5),
)
def test_exactly_the_lines_of_the_window_are_kept(offsets, begin, length, sizes):
    stamps = [BASE + offset for offset in sorted(offsets)]
    low, high = BASE + begin, BASE + begin + length
    content = b"".join(line(at, f"text {number}") for number, at in enumerate(stamps))
    wanted = [line(at, f"text {number}") for number, at in enumerate(stamps) if low <= at <= high]
    kept, cutter = cut(content, low, high, sizes)
    assert kept == b"".join(wanted)
    assert cutter.rows == len(wanted)
    inside = [at for at in stamps if low <= at <= high]
    assert (cutter.first, cutter.last) == ((inside[0], inside[-1]) if inside else (None, None))


def test_a_line_without_a_stamp_belongs_to_the_one_before():
    content = line(BASE, "error") + b"  at main\n" + line(BASE + 60 * 10**9, "late") + b"  at other\n"
    kept, cutter = cut(content, BASE, BASE + 10**9, [7])
    assert kept == line(BASE, "error") + b"  at main\n"
    assert cutter.passed


def test_lines_slightly_out_of_order_at_the_end_do_not_end_the_log():
    late = line(BASE + 2 * 10**9, "after the end")
    content = line(BASE, "a") + late + line(BASE + 10**9, "b")
    kept, cutter = cut(content, BASE, BASE + 10**9, [1000])
    assert kept == line(BASE, "a") + line(BASE + 10**9, "b")
    assert not cutter.passed


def test_an_answer_that_begins_again_gives_only_what_is_new():
    first = line(BASE, "a") + line(BASE + 1, "b")
    cutter = Cutter(BASE, BASE + 10**9)
    kept = cutter.feed(first + line(BASE + 2, "torn")[:20])
    cutter.resume()
    kept += cutter.feed(first + line(BASE + 2, "torn") + line(BASE + 3, "c")) + cutter.finish()
    assert kept == first + line(BASE + 2, "torn") + line(BASE + 3, "c")
    assert cutter.rows == 4


def test_a_body_without_any_stamp_is_an_excuse_and_no_log():
    kept, cutter = cut(b"unable to retrieve container logs for containerd://x", 0, 2**62, [10])
    assert (kept, cutter.rows) == (b"", 0)
    assert cutter.loose == "unable to retrieve container logs for containerd://x"


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        (b"2025-02-09T10:00:00Z x", BASE),
        (b"2025-02-09T10:00:00.5Z x", BASE + 5 * 10**8),
        (b"2025-02-09T11:00:00.000000001+01:00 x", BASE + 1),
        (b"2025-02-09T10:00:00Z", BASE),
        (b"2025-02-31T10:00:00Z x", None),
        (b"2025-02-09T10:00:00Zx", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_stamps_of_all_runtimes_are_read(text, ns):
    assert line_ns(text) == ns
