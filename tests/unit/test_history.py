"""An open session: edits, the way back and forth, and what survives a restart."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.history import Desk, SaveState
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store import writer
from app.store.errors import ChangedOutside, InvalidEdit, Locked, ReadOnly, StoreError, Unreadable
from app.store.reading import load

START = Session(
    id="PM-1", incident={"title": "start"}, events=[Event(id=f"E{n}", text=f"row {n}") for n in range(1, 4)]
)


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    with Desk.create(tmp_path / "review", START, clock=clock, who="alice@host") as desk:
        yield desk


def retitle(desk: Desk, text: str, merge: str | None = None) -> bool:
    return desk.apply(f"title {text}", lambda session: edits.set_incident(session, title=text), merge=merge)


def reopened(desk: Desk) -> Desk:
    desk.close()
    return Desk.open(desk.folder)


def test_an_edit_is_done_at_once_and_can_be_taken_back_and_done_again(desk: Desk) -> None:
    assert not desk.can_undo
    assert retitle(desk, "one")
    assert retitle(desk, "two")
    assert desk.labels() == ["title one", "title two"]
    assert desk.undo() == "title two"
    assert desk.session.incident.title == "one"
    assert desk.redo() == "title two"
    assert desk.session.incident.title == "two"
    assert desk.redo() is None
    desk.undo(), desk.undo()
    assert desk.session == START
    assert desk.undo() is None
    assert desk.can_redo
    retitle(desk, "three")
    assert not desk.can_redo


def test_an_edit_that_changes_nothing_is_no_step(desk: Desk) -> None:
    assert not retitle(desk, "start")
    assert not desk.can_undo


def test_edits_with_the_same_key_within_a_second_are_one_step(desk: Desk, clock: Clock) -> None:
    for text in ("P", "Po", "Poo", "Pool"):
        retitle(desk, text, merge="title")
        clock.now += 0.9
    clock.now += 0.2
    retitle(desk, "Pools", merge="title")
    retitle(desk, "Poolside", merge="other")
    assert desk.labels() == ["title Pool", "title Pools", "title Poolside"]
    desk.undo(), desk.undo()
    assert desk.session.incident.title == "Pool"
    desk.undo()
    assert desk.session.incident.title == "start"
    with reopened(desk) as again:
        assert [again.redo(), again.session.incident.title] == ["title Pool", "Pool"]


def test_typing_and_taking_it_back_by_typing_is_no_step(desk: Desk) -> None:
    retitle(desk, "started", merge="title")
    retitle(desk, "start", merge="title")
    assert desk.labels() == []
    with reopened(desk) as again:
        assert again.labels() == []
        assert again.session == START


def test_an_undo_between_two_keystrokes_ends_the_step(desk: Desk) -> None:
    retitle(desk, "one", merge="title")
    desk.undo()
    retitle(desk, "two", merge="title")
    retitle(desk, "three", merge="title")
    desk.undo()
    assert desk.session == START


def test_undo_and_redo_survive_a_restart_with_who_and_when(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        retitle(desk, text)
    desk.undo()
    with reopened(desk) as again:
        assert again.notices == []
        assert again.labels() == ["title one", "title two"]
        assert [change.who for change in again.changes()] == ["alice@host"] * 2
        assert datetime.fromisoformat(again.changes()[0].at).tzinfo is not None
        assert again.redo() == "title three"
        while again.undo():
            pass
        assert identical(again.session, START)


def test_listeners_hear_of_edits_and_steps_back_until_they_leave(desk: Desk) -> None:
    heard: list[tuple[str, str]] = []
    leave = desk.subscribe(lambda old, new: heard.append((old.incident.title, new.incident.title)))
    retitle(desk, "one")
    desk.undo()
    leave()
    leave()
    desk.redo()
    assert heard == [("start", "one"), ("one", "start")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"events": (Event(id="E1"), Event(id="E1"))}, "'E1' is used twice"),
        ({"events": (Event(text="x"),)}, "an event has no id"),
        (
            {"events": (Event(id="E1").model_copy(update={"at": datetime(2025, 1, 1)}),)},
            "`at` needs a date and time",
        ),
        ({"events": (Event(id="E1").model_copy(update={"x": object()}),)}, "`x` holds a object"),
    ],
)
def test_an_edit_that_could_not_be_opened_again_is_refused_and_changes_nothing(
    desk: Desk, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidEdit, match=words):
        desk.apply("bad", lambda session: session.model_copy(update=change))
    assert desk.session == START
    assert retitle(desk, "still works")


def test_text_that_a_file_cannot_hold_is_made_visible_by_an_edit(desk: Desk) -> None:
    row = Event(id="E1").model_copy(update={"text": "a\x1b[31m\ud800", "x": "\0"})
    desk.apply("paste", lambda session: session.model_copy(update={"events": (row,)}))
    assert desk.session.events[0].text == "a^[[31m<D800>"
    with reopened(desk) as again:
        assert again.session.events[0].model_extra == {"x": "^@"}


def test_notes_are_durable_when_the_call_returns_and_keep_their_types(desk: Desk) -> None:
    data = {
        "action": "AI-001",
        "at": datetime(2025, 2, 9, tzinfo=UTC),
        "due": date(2025, 2, 16),
        "n": [1, 1.0],
    }
    desk.note("intent", data)
    desk.note("done", {"url": "https://tracker/1"})
    held = (desk.folder / "session.journal").read_bytes()
    assert b"https://tracker/1" in held
    with reopened(desk) as again:
        assert repr(again.notes("intent")) == repr([data])
        assert again.notes("other") == []


def test_drafts_come_back_until_they_are_emptied(desk: Desk) -> None:
    desk.draft("event", "10:15 some")
    desk.draft("event", "10:15 someone")
    desk.draft("parked", "what about")
    desk.draft("parked", "")
    with reopened(desk) as again:
        assert again.drafts() == {"event": "10:15 someone"}
        again.draft("event", "")
        with reopened(again) as third:
            assert third.drafts() == {}


def test_saved_is_said_only_after_the_journal_has_it(tmp_path: Path) -> None:
    seen: list[tuple[SaveState, bool]] = []
    journal = tmp_path / "review" / "session.journal"

    def listen(state: SaveState) -> None:
        seen.append((state, b"a new title" in journal.read_bytes()))

    with Desk.create(tmp_path / "review", START, on_state=listen) as desk:
        retitle(desk, "a new title")
        desk.flush()
        assert desk.state.kind == "saved"
        assert desk.state.at is not None
    assert [state.kind for state, _ in seen][:2] == ["saving", "saved"]
    assert all(held for state, held in seen if state.kind == "saved")


def test_a_listener_that_fails_does_not_stop_the_writing(tmp_path: Path) -> None:
    def broken(_: SaveState) -> None:
        raise RuntimeError("the screen is gone")

    with Desk.create(tmp_path / "review", START, on_state=broken) as desk:
        retitle(desk, "one")
        desk.flush()
        retitle(desk, "two")
    assert load((tmp_path / "review" / "session.toml").read_bytes()).session.incident.title == "two"


def test_the_session_file_follows_after_fifty_changes_even_without_a_pause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "IDLE_S", 3600.0)
    for number in range(writer.CHANGES_PER_FILE):
        retitle(desk, str(number))
    desk.flush()
    # A note waits for the thread, which writes the file before it takes the next line.
    desk.note("x", {})
    desk.note("x", {})
    title = load((desk.folder / "session.toml").read_bytes()).session.incident.title
    assert title != "start"


def test_there_is_one_writer_thread_and_it_ends_with_the_desk(tmp_path: Path) -> None:
    def writers() -> int:
        return sum(thread.name == "blamefree-writer" for thread in threading.enumerate())

    desk = Desk.create(tmp_path / "review", START)
    assert writers() == 0
    for number in range(60):
        retitle(desk, str(number))
    desk.save()
    assert writers() == 1
    desk.close()
    assert writers() == 0


def test_a_closed_desk_refuses_edits_and_closing_twice_is_harmless(desk: Desk) -> None:
    desk.close()
    desk.close()
    assert desk.read_only
    with pytest.raises(ReadOnly):
        retitle(desk, "late")


def test_reading_only_needs_no_lock_and_writes_nothing(desk: Desk) -> None:
    retitle(desk, "one")
    desk.flush()
    with Desk.open(desk.folder, read_only=True) as reader:
        assert reader.session.incident.title == "one"
        assert reader.state.kind == "read-only"
        assert not reader.can_undo
        with pytest.raises(ReadOnly, match="open for reading only"):
            retitle(reader, "two")
        assert reader.check_outside() is None


def test_a_second_desk_is_told_who_has_the_session(desk: Desk, tmp_path: Path) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to(desk.folder)
    for name in (desk.folder, alias, desk.folder / "session.toml"):
        with pytest.raises(
            Locked, match=r"is open elsewhere \(alice@host, process \d+ on .*; open it read-only"
        ):
            Desk.open(name)
    desk.close()
    Desk.open(alias).close()


def test_a_second_process_is_kept_out_and_let_in_once_the_first_is_gone(desk: Desk) -> None:
    program = (
        "import sys; from pathlib import Path; from app.history import Desk; from app.store.errors import Locked\n"
        "try: Desk.open(Path(sys.argv[1])).close(); print('opened')\n"
        "except Locked as error: print(error)\n"
    )

    def second() -> str:
        run = subprocess.run(
            [sys.executable, "-c", program, str(desk.folder)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return run.stdout

    assert "is open elsewhere (alice@host" in second()
    desk.close()
    assert second() == "opened\n"


def test_a_failed_open_gives_the_lock_back(tmp_path: Path) -> None:
    folder = tmp_path / "review"
    folder.mkdir()
    for _ in range(2):
        with pytest.raises(Unreadable, match=r"session\.toml cannot be read: it is missing"):
            Desk.open(folder)


def test_opening_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no session folder"):
        Desk.open(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_session_is_never_made_over_another(desk: Desk) -> None:
    desk.close()
    with pytest.raises(StoreError, match="holds a session already"):
        Desk.create(desk.folder, Session())
    assert load((desk.folder / "session.toml").read_bytes()).session == START


def test_everything_on_disk_is_for_its_owner_alone(desk: Desk) -> None:
    retitle(desk, "one")
    desk.save()
    for path in [desk.folder, *desk.folder.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_opening_imports_no_network_terminal_or_template_library() -> None:
    program = (
        "import sys, app.history, app.store.catalogue\n"
        "heavy = {'textual', 'httpx', 'jinja2', 'kubernetes', 'filelock', 'asyncio', 'rich'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


# The file is changed by somebody else -------------------------------------------------------------


def by_hand(folder: Path, old: str, new: str) -> None:
    path = folder / "session.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_file_edited_between_two_openings_is_a_named_step(desk: Desk) -> None:
    retitle(desk, "one")
    desk.close()
    by_hand(desk.folder, "row 2", "their words")
    with Desk.open(desk.folder) as again:
        assert again.session.events[1].text == "their words"
        assert again.notices == ["session.toml was changed outside: event E2 text"]
        assert again.labels() == ["title one", "changed outside"]
        again.undo()
        assert again.session.events[1].text == "row 2"
        again.redo()
    with Desk.open(desk.folder) as third:
        assert third.notices == []
        assert third.session.events[1].text == "their words"


def test_only_the_form_of_the_file_changed(desk: Desk) -> None:
    desk.close()
    by_hand(desk.folder, "[incident]", "# a remark\n[incident]")
    with Desk.open(desk.folder) as again:
        assert again.notices == ["session.toml was changed outside: nothing but its form"]
        assert again.labels() == []
    with Desk.open(desk.folder) as third:
        assert third.notices == []


def test_edits_here_and_there_go_together(desk: Desk) -> None:
    retitle(desk, "ours")
    desk.flush()
    by_hand(desk.folder, "row 2", "their words")
    assert desk.check_outside()
    assert desk.adopt_outside() == ["event E2 text"]
    assert desk.session.incident.title == "ours"
    assert desk.session.events[1].text == "their words"
    assert desk.check_outside() is None
    desk.save()
    saved = load((desk.folder / "session.toml").read_bytes())
    assert identical(saved.session, desk.session)
    assert any(b"their words" in path.read_bytes() for path in (desk.folder / "backups").iterdir())
    assert desk.undo() == "changed outside"
    assert desk.session.events[1].text == "row 2"


def test_a_change_outside_is_never_overwritten(desk: Desk) -> None:
    retitle(desk, "ours")
    desk.flush()
    by_hand(desk.folder, "row 2", "their words")
    theirs = (desk.folder / "session.toml").read_bytes()
    retitle(desk, "more")
    desk.save()
    assert (desk.folder / "session.toml").read_bytes() == theirs
    assert desk.state.kind == "saved"
    assert "changed outside" in desk.state.message
    desk.close()
    with Desk.open(desk.folder) as again:
        assert again.session.incident.title == "more"
        assert again.session.events[1].text == "their words"


def test_both_changed_the_same_place_and_nothing_is_lost(desk: Desk) -> None:
    retitle(desk, "ours")
    desk.flush()
    by_hand(desk.folder, '"start"', '"theirs"')
    theirs = (desk.folder / "session.toml").read_bytes()
    with pytest.raises(
        ChangedOutside, match=r"\(incident title\); ours is kept as session\.conflict-"
    ) as caught:
        desk.adopt_outside()
    kept = desk.folder / str(caught.value).split("ours is kept as ")[1].split(":")[0]
    assert load(kept.read_bytes()).session.incident.title == "ours"
    desk.close()
    assert (desk.folder / "session.toml").read_bytes() == theirs
    for _ in range(2):
        with pytest.raises(ChangedOutside, match=r"incident title.*move session\.journal away.*ours is kept"):
            Desk.open(desk.folder)
    assert len(list(desk.folder.glob("session.conflict-*"))) == 1
    assert (desk.folder / "session.toml").read_bytes() == theirs
    (desk.folder / "session.journal").rename(desk.folder / "away")
    with Desk.open(desk.folder) as again:
        assert again.session.incident.title == "theirs"


def test_a_pulled_file_with_a_check_line_that_fits_is_a_change_outside_too(tmp_path: Path) -> None:
    mine, colleague = tmp_path / "mine", tmp_path / "colleague"
    Desk.create(mine, START).close()
    colleague.mkdir()
    (colleague / "session.toml").write_bytes((mine / "session.toml").read_bytes())
    with Desk.open(colleague) as there:
        assert there.notices == []
        for text in ("a", "b", "c"):
            retitle(there, text)
    (mine / "session.toml").write_bytes((colleague / "session.toml").read_bytes())
    with Desk.open(mine) as here:
        assert here.session.incident.title == "c"
        assert here.notices == ["session.toml was changed outside: incident title"]
        here.undo()
        assert here.session == START


def test_touching_the_file_without_changing_it_is_nothing(desk: Desk) -> None:
    (desk.folder / "session.toml").touch()
    assert desk.check_outside() is None
    path = desk.folder / "session.toml"
    path.write_bytes(path.read_bytes())
    assert desk.check_outside() is None


def test_an_unreadable_change_outside_is_refused_and_ours_is_kept(desk: Desk) -> None:
    retitle(desk, "ours")
    desk.flush()
    (desk.folder / "session.toml").write_text("[incident\n")
    assert desk.check_outside()
    with pytest.raises(ChangedOutside, match="line 1, column 10"):
        desk.adopt_outside()
    (kept,) = desk.folder.glob("session.conflict-*")
    assert load(kept.read_bytes()).session.incident.title == "ours"
