"""Any command as a source: confirmed here before it runs, without a shell or a terminal, bounded, and ended whole."""

import asyncio
import gzip
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from platformdirs import user_state_path

from app.evidence import query
from app.evidence.artifacts import Keeper
from app.review.records import Incident, Session, Source
from collectors import confirmed
from collectors.command import CommandCollector, command_of
from collectors.interface import Command, Job, settings_from_text, text_from_settings
from collectors.outcome import Outcome, with_outcome
from collectors.runner import Run

NOW = datetime(2025, 2, 10, 8, 0, tzinfo=UTC)
INCIDENT = Incident(
    started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC)
)
LINES = "\\n".join(f"2025-02-09T10:{minute:02}:00Z level=info msg=served" for minute in range(60)) + "\\n"


def source(*argv: str, **settings: object) -> Source:
    return Source(id="S1", kind="command", name="tool", settings={"argv": list(argv), **settings})


def python(code: str, **settings: object) -> Source:
    return source(sys.executable, "-c", code, **settings)


async def collected(
    one: Source, folder: Path, *, seen: bool = True, incident: Incident = INCIDENT
) -> tuple[Outcome, Session]:
    if seen:
        confirmed.confirm(command_of(one.settings))
    session = Session(incident=incident, sources=(one,))
    run = Run(session, folder, now=NOW)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


