"""Ten sources that hang are stopped by what happened, not by a clock: every patience is set to an hour.

A step that waited for any of these times would hold up the end, and with it the test, until that is ended.
"""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.history import Desk
from collectors.confirmed import confirm, confirm_lent
from collectors.interface import Command
from collectors.kubernetes import KubernetesCollector
from tests.hanging import STUBBORN, WORDS, Ten, ten_that_hang
from tests.tui.driving import running

HOUR = 3600.0
PATIENT = f"""
import sys
import app.http, app.http_site, collectors.apart, collectors.program
from collectors.kube import cluster, library, logs, login
hours = dict.fromkeys(("connect", "read", "total", "patience"), {HOUR})
app.http.Limits = lambda **more: app.http_site.Limits(**(more | hours))
for module, names in (
    (collectors.apart, "GRACE_S READING_S KEEPING_S"), (cluster, "READ_S TOTAL_S"), (library, "CONNECT_S"),
    (login, "WITHIN_S"), (collectors.program, "_LINGER"),
):
    for name in names.split():
        assert hasattr(module, name), name
        setattr(module, name, {HOUR})
cluster.Cluster.stream.__wrapped__.__defaults__ = ({HOUR},)
import collectors.file, collectors.command
collectors.apart.collect_apart.__defaults__ = collectors.apart.apart.__defaults__ = ({HOUR},)
collectors.file.READING_S = collectors.file.KEEPING_S = collectors.command.KEEPING_S = {HOUR}
from app.__main__ import main
sys.exit(main())
"""


@pytest.fixture
def ten(tmp_path: Path, own_home: Path):
    with ten_that_hang(tmp_path) as made:
        yield made


LEAST = {"S6": ("bytes", 1), "S7": ("bytes", 1), "S8": ("rows", 2), "S9": ("rows", 2)}
"""What is known to have come once a line of each log has: the commands' output; a pod and a line."""


def until_all_read(child: subprocess.Popen[bytes]) -> str:
    """What *child* says up to where a line of each log has been read."""
    said, waiting = "", set(LEAST)
    assert child.stdout is not None
    while waiting:
        words = child.stdout.readline().decode()
        assert words, said
        said += words
        if '"progress"' in words:
            facts = json.loads(words)
            what, least = LEAST.get(facts["source"], ("rows", 0))
            if facts[what] >= least:
                waiting.discard(facts["source"])
    return said


def kept(ten: Ten) -> dict[str, str]:
    """The lines of log that are in the review, by source."""
    with Desk.open(ten.folder, read_only=True) as desk:
        return {
            source.id: gzip.decompress((ten.folder / each.path).read_bytes()).decode()
            for source in desk.session.sources
            for each in source.artifacts
            if each.format == "lines"
        }


def test_ctrl_c_ends_ten_sources_without_waiting_for_any_time(ten, tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", PATIENT, "collect", str(ten.folder), "--json", *WORDS],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        said = until_all_read(child)
        ten.wait(child)
        child.send_signal(signal.SIGINT)
        said += child.communicate(timeout=150)[0].decode()
    finally:
        child.kill()
    assert child.returncode == 130, said
    ended = [json.loads(each) for each in said.splitlines() if '"outcome"' in each]
    assert sorted(each["state"] for each in ended) == ["cancelled"] * 9 + ["failed"]
    assert "Traceback" not in said
    assert ten.commands_run() == []
    held = kept(ten)
    assert set(held) == {"S6", "S7", "S8", "S9"}
    assert all("kept" in text for text in held.values())


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_the_screens_ends_ten_sources_and_keeps_what_came(ten, tmp_path, monkeypatch, key):
    confirmed(ten)
    async with running(tmp_path, ten.folder, "collect", (120, 30)) as (app, pilot):
        await pilot.press("R")
        async with asyncio.timeout(120):
            gathering = app.screen.gathering
            while ten.reached < 9 or any(
                getattr(gathering.progress[name], what) < least for name, (what, least) in LEAST.items()
            ):
                await pilot.pause(0.02)
        await pilot.press(key)
        await pilot.pause()
        assert not gathering.running
        assert ten.commands_run() == []
    assert set(kept(ten)) == {"S6", "S7", "S8", "S9"}


def confirmed(ten: Ten) -> None:
    with Desk.open(ten.folder, read_only=True) as desk:
        sources = desk.session.sources
    words = ("sh", "-c", STUBBORN.format(marks=ten.marks))
    for command in (words, (*words, "again")):
        confirm(Command(command, Path.home()))
    confirm_lent(KubernetesCollector(), sources[7].settings)


def test_what_a_pipe_gave_is_kept_when_it_is_stopped(ten, tmp_path):
    read, write = os.pipe()
    os.write(write, b"".join(b"2025-02-09T10:05:%02dZ line\n" % second for second in range(30)))
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "collect", str(ten.folder), "--stdin", "api", "--json"],
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(read)
    try:
        assert child.stdout is not None
        for said in child.stdout:
            if b'"bytes": 780' in said:
                break
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=300)
    finally:
        child.kill()
        os.close(write)
    assert child.returncode == 130
    with Desk.open(ten.folder, read_only=True) as desk:
        piped = desk.session.sources[-1]
    assert [each.rows for each in piped.artifacts] == [30]
    assert piped.gaps[-1].why == "api was stopped by hand before its end"
    assert piped.artifacts[0].note == "was stopped by hand before its end"
