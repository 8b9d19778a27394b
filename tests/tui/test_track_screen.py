"""Step 6 by keys: the tracker, what would be sent, tickets on a fake GitHub, calendar, receivers, follow-up."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from app.review.edits import change
from app.review.records import Session, Ticket, Tracking
from app.store.reading import load
from tests.fakes.github import FakeGitHub
from tests.fakes.jira import FakeJira
from tests.tui.driving import NOW, edits, quiet, refused, running, said, steps
from tests.tui.frames import frame, line_with
from tests.tui.reviews import saved, small_review


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for what comes over a socket."""
    async with asyncio.timeout(20):
        while not true():
            await pilot.pause(0.02)


def tracked(url: str = "", **changes: object) -> Session:
    tracking = Tracking(tracker="github", repo="acme/api", base_url=url)
    return small_review().model_copy(update={"tracking": tracking, **changes})


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in FakeGitHub().environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_the_tracker_is_chosen_by_a_form(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track") as (app, pilot):
        await refused(pilot, "There is no tracker yet: t chooses one", "d")
        await refused(pilot, "There is no tracker yet: t chooses one", "c")
        await refused(pilot, "There is no tracker yet: t chooses one", "s")
        await steps(pilot, "t", "=github", "enter", "=acme", "ctrl+s")
        assert "“acme” is not a repository: write it like owner/name." in frame(app)
        await steps(pilot, "=acme/api", "enter", "=", "enter", "=post-mortem, p1", "enter", "=Q2", "enter")
        session = await edits(pilot, "=https://wiki.acme.example/pm", "enter")
        assert session.tracking == Tracking(
            tracker="github", repo="acme/api", labels=("post-mortem", "p1"), milestone="Q2",
            report="https://wiki.acme.example/pm",
        )  # fmt: skip
        assert "github acme/api" in frame(app)


async def test_a_dry_run_shows_exactly_what_would_be_sent(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, tracked()), "track") as (app, pilot):
        before = app.bench.session
        await steps(pilot, "d")
        shown = frame(app)
        assert "Dry run: nothing was sent" in shown
        assert "POST https://api.github.com/repos/acme/api/issues" in shown
        assert '"title": "AI-001: Alert on pool use"' in shown
        assert "Esc closes" in shown
        await steps(pilot, "escape")
        assert app.bench.session == before


