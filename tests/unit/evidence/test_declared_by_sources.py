"""Facts that a source declares: written, read back, asked, suggested."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.evidence.artifacts import Keeper
from app.evidence.facts import FACTS, Fact, dump_facts, parse_facts
from app.evidence.query import facts, rows
from app.review.records import Incident, Session, Source
from app.suggest import suggest

START = datetime(2025, 2, 9, 10, 0, tzinfo=UTC)
ROLLOUT = Fact(
    START + timedelta(minutes=2),
    "v2.3.0 rolled out",
    "change",
    "rev-7",
    actor="argocd",
    object="deployment/api",
)
CHAT = Fact(START + timedelta(minutes=9), "is checkout slow?", "communication", "171.1", notable=False)

instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))
lines = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30)


@given(
    st.lists(
        st.builds(
            Fact, at=instants, text=lines, kind=lines, key=lines, until=st.none() | instants, actor=lines
        )
    )
)
def test_what_is_written_is_read_back(found: list[Fact]) -> None:
    once = {fact.key: fact for fact in found}
    assert {fact.key: fact for _, fact in parse_facts(dump_facts(found))} == once


def test_lines_that_are_no_fact_are_passed_over() -> None:
    good = dump_facts([ROLLOUT])
    torn = (
        b'{"time": 5}\n[]\n\xff\n{"time": "yesterday", "msg": "", "kind": "", "key": ""}\n' + good + good[:20]
    )
    assert [(number, fact.key) for number, fact in parse_facts(torn)] == [(5, "rev-7")]


def kept(folder: Path, *batches: list[Fact], offset: float = 0.0) -> Session:
    bare = Source(id="S1", name="cluster", clock_offset_s=offset)
    keeper = Keeper(folder, bare, START)
    artifacts = tuple(keeper.keep("facts", dump_facts(batch), format=FACTS) for batch in batches)
    incident = Incident(started_at=START, ended_at=START + timedelta(hours=1))
    return Session(incident=incident, sources=(bare.model_copy(update={"artifacts": artifacts}),))


def test_a_notable_fact_is_offered_with_its_place_and_the_rest_is_only_searched(tmp_path: Path) -> None:
    session = kept(tmp_path, [ROLLOUT, CHAT])
    (offered,) = suggest(session, tmp_path)
    assert (offered.event.text, offered.event.kind, offered.event.actor) == (
        "v2.3.0 rolled out",
        "change",
        "argocd",
    )
    assert offered.event.evidence[0].line == 1
    assert offered.reason == "cluster says so of deployment/api."
    assert [row.line for row in rows(session, tmp_path, contains="checkout")] == [2]


def test_a_fact_that_was_collected_again_is_the_same_fact_also_with_a_corrected_clock(tmp_path: Path) -> None:
    session = kept(tmp_path, [ROLLOUT], [ROLLOUT, CHAT])
    assert [row.fact.key for row in facts(session, tmp_path)] == ["rev-7", "171.1"]
    (offered,) = suggest(session, tmp_path)
    later = kept(tmp_path, [ROLLOUT], offset=42.0)
    (again,) = suggest(later, tmp_path)
    assert again.key == offered.key
    assert again.event.at == ROLLOUT.at + timedelta(seconds=42)
