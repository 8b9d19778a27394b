"""The parent that outlives the application, around small programs that die in every way there is."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from app.launch import RESET, guarded
from tests.terminal.ptys import Pty
from tests.terminal.terminals import below

PROGRAM = """
import os, signal, sys, termios, time, tty
from app.launch import guarded

def main():
    {body}

before = termios.tcgetattr(0)
code = guarded(main)
print("terminal", "as before" if termios.tcgetattr(0) == before else "spoilt", "code", code)
os.read(0, 1)
"""
RAW = "tty.setraw(0); os.write(2, b'\\x1b[?1049h\\x1b[?25l'); print('ready', flush=True)"


def around(body: str, folder: Path) -> Pty:
    root = str(Path(__file__).parent.parent.parent)
    return Pty([sys.executable, "-c", PROGRAM.format(body=body)], folder, PYTHONPATH=root)


def reported(lines: list[str]) -> bool:
    return any(re.search(r"terminal .* code \d+$", line) for line in lines)


def said(window: Pty) -> str:
    text = "\n".join(window.wait_for(reported))
    window.close()
    return text


@pytest.mark.parametrize(
    ("body", "code"),
    [("os._exit(0)", 0), (f"{RAW}; os._exit(3)", 3), ("sys.exit(7)", 7)],
    ids=["it ends well", "it ends without cleaning up", "it raises SystemExit"],
)
def test_the_exit_code_is_handed_on_and_the_terminal_is_as_before(
    tmp_path: Path, body: str, code: int
) -> None:
    text = said(around(body, tmp_path))
    assert f"terminal as before code {code}" in text
    assert "ended by" not in text


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGQUIT, signal.SIGRTMIN + 1])
def test_a_death_by_signal_is_said_and_the_terminal_is_as_before(tmp_path: Path, number: int) -> None:
    text = said(around(f"{RAW}; os.kill(os.getpid(), {int(number)})", tmp_path))
    assert f"terminal as before code {128 + number}" in text
    name = number.name if isinstance(number, signal.Signals) else f"signal {number}"
    assert f"blamefree was ended by {name}. Every edit that was saved is on disk" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_parent_is_for_the_application(tmp_path: Path, number: signal.Signals) -> None:
    heard = (
        f"signal.signal({int(number)}, lambda *_: os._exit(44)); print('ready', flush=True); time.sleep(60)"
    )
    window = around(heard, tmp_path)
    window.wait_for(lambda lines: "ready" in lines)
    os.kill(window.pid, number)
    assert "code 44" in said(window)


def test_keys_meant_for_the_application_do_not_reach_the_shell(tmp_path: Path) -> None:
    window = around(f"{RAW}; time.sleep(60)", tmp_path)
    window.wait_for(lambda lines: any("ready" in line for line in lines))
    window.send("rm -r everything\r")
    (application,) = below(window.pid)
    os.kill(application.pid, signal.SIGKILL)
    window.wait_for(reported)
    # The program reads one key behind its report: nothing is there to be read.
    window.take(0.3)
    assert not window.ended
    window.send("x\r")
    while window.take(5):
        pass
    assert window.close() == 0


def test_without_a_terminal_everything_runs_in_one_process() -> None:
    here = os.getpid()
    assert guarded(lambda: int(os.getpid() == here)) == 1


def test_every_mode_that_the_driver_sets_is_taken_back() -> None:
    from textual.drivers import linux_driver

    source = re.sub(r"#.*", "", Path(linux_driver.__file__).read_text())
    modes = set(re.findall(r"\\x1b\[\?(\d+)[hl]", source))
    assert {"1049", "25", "1000", "1003", "2004", "7"} <= modes
    back = {number.decode(): letter.decode() for number, letter in re.findall(rb"\?(\d+)([hl])", RESET)}
    for mode in modes:
        # 7: wrap long lines, 25: show the cursor; a shell expects them to be on, and all others off.
        assert back.get(mode) == ("h" if mode in {"7", "25"} else "l"), mode
    assert RESET.index(b"\x1b[<u") < RESET.index(b"\x1b[?1049l")