async def test_tickets_are_made_once_linked_and_read_back(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    async with FakeGitHub() as github:
        folder = saved(tmp_path, tracked(github.url))
        async with running(tmp_path, folder, "track", (160, 24)) as (app, pilot):
            await steps(pilot, "c")
            assert "Create 3 tickets in acme/api?" in frame(app)
            await steps(pilot, "enter")  # the safe answer has the focus
            assert not github.posts()
            await steps(pilot, "c", "right", "enter")
            await steps(pilot)
            assert github.posts() == 3
            assert "3 tickets created in acme/api." in said(app)
            urls = [action.ticket.url for action in app.bench.session.actions if action.ticket]
            assert len(set(urls)) == 3
            assert "#1 open  https://github.com/acme/api/issues/1" in line_with(app, "AI-001")
            assert load((folder / "session.toml").read_bytes()).session is not None
            await refused(pilot, "Every action has its ticket already.", "c")
            github.issues[1] |= {"state": "closed", "state_reason": "completed"}
            await steps(pilot, "s")
            assert app.bench.session.actions[1].ticket.state == "closed"
            assert "#2 closed" in line_with(app, "AI-002")
            assert github.posts() == 3
            assert not github.violations
            assert "3 tickets read: AI-002 closed." in said(app)
            await steps(pilot, "u")
            assert app.bench.session.actions[1].ticket.state == "open"


async def test_a_tracker_that_refuses_is_one_sentence(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("GH_ENTERPRISE_TOKEN", "wrong")
    async with (
        FakeGitHub() as github,
        running(tmp_path, saved(tmp_path, tracked(github.url)), "track") as (app, pilot),
    ):
        before = app.bench.session
        await steps(pilot, "c", "right", "enter")
        await steps(pilot)
        assert "token" in said(app)
        assert app.bench.session == before
        await refused(pilot, "No action has a ticket yet", "s")


async def test_a_status_is_edited_in_place(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track") as (app, pilot):
        app.screen.grid.move_cursor("AI-002", "status")
        session = await edits(pilot, "enter", "=decl", "enter")
        assert session.actions[1].status == "declined"
        await refused(pilot, "is not a status", "enter", "=maybe", "enter")


async def test_the_calendar_is_written(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track") as (app, pilot):
        before = app.bench.session
        await steps(pilot, "i")
        (path,) = (app.bench.desk.folder / "reports").glob("*.ics")
        assert path.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
        assert "Written: " in said(app)
        assert app.bench.session == before


async def test_receivers_and_the_follow_up_are_recorded(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track") as (app, pilot):
        await steps(pilot, "r", "=engineering@acme.example")
        assert "the report was sent to “engineering@acme.example” now" in frame(app)
        session = await edits(pilot, "enter")
        assert [(each.to, each.sent_at) for each in session.distribution] == [
            ("engineering@acme.example", NOW)
        ]
        await steps(pilot, "escape", "f")
        assert "2025-03-09" in frame(app)  # four weeks after the incident is offered
        await steps(pilot, "=whenever", "enter")
        assert "Type a date: +4w or 2025-03-09." in frame(app)
        session = await edits(pilot, "=+3w", "enter")
        assert session.follow_up.review_on == date(2025, 3, 3)
        assert "Mon 2025-03-03" in frame(app)
        session = await edits(pilot, "f", "=", "enter")
        assert session.follow_up.review_on is None


async def test_tickets_of_another_time_are_shown(tmp_path: Path) -> None:
    session = small_review()
    ticket = Ticket(tracker="github", url="https://github.com/acme/api/issues/41", number=41, state="open")
    actions = (session.actions[0].model_copy(update={"ticket": ticket}), *session.actions[1:])
    folder = saved(tmp_path, session.model_copy(update={"actions": actions}))
    async with running(tmp_path, folder, "track") as (app, pilot):
        assert "#41 open" in line_with(app, "AI-001")
        assert "not created" in line_with(app, "AI-002")
        await steps(pilot, "x")
        assert not said(app)


async def test_looking_back_shows_what_became_of_it_and_writes_it_as_one_edit(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    other = small_review().model_copy(update={"id": "PM-2"})
    saved(tmp_path, other, "other")
    async with running(tmp_path, folder, "track", size=(120, 40)) as (app, pilot):
        await steps(pilot, "F")
        shown = frame(app)
        assert "Still open (3)" in shown
        assert "- AI-002 Show query plans, nobody has it, no date" in shown
        assert "PM-2 Pool exhausted on 2025-02-09 (earlier): F1 is like F1" in shown
        session = await edits(pilot, "right", "enter")
        assert session.follow_up.done_on == date(2025, 2, 10)
        assert "PM-2" in session.follow_up.found
        await quiet(pilot)
        assert "done on 2025-02-10" in frame(app)


async def test_the_report_is_sent_after_a_look_at_exactly_what_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = saved(tmp_path)
    out = tmp_path / "out.md"
    for where in ("track", "report"):
        async with running(tmp_path, folder, where, size=(120, 40)) as (app, pilot):
            await refused(pilot, "is no place to send to", "S", "=nowhere", "enter")
            await steps(pilot, "S", "=file:out.md", "enter")
            await until(pilot, lambda app=app: "This goes by file" in frame(app))
            await steps(pilot, "escape")
            assert not out.exists()
            await steps(pilot, "S", "=file:out.md", "enter")
            await until(pilot, lambda app=app: "This goes by file" in frame(app))
            assert "write out.md" in frame(app)
            session = await edits(pilot, "right", "enter")
            assert session.distribution[-1].how == "file"
            assert out.read_text().startswith("# ")
            assert "Sent by file to" in said(app)
        out.unlink()


async def test_the_48_hours_are_counted_beside_who_received_the_report(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track", size=(120, 30)) as (app, pilot):
        assert "25 h 40 min left of 48 h · to nobody yet" in line_with(app, "report sent")
        await edits(pilot, "r", "=team", "enter")
        assert "sent 22 h 20 min after the end · team" in line_with(app, "report sent")
    late = saved(tmp_path, edits_of_incident(), "late")
    async with running(tmp_path, late, "track", size=(120, 30)) as (app, _):
        assert "▲ not sent, and the incident ended 9 d ago: send it today" in line_with(app, "report sent")


def edits_of_incident() -> Session:
    session = small_review()
    incident = session.incident.model_copy(update={"ended_at": NOW - timedelta(days=9)})
    return session.model_copy(update={"incident": incident})


async def test_the_hour_of_the_meeting_is_set_for_the_calendar(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track", size=(120, 30)) as (app, pilot):
        await refused(pilot, "", "m", "=soonish", "enter", "escape")
        session = await edits(pilot, "m", "=2025-02-11 14:00", "enter")
        assert session.follow_up.meeting == datetime(2025, 2, 11, 14, tzinfo=UTC)
        assert "meeting 02-11 14:00" in frame(app)


async def test_syncing_from_the_weekly_list_reads_the_trackers_and_keeps_the_states(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    async with FakeGitHub() as github:
        github.add({"title": "x"})
        github.issues[0] |= {"state": "closed", "state_reason": "completed"}
        ticket = Ticket(tracker="github", url="https://github.com/acme/api/issues/1", number=1, state="open")
        session = tracked(github.url)
        actions = (session.actions[0].model_copy(update={"ticket": ticket}), *session.actions[1:])
        folder = saved(tmp_path, session.model_copy(update={"actions": actions}))
        async with running(tmp_path, size=(160, 30)) as (app, pilot):
            await steps(pilot, "o", "s")
            await until(pilot, lambda: "ticket closed" in frame(app))
            assert "(ticket closed: done here, too?)" in line_with(app, "Alert on pool use")
            assert "The tickets' states are those of the trackers now." in said(app)
        assert github.posts() == 0
        assert not github.violations
    found = load((folder / "session.toml").read_bytes()).session.actions[0]
    assert found.ticket is not None
    assert (found.ticket.state, found.status) == ("closed", "open")


async def test_every_kind_of_tracker_can_be_chosen_and_shows_what_it_would_send(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path), "track", (160, 48)) as (app, pilot):
        for name, repo, address, sent in (
            ("gitlab", "acme/api", "", "POST https://gitlab.com/api/v4/projects/acme%2Fapi/issues"),
            ("jira", "OPS", "https://acme.atlassian.net", "POST https://acme.atlassian.net/rest/api/3/issue"),
            (
                "redmine",
                "ops",
                "https://redmine.acme.example",
                "POST https://redmine.acme.example/issues.json",
            ),
            ("forgejo", "a/b", "https://codeberg.org", "POST https://codeberg.org/api/v1/repos/a/b/issues"),
        ):
            await steps(pilot, "t", f"={name}", "enter", f"={repo}", "enter", f"={address}", "ctrl+s")
            assert app.bench.session.tracking.tracker == name
            assert f"{name} {repo}" in frame(app)
            await steps(pilot, "d")
            await until(pilot, lambda: "Dry run: nothing was sent" in frame(app))
            assert sent in frame(app)
            assert "is looked up before anything is sent" in frame(app)  # there is no token here
            await steps(pilot, "escape")


async def test_the_ticket_of_a_changed_action_is_changed_after_a_look(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    async with FakeGitHub() as github:
        folder = saved(tmp_path, tracked(github.url))
        async with running(tmp_path, folder, "track", (160, 24)) as (app, pilot):
            await steps(pilot, "c", "right", "enter")
            await until(pilot, lambda: "3 tickets created" in said(app))
            app.bench.edit(
                "Change an action",
                lambda session: change(session, "actions", {"AI-001"}, done_when="it pages within 5 min"),
                "track",
            )
            await until(pilot, lambda: "#1 open, changed" in line_with(app, "AI-001"))
            assert ", changed" not in line_with(app, "AI-002")
            await steps(pilot, "c")
            assert "Change 1 ticket in acme/api?" in frame(app)
            await steps(pilot, "right", "enter")
            await until(pilot, lambda: "1 ticket changed in acme/api" in said(app))
            await until(pilot, lambda: "#1 open, changed" not in line_with(app, "AI-001"))
            assert "it pages within 5 min" in github.issues[0]["body"]
            assert github.posts() == 3


async def test_where_people_have_changed_a_ticket_it_is_asked_whose_words_it_is_to_have(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    async with FakeGitHub() as github:
        for name, value in github.environment.items():
            environment.setenv(name, value)
        tracking = Tracking(tracker="github", repo="acme/api", base_url=github.url)
        session = small_review().model_copy(update={"tracking": tracking})
        folder = saved(tmp_path, session.model_copy(update={"actions": session.actions[:1]}))
        async with running(tmp_path, folder, "track", (160, 24)) as (app, pilot):
            await steps(pilot, "c", "right", "enter")
            await until(pilot, lambda: "1 ticket created" in said(app))
            github.issues[0]["body"] = "Dana's own words"
            app.bench.edit(
                "Say when it is done",
                lambda session: change(session, "actions", {"AI-001"}, done_when="it shows 21"),
                "track",
            )
            await steps(pilot, "c", "right", "enter")
            await until(pilot, lambda: "AI-001 has changed, and people have changed its ticket" in frame(app))
            await steps(pilot, "=keep", "enter")
            await until(pilot, lambda: "stays as people have changed it" in said(app))
            assert github.issues[0]["body"] == "Dana's own words"
            await steps(pilot, "c")
            await until(pilot, lambda: "Every action has its ticket already." in said(app))


async def test_where_the_list_is_in_doubt_a_person_is_asked(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("app.tracking.export._LOOK_AGAIN", (0.0,))
    environment.setattr("app.tracking.export.SETTLE", timedelta())
    async with FakeJira() as jira:
        for name, value in jira.environment.items():
            environment.setenv(name, value)
        jira.faults.append("drop-before")
        tracking = Tracking(tracker="jira", repo="OPS", base_url=jira.url)
        session = small_review().model_copy(update={"tracking": tracking})
        folder = saved(tmp_path, session.model_copy(update={"actions": session.actions[:1]}))
        async with running(tmp_path, folder, "track", (160, 24)) as (app, pilot):
            await steps(pilot, "c", "right", "enter")
            await until(pilot, lambda: "not clear yet" in said(app))
            await steps(pilot, "c", "right", "enter")
            await until(pilot, lambda: "AI-001: is its ticket there?" in frame(app))
            assert not jira.issues
            await steps(pilot, "=not there", "enter")
            await until(pilot, lambda: "1 ticket created in OPS." in said(app))
            assert len(jira.issues) == 1


async def test_an_action_is_linked_by_hand(tmp_path: Path) -> None:
    async with running(tmp_path, saved(tmp_path, tracked()), "track", (160, 24)) as (app, pilot):
        await steps(pilot, "v", "=javascript:alert(1)", "enter")
        assert "Type an address that begins with https://." in frame(app)
        session = await edits(pilot, "=https://tickets.acme.example/7", "enter")
        assert session.actions[0].ticket == Ticket(url="https://tickets.acme.example/7")
        assert "https://tickets.acme.example/7" in line_with(app, "AI-001")
