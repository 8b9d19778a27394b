"""Whatever a person gets wrong, and whatever the world does to them: one clear sentence, and nothing is lost."""

import asyncio
import errno
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.__main__ import main
from app.history import Desk
from app.http import Limits
from app.review import edits
from app.review.records import Event, Incident, Session, Source
from app.store.reading import load
from tests.faults.fault_server import Request, Script, answer, drip, reset, silence
from tests.faults.loopback import in_background, talking_at_once

INTERNAL = re.compile(
    r"Traceback|\b[A-Z]\w+(?:Error|Exception|Problem|Warning)\b|Errno|<class|object at 0x|\.py\b"
)
"""What only somebody who wrote the program would understand."""


def one_sentence(text: str) -> str:
    """*text*, held to what a person is told: one line, ended, and nothing of the program's insides."""
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    sentence = text.rstrip("\n")
    # A command to type stands at the end as it is typed.
    assert re.search(r"(?:[.…`]|: blamefree token set \w+)$", sentence), sentence
    assert not INTERNAL.search(sentence), sentence
    assert sentence == sentence.strip()
    return sentence


def review(title: str = "API errors") -> Session:
    incident = Incident(
        title=title,
        started_at=datetime(2025, 2, 9, 10, 5, 23, tzinfo=UTC),
        ended_at=datetime(2025, 2, 9, 10, 40, tzinfo=UTC),
    )
    return Session(id="PM-1", incident=incident, events=(Event(id="E1", text="the first row"),))


