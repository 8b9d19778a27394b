"""Files as they come: compressed one way or the other, documents, alerts that were posted somewhere."""

import gzip
import json

import pytest
import zstandard

from app.evidence import query
from tests.unit.collectors.test_file_collector import collect, kubectl_log, session_for
from tests.unit.evidence.test_alerts_from_alertmanager import FIRING, RESOLVED, lines, recorded


async def test_zstd_is_unpacked_and_kept_as_what_it_held(tmp_path):
    content = kubectl_log().encode()
    (tmp_path / "app.log.zst").write_bytes(zstandard.compress(content))
    outcome, session = await collect(session_for(tmp_path / "app.log.zst"), tmp_path / "s")
    (artifact,) = outcome.artifacts
    assert (artifact.path, artifact.rows, artifact.bytes) == ("evidence/S1/app.log.gz", 4477, len(content))
    assert gzip.decompress((tmp_path / "s" / artifact.path).read_bytes()) == content
    assert len(list(query.rows(session, tmp_path / "s"))) == 4477


async def test_frames_of_zstd_one_after_the_other_are_one_file(tmp_path):
    parts = kubectl_log().splitlines(keepends=True)
    whole = b"".join(zstandard.compress("".join(half).encode()) for half in (parts[:2000], parts[2000:]))
    (tmp_path / "a.log").write_bytes(whole)
    outcome, _ = await collect(session_for(tmp_path / "a.log"), tmp_path / "s")
    assert (outcome.artifacts[0].rows, outcome.notes) == (4477, ())


@pytest.mark.parametrize("damage", ["cut", "flipped"])
async def test_a_damaged_zstd_keeps_what_it_has_and_marks_the_rest(tmp_path, damage):
    packed = bytearray(b"".join(zstandard.compress(line.encode()) for line in kubectl_log().splitlines(True)))
    half = len(packed) // 2
    if damage == "cut":
        del packed[half:]
    else:
        packed[half : half + 40] = b"\xff" * 40
    (tmp_path / "a.log.zst").write_bytes(packed)
    outcome, _ = await collect(session_for(tmp_path / "a.log.zst"), tmp_path / "s")
    assert outcome.state == "done"
    assert "can be read only in part" in outcome.notes[0]
    assert 1000 < outcome.artifacts[0].rows < 4477
    assert "damaged" in outcome.gaps[-1].why


async def test_a_zstd_bomb_passes_in_small_pieces(tmp_path):
    """20 kB become 600 MB; the largest piece that is ever in memory is counted."""
    from app.evidence.packing import plain

    packed = zstandard.ZstdCompressor(level=19).compress(b"\0" * 600_000_000)
    assert len(packed) < 100_000
    sizes = [len(block) for block in plain(iter([packed]), "bomb")]
    assert (sum(sizes), max(sizes)) == (600_000_000, 65_536)


async def test_a_runbook_is_an_attachment_by_itself_whatever_dates_stand_in_it(tmp_path):
    (tmp_path / "runbook.md").write_text("2025-02-09T10:00:00Z reviewed\n" * 40)
    outcome, session = await collect(session_for(tmp_path / "runbook.md"), tmp_path / "s")
    assert [(each.format, each.rows) for each in outcome.artifacts] == [("attachment", 0)]
    assert outcome.notes == ("runbook.md is a document: it is kept as an attachment.",)
    assert list(query.rows(session, tmp_path / "s")) == []
    outcome, _ = await collect(session_for(tmp_path / "runbook.md", read_as="log"), tmp_path / "t")
    assert [each.format for each in outcome.artifacts] == ["lines"]


async def test_anything_is_an_attachment_when_somebody_says_so(tmp_path):
    (tmp_path / "a.log").write_text(kubectl_log())
    outcome, _ = await collect(session_for(tmp_path / "a.log", read_as="attachment"), tmp_path / "s")
    assert [(each.format, each.rows) for each in outcome.artifacts] == [("attachment", 0)]
    assert outcome.notes == ()


async def test_webhook_payloads_are_an_alert_s_history(tmp_path):
    (tmp_path / "hooks.jsonl").write_bytes(lines(FIRING, RESOLVED))
    outcome, session = await collect(session_for(tmp_path / "hooks.jsonl"), tmp_path / "s")
    assert [each.format for each in outcome.artifacts] == ["alerts"]
    (alert,) = query.alerts(session, tmp_path / "s")
    assert (alert.alert, alert.resolved.minute) == ("HighErrors", 38)


async def test_the_event_recorder_gives_alerts_and_what_people_silenced(tmp_path):
    (tmp_path / "events.jsonl").write_bytes(recorded(1))
    outcome, session = await collect(session_for(tmp_path / "events.jsonl"), tmp_path / "s")
    assert [each.format for each in outcome.artifacts] == ["alerts", "facts"]
    assert [alert.alert for alert in query.alerts(session, tmp_path / "s")] == ["HighErrors"]
    (row,) = query.facts(session, tmp_path / "s")
    assert (row.fact.actor, row.fact.ref) == ("bob", "evidence/S1/events.jsonl.gz")


async def test_a_webhook_file_whose_alerts_are_damaged_is_still_kept(tmp_path):
    broken = json.dumps(FIRING).replace('"labels"', '"lables"')
    (tmp_path / "hook.json").write_text(broken)
    outcome, _ = await collect(session_for(tmp_path / "hook.json"), tmp_path / "s")
    assert outcome.state == "done"
    assert len(outcome.artifacts) == 1
