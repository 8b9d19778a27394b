import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.http import HttpProblem
from app.review.records import Gap, Incident, Session, Source
from collectors.interface import Collected, Collector, CollectProblem, Progress
from collectors.outcome import Outcome, with_outcome
from collectors.runner import Run, window_of

NOW = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)
START = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
INCIDENT = Incident(started_at=START, ended_at=START + timedelta(minutes=30))


class Fake(Collector):
    """A collector that does what the test gives it."""

    kind = "fake"
    title = "fake"
    fields = ()

    def __init__(self, work=None, problem: str = "") -> None:
        self._work = work
        self._problem = problem

    def check(self, settings):
        return self._problem

    def describe(self, settings):
        return "fake"

    async def collect(self, job):
        return await self._work(job)


async def quick(job):
    return Collected((job.keeper.keep("a", b"x"),))


async def forever(job):
    await asyncio.Event().wait()


def failing(error):
    async def work(job):
        job.keeper.keep("before", b"the fault")
        job.report(covered=((START - timedelta(minutes=30), START),))
        raise error

    return work


def session_of(**works) -> tuple[Session, dict[str, Collector]]:
    sources = tuple(Source(id=name, kind=name, name=name) for name in works)
    kinds = {name: work if isinstance(work, Collector) else Fake(work) for name, work in works.items()}
    return Session(incident=INCIDENT, sources=sources), kinds


def run_of(folder, works, **more) -> Run:
    session, kinds = session_of(**works)
    return Run(session, folder, kinds=kinds, now=NOW, environment={}, **more)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CollectProblem("It is not there: name another."), "It is not there"),
        (HttpProblem("prom says no: ask.", kind="status"), "prom says no"),
        (OSError(28, "No space left on device", "/x"), "No space left"),
        (KeyError("oops"), "KeyError: 'oops'"),
        (ValueError("two\nlines \x1b[31m"), "ValueError: two lines ^[[31m"),
    ],
)
async def test_a_source_that_fails_is_one_sentence_a_gap_and_no_harm_to_others(tmp_path, error, words):
    run = run_of(tmp_path, {"bad": failing(error), "good": quick})
    run.start()
    outcomes = await run.wait()
    assert (outcomes["good"].state, outcomes["bad"].state) == ("done", "failed")
    assert words in outcomes["bad"].message
    assert "\n" not in outcomes["bad"].message
    assert [artifact.path for artifact in outcomes["bad"].artifacts] == ["evidence/bad/before.gz"]
    (gap,) = outcomes["bad"].gaps
    assert (gap.from_, gap.to, gap.why) == (START, START + timedelta(minutes=40), outcomes["bad"].message)


async def test_settings_that_make_no_sense_are_told_without_trying(tmp_path):
    run = run_of(tmp_path, {"bad": Fake(forever, "It needs an address.")})
    run.start()
    assert (await run.wait())["bad"].message == "It needs an address."


async def test_a_kind_that_is_not_installed_is_one_sentence(tmp_path):
    run = Run(
        Session(sources=(Source(id="S1", kind="martian"),)), tmp_path, kinds={"file": Fake(quick)}, now=NOW
    )
    run.start()
    assert "“martian”" in (await run.wait())["S1"].message


async def test_ten_running_sources_stop_at_once(tmp_path):
    works = {f"s{number}": forever for number in range(10)}
    run = run_of(tmp_path, works)
    run.start()
    await asyncio.sleep(0)
    run.cancel()
    outcomes = await asyncio.wait_for(run.wait(), 1)
    assert {outcome.state for outcome in outcomes.values()} == {"cancelled"}
    assert len(outcomes) == 10


async def test_one_is_cancelled_and_tried_again_while_the_others_run(tmp_path):
    turns = iter([forever, quick])
    gate = asyncio.Event()

    async def second_time_lucky(job):
        return await next(turns)(job)

    async def gated(job):
        await gate.wait()
        return Collected()

    seen = []
    run = run_of(tmp_path, {"a": second_time_lucky, "b": gated}, on_outcome=seen.append)
    run.start()
    await asyncio.sleep(0)
    run.cancel("a")
    while run.running("a"):
        await asyncio.sleep(0)
    assert run.running("b")
    run.retry("a")
    while run.running("a"):
        await asyncio.sleep(0)
    gate.set()
    outcomes = await run.wait()
    assert (outcomes["a"].state, outcomes["b"].state) == ("done", "done")
    assert [(outcome.source_id, outcome.state) for outcome in seen] == [
        ("a", "cancelled"),
        ("a", "done"),
        ("b", "done"),
    ]