class World:
    """A folder to work in with one review, ``api-errors``, and what is needed to spoil it."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch, opened: ExitStack) -> None:
        self.place, self.monkeypatch, self.opened = place, monkeypatch, opened
        self.root = place / "sessions"
        self.folder = self.root / "api-errors"
        Desk.create(self.folder, review()).close()

    @property
    def file(self) -> Path:
        return self.folder / "session.toml"

    def source(self, kind: str, **settings: object) -> None:
        with Desk.open(self.folder) as desk:
            made = Source(kind=kind, name="the source", settings=settings)
            desk.apply("Add", lambda session: edits.add(session, "sources", made))

    def session(self) -> Session:
        with Desk.open(self.folder, read_only=True) as desk:
            return desk.session


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    quick = Limits(connect=1.0, read=0.2, total=0.8, max_bytes=1_000_000, tries=1)
    monkeypatch.setattr("collectors.prometheus._LIMITS", quick)
    with ExitStack() as opened:
        yield World(tmp_path, monkeypatch, opened)


Prepare = Callable[[World], None]


def nothing(_world: World) -> None:
    """As it is."""


# What may have happened to a review's file


def cut_with_backups(world: World) -> None:
    data = world.file.read_bytes()
    world.file.write_bytes(data[: len(data) // 2])


def cut_alone(world: World) -> None:
    cut_with_backups(world)
    for path in (world.folder / "backups").iterdir():
        path.unlink()
    (world.folder / "session.journal").unlink()


def mistyped(world: World) -> None:
    cut_alone(world)
    world.file.write_text('schema = 1\nid = "PM-1"\n[incident]\ntitle = API errors\n')


def not_text(world: World) -> None:
    cut_alone(world)
    world.file.write_bytes(b"\x00\xff" * 100)


def from_the_future(world: World) -> None:
    cut_alone(world)
    world.file.write_text('schema = 99\nid = "PM-1"\n[incident]\ntitle = "API errors"\n')


def empty_file(world: World) -> None:
    cut_alone(world)
    world.file.write_bytes(b"")


def another_beside(world: World) -> None:
    Desk.create(world.root / "api-latency", review("API latency")).close()


def held_by_somebody(world: World) -> None:
    world.opened.enter_context(Desk.open(world.folder, who="bob@laptop"))


def full_disk(world: World) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    world.monkeypatch.setattr("app.report.write.os.fsync", full)


def root_is_a_file(world: World) -> None:
    (world.place / "occupied").write_text("")


@dataclass(frozen=True)
class Case:
    """A command line that cannot do what it should, and what is said about it."""

    name: str
    words: tuple[str, ...]
    said: tuple[str, ...]
    prepare: Prepare = nothing
    code: int = 2


def case(name: str, words: str, *said: str, prepare: Prepare = nothing, code: int = 2) -> object:
    return pytest.param(Case(name, tuple(words.split()), said, prepare, code), id=name)


REFUSED = [
    case("a review that is not there", "check chekout", "chekout", "there is api-errors"),
    case("a name that fits two", "check api", "2 sessions", "api-errors", "api-latency", prepare=another_beside),
    case("a file cut short, no backup", "check api-errors", "session.toml", "at its end", prepare=cut_alone),
    case("a mistyped file", "check api-errors", "line 4, column 9", "nothing was changed", prepare=mistyped),
    case("a file that is no text", "report api-errors", "not UTF-8", prepare=not_text),
    case("an empty file", "report api-errors", "empty", prepare=empty_file),
    case("a change to a newer review", "source api-errors add file --set path=x", "newer", prepare=from_the_future),
    case("collecting for a newer review", "collect api-errors", "newer", "update", prepare=from_the_future),
    case("a review open elsewhere", "collect api-errors", "open elsewhere", "bob@laptop", prepare=held_by_somebody),
    case("no sources", "collect api-errors", "blamefree source"),
    case("a source that is not there", "collect api-errors --source S9", "S9", "none yet"),
    case("an unknown kind of source", "source api-errors add telnet", "telnet", "use one of alertmanager, "),
    case("an unknown setting", "source api-errors add file --set colour=red", "colour=red", "path"),
    case("a source without its path", "source api-errors add file", "needs a path"),
    case("a server without an address", "source api-errors add prometheus", "address"),
    case("an address with a password", "source api-errors add prometheus --set url=http://u:p@h", "user or password"),
    case("a zone that is none", "source api-errors add file --set path=x --set zone=Mars", "Mars", "Europe/Berlin"),
    case("a suggestion that is gone", "suggest api-errors --accept abc", "abc"),
    case("an unknown screen", "open api-errors --screen nonsense", "nonsense", "timeline"),
    case("an unknown format", "report api-errors --format docx", "docx", "html"),
    case("a report into no folder", "report api-errors -o no/such/r.md", "no/such/r.md", "No such file"),
    case("a report onto a folder", "report api-errors -o sessions", "is a folder"),
    case("a calendar into no folder", "calendar api-errors -o no/x.ics", "no/x.ics"),
    case("a full disk", "report api-errors -o r.md", "r.md", "No space left", prepare=full_disk),
    case("reviews inside a file", "--sessions occupied new X", "is a file, not a folder", prepare=root_is_a_file),
    case("reviews where none can be", "--sessions /proc/none new X", "/proc/none", "choose another place"),
    case("no terminal, for the list", "", "need a terminal", "blamefree list"),
    case("no terminal, for a review", "open api-errors", "need a terminal"),
    case("no terminal, for the sample", "demo", "need a terminal"),
    case("an unknown command", "colect api-errors", "colect", "--help"),
    case("a forgotten argument", "check", "SESSION", "blamefree check --help"),
    case("a start that is no time", "new X --start yesterdayish", "yesterdayish"),
    case("an end before the start", "new X --start 2025-02-09T10:00Z --end 2025-02-08T10:00Z", "ends before"),
    case("a zone for the review that is none", "new X --timezone Mars", "Mars"),
    case("a tracker without a repository", "track api-errors --to github", "repository"),
    case("no tracker", "track api-errors --dry-run", "--to github"),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    world: World, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    case.prepare(world)
    before = {path: path.read_bytes() for path in world.root.rglob("session.toml")}
    capsys.readouterr()
    code = main(list(case.words))
    out, err = capsys.readouterr()
    sentence = one_sentence(err)
    assert (code, out) == (case.code, "")
    for words in case.said:
        assert words in sentence
    assert {path: path.read_bytes() for path in world.root.rglob("session.toml")} == before
    assert not [path for path in world.place.rglob("*") if path.suffix in (".new", ".part")]


def test_a_file_cut_short_is_recovered_said_and_kept(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = world.session()
    cut_with_backups(world)
    cut = world.file.read_bytes()
    assert main(["check", "api-errors"]) == 1
    assert "recovered from" in one_sentence(capsys.readouterr().err)
    assert world.file.read_bytes() == cut, "looking changes nothing"
    assert main(["source", "api-errors", "add", "file", "--set", "path=x"]) == 0
    assert "recovered from" in one_sentence(capsys.readouterr().err)
    mended = load(world.file.read_bytes()).session
    assert (mended.events, len(mended.sources)) == (whole.events, 1)
    assert cut in [path.read_bytes() for path in world.folder.glob("session*.toml*")]


def test_a_newer_review_can_be_looked_at_and_stays_to_the_byte(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    from_the_future(world)
    before = world.file.read_bytes()
    for words in (["check", "api-errors"], ["report", "api-errors"], ["suggest", "api-errors", "--json"]):
        assert main(words) in (0, 1)
        printed = capsys.readouterr()
        assert "schema 99" in printed.err
        assert printed.out
    assert world.file.read_bytes() == before


# A source that cannot be collected: a line, a gap, and the review as it was otherwise


BROKEN_QUERY = (
    b'{"status":"error","errorType":"bad_data","error":"1:5: parse error: unclosed left parenthesis"}'
)
PAGE = answer(200, b"<html><title>Log in</title>")


def queries_only(fault: Script) -> Script:
    """A server that says who it is, and fails when it is asked for data."""

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        await (answer() if "/status/" in request.path else fault)(request, writer)

    return script


@dataclass(frozen=True)
class Fault:
    script: Script | bytes | None
    said: tuple[str, ...]
    scheme: str = "http"
    settings: dict[str, object] = field(default_factory=dict)

    def address(self, world: World) -> str:
        """Where the server is that fails so; nobody is there without one."""
        if self.script is None:
            return "http://127.0.0.1:9"
        serve = talking_at_once if isinstance(self.script, bytes) else in_background
        url = world.opened.enter_context(serve(self.script)).url  # type: ignore[operator]
        return self.scheme + url.removeprefix("http")


NET = {
    "nobody there": Fault(None, ("refused the connection", "check that it runs")),
    "401": Fault(answer(401, b"who?"), ("401 Unauthorized", "variable")),
    "401 with a token": Fault(
        answer(401, b"who?"), ("401 Unauthorized", "PROM_TOKEN"), settings={"token_env": "PROM_TOKEN"}
    ),
    "a token that is not set": Fault(answer(), ("NO_SUCH", "needs a token"), settings={"token_env": "NO_SUCH"}),
    "403": Fault(queries_only(answer(403)), ("403 Forbidden", "permission")),
    "422": Fault(queries_only(answer(422, b'{"error":"too many samples"}')), ("too many samples", "correct it")),
    "400, a bad query": Fault(queries_only(answer(400, BROKEN_QUERY)), ("unclosed left", "correct it")),
    "silence": Fault(silence, ("silent", "try again")),
    "a drip": Fault(drip, ("did not finish", "try again")),
    "TLS": Fault(b"HTTP/1.1 400 Bad Request\r\n\r\n", ("TLS", "certificate"), scheme="https"),
    "a web page": Fault(queries_only(PAGE), ("not JSON", "login page")),
    "not HTTP": Fault(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ("did not answer in HTTP", "check its address")),
    "a reset": Fault(reset, ("try again",)),
    "500": Fault(answer(500, b"oops"), ("500", "its own log")),
    "a redirect elsewhere": Fault(answer(302, b"", Location="http://other.invalid/"), ("redirect",)),
}  # fmt: skip


def collected(world: World, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["collect", "api-errors"])
    out, err = capsys.readouterr()
    assert err == ""
    return code, one_sentence(out)


@pytest.mark.parametrize("fault", NET.values(), ids=NET)
def test_a_server_that_fails_is_one_sentence_and_a_gap(
    world: World, capsys: pytest.CaptureFixture[str], fault: Fault
) -> None:
    world.monkeypatch.setenv("PROM_TOKEN", "s3cret-token")
    world.source("prometheus", url=fault.address(world), **fault.settings)
    code, line = collected(world, capsys)
    assert code == 1
    assert line.startswith("✗ S1 the source: failed · 1 gap · ")
    for words in fault.said:
        assert words in line
    assert "s3cret" not in line
    after = world.session()
    (gap,) = after.sources[0].gaps
    assert gap.why == line.partition("1 gap · ")[2]
    assert after.events == review().events
    # The same as data.
    main(["collect", "api-errors", "--json"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["type"], last["state"], last["message"]) == ("outcome", "failed", gap.why)
    # Failing twice is no second hole.
    assert len(world.session().sources[0].gaps) == 1


def test_a_server_that_fails_later_takes_nothing_away_and_one_hole_has_one_reason(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = NET["nobody there"], NET["401"]
    world.source("prometheus", url=first.address(world))
    collected(world, capsys)
    with Desk.open(world.folder) as desk:
        settings = {"url": second.address(world)}
        desk.apply("Edit", lambda session: edits.change(session, "sources", {"S1"}, settings=settings))
    collected(world, capsys)
    (gap,) = world.session().sources[0].gaps
    assert "401" in gap.why


def test_a_log_that_is_gone_later_leaves_what_was_collected(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    log = world.place / "app.log"
    log.write_text("2025-02-09T09:00:00Z INFO begin\n2025-02-09T11:00:00Z INFO end\n")
    world.source("file", path=str(log))
    assert main(["collect", "api-errors"]) == 0
    before = world.session().sources[0]
    log.unlink()
    assert collected(world, capsys)[0] == 1
    after = world.session().sources[0]
    # The window was covered before; that is not undone by a file that was rotated away.
    assert (after.artifacts, after.gaps) == (before.artifacts, before.gaps)


def log_without_times(place: Path) -> Path:
    (place / "plain.log").write_text("hello\nworld\n" * 20)
    return place / "plain.log"


def log_that_is_not_utf8(place: Path) -> Path:
    (place / "latin.log").write_bytes(b"2025-02-09T10:06:00Z ERROR caf\xe9 \xff\n")
    return place / "latin.log"


def log_cut_in_its_compression(place: Path) -> Path:
    whole = gzip.compress(b"".join(b"2025-02-09T10:06:00Z INFO %d\n" % number for number in range(9_999)))
    (place / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    return place / "cut.log.gz"


def garbage_as_gzip(place: Path) -> Path:
    (place / "odd.log.gz").write_bytes(b"\x1f\x8b" + b"\x07" * 50)
    return place / "odd.log.gz"


def no_text(place: Path) -> Path:
    (place / "core").write_bytes(bytes(range(256)) * 9)
    return place / "core"


def no_content(place: Path) -> Path:
    (place / "empty.log").touch()
    return place / "empty.log"


def folder_without_files(place: Path) -> Path:
    (place / "logs" / "deeper").mkdir(parents=True)
    (place / "logs" / ".hidden").touch()
    return place / "logs"


def loop_of_links(place: Path) -> Path:
    (place / "loop").symlink_to(place / "loop")
    return place / "loop"


def named_pipe(place: Path) -> Path:
    os.mkfifo(place / "pipe")
    return place / "pipe"


FILES = [
    pytest.param(log_without_times, 0, ("plain.log", "no times", "attachment"), id="no timestamp"),
    pytest.param(log_that_is_not_utf8, 0, ("1 of its lines is not UTF-8",), id="not UTF-8"),
    pytest.param(log_cut_in_its_compression, 0, ("cut.log.gz", "get it again"), id="gzip cut short"),
    pytest.param(garbage_as_gzip, 1, ("odd.log.gz is damaged",), id="gzip that is none"),
    pytest.param(no_text, 0, ("core is not text", "attachment"), id="a core dump"),
    pytest.param(no_content, 0, ("empty.log is empty",), id="an empty file"),
    pytest.param(folder_without_files, 1, ("logs holds no files",), id="a folder without files"),
    pytest.param(lambda place: place / "gone.log", 1, ("gone.log", "correct the path"), id="a missing path"),
    pytest.param(loop_of_links, 1, ("loop", "correct the path"), id="a loop of links"),
    pytest.param(named_pipe, 1, ("neither a file nor a folder",), id="a pipe"),
]


@pytest.mark.parametrize(("make", "code", "said"), FILES)
def test_a_file_that_is_not_what_was_hoped_for_is_one_sentence(
    world: World,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], Path],
    code: int,
    said: tuple[str, ...],
) -> None:
    world.source("file", path=str(make(world.place)))
    found, line = collected(world, capsys)
    assert found == code
    for words in said:
        assert words in line
    source = world.session().sources[0]
    assert source.gaps or code == 0
    assert bool(source.artifacts) != bool(code)


def test_a_file_that_may_not_be_read_is_one_sentence(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    path = world.place / "secret.log"
    path.write_text("2025-02-09T10:06:00Z ERROR x\n")
    world.source("file", path=str(path))
    # The tests may run as root, who may read everything.
    opening = Path.open

    def refusing(self: Path, *values: object, **options: object) -> object:
        if self == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return opening(self, *values, **options)  # type: ignore[call-overload]

    world.monkeypatch.setattr(Path, "open", refusing)
    code, line = collected(world, capsys)
    assert code == 1
    assert "secret.log: Permission denied" in line


MEMORY = """
import resource, sys
from app.__main__ import main
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
code = main(["collect", "api-errors"])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_line_of_100_mb_is_read_in_bounded_memory(world: World) -> None:
    path = world.place / "wide.log"
    with path.open("wb") as file:
        file.write(b"2025-02-09T10:06:00Z ERROR " + b"x" * 70_000)
        # A hole: the zeros take no room on the disk.
        file.truncate(100_000_000)
    world.source("file", path=str(path))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    line, figures = done.stdout.splitlines()
    code, grown = map(int, figures.split())
    assert code == 0
    assert "longer than 64 KiB" in line
    unit = 1 if sys.platform == "darwin" else 1024
    assert grown * unit < 60_000_000
