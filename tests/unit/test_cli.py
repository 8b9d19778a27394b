"""The command line, through the same door as the installed program: words in, exit code and text out."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from app import opening
from app.__main__ import main
from app.cli import cli
from app.history import Desk
from app.review import edits
from app.review.records import Action, Event, Incident, Session, Tracking
from tests.fakes.classic_review import classic_review

LOG = """\
2025-02-09T10:05:20.000Z INFO starting api-service v2.3.0
2025-02-09T10:05:23.114Z ERROR connection pool exhausted
2025-02-09T10:06:00.000Z INFO still here
2025-02-09T10:34:59.000Z ERROR connection pool exhausted again
"""


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    def data(self) -> Any:
        return json.loads(self.out)


Blamefree = Callable[..., Answer]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "sessions"


@pytest.fixture
def blamefree(root: Path, capsys: pytest.CaptureFixture[str]) -> Blamefree:
    def run(*words: str) -> Answer:
        capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Answer(code, *capsys.readouterr())

    return run


def saved(root: Path, session: Session, name: str = "review") -> Path:
    folder = root / name
    Desk.create(folder, session).close()
    return folder


def session_in(folder: Path) -> Session:
    with Desk.open(folder, read_only=True) as desk:
        return desk.session


# Help


_WITHOUT_REVIEW = {"completion", "time", "token"}


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name, command in cli.commands.items():
        found.append((name,))
        outer = (name,) if name in _WITHOUT_REVIEW else (name, "SESSION")
        found += [(*outer, inner) for inner in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself_with_an_example(blamefree: Blamefree, words: tuple[str, ...]) -> None:
    answer = blamefree(*words, "--help")
    assert answer.code == 0
    assert "Example:\n    blamefree" in answer.out or 'Example:\n    eval "$(blamefree' in answer.out
    if words and words[0] not in _WITHOUT_REVIEW:
        assert "--sessions DIR" in answer.out


def test_commands_are_listed_in_the_order_of_a_review(blamefree: Blamefree) -> None:
    listed = re.findall(r"^  ([\w-]+) {2,}", blamefree("--help").out.partition("Commands:")[2], re.MULTILINE)
    assert listed == [
        *(
            "new",
            "import",
            "open",
            "demo",
            "list",
            "source",
            "doctor",
            "collect",
            "suggest",
            "sql",
            "verify",
            "note",
            "zone",
            "report",
            "secrets",
            "fishbone",
            "export",
            "check",
            "lint",
            "send",
            "track",
            "calendar",
        ),
        *("review", "follow-up", "search", "stats", "time", "token", "completion"),
    ]
    assert not any("..." in line for line in blamefree("--help").out.partition("Commands:")[2].splitlines())


def test_click_s_own_runner_sees_the_same_program() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert (result.exit_code, result.output) == (0, "blamefree 0.1.0\n")


# New


def test_a_new_review_needs_only_a_title(blamefree: Blamefree, root: Path) -> None:
    answer = blamefree("new", "Slow checkout")
    assert answer.code == 0
    folder = Path(answer.out.strip())
    assert folder.parent == Path("sessions")
    assert session_in(root / folder.name).incident.title == "Slow checkout"
    assert "blamefree open" in answer.err


def test_a_new_review_takes_the_facts_and_the_sources(blamefree: Blamefree, root: Path) -> None:
    answer = blamefree(
        "new", "API Service Degradation", "--severity", "P1", "--start", "2025-02-09T10:05:23Z", "--end", "10:40",
        "--service", "api", "--service", "db", "--author", "@alice", "--source",
        'prometheus:url=http://prometheus:9090,step=30s,queries=errors = sum(rate(x{a="b",code=~"5.."}[1m]))',
        "--json",
    )  # fmt: skip
    assert answer.code == 0
    session = session_in(Path(answer.data()["folder"]))
    incident = session.incident
    assert (answer.data()["id"], session.id) == ("PM-2025-02-09", "PM-2025-02-09")
    assert incident.started_at == datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC)
    assert incident.ended_at == datetime(2025, 2, 9, 10, 40, tzinfo=UTC)
    assert (incident.severity, incident.services, incident.authors) == ("P1", ("api", "db"), ("@alice",))
    (source,) = session.sources
    assert (source.id, source.kind, source.name) == ("S1", "prometheus", "prometheus prometheus:9090")
    assert source.settings["step"] == "30s"
    assert source.settings["queries"] == {"errors": 'sum(rate(x{a="b",code=~"5.."}[1m]))'}


def test_times_without_a_zone_are_in_the_zone_of_the_review(blamefree: Blamefree) -> None:
    answer = blamefree(
        "new", "x", "--timezone", "Europe/Berlin", "--start", "2025-02-09 23:50", "--end", "00:10", "--json"
    )
    incident = session_in(Path(answer.data()["folder"])).incident
    assert incident.started_at == datetime(2025, 2, 9, 22, 50, tzinfo=UTC)
    assert incident.ended_at == datetime(2025, 2, 9, 23, 10, tzinfo=UTC)


def test_two_reviews_of_one_day_have_ids_of_their_own(blamefree: Blamefree) -> None:
    ids = [blamefree("new", title, "--start", "2025-02-09 10:00", "--json").data()["id"] for title in "aba"]
    assert ids == ["PM-2025-02-09", "PM-2025-02-09-2", "PM-2025-02-09-3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new",), "Missing argument 'TITLE'"),
        (("new", " "), "a review needs a title"),
        (("new", "x", "--start", "noon"), "“noon” is not a time"),
        (("new", "x", "--start", "2025-02-09 10:00", "--end", "2025-02-09 09:00"), "ends before it begins"),
        (("new", "x", "--timezone", "Mars/Base"), "there is no zone “Mars/Base”"),
        (("new", "x", "--timezone", "../../etc/passwd"), "there is no zone"),
        (("new", "x", "--source", "pigeon:a=b"), "There is no kind of source “pigeon”: use one of "),
        (("new", "x", "--source", "prometheus"), "needs an address"),
        (("new", "x", "--source", "file:nonsense=1"), "“nonsense=1” is no setting of file"),
    ],
)  # fmt: skip
def test_a_review_that_cannot_be_made_is_one_sentence_and_leaves_nothing(
    blamefree: Blamefree, root: Path, words: tuple[str, ...], said: str
) -> None:
    answer = blamefree(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert not root.exists()


# Finding and listing


def test_the_sessions_folder_may_stand_before_or_behind_the_command(
    blamefree: Blamefree, tmp_path: Path
) -> None:
    saved(tmp_path / "elsewhere", Session(incident=Incident(title="x")))
    for words in (("--sessions", "elsewhere", "list"), ("list", "--sessions", "elsewhere")):
        assert blamefree(*words, "--json").data()[0]["folder"] == "elsewhere/review"
    inner = ("source", "review", "list", "--sessions", "elsewhere", "--json")
    assert blamefree(*inner).data() == []
    assert blamefree("--sessions", "elsewhere", "source", "review", "list", "--json").data() == []


def test_flag_then_environment_then_settings_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    config = tmp_path / "config.toml"
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(config))
    assert opening.root_of(None) == Path("sessions")
    config.write_text('sessions = "~/reviews"\n')
    assert opening.root_of(None) == own_home / "reviews"
    monkeypatch.setenv("BLAMEFREE_SESSIONS", "/from/environment")
    assert opening.root_of(None) == Path("/from/environment")
    assert opening.root_of(Path("flag")) == Path("flag")


def test_a_setting_that_is_not_understood_is_spoken_of_and_harms_nothing(
    blamefree: Blamefree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('color = "red"\n')
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(config))
    answer = blamefree("list", "--json")
    assert (answer.code, answer.data()) == (0, [])
    assert "“color” is not a setting" in answer.err


def test_the_list_says_how_far_each_review_is(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review(), "classic")
    (facts,) = blamefree("list", "--json").data()
    assert (facts["id"], facts["title"], facts["severity"]) == (
        "PM-2025-02-09",
        "API Service Degradation",
        "P1",
    )
    assert facts["started"] == "2025-02-09"
    assert facts["open_actions"] == facts["overdue"] == 6
    assert re.fullmatch(r"[0-7]/7", facts["checklist"])
    datetime.fromisoformat(facts["saved_at"])
    head, line = blamefree("list").out.splitlines()
    assert head.split("\t") == ["review", "sev", "date", "step", "checklist", "open", "overdue", "title"]
    assert line.split("\t")[0] == "classic"


def test_a_broken_review_is_in_the_list_with_its_reason(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review(), "good")
    (root / "broken").mkdir()
    (root / "broken" / "session.toml").write_text("schema = \n")
    answer = blamefree("list")
    assert answer.code == 1
    assert "at line 1" in answer.out
    assert "good" in answer.out


def test_an_empty_folder_says_what_to_do(blamefree: Blamefree) -> None:
    answer = blamefree("list")
    assert (answer.code, answer.out) == (0, "")
    assert "blamefree new" in answer.err


def test_an_edit_that_is_only_in_the_journal_is_seen(blamefree: Blamefree, root: Path) -> None:
    folder = saved(root, classic_review())
    with Desk.open(folder) as desk:
        desk.apply("Rename", lambda session: edits.set_incident(session, title="Renamed"))
        desk.flush()
        (facts,) = blamefree("list", "--json").data()
        assert facts["title"] == "Renamed"
        assert "# Post-Mortem: Renamed" in blamefree("report", "review").out


@pytest.mark.parametrize("command", ["report", "check", "collect", "suggest", "calendar", "track"])
def test_an_unknown_review_is_one_sentence_with_the_names_that_come_near(
    blamefree: Blamefree, root: Path, command: str
) -> None:
    saved(root, classic_review(), "checkout-outage")
    answer = blamefree(command, "checkout-outrage")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "no session fits 'checkout-outrage' in sessions; there is checkout-outage.\n"


# Sources, collecting, suggestions


@pytest.fixture
def with_log(blamefree: Blamefree, tmp_path: Path) -> Path:
    """A review with one source, a log."""
    (tmp_path / "app.log").write_text(LOG)
    words = ("new", "Logs", "--start", "2025-02-09T10:05:23Z", "--end", "2025-02-09T10:40:00Z", "--json")
    folder = Path(blamefree(*words).data()["folder"])
    assert blamefree("source", "logs", "add", "file", "--set", "path=app.log", "--name", "app logs").code == 0
    return folder


def test_sources_are_added_listed_and_removed(blamefree: Blamefree, with_log: Path, tmp_path: Path) -> None:
    words = (
        "add",
        "prometheus",
        "--set",
        "url=http://p:9090",
        "--set",
        "queries=a = up",
        "--set",
        "queries=b = up",
    )
    added = blamefree("source", "logs", *words, "--clock-offset", "-42", "--json").data()
    assert (added["id"], added["settings"]["queries"], added["clock_offset_s"]) == (
        "S2",
        {"a": "up", "b": "up"},
        -42.0,
    )
    listed = blamefree("source", "logs", "list", "--json").data()
    assert [each["id"] for each in listed] == ["S1", "S2"]
    # Typed here, but the review may be opened from anywhere.
    assert listed[0]["settings"]["path"] == str(tmp_path / "app.log")
    assert blamefree("source", "logs", "remove", "prometheus p:9090").out == "S2 removed\n"
    assert blamefree("source", "logs", "list").out.splitlines()[1:] == ["S1\tfile\tapp logs\t0\t0"]
    assert blamefree("source", "logs", "remove", "S9").code == 2


def test_collecting_and_accepting_what_it_suggests(blamefree: Blamefree, with_log: Path) -> None:
    answer = blamefree("collect", "logs")
    assert (answer.code, answer.out) == (0, "✓ S1 app logs: done · 4 rows\n")
    found = blamefree("suggest", "logs", "--json").data()
    first = next(each for each in found if "10:05:23" in each["at"])
    assert first["kind"] == "symptom"
    assert first["evidence"][0]["line"] == 2
    assert first["reason"]
    rest = blamefree(
        "suggest", "logs", "--accept", first["key"], "--dismiss", found[0]["key"], "--json"
    ).data()
    assert len(rest) == len(found) - 2
    session = session_in(with_log)
    assert [event.suggestion for event in session.events] == [first["key"]]
    assert session.dismissed == (found[0]["key"],)
    assert blamefree("suggest", "logs", "--accept", first["key"]).code == 2


def test_progress_is_json_lines_on_request(blamefree: Blamefree, with_log: Path) -> None:
    lines = [
        json.loads(line)
        for line in blamefree("collect", "logs", "--source", "app logs", "--json").out.splitlines()
    ]
    assert [line["state"] for line in lines if line["type"] == "progress"][:2] == ["queued", "running"]
    (outcome,) = [line for line in lines if line["type"] == "outcome"]
    assert (outcome["source"], outcome["state"], outcome["artifacts"][0]["rows"]) == ("S1", "done", 4)
    assert session_in(with_log).sources[0].artifacts[0].sha256 == outcome["artifacts"][0]["sha256"]


def test_a_source_that_fails_stops_no_other_and_leaves_a_gap(blamefree: Blamefree, with_log: Path) -> None:
    assert blamefree("source", "logs", "add", "prometheus", "--set", "url=http://127.0.0.1:9").code == 0
    answer = blamefree("collect", "logs")
    assert answer.code == 1
    assert "✓ S1 app logs: done" in answer.out
    assert "✗ S2" in answer.out
    session = session_in(with_log)
    assert session.sources[0].artifacts
    assert session.sources[1].gaps


def test_collecting_needs_a_source(blamefree: Blamefree, root: Path) -> None:
    saved(root, Session())
    answer = blamefree("collect", "review")
    assert answer.code == 2
    assert "blamefree source SESSION add" in answer.err
    assert blamefree("collect", "review", "--source", "S1").code == 2


# Report and checklist


def test_the_report_goes_to_the_terminal_or_to_a_file(
    blamefree: Blamefree, root: Path, tmp_path: Path
) -> None:
    saved(root, classic_review())
    printed = blamefree("report", "review")
    assert printed.code == 0
    assert printed.out.startswith("# Post-Mortem: API Service Degradation (2025-02-09)\n")
    written = blamefree("report", "review", "-o", "out.html")
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "out.html").read_text().startswith("<!DOCTYPE html>")
    assert "out.html" in written.err
    assert blamefree("report", "review", "--format", "json").data()["session"]["id"] == "PM-2025-02-09"
    assert blamefree("report", "review", "--format", "pdf").code == 2
    assert blamefree("report", "review", "-o", "no/such/folder/x.md").code == 2


def test_the_check_fails_while_something_is_missing(blamefree: Blamefree, root: Path) -> None:
    saved(root, Session(), "empty")
    answer = blamefree("check", "empty")
    assert answer.code == 1
    assert answer.out.count("[ ]") == 7
    assert "(screen: whys)" in answer.out
    items = blamefree("check", "empty", "--json").data()
    assert [item["done"] for item in items] == [False] * 7 + [True]
    assert items[-1]["name"] == "claims"


def test_the_check_passes_when_nothing_is_missing(blamefree: Blamefree, root: Path) -> None:
    from app.review.records import Distribution, Ticket

    session = classic_review()
    ids = {action.id for action in session.actions}
    session = edits.change(session, "actions", ids, ticket=Ticket(url="https://example.org/1"))
    session = edits.delete(session, "distribution", {each.id for each in session.distribution})
    sent = datetime(2025, 2, 10, 12, tzinfo=UTC)
    session = edits.add(session, "distribution", Distribution(to="all", sent_at=sent))
    session = edits.set_follow_up(session, review_on=date(2025, 3, 9))
    saved(root, session)
    answer = blamefree("check", "review")
    assert (answer.code, answer.out.count("[x]")) == (0, 8)


def test_a_claim_that_does_not_hold_stands_with_its_basis(blamefree: Blamefree, root: Path) -> None:
    session = edits.set_narrative(classic_review(), went_well=("10 minutes from page to fix",))
    saved(root, session)
    assert "10 min is not 13 min 58 s" in blamefree("check", "review").out
    assert blamefree("check", "review", "--accept", "page to fix").code == 2
    assert "lists them" in blamefree("check", "review", "--accept", "nothing", "--basis", "x").err
    answer = blamefree("check", "review", "--accept", "page to fix", "--basis", "from the acknowledgement")
    assert "(stands: from the acknowledgement)" in answer.out
    assert "[x] Claims agree with the records" in answer.out


def test_the_claims_of_any_report_are_checked(blamefree: Blamefree, root: Path) -> None:
    report = root.parent / "theirs.md"
    report.write_text(
        "# Report (2025-02-09)\n\n## Summary\nIt was fixed, 10 minutes from page to fix.\n\n## Timeline (UTC)\n\n"
        "| Time | Event |\n|---|---|\n| 10:08 | On-call paged |\n| 10:22 | Mitigated by a rollback |\n"
    )
    answer = blamefree("check", str(report))
    assert answer.code == 1
    assert f"{report}:4: length: “10 minutes from page to fix” (summary): 10 min is not 14 min" in answer.out
    facts = blamefree("check", str(report), "--json").data()
    assert [(each["line"], each["holds"]) for each in facts] == [(4, False)]
    report.write_text(report.read_text().replace("10 minutes from", "14 minutes from"))
    assert blamefree("check", str(report)).code == 0
    assert blamefree("check", str(root / "missing.md")).code == 2
    report.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in blamefree("check", str(report)).err


# After the report


def test_a_dry_run_prints_exactly_what_would_be_sent_and_changes_nothing(
    blamefree: Blamefree, root: Path
) -> None:
    folder = saved(root, classic_review())
    before = (folder / "session.toml").read_bytes()
    answer = blamefree("track", "review", "--to", "github", "--repo", "acme/api", "--dry-run")
    assert answer.code == 0
    assert answer.out.count("POST https://api.github.com/repos/acme/api/issues\n") == 6
    bodies = re.findall(r"^\{$.*?^\}$", answer.out, re.MULTILINE | re.DOTALL)
    plan = blamefree("track", "review", "--to", "github", "--repo", "acme/api", "--dry-run", "--json").data()
    assert [json.loads(body) for body in bodies] == [each["body"] for each in plan]
    assert (folder / "session.toml").read_bytes() == before


def test_tracking_remembers_where_tickets_go(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review().model_copy(update={"tracking": Tracking(tracker="github", repo="acme/api")}))
    plan = blamefree("track", "review", "--dry-run", "--json").data()
    assert plan[0]["url"] == "https://api.github.com/repos/acme/api/issues"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "write --to github --repo OWNER/NAME"),
        (("--to", "abacus", "--repo", "a/b"), "abacus"),
        (("--to", "github"), "No repository is chosen"),
        (("--to", "github", "--repo", "nonsense"), "“nonsense” is not a repository"),
    ],
)
def test_a_tracker_that_cannot_be_used_is_one_sentence(
    blamefree: Blamefree, root: Path, words: tuple[str, ...], said: str
) -> None:
    saved(root, classic_review())
    answer = blamefree("track", "review", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


class FakeTracker:
    """A tracker that makes every ticket but the second, and notes when."""

    name = target = "fake"
    sure = True

    def __init__(self, log: list[str]) -> None:
        self.log = log

    async def __aenter__(self) -> "FakeTracker":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def plan(self, session: Session) -> list[Any]:
        from app.tracking.interface import Planned

        return [
            Planned(action.id, "create", "no ticket yet", key=f"k/{action.id}") for action in session.actions
        ]

    async def prepare(self, planned: Any) -> Any:
        return planned

    async def find(self, *_: object) -> dict[str, list[Any]]:
        return {}

    async def create(self, planned: Any) -> Any:
        from app.review.records import Ticket
        from app.tracking.interface import Made, TrackingProblem

        self.log.append(planned.action_id)
        if planned.action_id == "AI-002":
            raise TrackingProblem("The label does not exist.", stops=False)
        url = f"https://example.org/{planned.action_id}"
        return Made(Ticket(tracker="fake", url=url, synced_at=datetime(2025, 2, 10, tzinfo=UTC)), "title")


def test_tickets_that_were_made_are_linked_also_when_one_fails(
    blamefree: Blamefree, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    flush = Desk.flush
    monkeypatch.setattr(Desk, "flush", lambda desk, *values: (flush(desk, *values), log.append("on disk"))[0])
    monkeypatch.setattr("app.tracking.choosing.open_tracker", lambda *_: FakeTracker(log))
    monkeypatch.setattr("app.tracking.export._BETWEEN", 0.0)
    session = Session(id="PM-1", actions=tuple(Action(id=f"AI-00{n}", text="x") for n in (1, 2, 3)))
    folder = saved(root, session)
    answer = blamefree("track", "review", "--to", "fake", "--json")
    assert answer.code == 1
    assert [each["result"] for each in answer.data()] == ["created", "failed", "created"]
    found = session_in(folder)
    assert [action.ticket.url if action.ticket else "" for action in found.actions] == [
        "https://example.org/AI-001",
        "",
        "https://example.org/AI-003",
    ]
    assert found.tracking.tracker == "fake"
    # A link is on disk before the next ticket is made.
    assert log == ["AI-001", "on disk", "AI-002", "AI-003", "on disk"]


def test_the_calendar_goes_to_a_file_or_to_a_pipe(blamefree: Blamefree, root: Path, tmp_path: Path) -> None:
    saved(root, classic_review())
    answer = blamefree("calendar", "review", "-o", "out.ics")
    assert answer.code == 0
    data = (tmp_path / "out.ics").read_bytes()
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert f"{data.count(b'BEGIN:VEVENT')} entries written to" in answer.err
    assert blamefree("calendar", "review").out.startswith("BEGIN:VCALENDAR")
    saved(root, Session(), "empty")
    nothing = blamefree("calendar", "empty", "-o", "none.ics")
    assert (nothing.code, (tmp_path / "none.ics").exists()) == (1, False)


def test_the_open_actions_of_all_reviews_the_most_pressing_first(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review(), "one")
    other = edits.add(
        Session(incident=Incident(title="Other")), "actions", Action(text="later", due=date(2999, 1, 1))
    )
    saved(root, other, "two")
    answer = blamefree("review", "--json")
    assert answer.code == 1  # some are overdue
    rows = answer.data()["open"]
    assert len(rows) == 7
    assert (rows[0]["id"], rows[0]["state"]) == ("AI-004", "overdue")
    assert (rows[-1]["review"], rows[-1]["due"]) == ("Other", "2999-01-01")
    assert blamefree("review").out.splitlines()[0].startswith("due\towner\tpriority")
    assert blamefree("review", "--markdown").out.startswith("| Due |")
    (root / "three").mkdir()
    (root / "three" / "session.toml").write_text("nonsense")
    answer = blamefree("review")
    assert (answer.code, len(answer.out.splitlines())) == (1, 8)
    assert "three: " in answer.err


# Text from outside is data


HOSTILE = "\x1b]0;pwned\x07[red]x[/] [@click=app.quit]y[/] \u202eevil\x9b2J"


@pytest.mark.parametrize("command", ["list", "report", "check", "review", "suggest", "track"])
def test_nothing_from_a_review_is_obeyed_by_the_terminal(
    blamefree: Blamefree, root: Path, command: str
) -> None:
    session = Session(
        id="PM-1",
        incident=Incident(title=HOSTILE, severity=HOSTILE),
        events=(Event(id="E1", text=HOSTILE),),
        actions=(Action(id="AI-001", text=HOSTILE, owner=HOSTILE),),
    )
    saved(root, session, "hostile")
    words = {
        "list": ("list",),
        "review": ("review",),
        "track": ("track", "hostile", "--to", "github", "--repo", "a/b", "--dry-run"),
    }.get(command, (command, "hostile"))
    answer = blamefree(*words)
    printed = answer.out + answer.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", printed)
    if command != "suggest":
        assert "pwned" in printed or command == "check"


def test_words_of_the_command_line_are_not_obeyed_either(blamefree: Blamefree) -> None:
    for words in (
        ("report", "\x1b[2J"),
        ("\x1b[2J",),
        ("list", "--\x1b[2J"),
        ("new", "x", "--start", "\x1b[2J"),
    ):
        answer = blamefree(*words)
        assert answer.code == 2
        assert "\x1b" not in answer.err


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_for_every_shell(blamefree: Blamefree, shell: str) -> None:
    answer = blamefree("completion", shell)
    assert answer.code == 0
    assert "_BLAMEFREE_COMPLETE" in answer.out
    assert blamefree("completion", "tcsh").code == 2


def completions(blamefree: Blamefree, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    monkeypatch.setenv("_BLAMEFREE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(("blamefree", *words)))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    return [line.partition(",")[2] for line in blamefree().out.split()]


def test_reviews_and_commands_are_completed(
    blamefree: Blamefree, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(root, Session(id="PM-1"), "checkout-outage")
    saved(root, Session(id="PM-2"), "check-me")
    # A name goes into somebody's shell: one that the shell would obey is not offered.
    saved(root, Session(id="PM-3"), "check$(reboot)")
    assert sorted(completions(blamefree, monkeypatch, "open", "check")) == ["check-me", "checkout-outage"]
    assert completions(blamefree, monkeypatch, "report", "PM-") == ["PM-2", "PM-1"] or {
        "PM-1",
        "PM-2",
    } <= set(completions(blamefree, monkeypatch, "report", "PM-"))
    assert completions(blamefree, monkeypatch, "che") == ["check"]
    assert "timeline" in completions(blamefree, monkeypatch, "open", "x", "--screen", "t")


# Over all reviews


def test_the_follow_up_is_printed_and_written_as_one_edit(blamefree: Blamefree, root: Path) -> None:
    session = edits.change(
        classic_review(), "actions", {"AI-001"}, status="done", closed_on=date(2025, 2, 12)
    )
    session = edits.change(session, "actions", {"AI-002"}, status="declined", reason="wiki is read by nobody")
    folder = saved(root, session, "one")
    again = classic_review().model_copy(update={"id": "PM-2"})
    later = edits.set_incident(again, started_at=datetime(2025, 3, 1, tzinfo=UTC), title="Again")
    saved(root, later, "two")
    dry = blamefree("follow-up", "one", "--dry-run")
    assert dry.code == 1  # four actions are open
    assert "- AI-002 Create runbook: DB connection saturation: wiki is read by nobody" in dry.out
    assert "PM-2 Again on 2025-03-01 (later): same service: api-service; F1 is like F1" in dry.out
    assert session_in(folder).follow_up.done_on is None
    assert blamefree("follow-up", "one", "--note", "talked it through").out == dry.out
    with Desk.open(folder) as desk:
        assert desk.session.follow_up.found == dry.out.strip()
        assert desk.session.follow_up.note == "talked it through"
        assert desk.undo() == "Follow up"
        assert desk.session.follow_up == session.follow_up


def test_search_says_where_and_shows_a_piece(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review(), "one")
    saved(root, Session(incident=Incident(title="Other")), "two")
    found = blamefree("search", "POOL", "metrics", "--json").data()
    assert [(Path(hit["folder"]).name, hit["where"], hit["record"]) for hit in found] == [
        ("one", "AI-001 text", "AI-001")
    ]
    assert blamefree("search", "pool").out.startswith("review\twhere\ttext\ttitle\none\tsummary\t")
    nothing = blamefree("search", "zebra")
    assert (nothing.code, nothing.out) == (1, "")
    assert blamefree("search", " ").code == 2


def test_stats_show_every_incident_and_no_mean(blamefree: Blamefree, root: Path) -> None:
    saved(root, classic_review(), "one")
    saved(root, Session(incident=Incident(title="Other")), "two")
    facts = blamefree("stats", "--name", "ttd", "--json").data()
    assert {(each["review"], each["seconds"]) for each in facts} == {("one", 82.0), ("two", None)}
    assert "no row is marked" in next(each["problem"] for each in facts if each["review"] == "two")
    lines = blamefree("stats").out.splitlines()
    assert lines[0] == "name\treview\tseconds\ttext\tproblem"
    assert len(lines) == 1 + 5 * 2


def test_a_report_is_sent_into_a_file_and_noted_after_a_dry_run_that_does_nothing(
    blamefree: Blamefree, root: Path, tmp_path: Path
) -> None:
    folder = saved(root, classic_review())
    words = ("send", "review", "--to", "file:out.md")
    dry = blamefree(*words, "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith("would go by file to out.md\n\nwrite out.md\n\n# ")
    assert not (tmp_path / "out.md").exists()
    assert session_in(folder).distribution == ()
    sent = blamefree(*words)
    assert (sent.code, sent.out) == (0, "sent\tfile\tout.md\n")
    assert "after the end" in sent.err
    ((to, how),) = [(each.to, each.how) for each in session_in(folder).distribution]
    assert (to, how) == ("out.md", "file")
    assert blamefree("send", "review", "--to", "nowhere").code == 2
