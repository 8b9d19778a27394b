"""Secrets of a whole review: masked on every way out, listed, and granted with a reason."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run

import pytest

from app.redaction import session as redaction
from app.redaction.session import grant, masked, revoke, secrets
from app.report.fishbone import render as fishbone
from app.report.formats import TIMELINE_FORMATS
from app.report.render import render
from app.report.sheets import actions_csv, timeline_csv
from app.report.timeline import timeline
from app.review.records import (
    Accepted,
    Action,
    Analysis,
    Artifact,
    Event,
    Factor,
    FollowUp,
    Impact,
    Incident,
    Narrative,
    Parked,
    Passage,
    Session,
    Source,
    Tracking,
)  # fmt: skip
from app.tracking.calendar import calendar
from app.tracking.github import GitHubTracker

CANARY = "hunter2-Canary-7741"
AT = datetime(2025, 2, 9, 10, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(redaction, "user_state_path", lambda name: tmp_path / "state")
    redaction.machine_key.cache_clear()
    yield
    redaction.machine_key.cache_clear()


def everywhere() -> Session:
    """A review with a secret in every field that people write or machines gather."""
    text = f"the job ran with password={CANARY} there"
    return Session(
        id="PM-1",
        incident=Incident(title=text, severity=text, severity_note=text, started_at=AT, ended_at=AT, authors=(text,)),
        narrative=Narrative(
            summary=text, trigger=text, detection=text, response=text, went_well=(text,), was_hard=(text,),
            lucky=(text,), surprises=(text,), lessons=(text,), prevention=text,
            passages=(Passage(heading=text, text=text),),
        ),
        impacts=(Impact(id="I1", text=text, unit=text),),
        sources=(
            Source(
                id="S1", name=text, kind=text, settings={"url": text, "password": CANARY}, note=text,
                artifacts=(Artifact(path="evidence/a", query=text, note=text),),
            ),
        ),
        events=(Event(id="E1", at=AT, text=text, source=text, actor=text, written=text, note=text, starred=True),),
        factors=(Factor(id="F1", text=text, label=text, category=text, question=text, mark="immediate"),),
        actions=(
            Action(id="AI-001", text=text, done_when=text, owner=text, priority=text, reason=text,
                   due=AT.date(), factors=("F1",)),
        ),
        parked=(Parked(id="K1", text=text),),
        analysis=Analysis(fishbone=True),
        tracking=Tracking(tracker="github", repo="acme/api"),
        follow_up=FollowUp(review_on=AT.date(), note=text),
    )  # fmt: skip


def test_no_way_out_of_a_review_lets_a_secret_through() -> None:
    session = everywhere()
    outputs = {
        **{form: render(session, form, exact=True) for form in ("md", "html", "json")},
        **{f"timeline {form}": timeline(session, form) for form in TIMELINE_FORMATS},
        "timeline sheet": timeline_csv(session),
        "action sheet": actions_csv(session),
        "fishbone": fishbone(session, "text"),
        "fishbone svg": fishbone(session, "svg"),
        "calendar": calendar(session, now=AT).decode().replace("\r\n ", ""),
        "tickets": repr(GitHubTracker(session.tracking, {}).plan(session)),
    }
    for name, text in outputs.items():
        assert CANARY not in text, name
        assert "hunter2" not in text, name


def test_the_session_itself_keeps_what_people_typed() -> None:
    session = everywhere()
    masked(session)
    assert CANARY in session.narrative.summary


def test_the_same_secret_has_the_same_tag_everywhere_and_another_one_has_another() -> None:
    session = everywhere()
    shown = masked(session)
    tag = next(each.tag for each in secrets(session) if each.value == CANARY)
    assert tag.startswith("[password:")
    assert tag in shown.narrative.summary
    assert tag in shown.events[0].text
    other = Session(id="PM-1", narrative=Narrative(summary="password=Another-One-88"))
    assert tag not in masked(other).narrative.summary


def test_a_tag_survives_a_restart_and_its_key_is_private(tmp_path: Path) -> None:
    first = redaction.machine_key()
    redaction.machine_key.cache_clear()
    assert redaction.machine_key() == first
    assert (tmp_path / "state" / "redaction.key").stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_the_key_secrets_are_masked_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(redaction, "user_state_path", lambda name: blocked)
    redaction.machine_key.cache_clear()
    assert CANARY not in masked(everywhere()).narrative.summary


def test_the_list_names_each_secret_once_with_its_first_place_and_never_shows_it_whole() -> None:
    found = secrets(everywhere())
    canary = next(each for each in found if each.value == CANARY)
    assert canary.times > 20
    assert canary.where == "incident title"
    assert CANARY not in canary.hint
    assert not canary.granted


def test_what_is_granted_leaves_and_its_reason_is_kept() -> None:
    mail = Session(narrative=Narrative(summary="write to support@acme.example or bob@acme.example"))
    granted = grant(mail, "e-mail", "support@acme.example", "the public address")
    assert granted.accepted == (
        Accepted(rule="secret.e-mail", text="support@acme.example", reason="the public address"),
    )
    summary = masked(granted).narrative.summary
    assert "support@acme.example" in summary
    assert "bob@" not in summary
    assert masked(revoke(granted, "e-mail", "support@acme.example")) == masked(mail)


def test_a_whole_domain_can_be_granted_for_addresses_only() -> None:
    mail = Session(
        narrative=Narrative(summary="bob@acme.example, eve@evil-acme.example, password=x@acme.example9")
    )
    summary = masked(grant(mail, "e-mail", "@acme.example", "all of it is public")).narrative.summary
    assert summary.startswith("bob@acme.example, [e-mail:")
    assert "x@acme" not in summary


def test_an_exception_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        grant(Session(), "e-mail", "a@b.example", " ")


def test_keys_that_a_newer_version_wrote_are_masked_too() -> None:
    session = Session.model_validate(
        {"id": "x", "narrative": {"aside": f"password={CANARY}"}, "plan": [f"password={CANARY}"]}
    )
    assert CANARY not in masked(session).model_dump_json()


def test_opening_a_review_does_not_load_the_engine() -> None:
    code = "import sys, app.tui, screens.report, app.report.render; print('re2' in sys.modules)"
    assert (
        run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
