"""All rows of all sources as one list in the order of time: by number, by instant, by words."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence import browse as module
from app.evidence.artifacts import Keeper
from app.evidence.browse import browse
from app.evidence.index import Cancel
from app.evidence.window import Window
from app.review.records import Session, Source

T0 = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)


def session_of(folder: Path, *logs: tuple[float, list[str]]) -> Session:
    sources = []
    for number, (offset, lines) in enumerate(logs, 1):
        source = Source(id=f"S{number}", name=f"log {number}", clock_offset_s=offset)
        content = "".join(f"{line}\n" for line in lines).encode()
        artifact = Keeper(folder, source, T0).keep("app.log", content, format="lines")
        sources.append(source.model_copy(update={"artifacts": (artifact,)}))
    return Session(sources=tuple(sources))


def line(second: float, text: str) -> str:
    return f"{(T0 + timedelta(seconds=second)).isoformat(timespec='microseconds')} {text}"


words = st.sampled_from(["pool exhausted", "Pool EXHAUSTED", "ok", "level=error msg=x", "a.b", "axb"])
logs = st.tuples(
    st.sampled_from([0.0, 0.5, -90.25]),
    st.lists(st.builds(line, st.floats(0, 40), words) | st.just("  at main.py:1"), min_size=1, max_size=25),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(logs, min_size=1, max_size=3), st.integers(1, 9), st.data())
def test_numbers_instants_and_words_lead_to_the_rows_of_one_long_sorted_list(
    tmp_path_factory, chosen, page, data
):
    folder = tmp_path_factory.mktemp("browse")
    before, module._PAGE = module._PAGE, page
    try:
        browser = browse(session_of(folder, *chosen), folder)
        everything = list(browser.all())
        assert browser.count == len(everything)
        keys = [(row.at, row.source, row.artifact, row.line) for row in everything]
        assert keys == sorted(keys)
        whole = sum(len(lines) for _, lines in chosen)
        lost = sum(
            next((n for n, each in enumerate(lines) if each[0] == "2"), len(lines)) for _, lines in chosen
        )
        assert len(everything) == whole - lost
        if not everything:
            return
        start, stop = sorted(data.draw(st.tuples(st.integers(-3, 60), st.integers(-3, 60))))
        assert browser.rows(start, stop) == everything[max(start, 0) : max(stop, 0)]
        at = T0 + timedelta(seconds=data.draw(st.floats(-100, 100)))
        assert browser.position(at) == sum(row.at < at for row in everything)
        text = data.draw(st.sampled_from(["pool exhausted", "A.B", "main.py", "nowhere", "10:00"]))
        here = data.draw(st.integers(0, len(everything) - 1))
        hits = [number for number, row in enumerate(everything) if text.lower() in row.text.lower()]
        assert browser.find(text, here) == min((hit for hit in hits if hit >= here), default=None)
        assert browser.find(text, here, backwards=True) == max(
            (hit for hit in hits if hit <= here), default=None
        )
    finally:
        module._PAGE = before


def test_the_window_the_level_the_words_and_the_sources_choose(tmp_path):
    first = [line(second, "level=error msg=pool" if second % 10 == 0 else "ok") for second in range(100)]
    session = session_of(tmp_path, (0, first), (0, [line(50, "ok")]))
    window = Window(T0 + timedelta(seconds=45), T0 + timedelta(seconds=60))
    assert browse(session, tmp_path, window=window).count == 17
    assert browse(session, tmp_path, window=window, errors_only=True).count == 2
    assert browse(session, tmp_path, contains="POOL").count == 10
    assert [row.source for row in browse(session, tmp_path, sources=["S2"]).all()] == ["S2"]


def test_a_review_without_evidence_has_no_rows(tmp_path):
    browser = browse(Session(), tmp_path)
    assert (browser.count, browser.rows(0, 10), browser.position(T0), browser.find("x", 0)) == (
        0,
        [],
        0,
        None,
    )


def test_it_can_be_cancelled_while_it_looks(tmp_path):
    session = session_of(tmp_path, (0, [line(1, "ok")]))
    stop = False
    browser = browse(session, tmp_path, cancelled=lambda: stop)
    stop = True
    with pytest.raises(Cancel):
        browser.rows(0, 1)


def test_a_row_says_what_it_is_about(tmp_path):
    lines = [
        "[pod/api-1/api] 2025-02-09T10:00:00.000000000Z level=error msg=x",
        "[pod/api-2/api] 2025-02-09T10:00:01.000000000Z level=info msg=x",
    ]
    found = browse(session_of(tmp_path, (0, lines)), tmp_path).rows(0, 2)
    assert [(row.object, row.level) for row in found] == [
        ("pod/api-1/api", "error"),
        ("pod/api-2/api", "info"),
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(logs, min_size=1, max_size=3), st.integers(1, 9))
def test_rows_held_in_memory_are_narrowed_as_the_files_would_be(tmp_path_factory, chosen, page):
    folder = tmp_path_factory.mktemp("held")
    session = session_of(folder, *chosen)
    before, module._PAGE = module._PAGE, page
    try:
        whole = browse(session, folder)
        assert whole.hold() or not whole.count
        for asked in (
            {"contains": "POOL"},
            {"errors_only": True},
            {"sources": ["S1"]},
            {"contains": "a.b", "sources": ["S1"]},
        ):
            there, read = browse(session, folder, within=whole, **asked), browse(session, folder, **asked)
            everything = list(read.all())
            assert (there.count, list(there.all())) == (read.count, everything)
            assert there.rows(1, 4) == everything[1:4]
            assert there.find("o", 0) == read.find("o", 0)
            for row in everything[:5]:
                assert there.position(row.at) == read.position(row.at)
    finally:
        module._PAGE = before


def test_what_is_narrowed_to_few_lines_is_in_memory_and_narrowed_further_without_the_files(tmp_path):
    session = session_of(tmp_path, (0, [line(number, f"request {number}") for number in range(50)]))
    some = browse(session, tmp_path, contains="request 4")
    shutil.rmtree(tmp_path / "evidence")
    assert some.count == 11
    assert [row.text.split()[-1] for row in some.rows(0, 2)] == ["4", "40"]
    assert browse(session, tmp_path, contains="request 42", within=some).count == 1


def test_more_than_may_be_held_is_narrowed_in_the_files(tmp_path, monkeypatch):
    session = session_of(tmp_path, (0, [line(number, f"request {number}") for number in range(50)]))
    monkeypatch.setattr(module, "HOLDABLE", 20)
    many = browse(session, tmp_path, contains="request")
    assert many.held is None
    assert many.count == 50
    assert [row.text for row in many.all()][-1].endswith("request 49")


def test_a_long_log_is_narrowed_in_stretches_between_which_it_can_be_given_up(tmp_path, monkeypatch):
    session = session_of(tmp_path, (0, [line(number, f"request {number}") for number in range(50)]))
    monkeypatch.setattr(module, "_STRETCH", 10)
    assert [row.line for row in browse(session, tmp_path, contains="request 4").all()] == [5, *range(41, 51)]
    assert browse(session, tmp_path).count == 50
    asked, real = [], module.collect

    def collect(each, _cancelled):
        asked.append(each)
        return real(each, lambda: len(asked) > 2)

    monkeypatch.setattr(module, "collect", collect)
    with pytest.raises(Cancel):
        browse(session, tmp_path, contains="request", cancelled=lambda: False)
    assert len(asked) == 3
