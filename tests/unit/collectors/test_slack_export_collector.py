"""An export of Slack: chosen channels, the window, people by name; archives that mean harm are bounded or refused.

The shape is that of ``slack.com/help/articles/220556107``: lists beside a folder for each channel with a file a day.
"""

import asyncio
import json
import subprocess
import sys
import zipfile
from datetime import datetime

import pytest

from app.evidence import query
from app.review.records import Session, Source
from app.suggest import suggest
from collectors import slack_export as module
from collectors.outcome import with_outcome
from collectors.runner import Run
from collectors.slack_export import SlackExportCollector
from tests.unit.collectors.test_file_collector import INCIDENT, NOW, WINDOW


def ts(clock: str, micro: int = 200, day: str = "2025-02-09") -> str:
    at = datetime.fromisoformat(f"{day}T{clock}+00:00")
    return f"{int(at.timestamp())}.{micro:06}"


def message(clock: str, text: str, **more: object) -> dict:
    return {"type": "message", "user": "U1", "ts": ts(clock), "text": text, **more}


ROOT = message("10:06:00", "Is it the &lt;pool&gt;? &amp; <@U2> look at <https://x.example/a|the graph>")
USERS = [
    {"id": "U1", "name": "carol", "profile": {"display_name": "Carol", "email": "carol@example.org"}},
    {"id": "U2", "name": "dan", "profile": {"real_name": "Dan D."}},
]
EXPORT = {
    "users.json": USERS,
    "channels.json": [{"id": "C1", "name": "incident-1"}, {"id": "C2", "name": "random"}],
    "incident-1/2025-02-09.json": [
        message("09:00:00", "too early"),
        message("10:05:30", "joined", subtype="channel_join"),
        {**ROOT, "thread_ts": ROOT["ts"], "reply_count": 1},
        message(
            "10:07:00", "yes", user="U2", thread_ts=ROOT["ts"], edited={"user": "U2", "ts": ts("10:08:00")}
        ),
        message("10:20:00", "rolled back", reactions=[{"name": "pushpin", "users": ["U1"], "count": 1}]),
        message("11:00:00", "too late"),
        {"type": "message", "ts": "yesterday", "text": "no time"},
        "not a message",
        None,
    ],
    "random/2025-02-09.json": [message("10:06:00", "lunch?")],
}


def packed(path, files=EXPORT, prefix=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content if isinstance(content, bytes) else json.dumps(content))
    return path


async def collected(path, folder, clock=0.0, **settings):
    chosen = {"path": str(path), **settings}
    source = Source(id="S1", kind="slack-export", name="slack", settings=chosen, clock_offset_s=clock)
    session = Session(incident=INCIDENT, sources=(source,))
    run = Run(session, folder, now=NOW)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


async def test_a_clock_correction_holds_at_the_ends_of_the_window_and_in_the_holes(tmp_path):
    said = [message(clock, clock) for clock in ("09:33:00", "09:36:00", "10:47:00", "10:49:00")]
    path = packed(tmp_path / "e.zip", {**EXPORT, "incident-1/2025-02-09.json": said})
    outcome, session = await collected(path, tmp_path / "s", clock=120.0, channels="incident-1")
    found = [row.fact.text for row in query.facts(session, tmp_path / "s")]
    assert [text[:8] for text in found] == ["09:36:00", "10:47:00"]
    facts = outcome.artifacts[-1]
    assert f"{facts.from_:%H:%M:%S} {facts.to:%H:%M:%S}" == "09:33:23 10:48:00"


@pytest.mark.parametrize("form", ["zip", "zip of a folder", "folder"])
async def test_what_was_said_in_the_window_becomes_facts(tmp_path, form):
    path = tmp_path / "export"
    if form == "folder":
        for name, content in EXPORT.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(json.dumps(content))
    else:
        packed(path, prefix="acme Slack export/" if form == "zip of a folder" else "")
    outcome, session = await collected(path, tmp_path / "s", channels="#incident-1")
    assert (outcome.state, outcome.notes) == ("done", ())
    facts = [row.fact for row in query.facts(session, tmp_path / "s")]
    assert [(fact.actor, fact.text) for fact in facts] == [
        ("Carol", "Is it the <pool>? & @Dan D. look at the graph (https://x.example/a)"),
        ("Dan D.", "↳ yes (edited 2025-02-09 10:08 UTC)"),
        ("Carol", "rolled back"),
    ]
    assert facts[1].object.startswith("#incident-1, thread “Is it the <pool>?")
    assert facts[0].key == f"C1/{ROOT['ts']}"
    assert {fact.kind for fact in facts} == {"communication"}
    assert facts[0].ref == "evidence/S1/incident-1-2025-02-09.json.gz"
    assert [each.format for each in outcome.artifacts] == ["attachment", "facts"]
    assert [one.event.text for one in suggest(session, tmp_path / "s")] == ["rolled back"]
    everything = b"".join(each.read_bytes() for each in (tmp_path / "s").rglob("*") if each.is_file())
    assert b"carol@example.org" not in everything


