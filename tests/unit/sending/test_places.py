"""Slack, files, the clipboard and a repository; each shown before, done once, recorded after."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.report.render import Shape, render
from app.review.checklist import checklist
from app.review.distribution import deadline
from app.sending.content import content
from app.sending.interface import SendProblem
from app.sending.local import clipboard_ready, osc52
from app.sending.send import cut_off, prepare, send
from app.settings import Settings, load_settings
from tests.fakes.classic_review import classic_review
from tests.unit.sending.conftest import Open

NOW = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)
NOTHING = Settings()


def now() -> datetime:
    return NOW


# Slack


@contextmanager
def webhook(
    status: int = 200, answer: str = "ok", *, silent: bool = False
) -> Iterator[tuple[str, list[Any]]]:
    """An incoming webhook as Slack describes it: JSON in, ``ok`` out. It is a stand-in, not Slack."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], json.loads(body)))
            if silent:
                self.connection.close()
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/T0/B0/hush-hush", got
    finally:
        server.shutdown()
        server.server_close()


async def test_a_webhook_gets_the_summary_and_its_address_is_never_shown(review: Open) -> None:
    with webhook() as (address, got):
        ready = await prepare(review.session, "slack", NOTHING, {"SLACK_WEBHOOK_URL": address}, NOW)
        assert not got
        assert "hush" not in ready.exactly + ready.to
        await send(ready, review, review.record, now)
    ((path, kind, body),) = got
    assert (path, kind) == ("/services/T0/B0/hush-hush", "application/json")
    assert json.loads(ready.exactly.partition("\n\n")[2]) == body
    assert body["text"] == render(classic_review(), "slack")
    assert body["text"].startswith("*Post-mortem: API Service Degradation* (2025-02-09)\n\n")
    (entry,) = review.session.distribution
    assert (entry.to, entry.how, entry.sent_at, entry.unclear) == (
        "Slack (SLACK_WEBHOOK_URL)",
        "Slack webhook",
        NOW,
        False,
    )
    assert review.labels == ["Report sent to Slack (SLACK_WEBHOOK_URL)"]


@pytest.mark.parametrize(
    ("how", "unclear"), [({"silent": True}, True), ({"answer": "<html>"}, True), ({"status": 404}, False)]
)
async def test_after_an_unclear_answer_nothing_is_posted_again(
    review: Open, how: dict[str, Any], unclear: bool
) -> None:
    with webhook(**how) as (address, got):
        ready = await prepare(review.session, "slack:HOOK", NOTHING, {"HOOK": address}, NOW)
        with pytest.raises(SendProblem) as caught:
            await send(ready, review, review.record, now)
    assert len(got) == 1
    assert caught.value.unclear is unclear
    assert "hush" not in str(caught.value)
    assert [each.unclear for each in review.session.distribution] == ([True] if unclear else [])
    item = next(each for each in checklist(review.session) if each.name == "distributed")
    assert item.missing == "Nobody has received the report yet."


@pytest.mark.parametrize(
    "address", ["hooks.slack.com/x", "http://hooks.slack.com/services/x", "https://hooks.slack.com"]
)
async def test_what_is_no_webhook_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(SendProblem, match="is not the address of a webhook"):
        await prepare(classic_review(), "slack", NOTHING, {"SLACK_WEBHOOK_URL": address}, NOW)


# Files and the clipboard


async def test_a_file_has_the_format_that_its_name_says(tmp_path: Path, review: Open) -> None:
    names = {
        "r.md": "# ", "r.html": "<!", "r.txt": "Post-Mortem: ", "r.json": "{", "r.csv": "part,", "r.xml": "<h1>",
        "r.slack.txt": "*Post-mortem: ", "report": "# ",
    }  # fmt: skip
    for name, beginning in names.items():
        ready = await prepare(review.session, f"file:{tmp_path / name}", NOTHING, {}, NOW)
        assert not (tmp_path / name).exists()
        await send(ready, review, review.record, now)
        text = (tmp_path / name).read_bytes().decode()
        assert text.startswith(beginning)
        assert ready.exactly.partition("\n\n")[2] == text
    assert [each.how for each in review.session.distribution] == ["file"] * len(names)


@pytest.mark.parametrize("shape", [Shape(public=True), Shape("customer")])
async def test_the_version_for_readers_outside_is_what_goes_in_every_form(
    tmp_path: Path, review: Open, shape: Shape
) -> None:
    report = content(review.session, shape)
    for text in (report.markdown, report.html, report.text, report.summary):
        assert "@bob" not in text.replace("\u200b", "")
    ready = await prepare(
        review.session, f"file:{tmp_path / 'r.json'}", NOTHING, {}, NOW, shape=Shape("customer")
    )
    assert "@bob" not in ready.exactly
    with pytest.raises(SendProblem, match="There is no report preset “nothing”"):
        await prepare(review.session, "clipboard", NOTHING, {}, NOW, shape=Shape("nothing"))


async def test_the_systems_command_gets_the_text_and_the_terminal_gets_osc_52(tmp_path: Path) -> None:
    command = tmp_path / "wl-copy"
    command.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\n")
    command.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "WAYLAND_DISPLAY": "wayland-0"}
    report = content(classic_review())
    handed: list[str] = []

    def terminal(text: str) -> bool:
        handed.append(text)
        return True

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", environment["PATH"])
        sent = await clipboard_ready(report, environment, terminal).go()
    assert (tmp_path / "copied").read_text() == report.markdown
    assert handed == [report.markdown]
    assert sent.to == "clipboard (wl-copy, terminal)"
    assert osc52("hé") == b"\x1b]52;c;aMOp\x07"


