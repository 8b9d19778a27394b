import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence import query
from app.evidence.alerts import episodes, parse_alerts
from app.evidence.artifacts import Keeper
from app.evidence.formats import sniff
from app.evidence.series import Series, joined, parse_matrix, warnings_of
from app.review.records import Session, Source

T0 = 1_739_095_200.0  # 2025-02-09T10:00:00Z
STEP = 15.0


def instant(step: float) -> datetime:
    return datetime.fromtimestamp(T0 + step * STEP, UTC)


def alerts(*steps: int, state: str = "firing", **labels: str) -> Series:
    named = {"__name__": "ALERTS", "alertname": "High", "alertstate": state, **labels}
    return Series(named, tuple((T0 + step * STEP, 1.0) for step in steps))


def since(active: dict[int, int]) -> Series:
    """For each step the step at which the alert became pending."""
    points = tuple((T0 + step * STEP, T0 + begun * STEP) for step, begun in active.items())
    return Series({"__name__": "ALERTS_FOR_STATE", "alertname": "High"}, points)


REACH = {"": (T0, T0 + 100 * STEP)}


def test_a_firing_goes_from_its_first_point_to_a_step_after_its_last():
    (one,) = episodes([alerts(*range(4, 9)), alerts(1, 2, 3, state="pending")], REACH)
    assert (one.fired, one.resolved, one.within.total_seconds()) == (instant(4), instant(9), 15)


def test_an_alert_at_the_end_of_the_data_is_still_firing():
    (one,) = episodes([alerts(*range(95, 101))], REACH)
    assert one.resolved is None


def test_the_moment_it_became_pending_is_known_from_its_state():
    (one,) = episodes([alerts(*range(4, 9)), since(dict.fromkeys(range(1, 9), 1))], REACH)
    assert one.pending == instant(1)
    assert not one.opened


def test_an_alert_that_began_before_the_data_is_marked_as_opened():
    (one,) = episodes([alerts(*range(5)), since(dict.fromkeys(range(5), -40))], REACH)
    assert one.opened
    assert one.pending == instant(-40)


def test_a_hole_splits_a_firing_in_two():
    found = episodes([alerts(*range(5), *range(20, 25))], REACH)
    assert [(one.fired, one.resolved) for one in found] == [
        (instant(0), instant(5)),
        (instant(20), instant(25)),
    ]


def test_a_hole_with_the_same_activation_on_both_sides_is_the_server_s():
    steps = [*range(5), *range(20, 25)]
    (one,) = episodes([alerts(*steps), since(dict.fromkeys(steps, -2))], REACH)
    assert (one.fired, one.resolved) == (instant(0), instant(25))
    again = {**dict.fromkeys(range(5), -2), **dict.fromkeys(range(20, 25), 18)}
    assert len(episodes([alerts(*steps), since(again)], REACH)) == 2


def test_alerts_with_other_labels_are_other_alerts():
    found = episodes([alerts(1, 2, pod="a"), alerts(1, 2, pod="b")], REACH)
    assert [one.labels["pod"] for one in found] == ["a", "b"]


@given(st.sets(st.integers(0, 60), min_size=1))
def test_every_point_lies_in_exactly_one_episode(steps):
    found = episodes(
        [alerts(*sorted(steps)), alerts(*range(61), state="pending")], {"": (T0, T0 + 61 * STEP)}
    )
    for step in steps:
        assert sum(one.fired <= instant(step) < (one.resolved or instant(99)) for one in found) == 1


def matrix(*series: dict, **extra) -> bytes:
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": list(series)}, **extra}
    ).encode()


def test_values_are_texts_and_some_are_no_numbers():
    content = matrix({"metric": {"a": "b"}, "values": [[1, "1.5"], [2, "NaN"], [3, "+Inf"], [4, "x"]]})
    (one,) = parse_matrix(content)
    assert one.points[0] == (1.0, 1.5)
    assert [math.isnan(value) for _, value in one.points] == [False, True, False, True]
    assert one.title == '{a="b"}'


def test_native_histograms_have_no_points_and_break_nothing():
    (one,) = parse_matrix(matrix({"metric": {}, "histograms": [[1, {"count": "3"}]]}))
    assert one.points == ()


def test_warnings_of_the_server_are_kept():
    assert warnings_of(matrix(warnings=["partial\u001b response"])) == ("partial^[ response",)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"data":{}}', b'{"data":{"resultType":"vector"}}', b"[" * 99_999]
)
def test_what_is_no_matrix_is_none(content):
    assert parse_matrix(content) is None
    assert warnings_of(content) == ()


def test_pieces_of_one_query_become_one_series():
    first = Series({"a": "b"}, ((1, 1.0), (2, 2.0)), "q", "S1")
    second = Series({"a": "b"}, ((2, 2.0), (3, 3.0)), "q", "S1")
    (one,) = joined([second, first])
    assert one.points == ((1, 1.0), (2, 2.0), (3, 3.0))
    assert len(joined([first, Series({"a": "c"}, (), "q", "S1")])) == 2


AMTOOL = {
    "labels": {"alertname": "High", "severity": "critical"},
    "annotations": {"summary": "much"},
    "startsAt": "2025-02-09T10:06:45.000Z",
    "updatedAt": "2025-02-09T10:14:00.000Z",
}


@pytest.mark.parametrize(
    ("ends", "resolved"),
    [
        ("2025-02-09T10:18:00.000Z", None),  # a deadline in the future of the last update
        ("0001-01-01T00:00:00Z", None),
        (None, None),
        ("2025-02-09T10:13:00Z", datetime(2025, 2, 9, 10, 13, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_firing_alert_is_not_taken_for_a_resolution(ends, resolved):
    record = AMTOOL | ({"endsAt": ends} if ends else {})
    (one,) = parse_alerts(json.dumps([record]).encode())
    assert (one.alert, one.fired, one.resolved) == (
        "High",
        datetime(2025, 2, 9, 10, 6, 45, tzinfo=UTC),
        resolved,
    )


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'[{"labels":{}}]', b'[{"labels":{},"startsAt":"soon"}]']
)
def test_what_is_no_list_of_alerts_is_none(content):
    assert parse_alerts(content) is None


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (matrix({"metric": {}, "values": []}), "query_range"),
        (json.dumps(json.loads(matrix()), indent=2).encode(), "query_range"),
        (json.dumps([AMTOOL]).encode(), "alerts"),
        (b"[]\n", "alerts"),
        (b'{"ts":1739095523,"msg":"x"}\n{"ts":1739095524}', "lines"),
        (b"2025-02-09T10:00:00Z x\n", "lines"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "attachment"),
        (b"", "lines"),
    ],
)
def test_a_file_is_recognised_by_its_beginning(head, form):
    assert sniff(head) == form


def test_a_clock_correction_moves_points_and_alerts(tmp_path):
    source = Source(id="S1", clock_offset_s=30.0)
    keeper = Keeper(tmp_path, source, instant(0))
    firing = {"metric": {"__name__": "ALERTS", "alertname": "High", "alertstate": "firing"}}
    values = [[T0 + step * STEP, "1"] for step in range(4)]
    keeper.keep(
        "a", matrix(firing | {"values": values}), format="query_range", from_=instant(-9), to=instant(50)
    )
    keeper.keep("b", json.dumps([AMTOOL]).encode(), format="alerts")
    session = Session(sources=(source.model_copy(update={"artifacts": tuple(keeper.kept)}),))
    series, listed = query.alerts(session, tmp_path)
    assert (series.fired, series.resolved) == (instant(2), instant(6))
    assert listed.fired == datetime(2025, 2, 9, 10, 7, 15, tzinfo=UTC)
