"""A million mixed log lines into evidence, and questions to it, beside reading the same stamps line by line.

``make bench`` takes a million lines. ``python -m tests.bench large`` makes one log of ten gigabytes instead (or of
``BLAMEFREE_BENCH_GB``, under ``BLAMEFREE_BENCH_DIR``), kept as a collector keeps it, and says what memory it took.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.evidence.artifacts import Keeper, blocks
from app.evidence.browse import browse
from app.evidence.index import SAMPLE, reading_of
from app.evidence.kept import index_of
from app.evidence.lines import batches
from app.evidence.query import errors, minutes, starts
from app.evidence.sql import ask
from app.evidence.times import clock_for
from app.review.records import Incident, Session, Source

LINES = 1_000_000
START = datetime(2025, 2, 9, 10, tzinfo=UTC)
Shape = Callable[[datetime, int], str]


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")


def _body(number: int) -> str:
    """What an application says: mostly requests, now and then trouble."""
    if number % 97 == 0:
        return f'level=error msg="connection pool exhausted" pool=main waiting={number % 50}'
    return f'level=info msg="request served" path=/v1/items/{number % 9973} status=200 ms={number % 97}'


def _prefixed(at: datetime, number: int) -> str:
    return f"[pod/api-7d9f8b-x{number % 5}k4p/api] {_kubectl(at, number)}"


def _kubectl(at: datetime, number: int) -> str:
    return f"{_iso(at)}000Z {_body(number)}"


def _klog(at: datetime, number: int) -> str:
    letter = "E" if number % 83 == 0 else "I"
    return f"{letter}{at:%m%d %H:%M:%S.%f}       1 controller.go:{number % 900}] syncing node {number % 700}"


def _access(at: datetime, number: int) -> str:
    status = 503 if number % 79 == 0 else 200
    request = f'"GET /v1/items/{number % 9973} HTTP/1.1" {status} {number % 5000} "-" "curl/8.5"'
    return f"10.0.{number % 250}.{number % 199} - - [{at:%d}/Feb/{at:%Y:%H:%M:%S} +0000] {request}"


def _syslog(at: datetime, number: int) -> str:
    said = f"backend api has {number % 9} servers up"
    return f"Feb {at.day:2d} {at:%H:%M:%S} web{number % 9} haproxy[{number % 4000}]: {said}"


def _json(at: datetime, number: int) -> str:
    return _record(number, f'"ts":"{_iso(at)}Z"')


def _json_epoch(at: datetime, number: int) -> str:
    return _record(number, f'"time":{int(at.timestamp() * 1000)}')


def _record(number: int, stamp: str) -> str:
    word = "error" if number % 89 == 0 else "info"
    rest = f'"msg":"request served","path":"/v1/items/{number % 9973}","service":"api","ms":{number % 97}'
    return f'{{"level":"{word}",{stamp},{rest}}}'


def _logfmt(at: datetime, number: int) -> str:
    return f"ts={_iso(at)}Z caller=main.go:{number % 500} {_body(number)}"


def _plain(at: datetime, number: int) -> str:
    """Without a zone; now and then with a stack trace under it."""
    stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
    if number % 71 == 0:
        return f"{stamp} ERROR [main] com.acme.Pool - exhausted\n    at com.acme.Pool.acquire(Pool.java:{number % 300})"
    return f"{stamp} INFO [main] com.acme.Api - served {number}"


def _epoch(at: datetime, number: int) -> str:
    return f"{at.timestamp():.3f} WARN replica lag {number % 60} s"


SHAPES: dict[str, Shape] = {
    "kubectl --prefix": _prefixed, "kubectl": _kubectl, "klog": _klog, "nginx access": _access, "syslog": _syslog,
    "JSON": _json, "JSON with epoch": _json_epoch, "logfmt": _logfmt, "plain without zone": _plain, "epoch": _epoch,
}  # fmt: skip


def _log(shape: Shape, lines: int) -> Iterator[bytes]:
    part: list[str] = []
    for number in range(lines):
        part.append(shape(START + timedelta(seconds=number * 3600 / lines), number))
        if len(part) == 20_000:
            yield ("\n".join(part) + "\n").encode()
            part = []
    if part:
        yield ("\n".join(part) + "\n").encode()


def review(folder: Path, lines: int) -> Session:
    """One source for each form of log, kept as a collector keeps it."""
    sources = []
    for number, (name, shape) in enumerate(SHAPES.items(), 1):
        source = Source(id=f"S{number}", name=name)
        keeper = Keeper(folder, source, START)
        with keeper.open("app.log") as draft:
            for block in _log(shape, lines // len(SHAPES)):
                draft.write(block)
            kept = draft.commit(format="lines")
        sources.append(source.model_copy(update={"artifacts": (kept,)}))
    return Session(sources=tuple(sources), incident=Incident(started_at=START))


def _line_by_line(session: Session, folder: Path) -> int:
    """The reference: the stamps of the same files, read by the reader of single lines."""
    count = 0
    for source in session.sources:
        (artifact,) = source.artifacts
        clock = None
        for batch in batches(blocks(folder / artifact.path)):
            clock = clock or clock_for(batch[:SAMPLE], reading_of(session, source, artifact))
            count += len(batch)
            if clock:
                for line in batch:
                    clock.read(line)
    return count


def _taken(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rate(lines: int, took: float) -> str:
    """Lines a second, and what they cost: on a machine that does other things, too, the second is the one to trust."""
    return f"{lines / took / 1e6:5.2f} M lines/s   {time.process_time() / lines * 1e6:4.1f} µs of CPU a line"


def _apart(folder: Path, *words: str) -> str:
    """Run a part of this in a process of its own: its memory is its own, too."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.evidence", str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run() -> None:
    """Parse a million lines, ask them, and print both beside the reader of single lines."""
    folder = Path(tempfile.mkdtemp(prefix="blamefree-bench-"))
    try:
        session = review(folder, LINES)
        (folder / "session.json").write_text(session.model_dump_json(by_alias=True))
        print(f"{LINES:,} mixed log lines ({', '.join(SHAPES)})")
        print(_apart(folder, "reference"), end="")
        print(_apart(folder, "parse"), end="")
        print(_apart(folder, "ask"), end="")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_large() -> None:
    """One log of ten gigabytes: parse and ask it, and say what memory that took."""
    size = float(os.environ.get("BLAMEFREE_BENCH_GB", "10")) * 1e9
    folder = Path(tempfile.mkdtemp(prefix="blamefree-bench-", dir=os.environ.get("BLAMEFREE_BENCH_DIR")))
    try:
        source = Source(id="S1", name="large")
        piece = b"".join(_log(SHAPES["kubectl --prefix"], 200_000))
        with Keeper(folder, source, START).open("app.log") as draft:
            while draft.size < size:
                draft.write(piece)
            kept = draft.commit(format="lines")
        session = Session(
            sources=(source.model_copy(update={"artifacts": (kept,)}),), incident=Incident(started_at=START)
        )
        (folder / "session.json").write_text(session.model_dump_json(by_alias=True))
        print(f"One log of {kept.bytes / 1e9:.1f} GB")
        print(_apart(folder, "parse"), end="")
        print(_apart(folder, "ask"), end="")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _part(folder: Path, what: str) -> None:
    session = Session.model_validate_json((folder / "session.json").read_bytes())
    before = _peak()
    if what == "reference":
        lines = 0

        def read() -> None:
            nonlocal lines
            lines = _line_by_line(session, folder)

        took = _taken(read)
        (folder / "reference").write_text(str(lines / took))
        print(f"  reading stamps line by line (reference)  {_rate(lines, took)}   peak {_peak():5.0f} MB")
    elif what == "parse":
        lines = 0
        begun = time.perf_counter()
        for source in session.sources:
            one = time.perf_counter()
            index = index_of(session, folder, source, source.artifacts[0])
            lines += index.rows
            if "-v" in sys.argv:
                print(f"    {source.name:20} {index.rows / (time.perf_counter() - one) / 1e6:5.2f} M lines/s")
        took = time.perf_counter() - begun
        on_disk = sum(path.stat().st_size for path in folder.rglob(".*.parquet"))
        ratio = ""
        if (folder / "reference").exists():
            ratio = f"   ratio {lines / took / float((folder / 'reference').read_text()):.1f}"
        print(
            f"  parsed into rows on disk                 {_rate(lines, took)}   peak {_peak():5.0f} MB"
            f" (of which {before:.0f} MB before)   {lines:,} rows in {on_disk / 1e6:,.0f} MB{ratio}"
        )
    else:
        _ask(session, folder)


def _ask(session: Session, folder: Path) -> None:
    sql = "select level, count(*) as n from rows where text ilike '%pool%' group by level"
    browser = None

    def opened() -> None:
        nonlocal browser
        browser = browse(session, folder)

    def page() -> None:
        if browser:
            browser.rows(browser.count // 2, browser.count // 2 + 50)

    def find() -> None:
        if browser:
            browser.find("nowhere at all", 0)

    asked: dict[str, Callable[[], object]] = {
        "minutes": lambda: minutes(session, folder),
        "first and last errors": lambda: [errors(session, folder, each.id) for each in session.sources],
        "starts": lambda: [starts(session, folder, each.id) for each in session.sources],
        "sql: words, by level": lambda: [*ask(session, folder, sql).batches],
        "browse: open": opened,
        "browse: 50 rows in the middle": page,
        "browse: words that are nowhere": find,
    }
    for name, what in asked.items():
        took = _taken(what)
        print(f"  {name:40} {took * 1000:8.0f} ms")
    print(f"  {'memory of all of these':40} {_peak():8.0f} MB")


if __name__ == "__main__":
    _part(Path(sys.argv[1]), sys.argv[2])
