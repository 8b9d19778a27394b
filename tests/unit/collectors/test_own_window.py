"""A source may have a window of its own; one that cannot be read is never passed over in silence."""

from datetime import UTC, datetime

import pytest

from app.evidence.window import Window
from collectors.own_window import check_window, own_window

NOW = datetime(2025, 2, 10, 8, 0, tzinfo=UTC)
WINDOW = Window(datetime(2025, 2, 9, 9, 35, tzinfo=UTC), datetime(2025, 2, 9, 10, 50, tzinfo=UTC))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"from": ""}, ""),
        ({"from": "2025-02-09T10:00Z", "to": "2025-02-09T12:00+01:00"}, ""),
        ({"from": datetime(2025, 2, 9, 10, tzinfo=UTC)}, ""),
        ({"from": "nonsense"}, "“nonsense” is no time with its zone: write it like"),
        ({"to": "2025-02-09T10:00"}, "“2025-02-09T10:00” is no time with its zone"),
        ({"to": 7}, "“7” is no time with its zone"),
        ({"from": "2025-02-09T10:00Z", "to": "2025-02-09T11:00+01:00"}, "ends before it begins"),
    ],
)
def test_what_is_wrong_with_a_window_is_one_sentence(settings, said):
    assert check_window(settings).startswith(said) or said in check_window(settings)
    assert bool(check_window(settings)) == bool(said)


def test_one_end_may_be_the_source_s_own_and_the_other_that_of_the_incident():
    found = own_window({"from": "2025-02-06T10:00+01:00"}, WINDOW, NOW)
    assert found == Window(datetime(2025, 2, 6, 9, 0, tzinfo=UTC), WINDOW.end)
    assert own_window({"to": "2025-02-09T10:00Z"}, None, NOW) is None
    assert own_window({"from": "2025-02-09T10:00Z"}, None, NOW) == Window(
        datetime(2025, 2, 9, 10, 0, tzinfo=UTC), NOW
    )
