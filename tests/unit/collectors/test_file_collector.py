import asyncio
import gzip
import os
from datetime import UTC, datetime, timedelta

import pytest

from app.evidence import query
from app.evidence.window import Window
from app.review.records import Incident, Session, Source
from collectors.file import FileCollector
from collectors.outcome import with_outcome
from collectors.runner import Run
from tests.sample import metrics

NOW = datetime(2025, 2, 10, 8, 0, tzinfo=UTC)
INCIDENT = Incident(
    started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC), ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC)
)
WINDOW = Window(datetime(2025, 2, 9, 9, 35, 23, tzinfo=UTC), datetime(2025, 2, 9, 10, 50, tzinfo=UTC))


def session_for(path, incident=INCIDENT, **settings) -> Session:
    source = Source(id="S1", kind="file", name="files", settings={"path": str(path), **settings})
    return Session(incident=incident, sources=(source,))


async def collect(session, folder, on_progress=None):
    run = Run(session, folder, now=NOW, on_progress=on_progress)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


def kubectl_log(prefix: str = "") -> str:
    stamps = (WINDOW.start + timedelta(seconds=second) for second in range(4477))
    return "".join(
        f"{prefix}{stamp:%Y-%m-%dT%H:%M:%S}.123456789Z level=info msg=served\n" for stamp in stamps
    )


@pytest.mark.parametrize("prefix", ["", "[pod/api-7d9f-x2k4p/api] "])
@pytest.mark.parametrize("packed", [False, True])
async def test_a_kubectl_log_is_kept_counted_and_covers_its_window(tmp_path, prefix, packed):
    content = kubectl_log(prefix).encode()
    path = tmp_path / ("app.log.gz" if packed else "app.log")
    path.write_bytes(gzip.compress(content) if packed else content)
    outcome, session = await collect(session_for(path), tmp_path / "s")
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    (artifact,) = outcome.artifacts
    assert (artifact.format, artifact.rows, artifact.bytes) == ("lines", 4477, len(content))
    assert artifact.path == "evidence/S1/app.log.gz"
    assert artifact.query == f"file {path}"
    assert gzip.decompress((tmp_path / "s" / artifact.path).read_bytes()) == content
    assert len(list(query.rows(session, tmp_path / "s"))) == 4477


async def test_the_seed_s_two_json_artifacts_are_recognised(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "metrics.json").write_text(metrics.answers()["pool"])
    (tmp_path / "in" / "alerts.json").write_text(metrics.amtool())
    outcome, session = await collect(session_for(tmp_path / "in"), tmp_path / "s")
    assert {each.path.rpartition("/")[2]: each.format for each in outcome.artifacts} == {
        "alerts.json.gz": "alerts",
        "metrics.json.gz": "query_range",
    }
    assert outcome.gaps == ()
    (series,) = query.series(session, tmp_path / "s")
    assert (series.name, len(series.points)) == ("metrics", 340)
    (alert,) = query.alerts(session, tmp_path / "s")
    assert (alert.alert, alert.fired.isoformat()) == ("HighErrorRate", "2025-02-09T10:06:45+00:00")


async def test_a_log_that_ends_too_early_leaves_a_gap_with_its_reason(tmp_path):
    (tmp_path / "a.log").write_text("".join(kubectl_log().splitlines(keepends=True)[:3000]))
    outcome, session = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    (gap,) = outcome.gaps
    assert gap.to == WINDOW.end
    assert gap.why == "a.log ends at 10:25:22"
    assert session.sources[0].gaps == (gap,)


async def test_a_log_without_any_time_is_one_sentence_and_an_attachment(tmp_path):
    (tmp_path / "notes.txt").write_text("we saw this\nand that\n" * 50)
    outcome, _ = await collect(session_for(tmp_path / "notes.txt"), tmp_path / "s")
    assert outcome.state == "done"
    assert [each.format for each in outcome.artifacts] == ["attachment"]
    assert outcome.notes == (
        "notes.txt has no times in a form known here: it is kept as an attachment, not as a log.",
    )


async def test_a_log_without_zone_says_how_it_was_read(tmp_path):
    (tmp_path / "a.log").write_text(
        "".join(f"2025-02-09 10:{minute:02}:00,000 INFO x\n" for minute in range(50))
    )
    outcome, _ = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    assert "as UTC, because no zone is set" in outcome.notes[0]
    assert outcome.artifacts[0].note
    outcome, session = await collect(session_for(tmp_path / "a.log", zone="Europe/Berlin"), tmp_path / "t")
    assert "as Europe/Berlin" in outcome.notes[0]
    assert next(query.rows(session, tmp_path / "t")).at == datetime(2025, 2, 9, 9, 0, tzinfo=UTC)


async def test_bytes_that_are_no_utf8_are_counted_and_kept(tmp_path):
    content = b"2025-02-09T10:00:00Z caf\xe9\n2025-02-09T10:00:01Z ok\n"
    (tmp_path / "a.log").write_bytes(content)
    outcome, session = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    assert "1 of its lines is not UTF-8" in outcome.notes[0]
    assert gzip.decompress((tmp_path / "s" / outcome.artifacts[0].path).read_bytes()) == content
    assert next(query.rows(session, tmp_path / "s")).text.endswith("caf�")


