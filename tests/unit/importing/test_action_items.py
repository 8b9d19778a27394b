"""Actions as people write them in one line: who, until when, how urgent, and how far."""

from datetime import date

import pytest

from app.importing.document import Options
from app.importing.read import read
from app.importing.result import session_of

LINES = {
    "@ana: Add a test": ("@ana", None, "", "open"),
    "@ana to write the runbook by March 20, 2026": ("@ana", date(2026, 3, 20), "", "open"),
    "[@bo] Fix it (due 3 April 2026)": ("@bo", date(2026, 4, 3), "", "open"),
    "Write docs (Owner: Lee Ann; Due: 2026-04-01; Status: In progress; Priority: P1)": (
        "Lee Ann", date(2026, 4, 1), "high", "in-progress",
    ),
    "Alert on lag — **owner:** Kim, **ETA:** 2026-04-03, **priority:** low": ("Kim", date(2026, 4, 3), "low", "open"),
    "Correct MED - **Owner**: NOC - **Due**: 2025-10-04": ("NOC", date(2025, 10, 4), "", "open"),
    "Add limits | @joe | 2026-05-01 | P2": ("@joe", date(2026, 5, 1), "medium", "open"),
    "Monitor DKIM — @lea — due 2026-04-20": ("@lea", date(2026, 4, 20), "", "open"),
    "[ ] **[P0]** Block it @sam": ("@sam", None, "high", "open"),
    "Improve monitoring. Owner: SRE team. Due: Q2.": ("SRE team", None, "", "open"),
    "Raise the limit from 10 to 20 (high load was expected)": ("", None, "", "open"),
    "Mail alerts@example.com when the state: is unknown": ("", None, "", "open"),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_an_action_in_one_line_says_who_and_when(line: str) -> None:
    (action,) = session_of(read(f"# T\n\n## Action items\n\n- {line}\n", Options(), "x.md"), "A").actions
    assert (action.owner, action.due, action.priority, action.status) == LINES[line]


@pytest.mark.parametrize(
    ("said", "status"),
    [("✅ Done", "done"), ("🔄 In Progress", "in-progress"), ("✅", "done"), ("⏳", "open")],
)
def test_a_state_may_have_a_mark_beside_its_word(said: str, status: str) -> None:
    table = f"# T\n\n## Action items\n\n| Action | Status |\n|---|---|\n| Alert on lag | {said} |\n"
    (action,) = session_of(read(table, Options(), "x.md"), "A").actions
    assert action.status == status


def test_under_their_heading_a_table_needs_no_owner_to_be_one_of_actions() -> None:
    table = "# T\n\n## Next steps\n\n| What | Who | When |\n|---|---|---|\n| Drill | Ana | 2026-04-01 |\n"
    (action,) = session_of(read(table, Options(), "x.md"), "A").actions
    assert (action.text, action.owner, action.due) == ("Drill", "Ana", date(2026, 4, 1))
