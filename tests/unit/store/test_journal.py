"""The journal: every line checked, nothing guessed behind a bad one, the way back kept when it is shortened."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history import Desk
from app.review import edits
from app.review.records import Session
from app.store import journal, writer
from app.store.disk import DISK
from app.store.errors import Unreadable
from app.store.journal import Journal, frame, remember, scan

LINES = [
    {"t": "start", "name": "ab12", "seq": 4, "sha": "00"},
    *(
        {"t": "edit", "seq": seq, "label": f"é{seq}", "delta": {"incident": [{}, {"title": "x"}]}}
        for seq in (5, 6)
    ),
    {"t": "undo", "seq": 7, "label": "é6", "delta": {"incident": [{"title": "x"}, {}]}},
    {"t": "note", "kind": "intent", "data": {"a": "\ud800 \u2028"}},
]
DATA = b"".join(map(frame, LINES))


def test_what_is_written_is_read_back() -> None:
    assert scan(DATA) == (LINES, len(DATA), "", False)
    assert DATA.isascii()


def test_a_journal_cut_at_any_byte_gives_the_whole_lines_before_the_cut() -> None:
    ends = [len(b"".join(map(frame, LINES[:count]))) for count in range(len(LINES) + 1)]
    for cut in range(len(DATA) + 1):
        records, good, fault, torn = scan(DATA[:cut])
        assert good == max(end for end in ends if end <= cut)
        assert records == LINES[: ends.index(good)]
        assert bool(fault) == torn == (cut not in ends)


def test_no_flipped_bit_is_taken_for_a_line() -> None:
    chance = random.Random(5)
    for _ in range(3000):
        place, bit = chance.randrange(len(DATA)), chance.randrange(8)
        data = bytearray(DATA)
        data[place] ^= 1 << bit
        records, good, fault, _ = scan(bytes(data))
        assert good <= place
        assert fault
        assert records == LINES[: len(records)]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(LINES)))
def test_any_bytes_behind_a_good_line_are_harmless(junk: bytes, count: int) -> None:
    head = b"".join(map(frame, LINES[:count]))
    records, good, fault, _ = scan(head + junk)
    assert (records, good, bool(fault)) == (LINES[:count], len(head), bool(junk))


def test_zeros_where_a_line_should_be_are_a_line_that_was_not_completed() -> None:
    assert scan(DATA + bytes(300)).torn
    assert not scan(DATA + b"\0\0junk\n" + DATA).torn


@pytest.mark.parametrize("lines", [[LINES[0], LINES[2]], [LINES[1]], [*LINES, LINES[1]]])
def test_a_gap_in_the_numbers_ends_the_reading(lines: list[journal.JournalRecord]) -> None:
    found = scan(b"".join(map(frame, lines)))
    assert len(found.records) == len(lines) - 1
    assert "is missing" in found.fault
    assert not found.torn


@pytest.mark.parametrize(
    "record", [[], "text", {"x": 1}, {"t": 3}, {"t": "edit"}, {"t": "edit", "seq": True}]
)
def test_a_line_that_is_no_record_is_damage(record: object) -> None:
    assert "damaged" in scan(frame(record)).fault  # type: ignore[arg-type]


def test_a_journal_larger_than_its_limit_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SIZE_LIMIT", 10)
    (tmp_path / "j").write_bytes(DATA)
    with pytest.raises(Unreadable, match="move it away"):
        journal.read(tmp_path / "j")
    assert journal.read(tmp_path / "none") == b""


def test_lines_go_behind_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(DATA + b"half a li")
    file = Journal(DISK, path, len(DATA))
    file.append(frame(LINES[4]))
    file.close()
    assert path.read_bytes() == DATA + frame(LINES[4])


def test_notes_drafts_and_steps_are_remembered() -> None:
    memory = remember([*LINES, {"t": "draft", "key": "k", "text": "abc"}])
    assert (memory.name, memory.seq, memory.drafts) == ("ab12", 7, {"k": "abc"})
    assert [step.label for step in memory.past] == ["é5"]
    assert [step.label for step in memory.future] == ["é6"]
    assert len(memory.since(5) or []) == 2
    assert memory.since(3) is None
    assert memory.since(8) is None


def desk_with(folder: Path, changes: int) -> Desk:
    desk = Desk.create(folder, Session(incident={"title": "start"}))
    for number in range(changes):
        desk.apply(
            f"step {number}", lambda session, number=number: edits.set_incident(session, title=f"{number}")
        )
    return desk


@pytest.mark.parametrize("undone", [0, 3, 250])
def test_a_shortened_journal_keeps_the_last_200_steps_both_ways_and_all_notes(
    tmp_path: Path, undone: int
) -> None:
    desk = desk_with(tmp_path / "review", 500)
    desk.note("intent", {"n": 1})
    desk.draft("key", "text")
    for _ in range(undone):
        desk.undo()
    title, labels = desk.session.incident.title, desk.labels()
    desk.close()
    size = (tmp_path / "review" / "session.journal").stat().st_size
    with Desk.open(tmp_path / "review") as again:
        assert again.notices == []
        assert again.session.incident.title == title
        kept = again.labels()
        assert kept == labels[-len(kept) :]
        assert len(kept) >= min(200, len(labels))
        assert again.notes("intent") == [{"n": 1}]
        assert again.drafts() == {"key": "text"}
        for _ in range(undone):
            assert again.redo()
        assert again.session.incident.title == "499"
        for _ in range(200):
            assert again.undo()
        assert again.session.incident.title == "299"
    assert size < 200_000


def test_a_journal_that_grows_too_large_is_shortened_while_the_session_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "JOURNAL_LIMIT", 20_000)
    monkeypatch.setattr(journal, "KEEP_CHANGES", 20)
    desk = desk_with(tmp_path / "review", 0)
    largest = 0
    for number in range(400):
        desk.apply("step", lambda session, number=number: edits.set_incident(session, title=f"{number}" * 9))
        if number % 20 == 0:
            desk.save()
            largest = max(largest, (tmp_path / "review" / "session.journal").stat().st_size)
    desk.flush()
    assert largest < 60_000
    with Desk.open(tmp_path / "review", read_only=True) as reader:
        assert reader.session == desk.session
    desk.close()
    with Desk.open(tmp_path / "review") as again:
        assert again.session == desk.session
        assert len(again.labels()) >= 20
