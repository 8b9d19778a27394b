"""Collecting from the command line: what is piped in, and commands that somebody must have seen."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from app.review.records import Session, Source
from collectors.confirmed import is_confirmed
from collectors.interface import Command, Lent
from tests.unit.test_cli import LOG, Blamefree, blamefree, root, saved, session_in

__all__ = ["blamefree", "root"]


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> "Piped":
    return Piped(monkeypatch)


class Piped:
    """Puts bytes where standard input is read from: the file with the number 0."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, content: bytes) -> None:
        reading, writing = os.pipe()
        os.write(writing, content)
        os.close(writing)
        self._monkeypatch.setattr("collectors.file._STDIN_NUMBER", reading)


def test_what_is_piped_in_becomes_evidence_of_a_source_with_that_name(
    root: Path, blamefree: Blamefree, piped: Piped
) -> None:
    folder = saved(root, Session())
    piped(LOG.encode())
    answer = blamefree("collect", "review", "--stdin", "api")
    assert answer.code == 0, answer
    assert answer.out.startswith("✓ S1 api: done · 4 rows")
    (one,) = session_in(folder).sources
    assert (one.kind, one.name, one.settings) == ("file", "api", {"path": "-"})
    assert [each.query for each in one.artifacts] == ["standard input"]
    piped(LOG.encode() + b"2025-02-09T10:40:00Z INFO more\n")
    assert blamefree("collect", "review", "--stdin", "api").code == 0
    (one,) = session_in(folder).sources
    assert [each.rows for each in one.artifacts] == [4, 5]


def test_all_sources_leaves_out_what_cannot_be_asked_again(
    root: Path, blamefree: Blamefree, tmp_path: Path
) -> None:
    (tmp_path / "app.log").write_text(LOG)
    saved(
        root,
        Session(
            sources=(
                Source(id="S1", kind="file", name="piped", settings={"path": "-"}),
                Source(id="S2", kind="file", name="app.log", settings={"path": str(tmp_path / "app.log")}),
            )
        ),
    )
    answer = blamefree("collect", "review")
    assert answer.code == 0
    assert "piped" not in answer.out


