"""200 MB of one pod's log: the Kubernetes collector beside ``kubectl logs``, from the same real API server.

Both read over TLS from a kube-apiserver that passes on what a kubelet sends. kubectl writes to a file; the
collector cuts to the window, counts, hashes and compresses on the way. Rates are megabytes of log a second,
from the start of the process to its end; the best of three runs each, in turns.
"""

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.services.kube import incident, objects, servers

SIZE = 200 * 1024 * 1024
RUNS = 3
_WORDS = (
    "GET /checkout 200 in 12 ms",
    'level=info msg="order accepted" id=8123771 customer=51ac user_agent="Mozilla/5.0"',
    '{"level":"warn","msg":"connection pool at 19 of 20","pool":"primary","waiting":3}',
    "acquired connection after 248 ms, 20 of 20 in use, query SELECT o.id FROM orders o WHERE o.state = $1",
)


def run() -> None:
    """Print both rates, their ratio, and the collector's memory."""
    why = servers.missing() or ("" if shutil.which("kubectl") else "there is no kubectl")
    if why:
        print(f"Kubernetes logs: skipped, {why}")
        return
    with (
        tempfile.TemporaryDirectory(prefix="blamefree-bench-") as folder,
        servers.cluster(Path(folder, "k")) as api,
    ):
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=40)
        size, lines = _seed(api, begin)
        end = begin + timedelta(milliseconds=lines)
        best = {"kubectl": (1e9, 1e9), "collector": (1e9, 1e9)}
        facts: dict[str, float] = {}
        alone = 1e9
        for number in range(RUNS):
            best["kubectl"] = min(best["kubectl"], _timed(lambda: _kubectl(api, Path(folder, "log"))))
            session = Path(folder, f"session-{number}")
            best["collector"] = min(
                best["collector"],
                _timed(lambda session=session: facts.update(_collector(api, (begin, end), session))),
            )
            alone = min(alone, facts["log_s"])
            if facts["rows"] != lines:
                raise SystemExit(f"the collector kept {facts['rows']:,} lines of {lines:,}")
        mb = size / 1e6
        rates = {name: mb / took for name, (took, _) in best.items()}
        print(f"Kubernetes logs: {mb:,.0f} MB, {lines:,} lines of one pod through a real kube-apiserver")
        for name, words in (("kubectl", "logs --timestamps > file"), ("collector", "login to artifact")):
            took, cpu = best[name]
            print(f"  {name:9} {words:26} {rates[name]:5.0f} MB/s  {took:5.1f} s  {cpu:5.1f} s of its CPU")
        print(f"  collector {'the log alone':26} {mb / alone:5.0f} MB/s  {alone:5.1f} s")
        print(f"  ratio {rates['collector'] / rates['kubectl']:.2f}, with the log alone ", end="")
        print(f"{mb / alone / rates['kubectl']:.2f} (goal 0.9)")
        print(
            f"  the collector's memory: {facts['before_mb']:.0f} MB before, at most {facts['peak_mb']:.0f} MB"
        )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and seconds of processor in the processes that *work* starts."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu


def _seed(api: servers.Api, begin: datetime) -> tuple[int, int]:
    api.create("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    incident.allow_reading(api)
    incident.node(api)
    state = objects.running(begin - timedelta(minutes=1))
    objects.pod(api, "big", "big", [], begin, {"app": state})
    size = lines = 0
    with (api.logs("shop", "big", "app") / "current.raw").open("wb") as file:
        while size < SIZE:
            at = begin + timedelta(microseconds=lines * 1000)
            stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
            size += file.write(f"{stamp} {_WORDS[lines % len(_WORDS)]} {lines}\n".encode())
            lines += 1
    return size, lines


def _kubectl(api: servers.Api, into: Path) -> None:
    command = ["kubectl", f"--kubeconfig={api.kubeconfig('reader')}", "logs", "--timestamps", "big"]
    with into.open("wb") as file:
        subprocess.run(command, check=True, stdout=file)


def _collector(api: servers.Api, span: tuple[datetime, datetime], folder: Path) -> dict[str, float]:
    words = [api.kubeconfig("reader"), *(each.isoformat() for each in span), str(folder)]
    command = [sys.executable, "-m", "tests.bench.kube_logs", *words]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env=os.environ | {"KUBECONFIG": words[0]}
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _child(kubeconfig: str, begin: str, end: str, folder: str) -> None:
    """One collection; memory is that of this process."""
    from app.review.records import Incident, Session, Source
    from collectors.interface import Progress
    from collectors.runner import Run

    # The window of the settings has no lead and no tail: both programs read the same lines.
    chosen = {"kubeconfig": kubeconfig, "target": "pod/big", "from": begin, "to": end}
    session = Session(
        incident=Incident(started_at=datetime.fromisoformat(begin)),
        sources=(Source(id="S1", kind="kubernetes", name="bench", settings=chosen),),
    )
    first: list[float] = []

    def progress(now: Progress) -> None:
        if now.step.startswith("log of") and not first:
            first.append(time.perf_counter())

    async def collect() -> int:
        run = Run(session, Path(folder), on_progress=progress)
        run.start()
        outcome = (await run.wait())["S1"]
        if outcome.state != "done":
            raise SystemExit(outcome.message)
        return sum(each.rows for each in outcome.artifacts if each.format == "lines")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = asyncio.run(collect())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"rows": rows, "before_mb": before, "peak_mb": peak, "log_s": time.perf_counter() - first[0]}
        )
    )


if __name__ == "__main__":
    _child(*sys.argv[1:])
