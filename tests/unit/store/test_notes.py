"""Notes from any shell: nothing acknowledged is lost, nothing comes twice, whoever is killed in between."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from app.review import edits
from app.review.records import Event, Incident, Session
from app.store import inbox

AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = tmp_path / "sessions" / "review"
    Desk.create(place, Session(id="PM-1", incident=Incident(title="Slow checkout"))).close()
    return place


def texts(folder: Path) -> list[str]:
    with Desk.open(folder, read_only=True) as desk:
        return [event.text for event in desk.session.events]


def test_a_note_is_a_row_at_once_where_nobody_has_the_review_open(folder: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert main(["note", "pool exhausted @oncall #symptom <app logs>"]) == 0
    with Desk.open(folder, read_only=True) as desk:
        (row,) = desk.session.events
    assert (row.text, row.actor, row.kind, row.source) == ("pool exhausted", "@oncall", "symptom", "app logs")
    assert row.at is not None
    assert before <= row.at <= datetime.now(UTC)


def test_a_time_in_the_note_counts_and_is_counted_from_now(folder: Path) -> None:
    assert main(["note", "2025-02-09 10:15 pool exhausted"]) == 0
    assert main(["note", "--", "-5m somebody restarted the pooler"]) == 0
    with Desk.open(folder, read_only=True) as desk:
        first, second = desk.session.events
    assert first.at == datetime(2025, 2, 9, 10, 15, tzinfo=UTC)
    assert second.at is not None
    assert 290 <= (datetime.now(UTC) - second.at).total_seconds() <= 310


def test_every_line_of_a_pipe_is_a_row(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "app", "note", "--json"],
        input=b"one\n\ntwo #alert\n",
        capture_output=True,
        check=True,
    )
    assert len(json.loads(run.stdout)["rows"]) == 2
    assert texts(folder) == ["one", "two"]


def test_without_a_review_one_is_begun_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert main(["note", "everything is slow"]) == 0
    assert "was begun" in capsys.readouterr().err
    (begun,) = (tmp_path / "sessions").iterdir()
    assert texts(begun) == ["everything is slow"]


def test_the_review_that_was_opened_last_gets_the_note(folder: Path) -> None:
    from app.settings import remember_place

    other = folder.parent / "other"
    Desk.create(other, Session(id="PM-2", incident=Incident(title="Other"))).close()
    remember_place(other, "timeline", "")
    remember_place(folder, "timeline", "")
    main(["note", "here"])
    assert (texts(folder), texts(other)) == (["here"], [])
    main(["note", "--session", "other", "there"])
    assert texts(other) == ["there"]


def test_a_note_waits_while_the_review_is_open_elsewhere_and_is_taken_in_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk.open(folder) as desk:
        assert main(["note", "from another shell"]) == 0
        assert "open elsewhere" in capsys.readouterr().err
        assert desk.session.events == ()
        assert inbox.waiting(desk.folder)
        assert inbox.fold(desk) == 1
        assert inbox.fold(desk) == 0
        assert not inbox.waiting(desk.folder)
        assert [event.text for event in desk.session.events] == ["from another shell"]
        assert desk.undo() is not None
        assert desk.session.events == ()
    assert texts(folder) == []


def test_whoever_opens_the_review_next_takes_the_notes_in(folder: Path) -> None:
    inbox.put(folder, [Event(text="waited", at=AT)])
    with Desk.open(folder) as desk:
        assert [event.text for event in desk.session.events] == ["waited"]
        assert any("waited" in label for label in desk.labels())
    assert not inbox.waiting(folder)


def test_a_milestone_that_is_taken_is_not_taken_away(folder: Path) -> None:
    with Desk.open(folder) as desk:
        inbox.put(
            folder,
            [Event(text="one", at=AT, milestone="detected"), Event(text="two", at=AT, milestone="detected")],
        )
        inbox.fold(desk)
        assert [(event.milestone, event.tags) for event in desk.session.events] == [
            ("detected", ()),
            ("", ("detected",)),
        ]


@pytest.mark.parametrize("moment", ["renamed", "applied", "flushed"])
def test_a_kill_while_notes_are_taken_in_neither_loses_nor_doubles_them(folder: Path, moment: str) -> None:
    inbox.put(folder, [Event(text="one", at=AT), Event(text="two", at=AT)])
    program = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from app.store import inbox
        import app.history as history

        def kill():
            os.kill(os.getpid(), signal.SIGKILL)

        if {moment!r} == "renamed":
            inbox._read = lambda path: kill()
        elif {moment!r} == "applied":
            history.Desk.flush = lambda self, timeout=10: kill()
        else:
            inbox.done = lambda folder: kill()
        history.Desk.open(Path(sys.argv[1]))
        """
    )
    killed = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with Desk.open(folder) as desk:
        assert sorted(event.text for event in desk.session.events) == ["one", "two"]
    assert texts(folder) == ["one", "two"]
    assert not inbox.waiting(folder)