def test_at_a_terminal_nobody_waits_for_what_is_not_piped(
    root: Path, blamefree: Blamefree, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(root, Session())
    monkeypatch.setattr("collectors.file.os.isatty", lambda number: True)
    answer = blamefree("collect", "review", "--stdin", "api")
    assert answer.code == 1
    assert "Nothing is piped in" in answer.out


def hostile(root: Path, trace: Path) -> Path:
    return saved(
        root,
        Session(
            sources=(Source(id="S1", kind="command", name="logs", settings={"argv": ["touch", str(trace)]}),)
        ),
    )


def test_a_command_nobody_has_seen_is_refused_with_the_way_to_confirm_it(
    root: Path, blamefree: Blamefree, tmp_path: Path
) -> None:
    trace = tmp_path / "it-ran"
    hostile(root, trace)
    answer = blamefree("collect", "review")
    assert answer.code == 1
    assert f"touch {trace}" in answer.out
    assert "blamefree collect SESSION --confirm S1" in answer.out
    assert not trace.exists()
    outcome = json.loads(blamefree("collect", "review", "--json").out.splitlines()[-1])
    assert outcome["confirm"] == {"argv": ["touch", str(trace)], "folder": str(Path.home())}
    answer = blamefree("collect", "review", "--confirm-command", "S1")
    assert f"Confirmed for this machine: touch {trace}" in answer.err
    assert trace.exists()


def test_at_a_terminal_the_command_is_shown_and_the_default_answer_is_no(
    root: Path, blamefree: Blamefree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "it-ran"
    hostile(root, trace)
    monkeypatch.setattr("app.commands.confirming._at_a_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    answer = blamefree("collect", "review")
    assert "   1  touch" in answer.err
    assert "Run it, now and in later collections? [y/N]" in answer.err
    assert not trace.exists()
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert blamefree("collect", "review").code == 0
    assert trace.exists()


def test_a_command_that_is_added_here_is_its_author_s_own(root: Path, blamefree: Blamefree) -> None:
    folder = saved(root, Session())
    answer = blamefree("source", "review", "add", "command", "--", "echo", "a b", "--since", "{from}")
    assert answer.code == 0, answer
    assert "It may run on this machine: echo 'a b' --since '{from}'" in answer.err
    (one,) = session_in(folder).sources
    assert one.settings == {"argv": ["echo", "a b", "--since", "{from}"]}
    assert is_confirmed(Command(("echo", "a b", "--since", "{from}"), Path.home()))


def test_words_for_a_source_that_runs_nothing_are_refused(root: Path, blamefree: Blamefree) -> None:
    saved(root, Session())
    answer = blamefree("source", "review", "add", "file", "--", "echo", "a")
    assert answer.code == 2
    assert "A file source takes no command" in answer.err


ZONELESS = "2025-02-09 11:05:23 ERROR pool exhausted\n2025-02-09 11:06:00 INFO x\n"


def test_a_log_without_zone_asks_and_the_answer_is_one_command(
    root: Path, blamefree: Blamefree, tmp_path: Path
) -> None:
    (tmp_path / "app.log").write_text(ZONELESS)
    one = Source(id="S1", kind="file", name="app.log", settings={"path": str(tmp_path / "app.log")})
    folder = saved(root, Session(sources=(one,)))
    asked = blamefree("collect", "review")
    assert "? S1 app.log: its times name no zone and are read as UTC" in asked.err
    assert "blamefree source SESSION zone S1 Europe/Berlin" in asked.err
    lines = [json.loads(line) for line in blamefree("collect", "review", "--json").out.splitlines()]
    assert [(each["source"], each["about"]) for each in lines if each["type"] == "question"] == [
        ("S1", "zone")
    ]
    answer = blamefree("source", "review", "zone", "S1", "Europe/Berlin")
    assert answer.out == "S1 is read in Europe/Berlin (1 file with times that name no zone)\n"
    (one,) = session_in(folder).sources
    assert str(one.artifacts[0].from_) == "2025-02-09 10:05:23+00:00"
    assert "?" not in blamefree("collect", "review").err
    assert blamefree("source", "review", "zone", "S1", "Mars/North").code == 2
    assert blamefree("source", "review", "zone", "S9", "UTC").code == 2
    assert blamefree("source", "review", "set", "S1", "zone=America/New_York").code == 0
    assert str(session_in(folder).sources[0].artifacts[0].from_) == "2025-02-09 16:05:23+00:00"
    assert "no setting of file" in blamefree("source", "review", "set", "S1", "colour=red").err


def test_a_clock_that_disagrees_is_listed_corrected_and_taken_back(root: Path, blamefree: Blamefree) -> None:
    folder = saved(root, Session(sources=(Source(id="S1", kind="file", name="metrics", clock_ahead_s=42.0),)))
    listed = blamefree("source", "review", "clock")
    assert listed.out.splitlines()[1].startswith(
        "S1\tmetrics\t+0 s\t-42 s\tIts server's clock was 42.0 s ahead"
    )
    assert blamefree("source", "review", "clock", "--json").data()[0]["offset_s"] == -42.0
    assert blamefree("source", "review", "clock", "S1", "--apply").out == "S1: -42 s are added to its times\n"
    assert session_in(folder).sources[0].clock_offset_s == -42.0
    assert "No clock disagrees" in blamefree("source", "review", "clock").err
    assert "Nothing is proposed for S1" in blamefree("source", "review", "clock", "S1", "--apply").err
    assert blamefree("source", "review", "clock", "S1", "--clear").code == 0
    assert session_in(folder).sources[0].clock_offset_s == 0.0
    assert blamefree("source", "review", "clock", "S1", "--set", "1.5").code == 0
    assert session_in(folder).sources[0].clock_offset_s == 1.5
    assert blamefree("source", "review", "clock", "S1", "--set", "1", "--clear").code == 2
    assert blamefree("source", "review", "clock", "--apply").code == 2


PAIR = Lent("token", "DEPLOY_KEY", "prom.acme.example")
SERVED = {"url": "https://prom.acme.example", "token_env": "DEPLOY_KEY"}


def test_a_token_goes_to_no_server_that_nobody_here_has_seen(
    root: Path, blamefree: Blamefree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where it would go ends here
    monkeypatch.setenv("DEPLOY_KEY", "canary")
    saved(root, Session(sources=(Source(id="S1", kind="prometheus", name="prom", settings=SERVED),)))
    answer = blamefree("collect", "review", "--json")
    outcome = json.loads(answer.out.splitlines()[-1])
    assert outcome["confirm"] == {"token": "DEPLOY_KEY", "host": "prom.acme.example"}
    answer = blamefree("collect", "review")
    assert "your token DEPLOY_KEY would be sent to prom.acme.example" in answer.out
    assert "blamefree collect SESSION --confirm S1" in answer.out
    monkeypatch.setattr("app.commands.confirming._at_a_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    answer = blamefree("collect", "review")
    assert "S1 prom: this review wants to use what is yours: your token DEPLOY_KEY" in answer.err
    assert "Is that right, now and in later collections? [y/N]" in answer.err
    assert not is_confirmed(PAIR)
    monkeypatch.setattr("app.commands.confirming._at_a_terminal", lambda: False)
    assert "Confirmed for this machine" in blamefree("collect", "review", "--confirm", "S1").err
    assert is_confirmed(PAIR)


def test_a_token_for_a_server_that_is_typed_here_is_its_author_s_own(
    root: Path, blamefree: Blamefree
) -> None:
    saved(root, Session(sources=(Source(id="S1", kind="prometheus", name="prom", settings=SERVED),)))
    assert blamefree("source", "review", "set", "S1", "step=1m").code == 0
    assert not is_confirmed(PAIR)
    assert blamefree("source", "review", "set", "S1", "token_env=OTHER_KEY").code == 0
    assert is_confirmed(Lent("token", "OTHER_KEY", "prom.acme.example"))
    sets = [word for key, value in SERVED.items() for word in ("--set", f"{key}={value}")]
    assert blamefree("source", "review", "add", "prometheus", *sets).code == 0
    assert is_confirmed(PAIR)


def test_a_source_that_needs_no_confirmation_cannot_be_confirmed(root: Path, blamefree: Blamefree) -> None:
    saved(root, Session(sources=(Source(id="S1", kind="file", name="log", settings={"path": "/x"}),)))
    answer = blamefree("collect", "review", "--confirm", "S1")
    assert (answer.code, "needs no confirmation" in answer.err) == (2, True)


def test_a_source_of_the_settings_is_named_when_a_review_begins(
    root: Path, blamefree: Blamefree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[source.prod]\nkind = "prometheus"\nurl = "http://127.0.0.1:9"\nstep = "1m"\n')
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(config))
    answer = blamefree("new", "Outage", "--source", 'prod:alert_filter=team="a",step=30s')
    assert answer.code == 0, answer
    (one,) = session_in(Path(answer.out.strip())).sources
    wanted = {"url": "http://127.0.0.1:9", "step": "30s", "alert_filter": 'team="a"'}
    assert (one.kind, one.settings) == ("prometheus", wanted)
