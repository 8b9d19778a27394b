"""The reader of time expressions beyond its vectors: rows in a row, zones, doubts, and any text at all."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.review.timewords import UTC_ZONE, Bounds, Context, Zone, at_start, declared, find, follow, named
from app.review.timewords.terms import in_words, read_record, terms, written

DAY = date(2025, 2, 9)
PLAIN = Context(day=DAY, zone=UTC_ZONE)


def zone(name: str) -> Zone:
    found = named(name)
    assert found is not None
    return found


def starts(*lines: str, context: Context = PLAIN) -> list[str]:
    """The beginnings of rows that follow one another."""
    found = []
    for line in lines:
        context, each = follow(context, find(line, context))
        found.append(written(each.start.lo) if each.start else "")
    return found


# Rows one after another


def test_rows_follow_one_another_across_midnight() -> None:
    assert starts("23:50 rollout", "00:10 alert", "00:20 page") == [
        *("2025-02-09T23:50:00Z", "2025-02-10T00:10:00Z", "2025-02-10T00:20:00Z")
    ]


def test_a_row_that_runs_backwards_stays_on_its_day() -> None:
    assert starts("11:08 mail", "11:07 ticket", "09:00 deploy") == [
        *("2025-02-09T11:08:00Z", "2025-02-09T11:07:00Z", "2025-02-09T09:00:00Z")
    ]


def test_the_date_of_a_row_holds_for_the_rows_below() -> None:
    lines = ("22:30 UTC (Oct 29) reported", "00:03 UTC (Oct 30) rolled back", "05:39 UTC resolved")
    assert starts(*lines, context=Context(year=2025)) == [
        *("2025-10-29T22:30:00Z", "2025-10-30T00:03:00Z", "2025-10-30T05:39:00Z")
    ]


def test_later_counts_from_the_row_before_and_a_signed_distance_from_the_last_time() -> None:
    assert starts(
        "10:00 T0: alert", "+5m ack", "10 minutes later: up", "5 minutes later: mail", "+20m: closed"
    ) == [
        *("2025-02-09T10:00:00Z", "2025-02-09T10:05:00Z", "2025-02-09T10:15:00Z"),
        *("2025-02-09T10:20:00Z", "2025-02-09T10:20:00Z"),
    ]


def test_an_hour_that_a_clock_shows_twice_goes_on_forwards() -> None:
    london = Context(day=date(2025, 10, 26), zone=zone("Europe/London"))
    assert starts("01:30 alert", "01:10 rollback", "01:45 up", "02:15 closed", context=london) == [
        *("2025-10-26T00:30:00Z", "2025-10-26T01:10:00Z", "2025-10-26T01:45:00Z", "2025-10-26T02:15:00Z")
    ]


def test_a_row_without_a_time_changes_nothing_for_the_next() -> None:
    assert starts("23:50 x", "somebody saw it", "00:10 y")[1:] == ["", "2025-02-10T00:10:00Z"]


def test_the_day_after_a_night_in_which_the_clock_is_set_keeps_its_time() -> None:
    berlin = Context(day=date(2025, 3, 29), zone=zone("Europe/Berlin"))
    assert starts("23:30 x", "09:00 y", context=berlin) == ["2025-03-29T22:30:00Z", "2025-03-30T07:00:00Z"]


# Zones


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("All times in CET (GMT+1)", "CET"),
        ("All times in UTC.", "UTC"),
        ("all times are in\nUTC.", "UTC"),
        ("| Date and Time in CET | Event |", "CET"),
        ("(all times are US/Pacific)", "US/Pacific"),
        ("Time (UTC)", "UTC"),
        ("Timeline (all times CET)", "CET"),
        ("All times UTC-05:00", "UTC-05:00"),
        ("all times are in UTC-03:30.", "UTC-03:30"),
        ("Zeitleiste (alle Zeiten UTC)", "UTC"),
        ("Timezone: Europe/Berlin", "Europe/Berlin"),
        ("All times in Central European Time (CET)", "CET"),
    ],
)
def test_a_document_declares_its_zone(text: str, name: str) -> None:
    found = declared(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text", ["Three times in a row", "it took a long time in the end", "UTC is a zone", ""]
)
def test_a_sentence_about_time_declares_none(text: str) -> None:
    assert declared(text) is None


@pytest.mark.parametrize("text", ["", "Nowhere", "Mars/Olympus", "UTC+99", "+25:00", "../etc/passwd"])
def test_what_is_no_zone_is_none(text: str) -> None:
    assert named(text) is None


def test_an_abbreviation_is_the_offset_it_names_and_a_doubt_where_clocks_showed_another() -> None:
    summer, winter = find("10:15 CET on 2025-07-01", PLAIN), find("10:15 CET on 2025-02-01", PLAIN)
    assert summer.start == Bounds(
        datetime(2025, 7, 1, 9, 15, tzinfo=UTC), datetime(2025, 7, 1, 9, 15, 59, tzinfo=UTC)
    )
    assert "Europe/Berlin" in "".join(summer.doubts)
    assert winter.doubts == ()


def test_a_sentence_with_a_second_time_says_so_and_a_row_that_begins_with_its_time_does_not() -> None:
    found = find("The instance was retired at 16:00, Prometheus went down approx 16:03.", PLAIN)
    assert found.written == "at 16:00"
    assert found.doubts == ("The sentence also says “approx 16:03”: is it two rows?",)
    assert find("16:00 retired, Prometheus went down approx 16:03.", PLAIN).doubts == ()
    assert find("It was down from 16:00 to 16:30.", PLAIN).doubts == ()


def test_an_ambiguous_abbreviation_says_what_else_it_could_be() -> None:
    assert "Irish" in "".join(find("10:15 IST", PLAIN).doubts)
    assert find("10:15 IST (UTC+1)", PLAIN).doubts == ()


def test_a_message_proves_the_zone_that_nobody_declared() -> None:
    line = "2023-07-25 15:21 declared https://x.slack.com/archives/C514ETYJX/p1690294889724869"
    found = find(line, Context())
    assert (found.zone, found.zone_from) == ("UTC+01:00", "evidence")
    assert find("2023-07-25 15:21 declared", Context()).zone_from == "undeclared"


def test_a_second_stamp_that_is_past_midnight_proves_an_offset_that_clocks_have() -> None:
    found = find("21:48 (6:48 PDT): last block", Context(day=DAY, undeclared=UTC_ZONE))
    assert found.start is not None
    assert (found.start.lo.isoformat(), found.zone) == ("2025-02-09T21:48:00+08:00", "UTC+08:00")


def test_a_message_that_contradicts_the_declared_zone_is_a_doubt() -> None:
    line = "2023-07-25 15:21 declared https://x.slack.com/archives/C514ETYJX/p1690294889724869"
    found = find(line, Context(zone=UTC_ZONE))
    assert found.start is not None
    assert found.start.lo == datetime(2023, 7, 25, 15, 21, tzinfo=UTC)
    assert "UTC+01:00" in "".join(found.doubts)


def test_a_message_of_another_time_proves_nothing() -> None:
    line = "2023-07-25 15:38 declared https://x.slack.com/archives/C514ETYJX/p1690294889724869"
    assert find(line, Context()).zone_from == "undeclared"


def test_the_hour_that_a_clock_shows_twice() -> None:
    london = Context(day=date(2025, 10, 26), zone=zone("Europe/London"))
    first = find("01:30", london)
    assert first.start is not None
    assert first.start.lo == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert "twice" in "".join(first.doubts)
    later = Context(
        day=london.day, zone=london.zone, anchor=datetime(2025, 10, 26, 0, 55, tzinfo=UTC), follows=True
    )
    second = find("01:30", later)
    assert second.start is not None
    assert second.start.lo == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


def test_the_hour_that_a_clock_leaves_out_is_a_doubt() -> None:
    found = find("01:30", Context(day=date(2025, 3, 30), zone=zone("Europe/London")))
    assert "never" in "".join(found.doubts)


def test_a_log_line_under_a_heading_is_in_the_zone_that_fits_the_heading() -> None:
    cet = zone("CET (GMT+1)")
    line = "[E 180220 16:28:35 launcher:93] Error"
    heading = Context(day=date(2018, 2, 20), zone=cet, anchor=datetime(2018, 2, 20, 15, 29, tzinfo=UTC))
    assert find(line, heading).zone == "CET"
    assert find(line.replace("16:28", "15:32"), heading).zone == "UTC"
    assert find(line, Context(day=date(2018, 2, 20), zone=cet)).zone == "UTC"


# The capture line


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "May 5 pods failed",
            "Friday deploys are off",
            "today we saw",
            "yesterday it was fine",
            "the 2nd attempt",
        ),
        *(
            "about 10 pods",
            "10 Feb we saw it",
            "--:-- x",
            "2 minutes after the alert",
            "noon deploy",
            "T+5 min x",
        ),
    ],
)
def test_the_first_words_of_a_sentence_are_left_to_it(typed: str) -> None:
    assert at_start(typed, PLAIN) is None


@pytest.mark.parametrize(
    ("typed", "lo", "rest"),
    [
        ("9 Feb 10:15 x", "2025-02-09T10:15:00Z", " x"),
        ("Feb 9, 10:15: x", "2025-02-09T10:15:00Z", ": x"),
        ("shortly after 10:15 x", "2025-02-09T10:15:00Z", " x"),
        ("02:3X x", "2025-02-09T02:30:00Z", " x"),
        ("10:15 CEST x", "2025-02-09T08:15:00Z", " x"),
        ("2025-02-10 noon x", "2025-02-10T12:00:00Z", " x"),
        ("10:15 on 3 nodes", "2025-02-09T10:15:00Z", " on 3 nodes"),
        ("10:15 3 pods", "2025-02-09T10:15:00Z", " 3 pods"),
        ("10:15 -5 % traffic", "2025-02-09T10:15:00Z", " -5 % traffic"),
        ("10:15 - unknown error", "2025-02-09T10:15:00Z", " - unknown error"),
        ("(10:15) x", "2025-02-09T10:15:00Z", " x"),
    ],
)
def test_a_time_is_taken_off_the_beginning(typed: str, lo: str, rest: str) -> None:
    found = at_start(typed, PLAIN)
    assert found is not None
    assert found.start is not None
    assert (written(found.start.lo), typed[found.stop :]) == (lo, rest)


# Any text


OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1))
SHAPES = {
    "ns": "{:%Y-%m-%d %H:%M:%S.%f}000",
    "us": "{:%Y-%m-%d %H:%M:%S.%f}",
    "second": "{:%Y-%m-%d %H:%M:%S}",
    "minute": "{:%Y-%m-%d %H:%M}",
    "hour": "{:%Y-%m-%d %H}:??",
    "day": "{:%Y-%m-%d}",
    "month": "{:%Y-%m}",
}
STYLES = ("{:%Y-%m-%d}", "{:%Y/%m/%d}", "{:%d %b %Y}", "{:%B %d, %Y}", "{:%d.%m.%Y}", "{:%A, %d %B %Y}")


def last(at: datetime, precision: str) -> datetime:
    if precision == "month":
        return (at.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(seconds=1)
    width = {"second": 0.999, "minute": 59, "hour": 3599, "day": 86_399}
    return at + timedelta(seconds=width.get(precision, 0))


def floor(at: datetime, precision: str) -> datetime:
    steps = {
        "second": {"microsecond": 0},
        "minute": {"second": 0},
        "hour": {"minute": 0},
        "day": {"hour": 0},
        "month": {"day": 1},
    }
    for name, change in steps.items():
        if list(SHAPES).index(name) <= list(SHAPES).index(precision):
            at = at.replace(**change)
    return at


@settings(max_examples=200)
@given(MOMENTS, st.sampled_from(sorted(SHAPES)), OFFSETS, st.booleans())
def test_a_moment_that_is_written_out_reads_as_itself(
    at: datetime, precision: str, rule: timezone, about: bool
) -> None:
    at = floor(at, precision)
    line = ("~" if about else "") + SHAPES[precision].format(at)
    found = find(line, Context(zone=Zone(rule, "there")))
    assert found.start is not None
    assert found.start.lo == at.replace(tzinfo=rule)
    assert found.start.hi == last(at, precision).replace(tzinfo=rule)
    assert (found.precision, found.about, found.written) == (precision, about, line)


@settings(max_examples=200)
@given(MOMENTS, st.sampled_from(STYLES), st.sampled_from([" ", ", ", " at "]), st.booleans())
def test_every_style_of_date_reads_the_same(at: datetime, style: str, joint: str, half: bool) -> None:
    at = floor(at, "minute")
    line = style.format(at) + joint + (f"{at:%I:%M %p}" if half else f"{at:%H:%M}")
    found = find(line, Context(zone=UTC_ZONE))
    assert found.start is not None
    assert found.start.lo == at.replace(tzinfo=UTC)
    assert found.written == line


PIECES = (
    *(
        "10:15",
        "24:00",
        "-",
        " - ",
        "+",
        "~",
        ":",
        "30",
        ".5",
        "Z",
        " UTC",
        "+02:00",
        "-10:30",
        " ",
        "to",
        "T",
        "/",
        "99",
    ),
    *(
        "2025-02-09",
        "02-30",
        "yesterday ",
        "??",
        "about ",
        "m",
        "pm",
        "x",
        "٣",
        "é",
        "\n",
        "--:--",
        "->",
        "T+5",
        "Feb",
        "29",
    ),
    *(
        "9999-12-31",
        "0001-01-01",
        "between ",
        "and ",
        "the 10th",
        "[",
        "]",
        "(",
        ")",
        "CET",
        "Europe/Berlin",
        "until ",
    ),
    *(
        '{"time":"',
        "[E 180220 15:32:35",
        "I0209 10:05:23.1",
        "/archives/C514ETYJX/p1690294889724869",
        "24:XX",
        "²",
        "５",
    ),
    *(
        "+99999d",
        "99999 days later",
        "0000-01-01",
        "12/31/99",
        "Sunday",
        "noon",
        "T0",
        "-99:59",
        "on ",
        "5x",
        "xx",
    ),
    *(
        "午後",
        "2時",
        "半",
        "51分",
        "頃",
        "〜",
        "2月9日",
        "31日",
        "10：15",
        "de ",
        "à ",
        "kurz nach ",
        "gestern ",
        "Montag ",
    ),
    *(
        "half past ten",
        "quarter to ",
        "Day 2",
        "Day 99",
        "D-99 ",
        "week of ",
        "2025-W53",
        "9999-W53-7",
        "Q4 9999",
        "late 9999",
    ),
    *(
        "<t:1618953630:R>",
        "<!date^1392734382^x|y>",
        "1739095523",
        "1999999999.123456789",
        "[approx] ",
        "< ",
        ">",
        "1015am",
    ),
    *(
        " in the evening",
        "that evening at ",
        " a.m.",
        " and a half",
        " hours later",
        "an hour",
        "2 days earlier, ",
        "10-11am",
    ),
    *(
        "before midnight",
        ", still ongoing",
        ", End: ",
        " (early)",
        "T+15",
        "+ 5 min",
        "T plus ",
        "9999-12-25 w/c ",
    ),
)
TYPING = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
CONTEXTS = st.builds(
    Context,
    day=st.none() | st.sampled_from([DAY, date.min, date.max]),
    year=st.none() | st.sampled_from([1, 2025, 9999]),
    zone=st.none() | OFFSETS.map(lambda rule: Zone(rule, "there")) | st.just(zone("America/New_York")),
    anchor=st.none() | st.datetimes(timezones=OFFSETS),
    zero=st.none() | st.datetimes(timezones=OFFSETS),
    event=st.none() | st.datetimes(timezones=OFFSETS),
    events=st.booleans(),
    follows=st.booleans(),
)


DATA = Path(__file__).parents[2] / "data"
REAL = [
    json.loads(line)["raw"]
    for name in sorted(DATA.glob("time_vectors*.jsonl"))
    for line in name.read_text("utf-8").splitlines()
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real expression in which a few places were cut, doubled, exchanged or filled with pieces of others."""
    text = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 4))):
        one, two = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        between = draw(
            st.sampled_from(["", text[one:two] * 2, text[one:two][::-1]]) | st.sampled_from(PIECES)
        )
        text = text[:one] + between + text[two:]
    return text[:5000]


