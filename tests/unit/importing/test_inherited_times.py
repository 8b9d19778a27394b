"""What a row's time takes from the heading, from the row before, from the clock's changes and from what is linked."""

import pytest

from app.importing.account import warnings
from app.importing.document import Options
from app.importing.read import read


def times(head: str, *rows: str) -> list[str]:
    lines = "\n".join(row if row.startswith("#") else f"- {row}" for row in rows)
    draft = read(f"# T\n\n{head}\n\n## Timeline\n\n{lines}\n", Options(), "x.md")
    return [event.at.isoformat(timespec="minutes") if event.at else "" for event in draft.events]


def test_the_day_of_a_heading_holds_until_a_row_passes_midnight() -> None:
    found = times(
        "All times CEST", "### 2024-05-03", "22:40 a", "23:58 b", "00:03 c", "--:-- d", "00:3X e", "09:00 f"
    )
    assert found == [
        *("2024-05-03T22:40+02:00", "2024-05-03T23:58+02:00", "2024-05-04T00:03+02:00"),
        *("2024-05-04T00:00+02:00", "2024-05-04T00:30+02:00", "2024-05-04T09:00+02:00"),
    ]


def test_the_day_of_a_row_holds_for_those_below() -> None:
    assert times("Times in UTC", "2024-05-03 22:40 a", "23:00 b", "2024-05-06 08:00 c", "08:30 d") == [
        *(
            "2024-05-03T22:40+00:00",
            "2024-05-03T23:00+00:00",
            "2024-05-06T08:00+00:00",
            "2024-05-06T08:30+00:00",
        )
    ]


def test_the_clock_of_a_region_is_set_within_a_timeline() -> None:
    assert times("All times Europe/London", "### 2025-03-30", "00:50 a", "02:10 b") == [
        *("2025-03-30T00:50+00:00", "2025-03-30T02:10+01:00")
    ]
    assert times("All times Europe/London", "### 2025-10-26", "00:40 a", "01:30 b", "01:10 c", "02:15 d") == [
        *(
            "2025-10-26T00:40+01:00",
            "2025-10-26T01:30+01:00",
            "2025-10-26T01:10+00:00",
            "2025-10-26T02:15+00:00",
        )
    ]


def test_distances_count_from_the_row_that_is_the_zero() -> None:
    found = times(
        "Times in UTC", "### 2024-05-03", "09:50 deploy", "10:00 T0: alert", "T+7 min rollback", "T-0:05 load"
    )
    assert found[1:] == ["2024-05-03T10:00+00:00", "2024-05-03T10:07+00:00", "2024-05-03T09:55+00:00"]


@pytest.mark.parametrize("declared", [False, True])
def test_a_link_to_a_message_proposes_the_zone_that_nobody_declared(declared: bool) -> None:
    rows = (
        "- 2023-07-25 14:09 pod terminates\n"
        "- 2023-07-25 15:21 Incident declared. https://x.slack.com/archives/C514ETYJX/p1690294889724869\n"
    )
    head = "All times UTC+1\n\n" if declared else ""
    draft = read(f"# T\n\n{head}## Timeline\n\n{rows}", Options(), "x.md")
    proposed = [each for each in warnings(draft) if "--zone UTC+01:00" in each]
    assert len(proposed) == (0 if declared else 1)
    assert draft.events[1].at is not None
    assert draft.events[1].at.isoformat() == "2023-07-25T15:21:00+01:00"
    assert draft.events[0].zone == ("UTC+01:00" if declared else "undeclared")