async def test_a_damaged_gzip_keeps_what_it_has_and_marks_the_rest(tmp_path):
    lines = gzip.compress(kubectl_log().encode())
    (tmp_path / "a.log.gz").write_bytes(lines[: len(lines) // 2])
    outcome, _ = await collect(session_for(tmp_path / "a.log.gz"), tmp_path / "s")
    assert outcome.state == "done"
    assert "can be read only in part" in outcome.notes[0]
    assert 0 < outcome.artifacts[0].rows < 4477
    assert outcome.gaps[-1].to == WINDOW.end
    assert "damaged" in outcome.gaps[-1].why


async def test_a_json_log_of_one_huge_line_is_no_trouble(tmp_path):
    (tmp_path / "a.log").write_text("2025-02-09T10:00:00Z a\n2025-02-09T10:00:01Z " + "x" * 3_000_000 + "\n")
    outcome, session = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    assert outcome.artifacts[0].rows == 2
    assert "shown cut" in outcome.notes[0]
    assert [len(row.text) < 20_000 for row in query.rows(session, tmp_path / "s")] == [True, True]


async def test_collecting_again_adds_nothing_and_a_changed_file_adds_another(tmp_path):
    (tmp_path / "a.log").write_text(kubectl_log())
    _, session = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    _, again = await collect(session, tmp_path / "s")
    assert again == session
    (tmp_path / "a.log").write_text(kubectl_log() + "2025-02-09T10:49:59.9Z level=info msg=more\n")
    _, third = await collect(again, tmp_path / "s")
    assert [each.path for each in third.sources[0].artifacts] == [
        "evidence/S1/a.log.gz",
        "evidence/S1/a-2.log.gz",
    ]


async def test_a_path_inside_the_session_travels_with_it(tmp_path):
    (tmp_path / "s" / "in").mkdir(parents=True)
    (tmp_path / "s" / "in" / "a.log").write_text(kubectl_log())
    outcome, _ = await collect(session_for("in/a.log"), tmp_path / "s")
    assert outcome.artifacts[0].query == "file in/a.log"


async def test_hidden_files_and_links_of_a_folder_are_left_out(tmp_path):
    folder = tmp_path / "in" / "sub"
    folder.mkdir(parents=True)
    (folder / "a.log").write_text(kubectl_log())
    (folder / ".hidden").write_text("x")
    (folder / "link").symlink_to("/etc/hostname")
    outcome, _ = await collect(session_for(tmp_path / "in"), tmp_path / "s")
    assert [each.path for each in outcome.artifacts] == ["evidence/S1/sub-a.log.gz"]


@pytest.mark.parametrize("make", ["nothing", "empty folder", "pipe"])
async def test_what_cannot_be_read_is_one_sentence_and_a_gap(tmp_path, make):
    path = tmp_path / "in"
    if make == "empty folder":
        path.mkdir()
    if make == "pipe":
        os.mkfifo(path)
    outcome, session = await collect(session_for(path), tmp_path / "s")
    assert outcome.state == "failed"
    assert outcome.message.endswith(".")
    assert "in" in outcome.message
    (gap,) = session.sources[0].gaps
    assert (gap.from_, gap.to, gap.why) == (WINDOW.start, WINDOW.end, outcome.message)


async def test_a_session_without_a_start_collects_files_all_the_same(tmp_path):
    (tmp_path / "a.log").write_text(kubectl_log())
    outcome, _ = await collect(session_for(tmp_path / "a.log", incident=Incident()), tmp_path / "s")
    assert (outcome.state, outcome.gaps) == ("done", ())


async def test_a_cancel_in_the_middle_of_a_file_ends_at_once_and_leaves_no_litter(tmp_path):
    (tmp_path / "a.log").write_text(kubectl_log() * 40)
    run: Run

    def cancel_when_running(progress):
        if progress.bytes and progress.state == "running":
            run.cancel("S1")

    run = Run(session_for(tmp_path / "a.log"), tmp_path / "s", now=NOW, on_progress=cancel_when_running)
    run.start()
    outcome = (await asyncio.wait_for(run.wait(), 5))["S1"]
    assert (outcome.state, outcome.artifacts) == ("cancelled", ())
    async with asyncio.timeout(60):
        # The thread that reads is not waited for longer than a moment: it may still be tidying up.
        while list((tmp_path / "s" / "evidence" / "S1").iterdir()):
            await asyncio.sleep(0.02)


async def test_progress_grows_and_ends_complete(tmp_path):
    (tmp_path / "a.log").write_text(kubectl_log() * 5)
    seen = []
    await collect(session_for(tmp_path / "a.log"), tmp_path / "s", seen.append)
    assert [seen[0].state, seen[1].state, seen[-1].state] == ["queued", "running", "done"]
    for name in ("rows", "bytes"):
        values = [getattr(each, name) for each in seen]
        assert values == sorted(values)
    assert (seen[-1].rows, seen[-1].done) == (5 * 4477, 1.0)
    ((begin, end),) = seen[-1].covered
    assert begin == WINDOW.start + timedelta(microseconds=123456)
    assert end == WINDOW.end - timedelta(microseconds=876544)


def test_settings_are_checked_before_anything_is_read():
    check = FileCollector().check
    assert "needs a path" in check({})
    assert "needs a path" in check({"path": 7})
    assert "no zone called" in check({"path": "x", "zone": "Mars/Olympus"})
    assert check({"path": "x", "zone": "Europe/Berlin"}) == ""
    assert FileCollector().describe({"path": "/var/log/app.log"}) == "app.log"
    assert [each.name for each in FileCollector.fields][:2] == ["path", "zone"]