async def test_channels_are_chosen_and_never_guessed(tmp_path):
    path = packed(tmp_path / "export.zip")
    outcome, _ = await collected(path, tmp_path / "s")
    assert outcome.state == "failed"
    assert "Say which channels to read" in outcome.message
    assert "there are incident-1, random" in outcome.message
    outcome, _ = await collected(path, tmp_path / "s", channels="ops")
    assert "no messages of #ops: there are incident-1, random" in outcome.message
    outcome, _ = await collected(path, tmp_path / "s", channels="incident-1, #random")
    assert outcome.artifacts[-1].rows == 4
    one = {name: content for name, content in EXPORT.items() if not name.startswith("random/")}
    outcome, _ = await collected(packed(tmp_path / "one.zip", one), tmp_path / "t")
    assert outcome.state == "done"


async def test_days_are_read_in_whatever_zone_they_were_cut(tmp_path):
    files = {
        "c/2025-02-08.json": [message("10:06:00", "a day that began later")],
        "c/2025-02-10.json": [message("10:07:00", "a day that began earlier")],
        "c/2025-01-01.json": [message("10:08:00", "not read at all")],
    }
    outcome, session = await collected(packed(tmp_path / "e.zip", files), tmp_path / "s")
    assert [row.fact.text for row in query.facts(session, tmp_path / "s")] == [
        "a day that began later",
        "a day that began earlier",
    ]
    assert outcome.gaps == ()


@pytest.mark.parametrize(
    ("day", "gap"),
    [
        ("2025-02-07", (WINDOW.start, WINDOW.end, "e.zip ends with 2025-02-07")),
        ("2025-02-10", (WINDOW.start, WINDOW.end, "e.zip begins with 2025-02-10")),
    ],
)
async def test_an_export_of_other_days_is_a_hole(tmp_path, day, gap):
    files = {f"c/{day}.json": [message("10:06:00", "x")]}
    outcome, _ = await collected(packed(tmp_path / "e.zip", files), tmp_path / "s")
    assert [(each.from_, each.to, each.why) for each in outcome.gaps] == [gap]


async def test_a_quiet_channel_is_said_to_be_one(tmp_path):
    files = {"c/2025-02-09.json": [message("12:06:00", "x")]}
    outcome, _ = await collected(packed(tmp_path / "e.zip", files), tmp_path / "s")
    assert outcome.notes == ("Nothing was said in #c in the window.",)


async def test_hostile_names_read_and_write_nothing_outside(tmp_path):
    secret = tmp_path / "secret" / "2025-02-09.json"
    secret.parent.mkdir()
    secret.write_text(json.dumps([message("10:06:00", "secret")]))
    name = "c\x1b[2J[@click=app.quit]"
    files = {
        "../secret/2025-02-09.json": [message("10:06:00", "up")],
        "/etc/2025-02-09.json": [message("10:06:00", "absolute")],
        "a/b/2025-02-09.json": [message("10:06:00", "deep")],
        "..\\x/2025-02-09.json": [message("10:06:00", "backslash")],
        "c/../../secret/2025-02-09.json": [message("10:06:00", "up again")],
        f"{name}/2025-02-09.json": [message("10:06:00", "\x1b]0;pwned\x07 [/] \u202e")],
        f"{name}/not-a-day.json": [message("10:06:00", "no")],
    }
    path = packed(tmp_path / "e.zip", files)
    outcome, session = await collected(path, tmp_path / "s")
    (row,) = query.facts(session, tmp_path / "s")
    assert row.fact.text == "^[]0;pwned^G [/] <202E>"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["e.zip", "s", "secret"]
    for artifact in outcome.artifacts:
        assert (
            (tmp_path / "s" / artifact.path).resolve().is_relative_to((tmp_path / "s" / "evidence").resolve())
        )


