import gzip
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence.artifacts import BLOCK, EvidenceProblem, Keeper, blocks, content_hash, locate, safe_name
from app.review.records import Artifact, Source

NOW = datetime(2025, 2, 10, 8, 0, 12, tzinfo=UTC)
HOSTILE = ["../../etc/passwd", "/etc/passwd", "..", ".", "", "-rf", "con", "NUL.txt", "a\0b", "a/b\\c"]
HOSTILE += ["\u202egpj.exe", "x" * 300]


def keeper(folder: Path, source: str = "S1") -> Keeper:
    return Keeper(folder, Source(id=source), NOW)


@given(st.text(max_size=120) | st.sampled_from(HOSTILE))
def test_any_name_becomes_a_harmless_one(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= 81
    assert not set(safe) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert safe[0] not in ".-"
    assert safe.split(".")[0].lower() not in ("con", "nul", "aux", "prn", "com1", "lpt1")


@pytest.mark.parametrize("name", HOSTILE)
def test_an_artifact_never_leaves_its_folder(tmp_path, name):
    artifact = keeper(tmp_path, name).keep(name, b"x")
    path = locate(tmp_path, artifact)
    assert path.is_relative_to(tmp_path / "evidence")
    assert path.parent.parent == tmp_path / "evidence"


def test_content_is_kept_exactly_private_and_compressed(tmp_path):
    content = os.urandom(1000) + b"log\n" * 50_000
    artifact = keeper(tmp_path).keep("app.log", content, format="lines", rows=7)
    path = locate(tmp_path, artifact)
    assert gzip.decompress(path.read_bytes()) == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (artifact.path, artifact.bytes, artifact.rows) == ("evidence/S1/app.log.gz", len(content), 7)
    assert artifact.sha256 == content_hash(path)
    assert artifact.collected_at == NOW


def test_other_content_under_the_same_name_is_added_and_the_same_is_kept_once(tmp_path):
    keep = keeper(tmp_path).keep
    paths = [keep("a.log", content).path for content in (b"one", b"two", b"one", b"two", b"three")]
    assert paths == [f"evidence/S1/{name}.gz" for name in ("a.log", "a-2.log", "a.log", "a-2.log", "a-3.log")]
    assert gzip.decompress((tmp_path / "evidence/S1/a.log.gz").read_bytes()) == b"one"


def test_a_damaged_file_is_not_taken_for_the_same_content(tmp_path):
    first = keeper(tmp_path).keep("a.log", b"one" * 1000)
    path = locate(tmp_path, first)
    path.write_bytes(path.read_bytes()[:-4])
    assert keeper(tmp_path).keep("a.log", b"one" * 1000).path != first.path


def test_a_draft_that_is_given_up_leaves_nothing(tmp_path):
    keep = keeper(tmp_path)
    with keep.open("a.log") as draft:
        draft.write(b"half")
    assert list((tmp_path / "evidence" / "S1").iterdir()) == []
    assert keep.kept == []


def test_evidence_never_follows_a_link_out_of_the_session(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    session = tmp_path / "session"
    (session / "evidence").mkdir(parents=True)
    (session / "evidence" / "S1").symlink_to(outside)
    with pytest.raises(EvidenceProblem, match="leads out"):
        keeper(session).keep("a.log", b"x")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["", "evidence", "/etc/passwd", "evidence/../../x", "session.toml", "evidence/S1/link"]
)
def test_a_path_of_a_foreign_session_cannot_read_other_files(tmp_path, path):
    (tmp_path / "evidence" / "S1").mkdir(parents=True)
    (tmp_path / "evidence" / "S1" / "link").symlink_to("/etc/hostname")
    with pytest.raises(EvidenceProblem, match="outside"):
        locate(tmp_path, Artifact(path=path))


@given(st.lists(st.binary(max_size=3000), max_size=4))
def test_gzip_members_in_a_row_are_one_file(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("gz") / "a.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in parts) + (b"\0" * 512 if parts else b""))
    assert b"".join(blocks(path)) == b"".join(parts)


def test_a_block_is_never_larger_than_64_kib_however_well_it_was_packed(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * 30_000_000))
    sizes = [len(block) for block in blocks(path)]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= BLOCK


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.99])
def test_a_truncated_gzip_gives_what_it_has_and_says_so(tmp_path, keep):
    content = os.urandom(100_000)
    packed = gzip.compress(content)
    path = tmp_path / "a.gz"
    path.write_bytes(packed[: int(len(packed) * keep)])
    got: list[int] = []
    with pytest.raises(EvidenceProblem, match="in part"):
        got.extend(byte for block in blocks(path) for byte in block)
    assert content.startswith(bytes(got))
    assert len(got) >= 0.9 * keep * len(content) - 64 * 1024


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(EvidenceProblem, match="cannot be read"):
        list(blocks(tmp_path / "none"))


@given(st.lists(st.binary(max_size=3000), max_size=4))
@settings(deadline=None)
def test_zstd_frames_in_a_row_are_one_file(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("zstd") / "a.zst"
    path.write_bytes(b"".join(zstandard.compress(part) for part in parts))
    assert b"".join(blocks(path)) == b"".join(parts)


def test_a_zstd_bomb_comes_in_small_blocks(tmp_path):
    path = tmp_path / "a.zst"
    path.write_bytes(zstandard.compress(b"\0" * 30_000_000))
    sizes = [len(block) for block in blocks(path)]
    assert (sum(sizes), max(sizes)) == (30_000_000, BLOCK)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.99])
def test_a_truncated_zstd_gives_what_it_has_and_says_so(tmp_path, keep):
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(os.urandom(2_000_000))
    path = tmp_path / "a.zst"
    path.write_bytes(packed[: int(len(packed) * keep)])
    with pytest.raises(EvidenceProblem, match="ends too early"):
        list(blocks(path))
    path.write_bytes(packed[:1000] + b"\xff" * 1000 + packed[2000:])
    with pytest.raises(EvidenceProblem, match="is damaged"):
        list(blocks(path))
