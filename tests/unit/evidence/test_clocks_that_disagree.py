"""Clocks that disagree are found by what servers say, by stamps in the future, and by ids that two sources share."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from app.evidence import query
from app.evidence.artifacts import Keeper
from app.evidence.clocks import proposals
from app.evidence.facts import FACTS, Fact, dump_facts
from app.review import edits
from app.review.records import Artifact, Session, Source
from app.review.timeline import instant
from app.suggest import suggest
from collectors.interface import Collected, Collector
from collectors.outcome import Outcome, with_outcome
from collectors.runner import Run
from tests.unit.collectors.test_file_collector import INCIDENT, NOW, WINDOW

START = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)


def requests(count: int, late: float, seed: int = 1, jitter: float = 0.2, every: float = 7.0) -> str:
    """Lines of an app with a request id each, stamped *late* seconds too late."""
    chance = random.Random(seed)
    ids = random.Random(7)
    lines = []
    for number in range(count):
        at = START + timedelta(seconds=number * every + late + chance.random() * jitter)
        lines.append(
            f"{at:%Y-%m-%dT%H:%M:%S.%fZ} level=info msg=served request_id=r-{ids.randrange(16**12):012x}\n"
        )
    return "".join(lines)


async def read(tmp_path, **logs: str) -> tuple[Session, object]:
    sources = []
    for number, (name, content) in enumerate(logs.items(), 1):
        (tmp_path / f"{name}.log").write_text(content)
        sources.append(
            Source(id=f"S{number}", kind="file", name=name, settings={"path": str(tmp_path / f"{name}.log")})
        )
    session = Session(incident=INCIDENT, sources=tuple(sources))
    run = Run(session, tmp_path / "s", now=NOW)
    run.start()
    for key, outcome in (await run.wait()).items():
        session = with_outcome(session, key, outcome)
    return session, tmp_path / "s"


async def test_a_request_that_two_sources_saw_tells_how_far_their_clocks_are_apart(tmp_path):
    session, folder = await read(tmp_path, proxy=requests(60, 0), app=requests(60, 42, seed=2))
    (one,) = proposals(session, folder, window=WINDOW)
    assert (one.source, one.offset_s, one.now_s, one.at_least) == ("S2", -42.0, 0.0, False)
    assert one.reason.startswith("60 ids stand here and in proxy, and here always 42.0 s later")
    applied = edits.change(session, "sources", {"S2"}, clock_offset_s=one.offset_s)
    assert proposals(applied, folder, window=WINDOW) == []


async def test_the_one_that_others_contradict_is_the_one_to_correct(tmp_path):
    session, folder = await read(
        tmp_path, edge=requests(60, -30), proxy=requests(60, 0, seed=2), app=requests(60, 0.3, seed=3)
    )
    (one,) = proposals(session, folder, window=WINDOW)
    assert one.source == "S1"
    assert one.offset_s == pytest.approx(30.1, abs=0.3)
    assert "s earlier (" in one.reason


async def test_one_whose_server_was_asked_is_believed(tmp_path):
    session, folder = await read(tmp_path, proxy=requests(60, 0), app=requests(60, 42, seed=2))
    session = edits.change(session, "sources", {"S2"}, clock_ahead_s=0.4)
    (one,) = proposals(session, folder, window=WINDOW)
    assert (one.source, one.offset_s) == ("S1", 42.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (requests(60, 0), requests(60, 0.8, seed=2)),
        (requests(60, 0), requests(60, 42, seed=2, jitter=300)),
        (requests(4, 0), requests(4, 42, seed=2)),
        (requests(60, 0), "2025-02-09T10:00:00Z level=info msg=served\n" * 60),
    ],
    ids=["a slow request", "no constant difference", "too few", "no ids"],
)
async def test_what_proves_nothing_proposes_nothing(tmp_path, first, second):
    session, folder = await read(tmp_path, proxy=first, app=second)
    assert proposals(session, folder, window=WINDOW) == []


async def test_an_id_that_lasts_is_no_moment(tmp_path):
    """The same pod in every line of one source, and once in another's: no clock is told by that."""
    pods = [f"{number:08x}-aaaa-bbbb-cccc-0123456789ab" for number in range(0xA0000000, 0xA0000008)]
    first = "".join(f"2025-02-09T10:{minute:02}:00Z pod={pod}\n" for minute in range(50) for pod in pods)
    second = "".join(f"2025-02-09T10:20:0{number}Z pod={pod}\n" for number, pod in enumerate(pods))
    session, folder = await read(tmp_path, app=first, events=second)
    assert proposals(session, folder, window=WINDOW) == []


async def test_stamps_in_the_future_are_at_least_so_much_too_late(tmp_path):
    ahead = (NOW + timedelta(seconds=95)).strftime("%Y-%m-%dT%H:%M:%SZ")
    session, folder = await read(tmp_path, app=f"2025-02-09T10:00:00Z a\n{ahead} b\n")
    (one,) = proposals(session, folder)
    assert (one.offset_s, one.at_least) == (-95.0, True)
    assert one.reason == "Its last stamp lies 95.0 s after the moment at which it was collected."
    assert proposals(edits.change(session, "sources", {"S1"}, clock_offset_s=-95.0), folder) == []


