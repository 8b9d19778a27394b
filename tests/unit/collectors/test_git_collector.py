"""A clone as a source, with a real git: what it says of the window, and that nothing in it ever runs."""

import asyncio
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.evidence import query
from app.review.records import Incident, Session, Source
from app.suggest import suggest
from collectors import git as module
from collectors.git import GitCollector
from collectors.outcome import Outcome, with_outcome
from collectors.runner import Run

NOW = datetime(2025, 2, 10, 8, 0, tzinfo=UTC)
INCIDENT = Incident(
    started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC)
)


@dataclass
class Clone:
    path: Path

    def git(
        self, *words: str, at: str = "2025-02-09T10:00:00+00:00", written: str = "", name: str = "Carol"
    ) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": "c@example.org", "GIT_AUTHOR_DATE": written or at,
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": "c@example.org", "GIT_COMMITTER_DATE": at,
        }  # fmt: skip
        ran = subprocess.run(
            ["git", *words], cwd=self.path, env=environment, capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    def commit(self, subject: str, at: str, **more: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", subject, at=at, **more)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path):
    path = tmp_path / "api"
    path.mkdir()
    made = Clone(path)
    made.git("init", "-q", "-b", "main")
    made.commit("Begin", "2025-01-01T00:00:00+00:00")
    return made


async def collected(path, folder, environment=None, clock=0.0, **settings) -> tuple[Outcome, Session]:
    chosen = {"path": str(path), **settings}
    source = Source(id="S1", kind="git", name="api", settings=chosen, clock_offset_s=clock)
    session = Session(incident=INCIDENT, sources=(source,))
    run = Run(session, folder, now=NOW, environment=environment)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


async def test_a_clock_correction_holds_at_the_ends_of_the_window(clone, tmp_path):
    # The window is 9:35:23 to 10:50; the committer's clock was two minutes behind.
    for minute in (32, 34):
        clone.commit(f"Early {minute}", f"2025-02-09T09:{minute}:00+00:00")
    for minute in (47, 49):
        clone.commit(f"Late {minute}", f"2025-02-09T10:{minute}:00+00:00")
    outcome, session = await collected(clone.path, tmp_path / "s", clock=120.0)
    found = [row.fact.text.split(": ")[1] for row in query.facts(session, tmp_path / "s")]
    assert found == ["Early 34", "Late 47"]
    (facts,) = (each for each in outcome.artifacts if each.format == "facts")
    assert f"{facts.from_:%H:%M:%S} {facts.to:%H:%M:%S}" == "09:33:23 10:48:00"


async def test_commits_merges_and_tags_of_the_window_are_changes(clone, tmp_path):
    clone.commit("Too early", "2025-02-09T09:00:00+00:00")
    clone.git("switch", "-q", "-c", "feature")
    sha = clone.commit("Drop the index", "2025-02-09T10:41:00+01:00", written="2025-02-03T09:00:00+01:00")
    clone.git("switch", "-q", "main")
    clone.git(
        "merge", "-q", "--no-ff", "-m", "Merge feature", "feature", at="2025-02-09T09:50:00+00:00", name="Dan"
    )
    clone.git("tag", "-a", "v2.3.0", "-m", "Ship it", at="2025-02-09T09:55:00+00:00")
    clone.commit("Too late", "2025-02-09T11:30:00+00:00")
    outcome, session = await collected(clone.path, tmp_path / "s")
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    facts = [row.fact for row in query.facts(session, tmp_path / "s")]
    assert [
        (fact.at.minute, fact.text.split(": ", 1)[-1].split(" (written")[0], fact.actor) for fact in facts
    ] == [
        (41, "Drop the index", "Carol"),
        (50, "Merge feature", "Dan"),
        (55, "Ship it", "Carol"),
    ]
    assert facts[0].key == f"commit {sha}"
    assert "written 2025-02-03T09:00:00+01:00 by Carol" in facts[0].text
    assert facts[1].text.startswith("Merge ")
    assert facts[2].text.startswith("Tag v2.3.0 (")
    assert {fact.kind for fact in facts} == {"change"}
    assert [each.format for each in outcome.artifacts] == ["attachment", "attachment", "facts"]
    assert [one.event.actor for one in suggest(session, tmp_path / "s")] == ["Carol", "Dan", "Carol"]


async def test_one_branch_can_be_asked_for(clone, tmp_path):
    clone.git("switch", "-q", "-c", "feature")
    clone.commit("On the branch", "2025-02-09T09:45:00+00:00")
    clone.git("switch", "-q", "main")
    clone.commit("On main", "2025-02-09T09:46:00+00:00")
    _, session = await collected(clone.path, tmp_path / "s", ref="main")
    assert [row.fact.text.split(": ")[1] for row in query.facts(session, tmp_path / "s")] == ["On main"]
    outcome, _ = await collected(clone.path, tmp_path / "t", ref="no-such-branch")
    assert outcome.state == "failed"
    assert "git cannot read" in outcome.message


async def test_nothing_that_a_hostile_clone_names_ever_runs(clone, tmp_path):
    """Every setting and file by which a repository can name a program, each of which would leave a trace."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran-$(basename "$0")-$1"\ncat\n')
    trap.chmod(0o755)
    clone.commit("Signed, they say", "2025-02-09T10:00:00+00:00")
    (clone.path / "a.bin").write_text("a")
    (clone.path / ".gitattributes").write_text("* diff=evil filter=evil\n")
    clone.git("add", "-A")
    clone.commit("Files", "2025-02-09T10:01:00+00:00")
    signed = clone.git("cat-file", "commit", "HEAD").split("\n\n", 1)
    raw = f"{signed[0]}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\n{signed[1]}\n"
    (tmp_path / "raw").write_text(raw)
    sha = clone.git("hash-object", "-t", "commit", "-w", str(tmp_path / "raw"))
    clone.git("update-ref", "refs/heads/main", sha)
    for name, value in {
        "core.fsmonitor": trap, "core.pager": trap, "core.editor": trap, "core.sshCommand": trap,
        "core.hooksPath": tmp_path / "hooks", "core.askPass": trap, "core.alternateRefsCommand": trap,
        "diff.external": trap, "diff.evil.command": trap, "diff.evil.textconv": trap, "filter.evil.smudge": trap,
        "filter.evil.clean": trap, "filter.evil.process": trap, "gpg.program": trap, "gpg.ssh.program": trap,
        "log.showSignature": "true", "pager.log": trap, "credential.helper": f"!{trap}", "alias.log": f"!{trap}",
        "alias.for-each-ref": f"!{trap}", "extensions.partialClone": "evil", "remote.evil.promisor": "true",
        "remote.evil.url": f"ext::{trap}", "remote.evil.uploadpack": trap, "protocol.ext.allow": "always",
    }.items():  # fmt: skip
        clone.git("config", name, str(value))
    hooks = clone.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(trap.read_text())
        (hooks / name).chmod(0o755)
    await collected(clone.path, tmp_path / "s")
    # A missing object is what would make git fetch from where the clone says.
    tree = clone.git("rev-parse", "HEAD^{tree}")
    parent = clone.git("-c", "core.fsmonitor=false", "rev-parse", "HEAD^")
    for gone in (tree, parent):
        (clone.path / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    await collected(clone.path, tmp_path / "t")
    assert list(tmp_path.glob("ran-*")) == []


async def test_the_trap_of_the_test_above_does_work(clone, tmp_path):
    """A plain `git log` would have run it: the test above can fail."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f'#!/bin/sh\ntouch "{tmp_path}/ran"\n')
    trap.chmod(0o755)
    clone.git("config", "core.fsmonitor", str(trap))
    clone.git("status")
    assert (tmp_path / "ran").exists()


async def test_words_of_a_commit_are_data(clone, tmp_path):
    hostile = "[@click=app.quit]x[/] \x1b]0;pwned\x07 \u202e \x01 end"
    clone.commit(hostile, "2025-02-09T10:00:00+00:00", name="Mallory \x1b[2J")
    outcome, session = await collected(clone.path, tmp_path / "s")
    (row,) = query.facts(session, tmp_path / "s")
    assert row.fact.text.endswith(": [@click=app.quit]x[/] ^[]0;pwned^G <202E> ^A end")
    assert "\x1b" not in row.fact.actor
    assert outcome.state == "done"


async def test_variables_that_turn_git_elsewhere_are_not_passed_on(clone, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    Clone(other).git("init", "-q")
    clone.commit("The right one", "2025-02-09T10:00:00+00:00")
    hostile = {
        "GIT_DIR": str(other / ".git"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "alias.x",
        "GIT_PAGER": "false",
    }
    _, session = await collected(clone.path, tmp_path / "s", environment={**os.environ, **hostile})
    assert [row.fact.text.split(": ")[1] for row in query.facts(session, tmp_path / "s")] == ["The right one"]


async def test_many_commits_are_searched_and_few_are_offered(clone, tmp_path):
    for number in range(14):
        clone.commit(f"Work {number}", f"2025-02-09T10:00:{number:02}+00:00")
    clone.commit('Revert "Work 3"', "2025-02-09T10:20:00+00:00")
    _, session = await collected(clone.path, tmp_path / "s")
    assert len(query.facts(session, tmp_path / "s")) == 15
    assert [one.event.text.split(": ")[1] for one in suggest(session, tmp_path / "s")] == ['Revert "Work 3"']


async def test_a_shallow_clone_is_a_hole(clone, tmp_path):
    clone.commit("Old", "2025-02-09T09:50:00+00:00")
    clone.commit("New", "2025-02-09T10:10:00+00:00")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{clone.path}", str(tmp_path / "shallow")], check=True
    )
    outcome, _ = await collected(tmp_path / "shallow", tmp_path / "s")
    (gap,) = outcome.gaps
    assert (gap.to, "shallow clone" in gap.why) == (datetime(2025, 2, 9, 10, 10, tzinfo=UTC), True)
    assert outcome.notes[0].endswith("run `git fetch --unshallow`.")


async def test_more_commits_than_are_read_is_a_hole(clone, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_COMMITS", 3)
    for minute in range(5):
        clone.commit(f"Work {minute}", f"2025-02-09T10:1{minute}:00+00:00")
    outcome, _ = await collected(clone.path, tmp_path / "s")
    assert "more than 3 commits" in outcome.gaps[0].why


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "needs the folder"),
        ({"path": "x", "ref": "--output=/tmp/x"}, "no name of a branch"),
        ({"path": "x"}, ""),
    ],
)
def test_settings_are_checked(settings, sentence):
    found = GitCollector().check(settings)
    assert sentence in found
    assert bool(found) == bool(sentence)


async def test_what_is_no_clone_is_one_sentence(tmp_path):
    outcome, _ = await collected(tmp_path / "nothing", tmp_path / "s")
    assert "There is no folder" in outcome.message
    (tmp_path / "plain").mkdir()
    outcome, _ = await collected(tmp_path / "plain", tmp_path / "s")
    assert "git cannot read" in outcome.message


async def test_a_quiet_window_is_said(clone, tmp_path):
    outcome, _ = await collected(clone.path, tmp_path / "s")
    assert outcome.notes == ("api has no commit and no tag in the window.",)
    # Asked and answered: nobody has to look there again.
    assert [(each.from_, each.to) for each in outcome.artifacts if each.format == "facts"] == [
        (outcome.window.start, outcome.window.end)
    ]


async def test_without_a_start_there_is_no_window_to_ask_for(clone, tmp_path):
    session = Session(sources=(Source(id="S1", kind="git", settings={"path": str(clone.path)}),))
    run = Run(session, tmp_path / "s", now=NOW)
    run.start()
    assert "has no start yet" in (await run.wait())["S1"].message
    await asyncio.sleep(0)
