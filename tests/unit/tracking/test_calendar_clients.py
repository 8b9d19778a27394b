"""The calendar file in two programs that people have: libical (Evolution, GNOME Calendar, KOrganizer) and khal.

Neither is the library that the file is written with. Skipped where Debian's packages libical3 and khal are not there.
"""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.review.records import Session
from app.tracking.calendar import calendar
from tests.fakes.classic_review import classic_review

NOW = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)
EVENT = 4
"""ICAL_VEVENT_COMPONENT of libical's icalenums.h."""
TEXTS = ("字" * 200, "👩‍🚀" * 60, "a" * 5_000, 'a;b,c\\d "e"', "Größe: 100 %")


def closed(session: Session) -> Session:
    """The first action done before its day."""
    first = session.actions[0].model_copy(update={"status": "done", "closed_on": date(2025, 2, 12)})
    return session.model_copy(update={"actions": (first, *session.actions[1:])})


def called(title: str) -> Session:
    session = classic_review()
    actions = tuple(each.model_copy(update={"text": title}) for each in session.actions)
    return session.model_copy(update={"actions": actions})


# libical


@pytest.fixture(scope="module")
def libical() -> Any:
    name = ctypes.util.find_library("ical")
    if name is None:
        pytest.skip("without libical3")
    library = ctypes.CDLL(name)
    for function in (
        "icalparser_parse_string",
        "icalcomponent_get_first_component",
        "icalcomponent_get_next_component",
    ):
        getattr(library, function).restype = ctypes.c_void_p
    for function in ("icalcomponent_get_uid", "icalcomponent_get_summary", "icalcomponent_as_ical_string"):
        getattr(library, function).restype = ctypes.c_char_p
        getattr(library, function).argtypes = [ctypes.c_void_p]
    for function in (
        "icalcomponent_count_errors",
        "icalrestriction_check",
        "icalcomponent_free",
        "icalcomponent_get_status",
    ):
        getattr(library, function).argtypes = [ctypes.c_void_p]
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    for function in ("icalcomponent_get_first_component", "icalcomponent_get_next_component"):
        getattr(library, function).argtypes = [ctypes.c_void_p, ctypes.c_int]
    return library


def read(library: Any, raw: bytes) -> tuple[int, int, dict[str, str]]:
    """How many errors there are, whether the restrictions of RFC 5545 and 5546 hold, and summaries by UID."""
    whole = library.icalparser_parse_string(raw)
    assert whole
    events: dict[str, str] = {}
    try:
        # The check marks what breaks a restriction as an error in the component.
        held = library.icalrestriction_check(whole)
        each = library.icalcomponent_get_first_component(whole, EVENT)
        while each:
            uid = library.icalcomponent_get_uid(each).decode("utf-8")
            assert uid not in events
            events[uid] = library.icalcomponent_get_summary(each).decode("utf-8")
            each = library.icalcomponent_get_next_component(whole, EVENT)
        return library.icalcomponent_count_errors(whole), held, events
    finally:
        library.icalcomponent_free(whole)


def test_libical_finds_no_error_and_every_event(libical: Any) -> None:
    for session in (classic_review(), closed(classic_review())):
        errors, held, events = read(libical, calendar(session, now=NOW))
        assert (errors, held) == (0, 1)
        assert len(events) == 10
    assert events["PM-2025-02-09/action-AI-002@blamefree"].startswith("AI-002 due: ")


@pytest.mark.parametrize("text", TEXTS)
def test_libical_reads_every_text_as_it_was(libical: Any, text: str) -> None:
    errors, held, events = read(libical, calendar(called(text), now=NOW))
    assert (errors, held) == (0, 1)
    said = {each.partition(": ")[2] for name, each in events.items() if "/action-" in name}
    assert all(each.startswith(text) for each in said), said


def test_libical_does_find_errors(libical: Any) -> None:
    raw = calendar(classic_review(), now=NOW)
    errors, _, _ = read(libical, raw.replace(b"DTSTART:20250211", b"DTSTART:2025x211", 1))
    assert errors
    for broken in (
        raw.replace(b"SUMMARY:", b"SUMMARY:twice\r\nSUMMARY:"),
        # A METHOD wants an ORGANIZER, which this file has not.
        raw.replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:PUBLISH"),
    ):
        assert read(libical, broken)[:2] != (0, 1)


# khal


@pytest.fixture
def khal(tmp_path: Path) -> Any:
    if shutil.which("khal") is None:
        pytest.skip("without khal")
    config = tmp_path / "khal.conf"
    (tmp_path / "calendar").mkdir()
    config.write_text(
        f"[calendars]\n[[work]]\npath = {tmp_path}/calendar\n[sqlite]\npath = {tmp_path}/khal.db\n[locale]\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        "longdatetimeformat = %Y-%m-%d %H:%M\nlocal_timezone = UTC\ndefault_timezone = UTC\n",
        "utf-8",
    )

    def run(*words: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["khal", "-c", str(config), *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def take(session: Session, now: datetime) -> list[str]:
        """Import the file, and list what there is in the next year."""
        path = tmp_path / "file.ics"
        path.write_bytes(calendar(session, now=now))
        run("import", "--batch", "-a", "work", str(path))
        listed = run("list", "--format", "{start-date} {start-time}|{title}|{status}", "2025-02-10", "365d")
        return [line for line in listed.splitlines() if "|" in line]

    return take


def test_khal_shows_each_reminder_once_however_often_it_is_imported(khal: Any) -> None:
    first = khal(classic_review(), NOW)
    assert sum("AI-001 due" in line for line in first) == 1
    assert sum("Review open post-mortem actions" in line for line in first) == 5
    assert any(line.startswith("2025-02-16") and "AI-001 due" in line for line in first)
    assert khal(classic_review(), NOW + timedelta(hours=1)) == first


def test_khal_moves_what_has_moved_and_strikes_what_is_closed(khal: Any) -> None:
    khal(classic_review(), NOW)
    session = classic_review()
    moved = session.actions[1].model_copy(update={"due": date(2025, 4, 1)})
    later = session.model_copy(update={"actions": (session.actions[0], moved, *session.actions[2:])})
    second = khal(closed(later), NOW + timedelta(hours=1))
    (gone,) = (line for line in second if "AI-001 due" in line)
    (other,) = (line for line in second if "AI-002 due" in line)
    assert "CANCELLED" in gone
    assert other.startswith("2025-04-01")
    assert "CANCELLED" not in other