async def test_without_any_clipboard_that_is_said() -> None:
    with pytest.raises(SendProblem, match="There is no clipboard to reach"):
        await clipboard_ready(content(classic_review()), {"PATH": "/nowhere"}, lambda _text: False).go()


# A repository


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "post-mortems"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@acme.example")
    (folder / "README.md").write_text("x")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "begin")
    return folder


async def test_only_the_report_is_committed_and_no_hook_runs(clone: Path, review: Open) -> None:
    for hook in ("pre-commit", "post-commit", "prepare-commit-msg", "commit-msg"):
        path = clone / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {clone.parent}/ran-{hook}\nexit 1\n")
        path.chmod(0o755)
    (clone / "staged.txt").write_text("somebody's work")
    git(clone, "add", "staged.txt")
    settings = Settings(sending={"git": {"repository": str(clone), "folder": "2025"}})
    ready = await prepare(review.session, "git", settings, dict(os.environ), NOW)
    assert git(clone, "rev-list", "--count", "HEAD").strip() == "1"
    assert "git add -- 2025/PM-2025-02-09.md" in ready.exactly
    sent = await send(ready, review, review.record, now)
    assert (
        git(clone, "show", "--stat", "--format=%s", "HEAD").split("\n")[0]
        == "Post-mortem: API Service Degradation"
    )
    assert git(clone, "show", "--name-only", "--format=", "HEAD").split() == ["2025/PM-2025-02-09.md"]
    assert git(clone, "diff", "--cached", "--name-only").split() == ["staged.txt"]
    assert not list(clone.parent.glob("ran-*"))
    assert sent.remarks == ("not pushed",)
    again = await ready.go()
    assert again.remarks == ("the repository has this report already: nothing to commit",)


async def test_no_folder_and_no_link_leads_out_of_the_repository(clone: Path, tmp_path: Path) -> None:
    (clone / "out").symlink_to(tmp_path)
    for folder in ("../elsewhere", ".git/hooks", "out"):
        settings = Settings(sending={"git": {"folder": folder}})
        with pytest.raises(SendProblem, match="leads out of the repository"):
            await prepare(classic_review(), f"git:{clone}", settings, dict(os.environ), NOW)
    with pytest.raises(SendProblem, match="git rev-parse failed"):
        await prepare(classic_review(), f"git:{tmp_path}", NOTHING, dict(os.environ), NOW)


# What is shared


async def test_an_attempt_that_was_cut_off_is_spoken_of_and_one_that_ended_is_not(
    tmp_path: Path, review: Open
) -> None:
    ready = await prepare(review.session, f"file:{tmp_path / 'r.md'}", NOTHING, {}, NOW)
    assert cut_off(review, ready) == ""
    await send(ready, review, review.record, now)
    assert cut_off(review, ready) == ""
    review.kept = [each for each in review.kept if each[0] == "send-intent"]
    assert "was begun at 2025-02-10T09:00:00+00:00 and cut off: it may have arrived" in cut_off(review, ready)


async def test_secrets_are_masked_in_everything_that_goes(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    base = classic_review()
    narrative = base.narrative.model_copy(update={"summary": f"The token {secret} was in a log."})
    report = content(base.model_copy(update={"narrative": narrative}))
    for text in (report.markdown, report.html, report.text, report.summary):
        assert secret not in text


@pytest.mark.parametrize("to", ["", "nowhere", "file:", "ftp:x"])
async def test_what_is_no_place_is_told_what_would_be_one(to: str) -> None:
    with pytest.raises(SendProblem, match=r"write an address such as team@acme\.example, slack"):
        await prepare(classic_review(), to, NOTHING, {}, NOW)
    with pytest.raises(SendProblem, match=r"No mail server is set.*\[send.mail\]"):
        await prepare(classic_review(), "a@b.example", NOTHING, {}, NOW)


def test_the_settings_hold_the_ways_to_send(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[send.mail]\nhost = "smtp.acme.example"\nport = 2525\n')
    assert load_settings(path).sending == {"mail": {"host": "smtp.acme.example", "port": 2525}}
    path.write_text('send = "x"\n')
    assert "[send.mail]" in load_settings(path).problems[0]


@pytest.mark.parametrize(
    ("when", "text", "warning"),
    [
        ("2025-02-09T11:40:00", "47 h left of 48 h", False),
        ("2025-02-11T10:39:30", "0 min left of 48 h", False),
        ("2025-02-11T12:10:00", "48 h are over since 1 h 30 min: send it now", True),
        ("2025-02-16T10:40:00", "not sent, and the incident ended 7 d ago: send it today", True),
    ],
)
def test_the_clock_of_48_hours(when: str, text: str, warning: bool) -> None:
    moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
    assert deadline(classic_review(), moment) == (text, warning)


async def test_once_it_was_sent_the_clock_says_when(tmp_path: Path, review: Open) -> None:
    ready = await prepare(review.session, f"file:{tmp_path / 'r.md'}", NOTHING, {}, NOW)
    await send(ready, review, review.record, now)
    assert deadline(review.session, datetime(2026, 1, 1, tzinfo=UTC)) == (
        "sent 22 h 20 min after the end",
        False,
    )
