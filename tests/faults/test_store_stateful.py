"""Any order of edits, steps back, saves, crashes, torn journals and changes outside, against a simple model."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.history import Desk
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store.errors import ChangedOutside, Locked
from app.store.reading import load
from app.store.toml import Renderer
from tests.store_strategies import TEXT, record

START = Session(id="PM-1", incident={"title": "start"}, events=[Event(id="E1", text="first")])


class OpenSession(RuleBasedStateMachine):
    """The model is the two stacks of whole sessions that a history is."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="stateful-"))
        self.crashes = 0
        self.seen: list[Session] = [START]
        self.past: list[Session] = []
        self.future: list[Session] = []
        self.drafts: dict[str, str] = {}
        self.notes: list[str] = []

    @initialize()
    def create(self) -> None:
        self.desk = Desk.create(self.root / "0", START)
        self.now = START

    def edit(self, edit: object) -> None:
        before = self.now
        if self.desk.apply("edit", edit):  # type: ignore[arg-type]
            self.past.append(before)
            self.future.clear()
        self.now = self.desk.session

    @rule(entry=record(Event))
    def add(self, entry: Event) -> None:
        self.edit(lambda session: edits.add(session, "events", entry))

    @rule(text=TEXT, place=st.integers(0, 9))
    def change(self, text: str, place: int) -> None:
        ids = [event.id for event in self.now.events[place : place + 2]]
        self.edit(lambda session: edits.change(session, "events", ids, text=text))

    @rule(place=st.integers(0, 9))
    def delete(self, place: int) -> None:
        ids = [event.id for event in self.now.events[place : place + 1]]
        self.edit(lambda session: edits.delete(session, "events", ids))

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        rows = data.draw(st.permutations(self.now.events))
        self.edit(lambda session: session.model_copy(update={"events": tuple(rows)}))

    @rule(text=TEXT)
    def retitle(self, text: str) -> None:
        self.edit(lambda session: edits.set_incident(session, title=text))

    @rule()
    def undo(self) -> None:
        if self.desk.undo() is not None:
            self.future.append(self.now)
            self.now = self.past.pop()

    @rule()
    def redo(self) -> None:
        if self.desk.redo() is not None:
            self.past.append(self.now)
            self.now = self.future.pop()

    @rule(key=st.sampled_from("ab"), text=TEXT)
    def draft(self, key: str, text: str) -> None:
        self.desk.draft(key, text)
        self.drafts.pop(key, None)
        if text:
            self.drafts[key] = text

    @rule(text=TEXT)
    def note(self, text: str) -> None:
        self.desk.note("n", {"text": text})
        self.notes.append(text)

    @rule()
    def save(self) -> None:
        self.desk.save()
        assert identical(load((self.desk.folder / "session.toml").read_bytes()).session, self.now)

    @rule()
    def close_and_open(self) -> None:
        self.desk.close()
        self.desk = Desk.open(self.desk.folder)
        assert self.desk.notices == []

    @rule()
    def second_desk(self) -> None:
        with pytest.raises(Locked):
            Desk.open(self.desk.folder)
        self.desk.flush()
        with Desk.open(self.desk.folder, read_only=True) as reader:
            assert identical(reader.session, self.now)

    def crash(self) -> Path:
        """What is on disk right now, in another folder; the desk itself is abandoned."""
        self.desk.flush()
        self.crashes += 1
        folder = self.root / str(self.crashes)
        shutil.copytree(self.desk.folder, folder)
        self.desk.close()
        return folder

    @rule()
    def crash_and_open(self) -> None:
        self.desk = Desk.open(self.crash())
        assert self.desk.notices == []

    @rule(share=st.floats(0, 1), junk=st.binary(max_size=5))
    def tear_the_journal(self, share: float, junk: bytes) -> None:
        folder = self.crash()
        journal = folder / "session.journal"
        data = journal.read_bytes()
        torn = data[: int(len(data) * share)] + junk
        if not journal.stat().st_size or torn == data:
            self.desk = Desk.open(folder)
            return
        journal.write_bytes(torn)
        self.desk = Desk.open(folder)
        assert any(identical(self.desk.session, each) for each in self.seen), "this was never there"
        self._take_over()

    @rule(share=st.floats(0, 0.99))
    def cut_the_file(self, share: float) -> None:
        folder = self.crash()
        path = folder / "session.toml"
        data = path.read_bytes()
        path.write_bytes(data[: int((len(data) - 1) * share)])
        self.desk = Desk.open(folder)
        assert identical(self.desk.session, self.now)
        self.desk.save()

    @rule(text=TEXT.filter(bool))
    def change_outside(self, text: str) -> None:
        """Somebody rewrites the summary in the file as it was saved last, and takes the check line away."""
        memory = self.desk._memory
        ours = [file.patch for file in memory.files] + (memory.since(memory.files[0].seq) or [])
        if any("narrative" in delta.parts for delta in ours):
            # Both would have changed it: that is another rule.
            self.desk.save()
        folder = self.crash()
        path = folder / "session.toml"
        theirs = edits.set_narrative(load(path.read_bytes()).session, summary=text)
        data = Renderer().render(theirs, 0, "", lambda _: None).data
        path.write_bytes(data[: data.rindex(b"# blamefree")])
        before, told = self.now, theirs.narrative != self.now.narrative
        self.desk = Desk.open(folder)
        assert self.desk.session.events == before.events
        assert self.desk.session.incident == before.incident
        assert self.desk.session.narrative == theirs.narrative
        if told:
            assert self.desk.notices
        self._take_over()

    @rule(title=TEXT)
    def both_change_the_title(self, title: str) -> None:
        self.desk.save()
        self.retitle("ours " + title)
        folder = self.crash()
        path = folder / "session.toml"
        saved = load(path.read_bytes()).session
        if identical(saved, self.now):
            self.desk = Desk.open(folder)
            return
        theirs = edits.set_incident(saved, title="theirs " + title)
        data = Renderer().render(theirs, 0, "", lambda _: None).data
        path.write_bytes(data)
        with pytest.raises(ChangedOutside, match="incident title"):
            Desk.open(folder)
        assert path.read_bytes() == data
        (kept,) = folder.glob("session.conflict-*")
        assert identical(load(kept.read_bytes()).session, self.now)
        kept.rename(path)
        self.desk = Desk.open(folder)
        assert identical(self.desk.session, self.now)
        self._take_over()

    def _take_over(self) -> None:
        """After a repair the steps back may be fewer; they must still lead through sessions that hold together."""
        # The first line of a new journal brings a backup with it, should the old one be lost altogether.
        self.desk.note("n", {"text": "repaired"})
        self.desk.save()
        self.past, self.future = [], []
        while self.desk.redo() is not None:
            pass
        while self.desk.undo() is not None:
            self.past.insert(0, self.desk.session)
        while self.desk.redo() is not None:
            pass
        self.now = self.desk.session
        self.drafts, self.notes = self.desk.drafts(), [note["text"] for note in self.desk.notes("n")]

    @invariant()
    def the_session_is_as_the_model_says(self) -> None:
        if hasattr(self, "desk"):
            assert identical(self.desk.session, self.now)
            self.seen.append(self.now)
            assert (self.desk.can_undo, self.desk.can_redo) == (bool(self.past), bool(self.future))

    @invariant()
    @precondition(lambda self: hasattr(self, "desk"))
    def notes_and_drafts_are_kept(self) -> None:
        assert self.desk.drafts() == {key: text for key, text in self.drafts.items() if text}
        assert [note["text"] for note in self.desk.notes("n")] == self.notes

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
        shutil.rmtree(self.root, ignore_errors=True)


TestOpenSession = OpenSession.TestCase
TestOpenSession.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, report_multiple_bugs=False
)