async def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([message("10:06:00", "secret")]))
    root = tmp_path / "export"
    (root / "c").mkdir(parents=True)
    (root / "c" / "2025-02-08.json").write_text(json.dumps([message("10:06:00", "x")]))
    (root / "c" / "2025-02-09.json").symlink_to(secret)
    (root / "d").symlink_to(tmp_path)
    outcome, session = await collected(root, tmp_path / "s")
    assert [row.fact.text for row in query.facts(session, tmp_path / "s")] == ["x"]
    info = zipfile.ZipInfo("c/2025-02-09.json")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr(info, str(secret))
        archive.writestr("c/2025-02-08.json", json.dumps([message("10:06:00", "x")]))
    outcome, _ = await collected(tmp_path / "e.zip", tmp_path / "t")
    assert [each.rows for each in outcome.artifacts] == [0, 1]


async def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    """1 MB becomes 1 GB; measured in a process of its own, whose memory at its highest is asked for."""
    bomb = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("c/2025-02-09.json", "w") as file,
    ):
        for _ in range(1_000):
            file.write(b" " * 1_000_000)
    outcome, _ = await collected(bomb, tmp_path / "s")
    assert outcome.state == "failed"
    assert "larger than can be read" in outcome.message
    outcome, _ = await collected(
        packed(tmp_path / "b.zip", {"c/2025-02-09.json": b" " * 20_000_000}), tmp_path / "s"
    )
    assert "more than 200 times its size" in outcome.message
    code = (
        "import resource, zipfile, pathlib, sys\n"
        "from collectors.slack_export import _Zip\n"
        "from collectors.interface import CollectProblem\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "try:\n    _Zip(path, zipfile.ZipFile(path)).read('c/2025-02-09.json')\n"
        "except CollectProblem:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(bomb)], capture_output=True, text=True, check=True)
    assert int(ran.stdout) * (1 if sys.platform == "darwin" else 1024) < 100_000_000


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MOST_MEMBERS", 1, "holds more than 1 files"),
        ("MOST_READ", 1, "more than 1 files: choose fewer channels"),
        ("LARGEST", 10, "larger than can be read"),
        ("LARGEST_TOGETHER", 500, "larger than can be read"),
    ],
)
async def test_everything_is_bounded(tmp_path, monkeypatch, name, value, sentence):
    monkeypatch.setattr(module, name, value)
    outcome, _ = await collected(packed(tmp_path / "e.zip"), tmp_path / "s", channels="incident-1,random")
    assert outcome.state == "failed"
    assert sentence in outcome.message


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"null", b'{"a": 1}', b"\xff\xfe", b'[[[1]], {"ts": {}}, {"ts": "1.0"}]'],
)
async def test_days_that_are_no_messages_are_left_out(tmp_path, content):
    good = [message("10:06:00", "good")]
    files = {
        "c/2025-02-09.json": content,
        "c/2025-02-08.json": good,
        "users.json": content,
        "channels.json": content,
    }
    outcome, session = await collected(packed(tmp_path / "e.zip", files), tmp_path / "s")
    assert outcome.state == "done"
    assert [row.fact.text for row in query.facts(session, tmp_path / "s")] == ["good"]


async def test_what_is_no_export_is_one_sentence(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    outcome, _ = await collected(tmp_path / "a.zip", tmp_path / "s")
    assert "is no zip" in outcome.message
    outcome, _ = await collected(tmp_path / "none.zip", tmp_path / "s")
    assert "There is no export" in outcome.message
    outcome, _ = await collected(packed(tmp_path / "b.zip", {"readme.txt": "x"}), tmp_path / "s")
    assert "holds no channels of Slack" in outcome.message
    content = bytearray(packed(tmp_path / "c.zip").read_bytes())
    for place in range(200, 400):
        content[place] ^= 0x55
    (tmp_path / "c.zip").write_bytes(content)
    outcome, _ = await collected(tmp_path / "c.zip", tmp_path / "s", channels="incident-1")
    assert outcome.state == "failed"
    assert "cannot be unpacked" in outcome.message
    assert SlackExportCollector().check({}) == "An export of Slack needs a path: name the zip or folder."


async def test_cancelling_stops_between_two_days(tmp_path):
    files = {
        f"c{number}/2025-02-09.json": [message("10:06:00", "x" * 2_000) for _ in range(200)]
        for number in range(300)
    }
    path = packed(tmp_path / "e.zip", files)
    channels = ",".join(f"c{number}" for number in range(300))
    source = Source(id="S1", kind="slack-export", settings={"path": str(path), "channels": channels})
    run = Run(Session(incident=INCIDENT, sources=(source,)), tmp_path / "s", now=NOW)
    run.start()
    while not list((tmp_path / "s").rglob("*.gz")):
        await asyncio.sleep(0.01)
    run.cancel()
    outcome = (await run.wait())["S1"]
    assert outcome.state == "cancelled"
    assert 0 < len(outcome.artifacts) < 301
