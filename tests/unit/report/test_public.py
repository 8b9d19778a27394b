"""The version for readers outside: what is taken out is listed, and is in no format any more."""

from datetime import UTC, date, datetime

import pytest

from app.report.public import PublicProblem, Removal, public
from app.report.render import FORMATS, PRESETS, ReportProblem, Shape, for_readers, render
from app.review.records import (
    Accepted,
    Action,
    Artifact,
    Distribution,
    Event,
    Factor,
    FollowUp,
    Gap,
    Incident,
    Narrative,
    Parked,
    Passage,
    Person,
    Pointer,
    Session,
    Source,
    Ticket,
)  # fmt: skip

AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)
INSIDE = (
    "alice", "Alice", "grafana.acme.internal", "10.0.3.7", "api-7d9f4c6b8-x2x4q", "wiki.acme.example", "kubectl logs",
    "SELECT secret", "private remark", "surprise-only", "parked-only", "declined-only", "gap-only", "PRIVATE-41",
    "eng@acme.example", "prod-cluster-7", "db-1:5432",
)  # fmt: skip


def review() -> Session:
    return Session(
        id="PM-1",
        incident=Incident(
            title="Slow API", started_at=AT, ended_at=AT.replace(hour=11), authors=("@alice",), facilitator="@alice"
        ),
        narrative=Narrative(
            summary="Alice saw it on https://grafana.acme.internal/d/1 at 10:15:30; see [the page](https://wiki.acme.example/x).",
            trigger="Host 10.0.3.7 and pod api-7d9f4c6b8-x2x4q on prod-cluster-7 lost db-1:5432. v2.3.0.",
            surprises=("surprise-only",),
            passages=(Passage(heading="Notes of Alice", text="@alice wrote to eng@acme.example"),),
        ),
        sources=(
            Source(
                id="S1", name="prod", settings={"context": "prod-cluster-7", "url": "https://prom.acme.example"},
                artifacts=(Artifact(path="evidence/a", query="kubectl logs"),), gaps=(Gap(why="gap-only"),),
                note="private remark",
            ),
        ),
        events=(
            Event(id="E1", at=AT, text="Alice rolled back", actor="@alice", starred=True, note="private remark",
                  evidence=(Pointer(query="SELECT secret"),)),
        ),
        factors=(Factor(id="F1", text="no index", note="private remark"),),
        actions=(
            Action(id="AI-001", text="Alert", owner="@alice", due=date(2025, 3, 1), note="private remark",
                   ticket=Ticket(url="https://tracker.acme.example/PRIVATE-41")),
            Action(id="AI-002", text="declined-only", status="declined"),
        ),
        parked=(Parked(id="K1", text="parked-only"),),
        distribution=(Distribution(id="D1", to="eng@acme.example", sent_at=AT),),
        people=(Person(name="alice", role="on-call engineer"),),
        follow_up=FollowUp(review_on=date(2025, 3, 9), note="private remark"),
    )  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_from_inside_is_in_any_format_of_the_public_version(form: str, preset: str) -> None:
    text = render(review(), form, exact=True, shape=Shape(preset, public=True))
    assert [word for word in INSIDE if word in text] == []
    assert "10:15:30" in text, "a time is no host"
    assert "v2.3.0" in text or preset == "short" or form == "slack"


def test_every_removal_is_listed_with_what_stands_instead() -> None:
    _, removed = public(review())
    told = {(each.kind, each.what): each.instead for each in removed}
    assert told["name", "Alice"] == "the on-call engineer"
    assert told["link", "https://grafana.acme.internal/d/1"] == "[link]"
    assert told["link", "https://wiki.acme.example/x"] == "the page"
    for host in ("10.0.3.7", "api-7d9f4c6b8-x2x4q", "prod-cluster-7", "db-1:5432"):
        assert told["host", host] == "[host]"
    sections = {each.what for each in removed if each.kind == "section"}
    assert sections == {
        "What surprised us", "Decided not to do", "Open questions", "Gaps in the data", "Evidence and queries",
        "Links to tickets", "Private notes",
    }  # fmt: skip
    assert any(each.kind == "secret" and each.what == "eng@acme.example" for each in removed)


def test_sections_are_chosen_either_way() -> None:
    told, _ = public(review(), keep=("surprises",), drop=("passages",))
    assert told.narrative.surprises == ("surprise-only",)
    assert told.narrative.passages == ()
    with pytest.raises(PublicProblem, match="There is no section “nonsense”"):
        public(review(), keep=("nonsense",))


def test_a_host_that_may_be_named_outside_stays() -> None:
    may = review().model_copy(
        update={"accepted": (Accepted(rule="public", text="wiki.acme.example", reason="open to all"),)}
    )
    told, removed = public(may)
    assert "https://wiki.acme.example/x" in told.narrative.summary
    assert all("wiki.acme.example" not in each.what for each in removed)


def test_the_customer_preset_is_always_for_readers_outside() -> None:
    told, removed = for_readers(review(), Shape("customer"))
    assert removed
    assert "Alice" not in told.narrative.summary
    text = render(review(), preset="customer")
    assert "## What Happened" in text
    assert "## What We Are Doing" in text
    assert "@" not in text


def test_the_review_itself_stays_as_it_was() -> None:
    session = review()
    public(session)
    assert session == review()


def test_a_review_with_nothing_inside_loses_nothing() -> None:
    plain = Session(narrative=Narrative(summary="The API was slow from 10:05 to 11:20, p99 8.2 s."))
    told, removed = public(plain)
    assert removed == ()
    assert told.narrative.summary == plain.narrative.summary


def test_unknown_sections_and_presets_are_one_sentence() -> None:
    with pytest.raises(ReportProblem, match="no section"):
        render(review(), shape=Shape("seed", public=True, keep=("x",)))
    with pytest.raises(
        ReportProblem, match="no report preset “x”: choose one of seed, short, sre, pagerduty, customer"
    ):
        render(review(), preset="x")


def test_a_removal_is_a_plain_record() -> None:
    assert Removal("host", "a", "[host]", 1)._fields == ("kind", "what", "instead", "times")
