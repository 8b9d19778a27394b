"""The Prometheus collector where the API is another server's, or guarded: VictoriaMetrics, mTLS, basic auth."""

import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from app.evidence import query
from app.review.records import Incident, Session, Source
from collectors.outcome import with_outcome
from collectors.prometheus import PrometheusCollector
from collectors.runner import Run
from tests.sample import metrics
from tests.services.conftest import free_port, needed
from tests.services.monitoring import get, process, until
from tests.unit.collectors.monitored import examine

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("others")]

PASSWORD = "open sesame"
BCRYPT = "$2b$04$nT1FUt6w/A/TEUJkqQb8Se3UlrIqpRrrjZLkZhCIZBDf8NIjglN22"
"""Of :data:`PASSWORD`, cheap on purpose: bcrypt with cost 4."""


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-02-09T{clock}+00:00")


async def collected(folder, url, environment=None, **settings):
    source = Source(id="S1", kind="prometheus", name="prom", settings={"url": url, **settings})
    incident = Incident(started_at=at("10:05:23"), ended_at=at("10:40:00"))
    session = Session(incident=incident, sources=(source,))
    run = Run(session, folder, environment=environment or {})
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


# VictoriaMetrics


@pytest.fixture(scope="module")
def victoria(tmp_path_factory):
    """A real VictoriaMetrics with the sample's history, under a path prefix as Mimir has one."""
    program = needed("victoria-metrics")
    folder = tmp_path_factory.mktemp("victoria")
    url = f"http://127.0.0.1:{free_port()}"
    with process(
        program,
        folder,
        f"{url}/prometheus/health",
        f"-httpListenAddr={url.removeprefix('http://')}",
        "-http.pathPrefix=/prometheus",
        "-storageDataPath=data",
        "-retentionPeriod=100y",
        "-search.latencyOffset=0s",
    ):
        lines = "".join(metrics.openmetrics()).splitlines()
        # Its own import takes the classic text with milliseconds.
        text = "\n".join(_milliseconds(line) for line in lines if line and not line.startswith("#"))
        request = urllib.request.Request(f"{url}/prometheus/api/v1/import/prometheus", text.encode())
        urllib.request.urlopen(request, timeout=30).close()
        ask = f"{url}/prometheus/api/v1/query?query=ALERTS&time={at('10:10:00').timestamp()}"
        until(lambda: get(ask)["data"]["result"], "what was imported can be asked for")
        yield f"{url}/prometheus"


def _milliseconds(line: str) -> str:
    front, _, seconds = line.rpartition(" ")
    return f"{front} {round(float(seconds) * 1000)}"


async def test_victoriametrics_gives_the_same_alert_and_the_same_pool(victoria, tmp_path):
    queries = {"pool": 'db_pool_connections{job="api",state="in_use"}'}
    outcome, session = await collected(tmp_path, victoria, queries=queries, step="15s")
    assert (outcome.state, outcome.message) == ("done", "")
    (episode,) = query.alerts(session, tmp_path)
    assert abs(episode.fired - at("10:06:45")) <= timedelta(seconds=15)
    assert episode.resolved is not None
    assert abs(episode.resolved - at("10:35:00")) <= timedelta(seconds=30)
    (pool,) = (one for one in query.series(session, tmp_path) if one.name == "pool")
    assert max(value for _, value in pool.points) == 20


async def test_victoriametrics_can_be_examined(victoria, tmp_path):
    found = await examine(PrometheusCollector(), tmp_path, victoria)
    assert (found.reachable, found.authorised) == (True, True)


# A Prometheus that wants to know who asks


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A real Prometheus behind mutual TLS and basic auth (``--web.config.file``), and the files for it."""
    program, openssl = needed("prometheus"), needed("openssl")
    folder = tmp_path_factory.mktemp("guarded")
    for name, more in (("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("client", [])):
        command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *more]
        command += ["-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (folder / "web.yml").write_text(
        "tls_server_config: {cert_file: server.pem, key_file: server.key,"
        " client_auth_type: RequireAndVerifyClientCert, client_ca_file: client.pem}\n"
        f"basic_auth_users: {{ann: '{BCRYPT}'}}\n"
    )
    port = free_port()
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 1h}\n")
    log = folder / "prometheus.log"
    child = subprocess.Popen(
        [
            program,
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=tsdb",
            "--web.config.file=web.yml",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: "Server is ready" in log.read_text(), "Prometheus is ready")
        yield f"https://127.0.0.1:{port}", folder
    finally:
        child.terminate()
        child.wait(10)


async def test_a_client_certificate_and_a_password_open_a_guarded_server(guarded, tmp_path):
    url, folder = guarded
    login = {
        "ca_file": str(folder / "server.pem"),
        "cert_file": str(folder / "client.pem"),
        "key_file": str(folder / "client.key"),
        "user": "ann",
        "password_env": "P",
    }
    outcome, _ = await collected(tmp_path, url, {"P": PASSWORD}, **login)
    assert (outcome.state, outcome.message) == ("done", "")
    outcome, _ = await collected(tmp_path, url, {"P": "wrong"}, **login)
    assert "401 Unauthorized: check the token in the environment variable P" in outcome.message


@pytest.mark.parametrize(
    ("left_out", "words"),
    [("cert_file", "name a client certificate"), ("ca_file", "name the file with its certificate authority")],
)
async def test_what_is_missing_of_the_certificates_is_named(guarded, tmp_path, left_out, words):
    url, folder = guarded
    login = {"ca_file": "server.pem", "cert_file": "client.pem", "key_file": "client.key"}
    login = {name: str(folder / file) for name, file in login.items() if name != left_out}
    if left_out == "cert_file":
        del login["key_file"]
    outcome, session = await collected(tmp_path, url, **login)
    assert outcome.state == "failed"
    assert words in outcome.message
    assert session.sources[0].gaps[0].why == outcome.message


async def test_a_window_before_everything_that_is_kept_is_a_gap_with_that_reason(guarded, tmp_path):
    url, folder = guarded
    login = {
        name: str(folder / file) for name, file in (("ca_file", "server.pem"), ("cert_file", "client.pem"))
    }
    login |= {"key_file": str(folder / "client.key"), "user": "ann", "password_env": "P"}
    outcome, _ = await collected(tmp_path, url, {"P": PASSWORD}, **login)
    assert [gap.why for gap in outcome.gaps] == ["older than what prom keeps (15d)"]
    assert datetime.now(UTC) - outcome.gaps[0].from_ > timedelta(days=15)