def test_a_line_that_its_writer_was_killed_over_is_kept_aside_and_spoils_no_other(folder: Path) -> None:
    inbox.put(folder, [Event(text="whole", at=AT)])
    with (folder / inbox.INBOX).open("ab") as file:
        file.write(b'1234abcd 400 {"t":"row","key":"note:x","ev')
    inbox.put(folder, [Event(text="behind it", at=AT)])
    with Desk.open(folder) as desk:
        assert [event.text for event in desk.session.events] == ["whole", "behind it"]
    (aside,) = folder.glob("session.damaged-*.inbox")
    assert b"note:x" in aside.read_bytes()


def test_notes_of_many_shells_at_once_all_arrive_while_one_takes_them_in(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.store import inbox; from app.review.records import Event\n"
        "for n in range(25): inbox.put(Path(sys.argv[1]), [Event(text=f'{sys.argv[2]}-{n}')])"
    )
    with Desk.open(folder) as desk:
        shells = [
            subprocess.Popen([sys.executable, "-c", program, str(folder), str(number)]) for number in range(4)
        ]
        while any(shell.poll() is None for shell in shells):
            inbox.fold(desk)
        inbox.fold(desk)
        assert {shell.returncode for shell in shells} == {0}
        assert sorted(event.text for event in desk.session.events) == sorted(
            f"{shell}-{number}" for shell in range(4) for number in range(25)
        )


def test_the_inbox_is_for_its_owner_only_and_no_link_is_followed(folder: Path, tmp_path: Path) -> None:
    inbox.put(folder, [Event(text="one")])
    assert (folder / inbox.INBOX).stat().st_mode & 0o777 == 0o600
    (folder / inbox.INBOX).unlink()
    (tmp_path / "elsewhere").write_text("mine")
    os.symlink(tmp_path / "elsewhere", folder / inbox.INBOX)
    assert main(["note", "two"]) == 2
    assert (tmp_path / "elsewhere").read_text() == "mine"


