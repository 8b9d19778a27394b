"""What an import points out: rows that run backwards, and not ones that are only known less exactly."""

from app.importing.account import warnings
from app.importing.document import Options
from app.importing.read import read
from app.review.timewords import UTC_ZONE


def remarks(*rows: str) -> list[str]:
    lines = "\n".join(f"- {row}" for row in rows)
    text = f"# T\n\nDate: 2025-05-12\n\n## Timeline (all times UTC)\n\n{lines}\n"
    return [each for each in warnings(read(text, Options(zone=UTC_ZONE), "x.md")) if "earlier" in each]


def test_a_minute_is_not_earlier_than_a_second_of_it() -> None:
    assert remarks("22:36:51 probe fails", "22:36-23:03 pod is not ready") == []


def test_a_part_of_the_day_is_not_earlier_than_a_time_of_that_day() -> None:
    assert remarks("10:40 paged", "Late morning: rolled back", "14:05 cleared", "End of day: caught up") == []


def test_rows_that_run_backwards_are_pointed_out_also_behind_a_part_of_the_day() -> None:
    (found,) = remarks("10:40 paged", "Late morning: rolled back", "10:20 deployed")
    assert found.startswith("Line 9 (10:20) is earlier than line 7")