async def test_what_looks_like_a_zone_says_so(tmp_path):
    ahead = (NOW + timedelta(hours=2, seconds=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    session, folder = await read(tmp_path, app=f"2025-02-09T10:00:00Z a\n{ahead} b\n")
    (one,) = proposals(session, folder)
    assert one.reason.endswith("That is close to 2 hours: look at its zone first.")


async def test_a_source_without_zone_is_asked_about_that_and_not_about_its_clock(tmp_path):
    ahead = (NOW + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S")
    session, folder = await read(tmp_path, app=f"2025-02-09 10:00:00 a\n{ahead} b\n")
    assert proposals(session, folder) == []


@pytest.mark.parametrize(
    ("ahead", "offset", "proposed"),
    [
        (42.4, 0.0, [-42.4]),
        (-7.0, 0.0, [7.0]),
        (4.0, 0.0, []),
        (42.4, -42.0, []),
        (0.0, -42.0, [0.0]),
        (None, -42.0, []),
    ],
)
def test_a_server_that_told_its_time_is_taken_at_its_word(tmp_path, ahead, offset, proposed):
    source = Source(id="S1", kind="x", name="metrics", clock_ahead_s=ahead, clock_offset_s=offset)
    found = proposals(Session(sources=(source,)), tmp_path)
    assert [one.offset_s for one in found] == proposed


async def test_what_a_collector_measured_is_remembered_on_the_source(tmp_path):
    class Asked(Collector):
        kind, title, fields = "asked", "asked", ()

        def check(self, settings):
            return ""

        def describe(self, settings):
            return "asked"

        async def collect(self, job):
            return Collected(clock_s=12.5)

    session = Session(incident=INCIDENT, sources=(Source(id="S1", kind="asked"),))
    run = Run(session, tmp_path, now=NOW, kinds={"asked": Asked()})
    run.start()
    session = with_outcome(session, "S1", (await run.wait())["S1"])
    assert session.sources[0].clock_ahead_s == 12.5
    assert with_outcome(session, "S1", Outcome("S1", "failed")).sources[0].clock_ahead_s == 12.5


def told(folder, source_id: str, *facts: Fact, **more) -> Source:
    source = Source(id=source_id, kind="x", name=f"name of {source_id}", **more)
    keeper = Keeper(folder, source, NOW)
    artifact = keeper.keep("x.facts", dump_facts(facts), format=FACTS)
    return source.model_copy(update={"artifacts": (artifact,)})


@pytest.mark.parametrize(
    ("early", "measured", "proposed"),
    [(90, None, ("S2", 90.0)), (90, 0.5, ("S1", -90.0)), (3, None, None), (-60, None, None)],
)
def test_a_commit_that_is_deployed_before_it_was_made_proves_a_clock_wrong(
    tmp_path, early, measured, proposed
):
    commit = Fact(START, "Commit 3f9a1c2: Drop the index", "change", "commit 3f9a1c2" + "0" * 33)
    deployed = Fact(
        START - timedelta(seconds=early), "Deployment of main (3f9a1c2000) to prod", "change", "d1"
    )
    other = Fact(START - timedelta(hours=1), "Deployment of main (1234567) to prod", "change", "d2")
    session = Session(
        sources=(told(tmp_path, "S1", commit), told(tmp_path, "S2", deployed, other, clock_ahead_s=measured))
    )
    found = proposals(session, tmp_path)
    assert [(one.source, one.offset_s) for one in found] == ([proposed] if proposed else [])
    for one in found:
        assert one.at_least
        assert one.reason.startswith("Commit 3f9a1c2 is deployed 90.0 s before it was made")
        applied = edits.change(session, "sources", {one.source}, clock_offset_s=one.offset_s)
        assert proposals(applied, tmp_path) == []


def test_hostile_stamps_and_names_are_no_trouble(tmp_path):
    far = datetime(9999, 12, 31, tzinfo=UTC)
    source = Source(
        id="S1",
        name="[b]\x1b[2J",
        artifacts=(Artifact(path="../x", format="lines", collected_at=NOW, to=far, from_=far),),
    )
    (one,) = proposals(Session(sources=(source,)), tmp_path)
    assert one.at_least


async def test_a_row_that_was_accepted_is_corrected_once(tmp_path):
    session, folder = await read(tmp_path, app="2025-02-09T10:10:42Z ERROR a\n2025-02-09T10:10:43Z INFO b\n")
    session = edits.change(session, "sources", {"S1"}, clock_offset_s=-42.0)
    (offer,) = suggest(session, folder)
    assert offer.event.at == datetime(2025, 2, 9, 10, 10, tzinfo=UTC)
    accepted = edits.accept(session, offer.event)
    assert instant(accepted, accepted.events[0]) == datetime(2025, 2, 9, 10, 10, tzinfo=UTC)
    back = edits.change(accepted, "sources", {"S1"}, clock_offset_s=0.0)
    assert instant(back, back.events[0]) == next(query.rows(back, folder)).at