class Night(datetime):
    """A clock that stands at two in the night."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime(2025, 2, 10, 2, 0, tzinfo=UTC).astimezone(tz)


def test_words_that_begin_with_a_minus_and_a_number_are_no_option(folder: Path) -> None:
    assert main(["note", "-5m pooler restarted", "--session", "review"]) == 0
    assert main(["note", "--session", "review", "-1h", "rollout"]) == 0
    with Desk.open(folder, read_only=True) as desk:
        first, second = desk.session.events
    assert (first.text, second.text) == ("rollout", "pooler restarted")


def test_an_option_that_there_is_not_is_no_note(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["note", "--sesion", "x", "hello"]) == 2
    assert "No such option" in capsys.readouterr().err
    assert texts(folder) == []


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("23:55 pool exhausted", "2025-02-09T23:55"),
        ("~23:55 pool exhausted", "2025-02-09T23:55"),
        ("01:55 pool exhausted", "2025-02-10T01:55"),
        ("02:30 maintenance begins", "2025-02-10T02:30"),
        ("2025-02-11 10:00 maintenance", "2025-02-11T10:00"),
        ("+2h maintenance", "2025-02-10T04:00"),
    ],
)
def test_a_time_of_day_that_is_not_yet_was_that_of_yesterday(
    folder: Path, words: str, at: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.commands.note.datetime", Night)
    assert main(["note", words]) == 0
    with Desk.open(folder, read_only=True) as desk:
        (row,) = desk.session.events
    assert row.at == datetime.fromisoformat(f"{at}+00:00")
    # Another day than today is said.
    assert (at[5:10] in capsys.readouterr().out) == (at[5:10] != "02-10")


def test_a_pipe_in_another_encoding_loses_no_letter(folder: Path) -> None:
    for raw in ("Größe der Zone geändert\n".encode("cp1252"), "zwölf Knoten weg".encode("utf-16")):
        subprocess.run([sys.executable, "-m", "app", "note"], input=raw, capture_output=True, check=True)
    assert sorted(texts(folder)) == ["Größe der Zone geändert", "zwölf Knoten weg"]


def test_words_in_another_encoding_than_the_shell_s_lose_no_letter(folder: Path) -> None:
    assert main(["note", "caf\udce9 is down"]) == 0
    assert texts(folder) == ["café is down"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"x" * 30_000, "characters is no note"),
        (b"x\n" * 2000, "lines are a log"),
        (bytes(range(256)) * 9, "is no text"),
    ],
)
def test_what_is_no_note_is_one_sentence_that_says_where_it_goes(folder: Path, raw: bytes, said: str) -> None:
    run = subprocess.run([sys.executable, "-m", "app", "note"], input=raw, capture_output=True, check=False)
    assert run.returncode == 2
    assert said in run.stderr.decode()
    assert "blamefree source SESSION add file" in run.stderr.decode()
    assert run.stderr.count(b"\n") == 1
    assert texts(folder) == []


def test_a_closed_review_gets_no_note_unless_it_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.settings import remember_place

    remember_place(folder, "timeline", "")
    with Desk.open(folder) as desk:
        desk.apply("Close", lambda session: edits.set_incident(session, status="closed"))
    assert main(["note", "something new"]) == 0
    err = capsys.readouterr().err
    assert "review, which was opened last, is closed: " in err
    assert " was begun." in err
    assert texts(folder) == []
    assert main(["note", "--session", "review", "an afterthought"]) == 0
    assert texts(folder) == ["an afterthought"]


def test_a_note_into_another_than_the_closed_review_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.settings import remember_place

    other = folder.parent / "other"
    Desk.create(other, Session(id="PM-2", incident=Incident(title="Other", status="closed"))).close()
    remember_place(other, "timeline", "")
    assert main(["note", "goes on"]) == 0
    assert "other, which was opened last, is closed: --session other" in capsys.readouterr().err
    assert (texts(folder), texts(other)) == (["goes on"], [])


def test_a_note_into_a_review_of_a_newer_version_waits_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "session.toml"
    file.write_text(file.read_text("utf-8").replace("schema = 1", "schema = 9", 1), "utf-8")
    assert main(["note", "--session", "review", "waits"]) == 0
    assert "waits until blamefree is updated" in capsys.readouterr().err
    assert inbox.waiting(folder)


def test_a_full_disk_is_one_sentence_and_nothing_of_the_note_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox.put(folder, [Event(text="before", at=AT)])
    whole = (folder / inbox.INBOX).read_bytes()

    def full(handle: int, data: bytes) -> int:
        if len(data) < 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(handle, data[:3])

    written = os.write
    monkeypatch.setattr("app.store.inbox.os.write", full)
    with Desk.open(folder, read_only=True):
        monkeypatch.setattr("app.commands.note._fold", lambda folder: "")
        assert main(["note", "no room"]) == 2
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert err.count("\n") == 1
    assert (folder / inbox.INBOX).read_bytes() == whole