@settings(max_examples=600)
@given(TYPING | mutated(), CONTEXTS)
@example("9999-12-31 24:00", Context())
@example("99999 days later", Context(anchor=datetime.min.replace(tzinfo=UTC)))
def test_any_text_is_read_without_a_failure_and_without_a_loss(text: str, context: Context) -> None:
    for found in (find(text, context), at_start(text, context)):
        if found is None:
            continue
        assert text[: found.begin] + text[found.begin : found.stop] + text[found.stop :] == text
        assert 0 <= found.begin <= found.stop <= len(text)
        assert text[found.begin : found.stop].strip() == found.written
        assert found.start is None or found.start.lo <= found.start.hi
        assert found.kind != "order" or found.start is None
        json.dumps(terms(found))
        assert "\n" not in in_words(found, UTC_ZONE)
        follow(context, found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(
                st.sampled_from(["raw", "context", "date", "tz", "year", "t0"]), each, max_size=4
            )
        ),
    )
)
def test_any_record_gets_an_answer(record: object) -> None:
    answer = read_record(record, UTC_ZONE)
    assert "error" in answer or "kind" in answer


@pytest.mark.parametrize(
    "piece", ["10:15 ", "- ", "between ", "about ", "(", "~", "on at ", '"time":', "2025-02-09 ", "1 ", "[E "]
)
def test_a_long_line_is_searched_in_its_beginning_only(piece: str) -> None:
    assert find(piece * 20_000, PLAIN).stop <= 4000


@pytest.mark.parametrize(
    ("written", "name"), [("UTC-05:00", "UTC-05:00"), ("GMT-3", "UTC-03:00"), ("UTC", "UTC")]
)
def test_an_offset_behind_utc_is_a_zone_of_its_own(written: str, name: str) -> None:
    assert zone(written).name == name
