"""The Loki collector against a fake held to Loki's documentation (see tests/fakes/loki.py)."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence import query
from app.evidence.verify import verify
from app.suggest import suggest
from collectors import loki_lines
from collectors.loki import LokiCollector
from collectors.loki_answers import moment, nanoseconds, selector, stamp
from collectors.outcome import with_outcome
from collectors.runner import Run
from tests.fakes.loki import EARLIER, SAID, SECOND, FakeLoki
from tests.faults.fault_server import answer, drip, raw, serving, silence
from tests.unit.collectors.monitored import BEGIN, END, collect, examine, kept, session_with

API = {"namespace": "prod", "app": "api", "pod": "api-1", "container": "api"}
WEB = {"app": "web"}
FIRST, LAST = nanoseconds(BEGIN), nanoseconds(END)
QUERIES = {"api": '{app="api"}'}


def every(labels, seconds, text="level=info msg=ok n={}"):
    count = (LAST - FIRST) // (seconds * SECOND) + 1
    return [(labels, FIRST + n * seconds * SECOND, text.format(n)) for n in range(count)]


def texts(folder, outcome, ending="api.log"):
    return kept(folder, outcome, ending).decode().splitlines()


@pytest.mark.parametrize("page", [3, 7, 100, 5000])
async def test_every_line_of_the_window_comes_once_whatever_the_size_of_a_page(tmp_path, monkeypatch, page):
    monkeypatch.setattr(loki_lines, "PAGE", page)
    same = FIRST + 600 * SECOND
    lines = [*every(API, 30), *((WEB | {"app": "api", "n": str(n)}, same, f"at once {n}") for n in range(5))]
    outside = [(API, FIRST - 1, "before"), (API, LAST + 1000, "after"), (API, LAST, "the last instant")]
    loki = FakeLoki([*lines, *outside], stats=False, patterns=False)
    if page < 6:
        lines = [line for line in lines if line[1] != same]
        loki.lines = [line for line in loki.lines if line[1] != same]
    async with serving(loki) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    assert (outcome.state, outcome.gaps, outcome.notes) == ("done", (), ())
    written = texts(tmp_path, outcome)
    assert len(written) == len(set(written)) == len(lines) + 1
    assert "the last instant" in written[-1]
    stamps = [line.split("] ")[-1][:30] for line in written]
    assert stamps == sorted(stamps)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 2)), max_size=60),
    st.integers(1, 12),
)
def test_pages_lose_and_double_nothing_unless_one_moment_fills_a_page(lines, page):
    """The reader alone, against the rules of the API: from start, a page at most, in order."""
    unique = sorted({(at, stream, text) for at, stream, text in lines})
    reader, got, asked = loki_lines._Reader(0, 41), [], 0
    while not reader.done:
        asked += 1
        assert asked < 500
        found = [line for line in unique if reader.start <= line[0] < min(reader.start + 20, 41)][:page]
        entries = [loki_lines.Entry(at, (("s", str(stream)),), str(text)) for at, stream, text in found]
        got += reader.take(entries, page, 20)
    assert len(got) == len(set(got))
    missing = len(unique) - len(got)
    assert bool(missing) <= bool(reader.crowded)


async def test_lines_keep_their_nanoseconds_and_the_pod_they_came_from(tmp_path):
    loki = FakeLoki([(API, FIRST + 123_456_789, '{"level":"error","msg":"boom"}'), (WEB, FIRST + 1, "x\ny")])
    async with serving(loki) as server:
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries={"all": '{app=~"api|web"}'})
    assert texts(tmp_path, outcome, "all.log") == [
        "2025-02-09T09:35:23.000000001Z x",
        "y",
        '[pod/api-1/api] 2025-02-09T09:35:23.123456789Z {"level":"error","msg":"boom"}',
    ]
    (error,) = suggest(session, tmp_path)
    assert error.event.text == "First error in loki: boom"
    assert {one.state for one in verify(session, tmp_path)} == {"sound"}


async def test_a_longer_second_collection_replaces_no_evidence_and_doubles_no_line(tmp_path):
    loki = FakeLoki(every(API, 60, "level=error n={}"))
    async with serving(loki) as server:
        _, session, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
        later = session.incident.ended_at + timedelta(minutes=5)
        longer = session.model_copy(
            update={"incident": session.incident.model_copy(update={"ended_at": later})}
        )
        loki.lines.append((API, LAST + 30 * SECOND, "level=error last"))
        run = Run(longer, tmp_path, environment={})
        run.start()
        again = with_outcome(longer, "S1", (await run.wait())["S1"])
    assert len([each for each in again.sources[0].artifacts if each.path.endswith(".log.gz")]) == 2
    assert len(list(query.rows(again, tmp_path))) == 77


async def test_what_the_server_sent_is_kept_page_by_page_with_its_request(tmp_path, monkeypatch):
    monkeypatch.setattr(loki_lines, "PAGE", 100)
    async with serving(FakeLoki(every(API, 30))) as server:
        outcome, _, progress = await collect("loki", tmp_path, server.url, queries=QUERIES)
    pages = [each for each in outcome.artifacts if "page-" in each.path]
    assert len(pages) == 2
    assert sum(each.rows for each in outcome.artifacts) == 151
    assert json.loads(kept(tmp_path, outcome, "page-00001.json"))["data"]["resultType"] == "streams"
    assert "direction=forward" in pages[1].query
    assert f"start={FIRST + 99 * 30 * SECOND}" in pages[1].query
    assert progress[-1].rows == 151
    assert progress[-1].covered == ((BEGIN, END),)


@pytest.mark.parametrize("words", [SAID["ErrMaxEntriesLimit"], EARLIER])
async def test_a_server_with_a_lower_limit_is_asked_for_smaller_pages(tmp_path, words):
    loki = FakeLoki(every(API, 30), max_entries=40, too_many=words)
    async with serving(loki) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    assert len(texts(tmp_path, outcome)) == 151
    assert {params["limit"] for path, params in loki.asked if path.endswith("query_range")} == {"5000", "40"}


async def test_more_lines_in_a_nanosecond_than_in_a_page_are_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(loki_lines, "PAGE", 10)
    loki = FakeLoki([(API, FIRST + SECOND, f"line {n}") for n in range(25)] + [(API, LAST, "end")])
    async with serving(loki) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    (gap,) = outcome.gaps
    assert "in one nanosecond" in gap.why
    assert texts(tmp_path, outcome)[-1].endswith("end")


async def test_a_large_query_is_counted_by_loki_and_not_downloaded(tmp_path):
    error = [(API | {"level": "error"}, FIRST + n * SECOND, f"failed {n}") for n in range(60)]
    loki = FakeLoki(every(API | {"level": "info"}, 3) + error)
    async with serving(loki) as server:
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries=QUERIES, most_lines="1000")
    assert outcome.state == "done"
    assert not any(each.path.endswith("api.log.gz") for each in outcome.artifacts)
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to) == (BEGIN, END)
    assert gap.why == (
        "“api” is too large to download (1,561 lines, 0 MB): Loki counted its lines and its patterns instead"
    )
    levels = {one.labels["level"]: one for one in query.series(session, tmp_path)}
    assert sum(value for _, value in levels["error"].points) == 60
    assert sum(value for _, value in levels["info"].points) == 1501
    found = query.facts(session, tmp_path)
    assert "60 lines like: failed <_>" in [row.fact.text for row in found]
    assert suggest(session, tmp_path) == []


async def test_of_a_large_query_the_narrowed_lines_are_downloaded(tmp_path):
    error = [(API, FIRST + n * 60 * SECOND, f"error {n}") for n in range(60)]
    async with serving(FakeLoki(every(API, 3) + error)) as server:
        outcome, _, _ = await collect(
            "loki", tmp_path, server.url, queries=QUERIES, most_lines="1000", narrow='|= "error"'
        )
    assert len(texts(tmp_path, outcome, "api-narrowed.log")) == 60
    assert len(outcome.gaps) == 1


async def test_a_filter_that_leaves_little_of_much_is_downloaded(tmp_path):
    error = [(API, FIRST + n * 60 * SECOND, f"error {n}") for n in range(60)]
    loki = FakeLoki(every(API, 3) + error)
    queries = {"api": '{app="api"} |= "error"'}
    async with serving(loki) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=queries, most_lines="1000")
    assert (len(texts(tmp_path, outcome)), outcome.gaps) == (60, ())


async def test_lines_that_the_index_does_not_know_yet_stop_at_the_limit_and_are_counted(tmp_path):
    lines = every(API, 3)
    loki = FakeLoki(lines, fresh={at for _, at, _ in lines})
    async with serving(loki) as server:
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries=QUERIES, most_lines="1000")
    assert len(texts(tmp_path, outcome)) == 1000
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to) == (BEGIN + timedelta(seconds=999 * 3), END)
    assert gap.why == "“api” has more than 1,000 lines: the later ones were left in Loki"
    (counts,) = query.series(session, tmp_path)
    assert sum(value for _, value in counts.points) == len(lines)


async def test_a_server_without_patterns_or_index_statistics_is_enough(tmp_path):
    loki = FakeLoki(every(API, 3), patterns=False)
    async with serving(loki) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=QUERIES, most_lines="1000")
    assert outcome.state == "done"
    assert outcome.notes == ("loki does not look for patterns (pattern_ingester is not enabled there).",)


async def test_a_query_that_loki_rejects_is_told_with_its_words_and_the_others_go_on(tmp_path):
    queries = {"bad": '{app="api"} oops', **QUERIES}
    async with serving(FakeLoki(every(API, 60))) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=queries)
    assert outcome.state == "done"
    assert outcome.notes[0].startswith("Loki cannot answer the query “bad” (“parse error at line 1, col 9")
    assert len(texts(tmp_path, outcome)) == 76
    (gap,) = outcome.gaps
    assert (gap.from_, gap.to, gap.why) == (BEGIN, END, outcome.notes[0])


async def test_no_lines_are_a_note_and_no_hole(tmp_path):
    async with serving(FakeLoki()) as server:
        outcome, _, progress = await collect("loki", tmp_path, server.url, queries=QUERIES)
    assert (outcome.state, outcome.gaps) == ("done", ())
    assert outcome.notes == ("The query “api” has no lines in the window.",)
    assert progress[-1].covered == ((BEGIN, END),)


async def test_a_clock_correction_moves_what_is_asked_for(tmp_path):
    loki = FakeLoki(every(API, 30))
    async with serving(loki) as server:
        _, _, progress = await collect("loki", tmp_path, server.url, queries=QUERIES, clock_offset_s=60.0)
    first = next(params for path, params in loki.asked if path.endswith("query_range"))
    assert first["start"] == str(FIRST - 60 * SECOND)
    assert progress[-1].covered == ((BEGIN, END),)


async def test_the_clock_of_the_server_is_told_and_not_taken_for_that_of_the_lines(tmp_path):
    async with serving(FakeLoki(every(API, 60), ahead_s=90)) as server:
        outcome, _, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    assert outcome.clock_s is None
    (note,) = outcome.notes
    assert note.endswith("ahead of this one. Its lines have the clocks of what wrote them.")


async def test_tenant_and_token_are_sent_and_written_nowhere(tmp_path):
    async with serving(FakeLoki(every(API, 60))) as server:
        login = {"tenant": "team-a|team-b", "token_env": "T"}
        outcome, _, _ = await collect("loki", tmp_path, server.url, {"T": "s3cret"}, queries=QUERIES, **login)
        assert {request.headers["x-scope-orgid"] for request in server.requests} == {"team-a|team-b"}
        assert {request.headers["authorization"] for request in server.requests} == {"Bearer s3cret"}
    assert "s3cret" not in repr(outcome)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401, b"no org id\n", Content_Type="text/plain"), "401"),
        (answer(403, b"{}"), "permission"),
        (answer(404, b""), "404"),
        (answer(410, b""), "410"),
        (answer(500, b""), "its own log"),
        (answer(200, b"<html>"), "not JSON"),
        (answer(200, b'{"data":'), "broke off"),
        (answer(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}'), "numbers"),
        (answer(200, b'{"status":"success"}'), "no list of streams"),
        (raw(b""), "hung up"),
    ],
)
async def test_a_fault_in_the_middle_keeps_what_came_before_and_marks_the_hole(
    tmp_path, monkeypatch, script, words
):
    monkeypatch.setattr(loki_lines, "PAGE", 50)
    monkeypatch.setattr("app.http._random.uniform", lambda low, high: 0.001)
    loki, calls = FakeLoki(every(API, 30), stats=False), []

    async def breaking(request, writer):
        calls.append(request)
        await (loki if len(calls) < 4 else script)(request, writer)

    async with serving(breaking) as server:
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    told = outcome.message or " ".join(outcome.notes)
    assert words in told
    assert told.endswith(".")
    assert len(texts(tmp_path, outcome)) == 99
    (gap,) = session.sources[0].gaps
    assert (gap.from_, gap.to) == (BEGIN + timedelta(seconds=98 * 30), END)
    assert words in gap.why


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        (
            SAID["ErrQueryTooLong"] % ("800h0m0s", "30d1h"),
            "give this source a shorter window of its own (from, to).",
        ),
        (SAID["ErrQueryTooOld"] % "168h0m0s", "it no longer shows what is that old; ask whoever keeps it."),
        (
            SAID["ErrMaxChunksPerQuery"] % (2000000, 2000001),
            "or give this source a shorter window (from, to).",
        ),
        ("parse error at line 1, col 9: syntax error", "correct it in the settings."),
    ],
)
async def test_a_limit_of_the_server_is_told_with_what_helps(tmp_path, said, helps):
    async with serving(answer(400, said.encode(), Content_Type="text/plain; charset=utf-8")) as server:
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries=QUERIES)
    assert outcome.state == "failed"
    assert said[:60] in outcome.message
    assert outcome.message.endswith(helps)
    assert [(gap.from_, gap.to) for gap in session.sources[0].gaps] == [(BEGIN, END)]


async def test_a_second_query_that_fails_is_a_hole_although_the_first_one_came(tmp_path):
    loki = FakeLoki(every(API, 30), stats=False)

    async def breaking(request, writer):
        await (answer(500) if "web" in request.path else loki)(request, writer)

    async with serving(breaking) as server:
        queries = {**QUERIES, "web": '{app="web"}'}
        outcome, session, _ = await collect("loki", tmp_path, server.url, queries=queries)
    assert outcome.state == "failed"
    assert len(texts(tmp_path, outcome)) == 151
    (gap,) = session.sources[0].gaps
    assert gap.to == END
    assert gap.why == outcome.message


@pytest.mark.parametrize("script", [silence, drip])
async def test_cancelling_keeps_the_lines_that_came(tmp_path, monkeypatch, script):
    monkeypatch.setattr(loki_lines, "PAGE", 50)
    loki, calls = FakeLoki(every(API, 30), stats=False), []
    session = None

    async def stalling(request, writer):
        calls.append(request)
        if len(calls) == 3:
            run.cancel("S1")
        await (loki if len(calls) < 3 else script)(request, writer)

    async with serving(stalling) as server:
        session = session_with("loki", server.url, queries=QUERIES)
        run = Run(session, tmp_path, environment={})
        run.start()
        outcome = (await run.wait())["S1"]
    assert outcome.state == "cancelled"
    assert len(texts(tmp_path, outcome)) == 50
    assert with_outcome(session, "S1", outcome).sources[0].artifacts


async def test_examining_says_whether_the_beginning_of_the_window_is_there(tmp_path):
    loki = FakeLoki(every(API, 30))
    async with serving(loki) as server:
        found = await examine(LokiCollector(), tmp_path, server.url, queries=QUERIES)
        assert (found.reachable, found.authorised, found.covers) == (True, True, True)
        loki.lines = [line for line in loki.lines if line[1] > FIRST + 1200 * SECOND]
        found = await examine(LokiCollector(), tmp_path, server.url, queries=QUERIES)
        assert (found.authorised, found.covers) == (True, None)
        assert "no line in the first ten minutes" in found.sentences[0]
    async with serving(answer(401)) as server:
        found = await examine(LokiCollector(), tmp_path, server.url, queries=QUERIES)
        assert (found.reachable, found.authorised) == (True, False)
    found = await examine(LokiCollector(), tmp_path, server.url, queries=QUERIES)
    assert (found.reachable, found.authorised) == (False, None)


@pytest.mark.parametrize(
    "settings_",
    [
        {},
        {"url": "x"},
        {"url": "http://x"},
        {"url": "http://x", "queries": {"a": "rate(x)"}},
        {"url": "http://x", "queries": "x"},
        {"url": "http://x", "queries": {"a": "{a=1"}},
        {"url": "http://x", "queries": QUERIES, "most_lines": "many"},
        {"url": "http://x", "queries": QUERIES, "key_file": "k"},
        {"url": "http://x", "queries": QUERIES, "password_env": "P"},
    ],
)
def test_settings_that_cannot_work_are_told(settings_):
    problem = LokiCollector().check(settings_)
    assert problem.endswith(".")
    assert "\n" not in problem


def test_a_selector_is_found_whatever_is_in_its_values():
    assert selector('{app="a}b", x=~"\\"}"} |= "}" | json') == '{app="a}b", x=~"\\"}"}'
    assert selector(" {a=`}`}") == "{a=`}`}"
    assert selector('rate({a="b"}[1m])') == selector("{a=") == selector("") == ""
    assert LokiCollector().check({"url": "http://x", "queries": QUERIES}) == ""


@given(st.integers(0, 4 * 10**18))
def test_stamps_are_exact_to_the_nanosecond(at):
    assert stamp(at)[20:29] == f"{at % 10**9:09d}"
    assert nanoseconds(moment(at)) == at // 1000 * 1000
