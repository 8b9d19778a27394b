import json
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.times import Reading, clock_for, microseconds, moment, parse_instant

NEAR = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
AT = datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)


USUAL = Reading(near=NEAR)


def read(line: str, reading: Reading = USUAL) -> datetime | None:
    clock = clock_for([line.encode()], reading)
    at = clock.read(line.encode()) if clock else None
    return moment(at) if at is not None else None


@pytest.mark.parametrize(
    ("line", "style", "zoneless"),
    [
        ("2025-02-09T10:05:23Z GET /", "rfc3339", False),
        ("[pod/api-7d9f-x2k4p/api] 2025-02-09T10:05:23.000000000Z level=info", "rfc3339", False),
        ("2025-02-09T11:05:23+01:00 x", "rfc3339", False),
        ("2025-02-09T08:05:23-0200 x", "rfc3339", False),
        ("2025-02-09 10:05:23 UTC [warning] slow", "rfc3339", False),
        ("2025-02-09 10:05:23,000 ERROR x", "rfc3339", True),
        ("2025/02/09 10:05:23 [error] 31#31: *1 upstream", "rfc3339", True),
        ("[2025-02-09 10:05:23.000] boot", "rfc3339", True),
        ('10.0.0.1 - - [09/Feb/2025:10:05:23 +0000] "GET / HTTP/1.1" 200 1', "access", False),
        ('10.0.0.1 - - [09/Feb/2025:11:05:23 +0100] "GET / HTTP/1.1" 200 1', "access", False),
        ("E0209 10:05:23.000000       1 main.go:7] boom", "klog", True),
        ("Feb  9 10:05:23 web1 sshd[1]: hello", "syslog", True),
        ("<34>Feb  9 10:05:23 web1 sshd[1]: hello", "syslog", True),
        ('{"level":"info","ts":"2025-02-09T10:05:23Z"}', "json", False),
        ('{"ts":1739095523.0,"msg":"x"}', "json", False),
        ('{"@timestamp":"2025-02-09T10:05:23.000Z","message":"at 2024-01-01T00:00:00Z"}', "json", False),
        ('{"time":1739095523000,"level":30}', "json", False),
        ('level=info ts=2025-02-09T10:05:23Z caller=main.go:1 msg="x"', "logfmt", False),
        ("1739095523 up", "epoch", False),
        ("1739095523.000 up", "epoch", False),
        ("1739095523000 up", "epoch", False),
        ("1739095523000000 up", "epoch", False),
        ("1739095523000000000 up", "epoch", False),
        ("INFO  [main] 2025-02-09T10:05:23Z started", "rfc3339 inside", False),
    ],
)
def test_a_usual_stamp_is_read_as_the_instant_it_means(line, style, zoneless):
    clock = clock_for([line.encode()], Reading(near=NEAR))
    assert clock is not None
    assert moment(clock.read(line.encode())) == AT
    assert (clock.style, clock.zoneless) == (style, zoneless)


@pytest.mark.parametrize(
    "line",
    ["", "hello", "12:05 lunch", "9999999999999 x", "2025-13-41T10:05:23Z", "Foo 31 10:05:23 x", "{", "1234"],
)
def test_what_is_no_stamp_is_none(line):
    assert read(line) is None


def test_nanoseconds_are_cut_and_never_round_into_the_next_second():
    assert read("2025-02-09T10:05:23.999999999Z x") == AT + timedelta(microseconds=999_999)


def test_a_stamp_without_zone_takes_the_zone_of_its_source():
    berlin = Reading(ZoneInfo("Europe/Berlin"), NEAR)
    assert read("2025-02-09 11:05:23,000 x", berlin) == AT
    assert read("2025-07-09 12:05:23,000 x", berlin) == datetime(2025, 7, 9, 10, 5, 23, tzinfo=UTC)
    assert read("Feb  9 11:05:23 web1 x", berlin) == AT


def test_a_stamp_without_year_takes_the_year_that_is_closest():
    eve = Reading(near=datetime(2025, 1, 1, 0, 10, tzinfo=UTC))
    assert read("Dec 31 23:59:59 web1 x", eve) == datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert read("Jan  1 00:00:01 web1 x", eve) == datetime(2025, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert read("Feb 29 10:00:00 web1 x", Reading(near=NEAR)) == datetime(2024, 2, 29, 10, tzinfo=UTC)


def test_lines_without_stamp_among_stamped_ones_do_not_hide_the_log():
    lines = [b"banner", b"2025-02-09T10:05:23Z boom", b"  at main.py:1", b"  at lib.py:2", b"Caused by: x"]
    clock = clock_for(lines, Reading())
    assert [clock.read(line) is not None for line in lines] == [False, True, False, False, False]


def test_a_text_with_a_single_date_is_no_log():
    lines = [b"2025-02-09T10:05:23Z is when it began", *[b"and then a long story follows"] * 30]
    assert clock_for(lines, Reading()) is None


def test_two_styles_in_one_file_are_both_read():
    lines = [
        b"2025-02-09T10:05:23Z app",
        b'1.1.1.1 - - [09/Feb/2025:10:05:24 +0000] "GET / HTTP/1.1" 200 1',
    ] * 3
    clock = clock_for(lines, Reading())
    assert [moment(clock.read(line)).second for line in lines[:2]] == [23, 24]


MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    MOMENTS,
    ZONES,
    st.sampled_from("T "),
    st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]),
)
def test_any_rfc3339_stamp_is_read_exactly(naive, zone, separator, detail):
    written = naive.replace(tzinfo=zone).isoformat(separator, detail)
    assert read(f"{written} x") == datetime.fromisoformat(written).astimezone(UTC)


@given(st.datetimes(datetime(2001, 9, 10), datetime(2099, 1, 1)), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_any_epoch_stamp_is_read_in_the_unit_its_length_shows(naive, unit):
    at = naive.replace(tzinfo=UTC, microsecond=0)
    written = int(at.timestamp()) * unit
    assert read(f"{written} x") == at
    assert read(json.dumps({"ts": written})) == at


@given(st.binary(max_size=200))
def test_no_bytes_break_a_clock(line):
    clock = clock_for([line, b"2025-02-09T10:05:23Z x"], Reading())
    assert clock is None or clock.read(line) is None or isinstance(clock.read(line), int)


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_and_back(at):
    assert moment(microseconds(at)) == at


def test_a_single_instant_is_read_in_its_usual_forms():
    assert parse_instant("2025-02-09T10:05:23.000Z") == AT
    assert parse_instant("1739095523") == AT
    assert parse_instant("0001-01-01T00:00:00Z") is None
    assert parse_instant("soon") is None
