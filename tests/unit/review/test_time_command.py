"""``blamefree time``: for a person in one line, for a program in JSON lines."""

import io
import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.commands.time import time
from app.review.timewords import UTC_ZONE, Context, find
from app.review.timewords.terms import in_words

TIMES = Path(__file__).parents[3] / "docs" / "times.md"
ROWS = re.findall(r"^\| `(.+)` \| (\S.*\.) \|$", TIMES.read_text("utf-8"), re.MULTILINE)


def blamefree_time(*words: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(time, words, input=given, prog_name="blamefree time")


def answers(given: str | bytes, *words: str) -> list[dict[str, Any]]:
    result = blamefree_time("--json", *words, given=given)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_person_gets_one_line() -> None:
    result = blamefree_time("~10:15", "--date", "2025-02-09", "--zone", "Europe/Berlin")
    assert result.output == "2025-02-09 10:15:00 to 10:15:59 Europe/Berlin, about, to the minute.\n"


@pytest.mark.parametrize("expression", ["--:--", "-5m"])
def test_a_time_may_look_like_an_option(expression: str) -> None:
    assert blamefree_time(expression, "--date", "2025-02-09").exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nothing",), "holds no time"),
        (("10:15",), "add --date"),
        (("10:15", "--zone", "Nowhere"), "there is no zone"),
        ((), "Give an expression"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(words: tuple[str, ...], says: str) -> None:
    result = blamefree_time(*words)
    assert result.exit_code == 2
    assert says in result.output


def test_an_expression_as_data() -> None:
    result = blamefree_time("22:14 -> 04:00", "--date", "2025-02-09", "--json")
    answer = json.loads(result.output)
    assert (answer["kind"], answer["lo"], answer["end_hi"]) == (
        "range",
        "2025-02-09T22:14:00Z",
        "2025-02-10T04:00:59Z",
    )


def test_every_line_gets_an_answer_in_its_place() -> None:
    given = b"\n".join(
        [
            b'{"raw":"10:15","context":{"date":"2025-07-09","tz":"UTC"}}',
            *(b"rubbish", b"", b"[1]", b'{"raw":"x","context":{"tz":"Nowhere"}}', b"\xff"),
            b'{"raw":"10:15","context":{"date":20250209}}',
            b'{"raw":"10:16Z","context":{"date":"2025-07-09"}}',
        ]
    )
    found = answers(given)
    assert ["error" in each for each in found] == [False, True, True, True, True, True, True, False]
    assert (found[0]["lo"], found[-1]["lo"]) == ("2025-07-09T10:15:00Z", "2025-07-09T10:16:00Z")


def test_a_file_may_begin_with_a_mark_of_its_bytes() -> None:
    given = "\ufeff" + '{"raw":"10:15Z","context":{"date":"2025-07-09"}}'
    assert answers(given.encode())[0]["lo"] == "2025-07-09T10:15:00Z"


@pytest.mark.parametrize("day", ["2025-02-09", "2025/02/09", "9.2.2025", "20250209"])
def test_the_day_may_be_written_in_some_ways(day: str) -> None:
    assert blamefree_time("10:15", "--date", day).output.startswith("2025-02-09 10:15:00")


@pytest.mark.parametrize(
    ("context", "lo"),
    [
        ({"previous": "23:58"}, "2025-02-10T00:10:00Z"),
        ({"previous": "2025-02-12T23:58:00Z"}, "2025-02-13T00:10:00Z"),
        ({"previous": "22:00"}, "2025-02-10T00:10:00Z"),
        ({"previous": "08:00"}, "2025-02-09T00:10:00Z"),
        ({"heading": "23:58"}, "2025-02-09T00:10:00Z"),
        ({}, "2025-02-09T00:10:00Z"),
    ],
)
def test_a_bare_time_follows_the_row_before_across_midnight(context: dict[str, str], lo: str) -> None:
    given = {"raw": "00:10 alert", "context": {"date": "2025-02-09", "tz": "UTC", **context}}
    assert answers(json.dumps(given))[0]["lo"] == lo


@pytest.mark.parametrize("field", ["t0", "incident_start", "alert", "deployment"])
def test_a_distance_counts_from_the_moment_that_the_context_names(field: str) -> None:
    for raw in ("T+5 min", "5 minutes after it fired"):
        given = {"raw": raw, "context": {field: "2025-02-09T10:00:00Z"}}
        found = answers(json.dumps(given))[0]
        assert (found["kind"], found["lo"], found["offset_s"]) == ("relative", "2025-02-09T10:05:00Z", 300.0)


def test_a_distance_from_an_event_that_nobody_dated_is_kept_as_a_distance() -> None:
    result = blamefree_time("about 11 minutes after the deployment")
    assert result.output == "0:11:00 after a moment that is not known, about.\n"


def test_what_has_not_happened_has_no_time() -> None:
    found = answers('{"raw":"\\"endsAt\\": \\"0001-01-01T00:00:00Z\\"","context":{}}')[0]
    assert (found["kind"], found["lo"]) == ("order", None)


def test_a_document_without_a_zone_says_what_was_taken() -> None:
    line = '{"raw":"10:15","context":{"date":"2025-07-09","tz":null}}'
    london, berlin = answers(line)[0], answers(line, "--undeclared", "Europe/Berlin")[0]
    assert (london["lo"], london["zone"], london["zone_from"]) == (
        "2025-07-09T09:15:00Z",
        "Europe/London",
        "undeclared",
    )
    assert berlin["lo"] == "2025-07-09T08:15:00Z"


def test_control_characters_are_shown_and_not_sent() -> None:
    assert "\x1b" not in blamefree_time("\x1b[31m").output


def test_answers_come_one_by_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A program may ask, wait for the answer, and ask again."""
    told: list[int] = []

    class Asking(io.BytesIO):
        def __next__(self) -> bytes:
            told.append(len(capsys.readouterr().out))
            return super().__next__()

    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": Asking(b'{"raw":"x"}\n{"raw":"y"}\n')}))
    time.main(["--json"], standalone_mode=False)
    assert told[0] == 0
    assert min(told[1:]) > 0


@pytest.mark.parametrize(("written", "understood"), ROWS)
def test_the_page_about_times_is_true(written: str, understood: str) -> None:
    assert (
        in_words(find(written, Context(day=date(2025, 2, 9), zone=UTC_ZONE, events=True)), UTC_ZONE)
        == understood
    )


def test_the_page_about_times_has_examples() -> None:
    assert len(ROWS) > 50
