"""``blamefree sql`` and ``blamefree verify``: what they print, and how they end."""

import csv
import gzip
import io
import json
from dataclasses import dataclass

import pytest

from app.__main__ import main

LOG = "2025-02-09T10:00:00Z level=error msg=x\n2025-02-09T10:00:30Z level=info msg==1+1\x1b[31m\n"


@dataclass(frozen=True)
class Done:
    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def asking(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text(LOG)

    def run(*words: str):
        code = main(list(words))
        return Done(code, *capfd.readouterr())

    assert (
        run("new", "Slow", "--start", "2025-02-09T10:00:00Z", "--end", "2025-02-09T11:00:00Z").exit_code == 0
    )
    assert run("source", "slow", "add", "file", "--set", "path=app.log").exit_code == 0
    assert run("collect", "slow").exit_code == 0
    return run


SQL = "select line, level, time, text from rows order by line"


def test_an_answer_is_tab_separated_or_csv_or_json(asking):
    plain = asking("sql", "slow", SQL).stdout.splitlines()
    assert plain[0] == "line\tlevel\ttime\ttext"
    assert plain[1].startswith("1\terror\t2025-02-09T10:00:00Z\t2025-02-09T10:00:00Z level=error")
    cells = list(
        csv.reader(
            io.StringIO(asking("sql", "slow", "select 'x' as a, '=1+1' as b from rows", "--csv").stdout)
        )
    )
    assert cells == [["a", "b"], ["x", "'=1+1"], ["x", "'=1+1"]]
    objects = json.loads(asking("sql", "slow", SQL, "--json").stdout)
    assert [each["level"] for each in objects] == ["error", "info"]
    assert objects[0]["time"] == "2025-02-09T10:00:00Z"
    assert "\x1b" not in objects[1]["text"]
    assert json.loads(asking("sql", "slow", "select * from rows where line = 99", "--json").stdout) == []


def test_a_bad_query_ends_with_two_and_one_sentence(asking):
    done = asking("sql", "slow", "select nope from rows")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nope" in done.stderr
    assert "Traceback" not in done.stderr


def test_evidence_that_is_whole_changed_and_missing_is_told_apart(asking, tmp_path):
    done = asking("verify", "slow")
    assert (done.exit_code, done.stdout) == (0, "1 of 1 pieces of evidence are what was collected.\n")
    (kept,) = tmp_path.rglob("app.log.gz")
    content = kept.read_bytes()
    kept.write_bytes(gzip.compress(gzip.decompress(content).replace(b"error", b"info")))
    done = asking("verify", "slow", "--json")
    assert done.exit_code == 1
    (verdict,) = json.loads(done.stdout)
    assert (verdict["state"], verdict["artifact"][-10:]) == ("changed", "app.log.gz")
    assert verdict["found"] != verdict["sha256"]
    kept.write_bytes(content[:-10])
    assert "ends too early" in asking("verify", "slow").stdout
    kept.unlink()
    done = asking("verify", "slow")
    assert done.exit_code == 1
    assert "app.log.gz" in done.stdout
    assert "missing" in done.stdout


@pytest.mark.parametrize("log", [LOG, "Feb  9 10:00:00 web1 sshd[1]: hello\n"])
def test_what_was_read_while_collecting_is_not_read_again(asking, tmp_path, log):
    (tmp_path / "app.log").write_text("# another\n" + log)
    assert asking("collect", "slow").exit_code == 0
    before = {path: path.stat().st_ino for path in (tmp_path / "sessions").rglob(".*.parquet")}
    assert len(before) == 2
    assert "app-2" in asking("sql", "slow", "select artifact from rows").stdout
    assert {path: path.stat().st_ino for path in before} == before


def test_deleting_what_was_derived_loses_nothing(asking, tmp_path):
    before = asking("sql", "slow", SQL).stdout
    derived = [path for path in (tmp_path / "sessions").rglob(".*") if path.parent.parent.name == "evidence"]
    assert derived
    for path in derived:
        path.unlink()
    assert asking("sql", "slow", SQL).stdout == before
    assert asking("verify", "slow").exit_code == 0
