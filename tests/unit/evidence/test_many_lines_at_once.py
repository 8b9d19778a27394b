"""What the engine makes of a piece of a log is what the reader of times makes of each of its lines."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence.lines import LONGEST, Lines, Pieces
from app.evidence.parse import parsed
from app.evidence.times import Reading, clock_for
from app.text import decode

NEAR = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

instants = st.datetimes(datetime(1999, 1, 1), datetime(2100, 6, 1)) | st.datetimes(
    datetime(2025, 3, 30, 0), datetime(2025, 3, 30, 4)
)
fractions = st.sampled_from(["", ".1", ",123", ".123456", ".123456789", ".1234567891"])
zones = st.sampled_from(
    ["", "Z", "z", " UTC", " GMT", "+01:00", "-0230", " +0000", "+01:005", "Z5", "+1", "-99:99"]
)
says = st.sampled_from(
    [" GET /", " level=error msg=x", "", " ERROR boom", "\t\x1b[31mred", " é→", ' "quoted"', "]", "9", " } {"]
)
prefixes = st.sampled_from(
    ["", "[", "(", "<", "[pod/api-1/api] ", "[a]b] ", "[é] ", "é", "\ufeff", ">>> ", "- - -", "[main] ", "x"]
)


def iso(at: datetime, between: str, fraction: str, zone: str) -> str:
    return f"{at:%Y-%m-%d}{between}{at:%H:%M:%S}{fraction}{zone}"


written_iso = st.builds(iso, instants, st.sampled_from("T _"), fractions, zones) | st.builds(
    lambda at: f"{at:%Y/%m/%d %H:%M:%S}", instants
)
written_epoch = st.builds(
    lambda at, unit, fraction: f"{int((at - datetime(1970, 1, 1)).total_seconds() * 10**unit)}{fraction}",
    instants,
    st.sampled_from([0, 3, 6, 9, 10]),
    fractions,
)
rfc3339 = st.builds("{}{}{}".format, prefixes, written_iso, says)
access = st.builds(
    lambda at, zone, tail: (
        f'10.0.0.1 - - [{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} {zone}] "GET / HTTP/1.1" 500 1{tail}'
    ),
    instants,
    st.sampled_from(["+0000", "-0330", "+00"]),
    says,
)
klog = st.builds(
    lambda at, letter, fraction, tail: f"{letter}{at:%m%d %H:%M:%S}{fraction}   1 main.go:7]{tail}",
    instants,
    st.sampled_from("IWEFX"),
    fractions,
    says,
)
syslog = st.builds(
    lambda at, rank, fraction, tail: (
        f"{rank}{MONTHS[at.month - 1]} {at.day:2d} {at:%H:%M:%S}{fraction} web1 sshd[1]:{tail}"
    ),
    instants,
    st.sampled_from(["", "<34>", "<1234>"]),
    fractions,
    says,
)
values = (
    written_iso
    | written_epoch
    | st.sampled_from(["", "now", "ééééé", "é" * 30, "x" * 50, "2025-02-30T10:00:00Z"])
)
keys = st.sampled_from(["@timestamp", "ts", "time"])
json_line = st.builds(
    lambda key, value, quoted, tail: (
        f'{{"level":"error","{key}"{" " * (not quoted)}:'
        + (f'"{value}"' if quoted else f"{value}")
        + f',"msg":"{tail}"}}'
    ),
    keys,
    values,
    st.booleans(),
    says,
)
logfmt = st.builds(
    lambda key, value, quoted, lead, tail: f"{lead}{key}=" + (f'"{value}"' if quoted else value) + tail,
    st.sampled_from(["ts", "time", "at", "xts"]),
    values,
    st.booleans(),
    st.sampled_from(["", "level=info ", 'ts="short" ', "é=1\t", "a" * 2100 + " "]),
    says,
)
epoch = st.builds("{}{}{}".format, st.sampled_from(["", "[", "("]), written_epoch, says)
inside = st.builds("{}{}{}".format, st.sampled_from(["INFO  [main] ", "é (", "<", "abc:"]), written_iso, says)
other = st.sampled_from(["", "  at main.py:1", "Traceback (most recent call last):", "é", "\x00", "x" * 3000])
styles = [rfc3339, access, klog, syslog, json_line, logfmt, epoch, inside]
readings = st.sampled_from(
    [
        Reading(near=NEAR),
        Reading(ZoneInfo("Europe/Berlin"), NEAR),
        Reading(timezone(timedelta(hours=-9, minutes=-30)), NEAR + timedelta(days=330)),
    ]
)


def same(lines: list[bytes], reading: Reading) -> None:
    clock = clock_for(lines, reading)
    piece = b"\n".join(lines)
    found = parsed(piece, clock, "here")
    read = [clock.read(line) if clock else None for line in lines]
    assert found["at"].to_list() == read
    assert found["text"].to_list() == [decode(line) for line in lines]
    for at, stamp, zone, line in zip(found["at"], found["stamp"], found["zone"], lines, strict=True):
        assert (stamp is None) == (zone is None) == (at is None)
        if at is not None:
            assert stamp.encode() in line
            assert zone == "here" or zone.encode() in line


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(styles).flatmap(lambda style: st.lists(style | other | style, min_size=1, max_size=12)),
    readings,
)
def test_every_style_is_read_as_the_reader_reads_it(lines, reading):
    same([line.encode() for line in lines], reading)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(*styles, other), min_size=1, max_size=30), readings)
def test_a_mixture_of_styles_is_read_as_the_reader_reads_it(lines, reading):
    same([line.encode() for line in lines], reading)


@settings(deadline=None)
@given(
    st.sampled_from(styles).flatmap(lambda style: st.lists(style, min_size=1, max_size=6)),
    st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"")),
    st.booleans(),
)
def test_bytes_that_are_no_text_change_nothing(lines, junk, first):
    same([junk + line.encode() if first else line.encode() + junk for line in lines], Reading(near=NEAR))


def test_a_stamp_in_a_very_long_line_is_read():
    long = b"x" * LONGEST
    same(
        [b"2025-02-09T10:00:00Z " + long, b'{"pad":"' + long + b'","ts":"2025-02-09T10:00:00Z"}'],
        Reading(near=NEAR),
    )
    same([b'{"pad":"' + long[:60000] + b'","ts":"2025-02-09T10:00:00Z"}'] * 3, Reading(near=NEAR))


def test_the_stamp_and_its_zone_are_kept_as_they_were_written():
    lines = [
        b"[pod/a/b] 2025-02-09T11:00:00.000000123+01:00 level=error msg=x",
        b"  at main.py:1",
        b"[main] 2025-02-09 10:00:01,5 INFO ok",
    ]
    found = parsed(b"\n".join(lines), clock_for(lines, Reading()), "Europe/Berlin")
    assert found["stamp"].to_list() == ["2025-02-09T11:00:00.000000123+01:00", None, "2025-02-09 10:00:01,5"]
    assert found["zone"].to_list() == ["+01:00", None, "Europe/Berlin"]
    assert found["level"].to_list() == ["error", "", "info"]
    assert found["object"].to_list() == ["pod/a/b", "", ""]


@given(
    st.lists(st.sampled_from([b"a", b"b\r", b"", b"\xff", b"x" * (LONGEST + 7), "é".encode()]), max_size=30),
    st.integers(1, 200_000),
    st.integers(10, 300_000),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_pieces_hold_the_lines_that_splitting_gives(lines, block, size, ended):
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    expected = Lines()
    wanted = [line for each in blocks for line in expected.feed(each)] + expected.finish()
    cutter = Pieces(size)
    pieces = [piece for each in blocks if (piece := cutter.feed(each)) is not None]
    last = cutter.finish()
    pieces += [last] if last is not None else []
    assert [line for piece in pieces for line in piece.split(b"\n")] == wanted
    assert (cutter.cut, cutter.invalid) == (expected.cut, expected.invalid)


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n", b"a", b"a\n", b"\r\n", b"a\r"])
def test_small_pieces(content):
    expected = Lines()
    wanted = expected.feed(content) + expected.finish()
    cutter = Pieces()
    piece = cutter.feed(content)
    rest = cutter.finish()
    assert [line for each in (piece, rest) if each is not None for line in each.split(b"\n")] == wanted
