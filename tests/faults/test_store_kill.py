"""SIGKILL at a random moment: every edit that was called saved is there, and at most one more.

A child edits and reports each edit that is saved through a pipe; it is killed; the session is opened and
compared with what the same edits give. The same loop must catch two naive ways of saving.
``BLAMEFREE_KILLS`` sets the number of rounds (500 before a release).
"""

import os
import random
import select
import shutil
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Event, Session
from app.review.tables import identical
from app.store.disk import DISK, replace
from app.store.errors import StoreError
from app.store.reading import load
from app.store.toml import Renderer

ROUNDS = int(os.environ.get("BLAMEFREE_KILLS", "60"))
START = Session(
    id="PM-1", incident={"title": "0"}, events=[Event(id=f"E{n}", text="x" * 60) for n in range(1, 40)]
)

Report = Callable[[int], None]


def step(session: Session, number: int) -> Session:
    session = edits.set_incident(session, title=str(number))
    if number % 4 == 0:
        return edits.delete(session, "events", {session.events[number % len(session.events)].id})
    return edits.add(session, "events", Event(text=f"row {number} " + "y" * 40))


def replayed(count: int) -> Session:
    session = START
    for number in range(1, count + 1):
        session = step(session, number)
    return session


def with_the_desk(folder: Path, report: Report) -> None:
    desk = Desk.open(folder)
    number = int(desk.session.incident.title)
    while True:
        number += 1
        desk.apply("edit", lambda session, number=number: step(session, number))
        desk.flush()
        report(number)
        if number % 6 == 0:
            desk.save()


def by_opening_for_writing(folder: Path, report: Report) -> None:
    session = load((folder / "session.toml").read_bytes()).session
    for number in range(1, 100_000):
        session = step(session, number)
        with (folder / "session.toml").open("w") as file:
            file.write(Renderer().render(session, number, "", lambda _: None).data.decode())
        report(number)


def by_renaming_every_fifth_time(folder: Path, report: Report) -> None:
    session = load((folder / "session.toml").read_bytes()).session
    for number in range(1, 100_000):
        session = step(session, number)
        if number % 5 == 0:
            replace(
                DISK, folder / "session.toml", Renderer().render(session, number, "", lambda _: None).data
            )
        report(number)


def killed(child: Callable[[Path, Report], None], folder: Path, delay: float) -> int | None:
    """Run *child* in a process of its own, kill it after *delay* seconds; the last edit that it reported."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            child(folder, lambda number: os.write(writer, struct.pack("<I", number)) and None)
        finally:
            os._exit(3)
    os.close(writer)
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    reports = b""
    while select.select([reader], [], [], 1)[0] and (data := os.read(reader, 65536)):
        reports += data
    os.close(reader)
    assert os.WIFSIGNALED(status), "the child ended before it was killed"
    whole = len(reports) // 4 * 4
    return struct.unpack("<I", reports[whole - 4 : whole])[0] if whole else None


def fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    Desk.create(folder, START).close()


def judged(session: Session, acked: int) -> str:
    found = int(session.incident.title)
    if not acked <= found <= acked + 1:
        return f"{acked} edits were saved, {found} found"
    return (
        ""
        if identical(session, replayed(found))
        else f"edit {found} is there, but the session is not as it was"
    )


def test_no_kill_loses_an_edit_that_was_called_saved(tmp_path: Path) -> None:
    chance = random.Random(20250209)
    folder = tmp_path / "review"
    acked, edits_seen = 0, 0
    for turn in range(ROUNDS):
        if turn % 15 == 0:
            fresh(folder)
            acked = 0
        last = killed(with_the_desk, folder, chance.uniform(0.004, 0.05))
        edits_seen += (last or acked) - acked
        acked = last or acked
        # Opening at once: the kernel has freed the lock.
        with Desk.open(folder) as desk:
            problem = judged(desk.session, acked)
            assert not problem, f"round {turn}: {problem}"
            acked = int(desk.session.incident.title)
            assert desk.labels()[-1:] in ([], ["edit"])
    assert edits_seen > ROUNDS, "the children were killed before they did anything"


@pytest.mark.parametrize("naive", [by_opening_for_writing, by_renaming_every_fifth_time])
def test_the_loop_catches_naive_ways_of_saving(tmp_path: Path, naive: Callable[[Path, Report], None]) -> None:
    chance = random.Random(7)
    for _ in range(200):
        fresh(tmp_path / "review")
        acked = killed(naive, tmp_path / "review", chance.uniform(0.01, 0.05)) or 0
        try:
            session = load((tmp_path / "review" / "session.toml").read_bytes()).session
        except StoreError:
            return
        if judged(session, acked):
            return
    pytest.fail("200 kills, and nothing was noticed")