async def test_only_the_named_sources_are_collected_and_a_running_one_is_not_begun_twice(tmp_path):
    begun = []

    async def note(job):
        begun.append(job.source.id)
        await asyncio.sleep(0)
        return Collected()

    run = run_of(tmp_path, {"a": note, "b": note})
    run.start(["a"])
    await asyncio.sleep(0)
    run.start(["a"])
    await run.wait()
    assert begun == ["a"]


async def test_a_flood_of_reports_from_a_thread_reaches_the_screen_ten_times_a_second(tmp_path):
    def flood(job, done):
        for number in range(20_000):
            job.report(rows=number + 1, done=(number + 1) / 20_000)
        done()

    async def work(job):
        finished, loop = asyncio.Event(), asyncio.get_running_loop()
        threading.Thread(target=flood, args=(job, lambda: loop.call_soon_threadsafe(finished.set))).start()
        await finished.wait()
        return Collected()

    seen: list[Progress] = []
    loop = asyncio.get_running_loop()
    began = loop.time()
    run = run_of(tmp_path, {"a": work}, on_progress=seen.append)
    run.start()
    await run.wait()
    seconds = loop.time() - began
    assert len(seen) <= 10 * seconds + 5
    assert (seen[-1].rows, seen[-1].done, seen[-1].state) == (20_000, 1.0, "done")


async def test_what_is_left_is_estimated_from_what_is_done_and_not_before_that_says_something(tmp_path):
    seen: list[tuple[Progress, float]] = []
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def work(job):
        for done in (None, 0.04, 0.5, 1.0):
            job.report(done=done, step=str(done))
            while not any(progress.step == str(done) for progress, _ in seen):
                await asyncio.sleep(0.01)
        return Collected()

    run = run_of(tmp_path, {"a": work}, on_progress=lambda now: seen.append((now, loop.time() - began)))
    run.start()
    await run.wait()
    found = {
        progress.step: (progress.eta_s, spent) for progress, spent in seen if progress.state == "running"
    }
    assert found["None"][0] is None
    assert found["0.04"][0] is None
    half, spent = found["0.5"]
    assert 0 < half <= spent  # as long again as it took until now
    assert found["1.0"][0] == 0
    assert seen[-1][0].eta_s is None


async def test_cancelling_who_waits_stops_the_sources(tmp_path):
    run = run_of(tmp_path, {"a": forever})
    run.start()
    waiting = asyncio.create_task(run.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await run.wait())["a"].state == "cancelled"


async def test_a_thread_that_works_for_a_source_is_told_when_the_whole_program_ends(tmp_path):
    jobs = []

    async def note(job):
        jobs.append(job)
        await asyncio.Event().wait()

    run = run_of(tmp_path, {"a": note})
    run.start()
    await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await run.wait()
    assert jobs[0].cancelled()


def test_a_source_may_have_a_window_of_its_own():
    session = Session(incident=INCIDENT)
    own = Source(settings={"from": "2025-02-09T08:00:00Z", "to": START})
    window = window_of(session, own, NOW)
    assert (window.start, window.end) == (START - timedelta(hours=2), START)
    window = window_of(session, Source(settings={"from": "nonsense"}), NOW)
    assert window.start == START - timedelta(minutes=30)
    assert window_of(Session(), Source(), NOW) is None


def gap(minute: int, length: int = 1, why: str = "x") -> Gap:
    begin = START + timedelta(minutes=minute)
    return Gap(from_=begin, to=begin + timedelta(minutes=length), why=why)


def test_an_outcome_adds_artifacts_and_settles_the_gaps_it_knows_about():
    from app.evidence.window import Window
    from app.review.records import Artifact

    old, new = Artifact(path="evidence/S1/a.gz"), Artifact(path="evidence/S1/b.gz")
    session = Session(sources=(Source(id="S1", artifacts=(old,), gaps=(gap(1), gap(500))), Source(id="S2")))
    window = Window(START, START + timedelta(hours=1))
    done = Outcome("S1", "done", (old, new), (gap(7),), window=window)
    after = with_outcome(session, "S1", done)
    assert after.sources[0].artifacts == (old, new)
    assert after.sources[0].gaps == (gap(500), gap(7))
    assert with_outcome(after, "S1", done) == after
    failed = Outcome("S1", "failed", (), (gap(0, 60, "down"),), window=window)
    assert with_outcome(after, "S1", failed).sources[0].gaps == (gap(500), gap(7), gap(0, 60, "down"))
    assert with_outcome(session, "S1", Outcome("S1", "cancelled", window=window)) is not None
    assert with_outcome(session, "S1", Outcome("S1", "cancelled", window=window)) == session
    assert with_outcome(session, "S9", done) == session