def alive(number: int) -> bool:
    """Whether a process still runs (one that ended and was not fetched does not)."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


async def gone(number: int, within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while alive(number) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return not alive(number)


async def test_what_it_writes_is_kept_word_for_word_and_read_like_a_file(tmp_path):
    one = python(f"import sys; sys.stdout.write('{LINES}'); sys.stderr.write('be careful')")
    outcome, session = await collected(one, tmp_path / "s")
    assert outcome.state == "done"
    (artifact,) = outcome.artifacts
    assert (artifact.format, artifact.rows) == ("lines", 60)
    assert artifact.query.startswith(f'command ["{sys.executable}", "-c", ')
    assert artifact.query.endswith(f" in {Path.home()}")
    assert artifact.note == "exit code 0; it said: be careful"
    assert any("be careful" in note for note in outcome.notes)
    assert gzip.decompress((tmp_path / "s" / artifact.path).read_bytes()).decode() == LINES.replace(
        "\\n", "\n"
    )
    assert len(list(query.rows(session, tmp_path / "s"))) == 60


async def test_a_command_of_a_session_never_runs_before_somebody_here_has_seen_it(tmp_path):
    trace = tmp_path / "it-ran"
    outcome, _ = await collected(source("touch", str(trace)), tmp_path / "s", seen=False)
    assert outcome.state == "failed"
    assert outcome.confirm == Command(("touch", str(trace)), Path.home())
    assert f"touch {trace}" in outcome.message
    assert not trace.exists()


@pytest.mark.parametrize(
    "changed",
    [
        ("sh", "-c", "echo hello "),
        ("sh", "-c", "echo", "hello"),
        ("sh -c echo hello",),
        ("./sh", "-c", "echo hello"),
    ],
)
def test_a_confirmation_is_for_exactly_one_vector(changed):
    confirmed.confirm(Command(("sh", "-c", "echo hello"), Path("/tmp")))
    assert confirmed.is_confirmed(Command(("sh", "-c", "echo hello"), Path("/tmp")))
    assert not confirmed.is_confirmed(Command(changed, Path("/tmp")))
    assert not confirmed.is_confirmed(Command(("sh", "-c", "echo hello"), Path("/home")))


async def test_nothing_in_a_session_can_confirm_its_own_command(tmp_path):
    """A file of the same name beside the session, and fields that claim it, are nothing to the program."""
    trace = tmp_path / "it-ran"
    one = source("touch", str(trace), confirmed=True)
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "commands.json").write_text(json.dumps([confirmed.fingerprint(command_of(one.settings))]))
    outcome, _ = await collected(one, folder, seen=False)
    assert outcome.confirm
    assert not trace.exists()


def test_what_is_remembered_is_a_hash_that_only_its_person_can_read():
    confirmed.confirm(Command(("deploy", "--token", "hunter2"), Path("/tmp")))
    path = user_state_path("blamefree") / "commands.json"
    assert path.stat().st_mode & 0o077 == 0
    assert "hunter2" not in path.read_text()


@pytest.mark.parametrize("content", ["", "{", "null", '{"a": 1}', "[1, null]", "\\x00"])
def test_a_damaged_memory_confirms_nothing_and_is_made_anew(content):
    path = user_state_path("blamefree") / "commands.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    command = Command(("true",), Path("/tmp"))
    assert not confirmed.is_confirmed(command)
    confirmed.confirm(command)
    assert confirmed.is_confirmed(command)


async def test_a_session_that_came_from_elsewhere_keeps_the_command_but_not_the_consent(tmp_path):
    text = Session(sources=(source("touch", str(tmp_path / "x")),)).model_dump_json(by_alias=True)
    (one,) = Session.model_validate_json(text).sources
    outcome, _ = await collected(one, tmp_path / "s", seen=False)
    assert outcome.confirm
    assert outcome.confirm.argv == ("touch", str(tmp_path / "x"))


def test_control_characters_in_a_command_are_shown_before_it_is_confirmed():
    shown = Command(("rm", "-rf", "\x1b[2K\recho harmless", "a\u202eb"), Path("/tmp")).shown
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "^[[2K" in shown
    assert "<202E>" in shown


@pytest.mark.parametrize(
    ("argv", "seen", "expected"),
    [
        (("true",), True, (True, True, "")),
        (("true",), False, (True, False, "was not confirmed on this machine yet")),
        (("no-such-program",), True, (False, None, "no program “no-such-program”")),
    ],
)
async def test_it_can_be_examined_without_running(tmp_path, argv, seen, expected):
    one = source(*argv)
    if seen:
        confirmed.confirm(command_of(one.settings))
    keeper = Keeper(tmp_path, one, NOW)
    job = Job(one, tmp_path, None, NOW, keeper, lambda **_: None, lambda: False, os.environ)
    found = await CommandCollector().examine(job)
    assert (found.reachable, found.authorised) == expected[:2]
    assert expected[2] in " ".join(found.sentences)


async def test_no_shell_ever_reads_it(tmp_path):
    code = "import sys; print('2025-02-09T10:06:00Z', sys.argv[1])"
    word = f"$(touch {tmp_path}/a); touch {tmp_path}/b; `touch {tmp_path}/c` > {tmp_path}/d"
    outcome, session = await collected(source(sys.executable, "-c", code, word), tmp_path / "s")
    assert outcome.state == "done"
    assert next(query.rows(session, tmp_path / "s")).text.endswith(word)
    assert list(tmp_path.iterdir()) == [tmp_path / "s"]


async def test_it_has_no_terminal_and_nothing_to_read(tmp_path):
    code = (
        "import os, sys\n"
        "alone = os.getsid(0) == os.getpid()\n"
        "print('2025-02-09T10:06:00Z', repr(sys.stdin.read()), os.isatty(0), os.isatty(1), alone)\n"
        "try: open('/dev/tty')\n"
        "except OSError: print('2025-02-09T10:06:01Z no tty')\n"
    )
    outcome, session = await collected(python(code), tmp_path / "s")
    assert outcome.state == "done"
    texts = [row.text.split(" ", 1)[1] for row in query.rows(session, tmp_path / "s")]
    assert texts == ["'' False False True", "no tty"]


async def test_one_that_fails_says_how_and_keeps_what_it_wrote_before(tmp_path):
    code = "import sys; print('2025-02-09T10:06:00Z a'); print('no \\x1b[31mrights', file=sys.stderr); sys.exit(3)"
    outcome, session = await collected(python(code), tmp_path / "s")
    assert outcome.state == "failed"
    assert "exit code 3" in outcome.message
    assert "no ^[[31mrights" in outcome.message
    assert [each.rows for each in outcome.artifacts] == [1]
    assert outcome.artifacts[0].note == "exit code 3; it said: no ^[[31mrights"
    assert session.sources[0].gaps


async def test_one_that_takes_too_long_is_ended_with_all_it_started_and_leaves_a_gap(tmp_path):
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "print('2025-02-09T10:06:00Z begun', flush=True)\n"
        "time.sleep(60)\n"
    )
    outcome, _ = await collected(python(code, timeout="2s"), tmp_path / "s")
    assert outcome.state == "done"
    assert "ran longer than 2 s" in outcome.notes[-1]
    assert any(
        "ran longer than 2 s" in gap.why and gap.to == datetime(2025, 2, 9, 10, 50, tzinfo=UTC)
        for gap in outcome.gaps
    )
    assert [each.rows for each in outcome.artifacts] == [1]
    for number in map(int, pids.read_text().split()):
        assert await gone(number)


async def test_cancelling_ends_the_whole_group_at_once(tmp_path):
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )
    one = python(code)
    confirmed.confirm(command_of(one.settings))
    run = Run(Session(incident=INCIDENT, sources=(one,)), tmp_path / "s", now=NOW)
    run.start()
    while not (pids.exists() and len(pids.read_text().split()) == 2):
        await asyncio.sleep(0.02)
    run.cancel()
    assert (await run.wait())["S1"].state == "cancelled"
    for number in map(int, pids.read_text().split()):
        assert await gone(number)


async def test_one_that_never_stops_writing_is_ended_when_it_is_cancelled(tmp_path):
    """Whoever reads is stopped between two blocks then, and nobody reads to the end."""
    pid = tmp_path / "pid"
    code = (
        f"import os, sys; open({str(pid)!r}, 'w').write(str(os.getpid()))\n"
        "while True: sys.stdout.write('2025-02-09T10:06:00Z level=info msg=served\\n' * 1000)\n"
    )
    one = python(code)
    confirmed.confirm(command_of(one.settings))
    run = Run(Session(incident=INCIDENT, sources=(one,)), tmp_path / "s", now=NOW)
    run.start()
    while not (pid.exists() and pid.read_text()):
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    run.cancel()
    assert (await run.wait())["S1"].state == "cancelled"
    assert await gone(int(pid.read_text()))


async def test_one_that_writes_without_end_is_cut_and_the_rest_is_a_gap(tmp_path):
    code = "import sys\nwhile True: sys.stdout.write('2025-02-09T10:06:00Z ' + 'x' * 979 + '\\n')"
    outcome, _ = await collected(python(code, most_mb="3"), tmp_path / "s")
    assert outcome.state == "done"
    assert [each.bytes for each in outcome.artifacts] == [3_000_000]
    assert outcome.gaps[-1].why.endswith("wrote more than 3,000,000 bytes and was stopped")


async def test_a_line_without_end_takes_no_memory_to_speak_of(tmp_path):
    code = (
        "import sys; print('2025-02-09T10:06:00Z a')\n"
        "for _ in range(100): sys.stdout.write('x' * 1_000_000)\n"
    )
    outcome, _ = await collected(python(code), tmp_path / "s")
    assert [(each.rows, each.bytes) for each in outcome.artifacts] == [(2, 100_000_023)]


async def test_error_output_without_end_is_shown_by_its_ends(tmp_path):
    code = "import sys\nsys.stderr.write('begin ' + 'y' * 3_000_000 + ' end'); sys.exit(1)"
    outcome, _ = await collected(python(code), tmp_path / "s")
    assert "begin yyy" in outcome.message
    assert len(outcome.message) < 1_000


async def test_a_child_that_holds_the_output_open_keeps_nobody_waiting(tmp_path):
    code = (
        "import subprocess; subprocess.Popen(['sleep', '60'])\nprint('2025-02-09T10:06:00Z a', flush=True)\n"
    )
    begin = time.monotonic()
    outcome, _ = await collected(python(code), tmp_path / "s")
    assert outcome.state == "done"
    assert time.monotonic() - begin < 40


async def test_the_window_stands_in_the_place_of_its_names(tmp_path):
    code = "import sys; print('2025-02-09T10:06:00Z', *sys.argv[1:])"
    one = source(sys.executable, "-c", code, "{from}", "x{to_s}y", "{from_ms}", "{other}")
    outcome, session = await collected(one, tmp_path / "s")
    assert outcome.state == "done"
    text = next(query.rows(session, tmp_path / "s")).text
    assert text.endswith("2025-02-09T09:35:23Z x1739098200y 1739093723000 {other}")
    outcome, _ = await collected(one, tmp_path / "t", incident=Incident())
    assert "has no start yet" in outcome.message


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "needs a command"),
        ({"argv": []}, "needs a command"),
        ({"argv": [" "]}, "needs a command"),
        ({"argv": ["a", 3]}, "needs a command"),
        ({"argv": "echo 'open"}, "quote is not closed"),
        ({"argv": ["a"], "timeout": "soon"}, "“At most” is a time"),
        ({"argv": ["a"], "most_mb": "-1"}, "number of megabytes"),
        ({"argv": ["a"], "zone": "Mars/North"}, "no zone called"),
    ],
)
def test_settings_that_cannot_work_are_one_sentence(settings, sentence):
    assert sentence in CommandCollector().check(settings)
    assert CommandCollector().command(settings) is None


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (source("no-such-program-here"), "no program “no-such-program-here”"),
        (source("./no-such-file"), "could not be started"),
        (source("true", folder="/no/such/folder"), "no folder /no/such/folder"),
        (source("a\x00b"), "no program"),
    ],
)
async def test_one_that_cannot_start_is_one_sentence(tmp_path, one, sentence):
    outcome, _ = await collected(one, tmp_path / "s")
    assert outcome.state == "failed"
    assert sentence in outcome.message


def test_a_program_in_a_folder_with_half_a_name_on_the_path_is_not_taken(tmp_path, monkeypatch):
    """An entry like “.” on PATH would run whatever lies in the working folder."""
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}bin")
    outcome, _ = asyncio.run(collected(source("tool", folder=str(tmp_path)), tmp_path / "s"))
    assert "no program “tool”" in outcome.message


def test_what_is_typed_is_split_as_a_shell_would_and_nothing_else():
    fields = CommandCollector.fields
    typed = settings_from_text(fields, {"argv": "jq -c '.a | $x' \"b c\" *.log $HOME"})
    assert typed["argv"] == ["jq", "-c", ".a | $x", "b c", "*.log", "$HOME"]
    assert settings_from_text(fields, text_from_settings(fields, typed)) == typed
    assert settings_from_text(fields, {"argv": "echo 'open"})["argv"] == "echo 'open"
