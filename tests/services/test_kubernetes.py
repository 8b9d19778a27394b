"""The Kubernetes collector against a real API server in which an incident has just happened."""

import asyncio
import gzip
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.evidence.artifacts import Keeper
from app.evidence.facts import parse_facts
from app.review.records import Incident, Session, Source
from app.suggest import suggest
from collectors.confirmed import confirm_lent
from collectors.interface import Job
from collectors.kube import cluster, collection, library, login
from collectors.kubernetes import KubernetesCollector
from collectors.outcome import with_outcome
from collectors.runner import Run, window_of
from tests.services.kube.objects import pod as add_pod
from tests.services.kube.objects import running, write_log
from tests.services.kube.servers import make_authority

LOGINS: dict[tuple[str, str], library.Login] = {}

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("kubernetes")]


@pytest.fixture(autouse=True)
def one_login(monkeypatch):
    """Logging in starts a process; once for each kubeconfig is enough here."""

    def log_in(kubeconfig, context, *more):
        key = Path(kubeconfig).read_text(), context
        if key not in LOGINS:
            LOGINS[key] = login.log_in(kubeconfig, context, *more)
        return LOGINS[key]

    monkeypatch.setattr(collection, "log_in", log_in)


def session_for(incident, user="reader", **settings) -> Session:
    record = Incident(title="checkout", started_at=incident.at(0), ended_at=incident.at(15))
    chosen = {"kubeconfig": incident.api.kubeconfig(user), **settings}
    return Session(
        incident=record, sources=(Source(id="S1", kind="kubernetes", name="cluster", settings=chosen),)
    )


async def collected(session, folder):
    confirm_lent(KubernetesCollector(), session.sources[0].settings)
    run = Run(session, folder)
    run.start()
    outcome = (await run.wait())["S1"]
    return outcome, with_outcome(session, "S1", outcome)


def lines(folder, artifact) -> list[str]:
    return gzip.decompress((folder / artifact.path).read_bytes()).decode().splitlines()


def logs(outcome):
    return {artifact.note: artifact for artifact in outcome.artifacts if artifact.format == "lines"}


async def test_every_container_of_a_deployment_gives_its_log_and_the_one_before_its_restart(
    incident, tmp_path
):
    outcome, _ = await collected(session_for(incident, target="deployment/checkout"), tmp_path)
    assert (outcome.state, outcome.message) == ("done", "")
    assert set(logs(outcome)) == {
        "checkout-new-aaaaa app",
        "checkout-new-aaaaa app (before its last restart)",
        "checkout-new-aaaaa proxy",
        "checkout-new-aaaaa migrate",
        "checkout-new-bbbbb app",
        "checkout-new-bbbbb debug",
    }


async def test_a_log_is_cut_to_the_window_at_both_ends(incident, tmp_path):
    outcome, _ = await collected(session_for(incident, target="pod/checkout-new-bbbbb"), tmp_path)
    artifact = logs(outcome)["checkout-new-bbbbb app"]
    start, end = outcome.window.start, outcome.window.end
    assert start <= artifact.from_ < start + timedelta(seconds=10)
    assert end - timedelta(seconds=10) <= artifact.to <= end
    held = lines(tmp_path, artifact)
    assert len(held) == artifact.rows == 330
    assert all("INFO GET /checkout 200" in line for line in held)
    assert "sinceTime=" in artifact.query
    assert "timestamps=true" in artifact.query


def facts(outcome, folder):
    (artifact,) = (each for each in outcome.artifacts if each.format == "facts")
    content = gzip.decompress((folder / artifact.path).read_bytes())
    return [fact for _, fact in parse_facts(content)]


def why(outcome) -> str:
    return "\n".join(gap.why for gap in outcome.gaps)


@pytest.fixture(scope="session")
def everything(incident, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    outcome, session = asyncio.run(collected(session_for(incident), folder))
    assert (outcome.state, outcome.message) == ("done", "")
    return outcome, session, folder


@pytest.mark.parametrize(
    ("minute", "kind", "text"),
    [
        (9, "symptom", "app of pod/checkout-new-aaaaa was killed, it ran out of memory (OOMKilled, exit code 137)"),
        (10, "change", "app of pod/checkout-new-aaaaa started again (restart 3)"),
        (6, "symptom", "job/report-1 failed (BackoffLimitExceeded)"),
        (3, "change", "deployment/checkout is scaled to 2 by its autoscaler (from 1 to 2 are allowed; 2 run)"),
        (4, "symptom", "deployment/checkout is at its most of 2 (the desired replica count is more than the "
         "maximum replica count)"),
        (-1, "change", "application/checkout was synced by Argo CD to 01234567 of https://git.example/shop.git"),
        (8, "symptom", "application/checkout: the sync by Argo CD failed (one hook failed)"),
        (3, "symptom", "application/checkout is degraded"),
        (-2, "change", "kustomization/shop is ready (Applied revision: main@sha1:01234567)"),
        (31, "action", "deployment/cart: rolled back to revision 1, now revision 3, cart:1.0 (before: cart:1.1)"),
    ],
)  # fmt: skip
def test_what_the_cluster_knows_is_offered_with_its_time(everything, incident, minute, kind, text):
    outcome, _, folder = everything
    (fact,) = (each for each in facts(outcome, folder) if each.text == text)
    assert (fact.at, fact.kind, fact.notable) == (incident.at(minute), kind, True)
    assert fact.ref in {artifact.path for artifact in outcome.artifacts}


def test_a_rollout_names_the_images_before_and_after(everything):
    outcome, _, folder = everything
    told = [each.text for each in facts(outcome, folder)]
    assert "deployment/checkout: revision 2 rolled out, checkout:1.42.0 (before: checkout:1.41.0)" in told
    assert "deployment/checkout: revision 1 first rolled out, checkout:1.41.0 (“release 1.41”)" in told
    assert "statefulset/db: revision 2 rolled out, db:15 (before: db:14)" in told


def test_events_of_both_apis_are_read_with_their_spans_and_counts(everything, incident):
    outcome, _, folder = everything
    found = {fact.text: fact for fact in facts(outcome, folder)}
    probe = found[
        "pod/checkout-new-aaaaa: Unhealthy, Readiness probe failed: HTTP probe failed with statuscode: 503 (×214)"
    ]
    assert (probe.at, probe.until, probe.notable) == (incident.at(3), incident.at(20), True)
    assert not found["pod/checkout-new-bbbbb: Unhealthy, Readiness probe failed"].notable
    modern = found["pod/checkout-new-eeeee: FailedScheduling, 0/1 nodes are available (×4)"]
    assert modern.at == incident.at(2).replace(microsecond=123456)
    assert (modern.until, modern.actor) == (incident.at(7), "default-scheduler")


def test_everything_of_a_namespace_includes_init_and_ephemeral_containers_jobs_and_stateful_sets(everything):
    outcome, _, _ = everything
    assert {
        "checkout-new-aaaaa migrate",
        "checkout-new-bbbbb debug",
        "report-1-ddddd app",
        "db-0 app",
        "cart-one-ccccc app",
    } <= set(logs(outcome))


def test_the_role_that_is_shipped_is_enough(everything):
    outcome, _, _ = everything
    assert "may not" not in why(outcome) + " ".join(outcome.notes)


def test_what_happened_is_offered_for_the_timeline(everything, incident):
    _, session, folder = everything
    offered = {one.event.text: one.event for one in suggest(session, folder)}
    killed = offered[
        "app of pod/checkout-new-aaaaa was killed, it ran out of memory (OOMKilled, exit code 137)"
    ]
    assert (killed.at, killed.kind, killed.source) == (incident.at(9), "symptom", "cluster")
    assert any(text.startswith("First error in cluster") for text in offered)


def test_lists_are_kept_as_they_came(everything):
    outcome, _, folder = everything
    (pods,) = (
        each for each in outcome.artifacts if each.query.startswith("GET /api/v1/namespaces/shop/pods?")
    )
    content = json.loads(gzip.decompress((folder / pods.path).read_bytes()))
    assert content["kind"] == "PodList"
    assert pods.rows == len(content["items"])


def test_each_hole_has_its_reason(everything, incident):
    outcome, _, _ = everything
    told = why(outcome)
    assert "app of pod checkout-new-aaaaa was restarted 3 times" in told
    assert "The log of app of pod db-0 begins at" in told
    assert (
        "The log of app of pod cart-one-ccccc from before its last restart is gone "
        "(“unable to retrieve container logs for containerd://abc”)." in told
    )
    rotated = next(gap for gap in outcome.gaps if "db-0" in gap.why)
    assert (rotated.from_, rotated.to) == (outcome.window.start, incident.at(12))
    assert "unable to retrieve" not in str(logs(outcome))
    assert "debug" not in told


async def test_only_what_was_asked_for_is_told(incident, tmp_path):
    outcome, _ = await collected(session_for(incident, target="deployment/cart"), tmp_path)
    told = "\n".join(fact.object for fact in facts(outcome, tmp_path))
    assert "deployment/cart" in told
    assert "checkout-new" not in told
    assert set(logs(outcome)) == {"cart-one-ccccc app"}


@pytest.mark.parametrize(
    ("target", "pods"),
    [
        ("app=db", {"db-0"}),
        ("sts/db", {"db-0"}),
        ("cronjob/report", {"report-1-ddddd"}),
        ("job/report-1", {"report-1-ddddd"}),
        ("app in (db, cart)", {"db-0", "cart-one-ccccc"}),
    ],
)
async def test_a_target_finds_its_pods(incident, tmp_path, target, pods):
    outcome, _ = await collected(session_for(incident, target=target), tmp_path)
    assert {note.split()[0] for note in logs(outcome)} == pods


async def test_a_target_that_is_not_there_is_a_sentence_that_names_what_is(incident, tmp_path):
    outcome, _ = await collected(session_for(incident, target="deployment/chekcout"), tmp_path)
    assert outcome.state == "failed"
    assert outcome.message == (
        "There is no deployment/chekcout in namespace shop: correct it in the settings "
        "(there are cart, checkout)."
    )


async def test_a_login_without_permissions_is_told_what_it_lacks(incident, tmp_path):
    outcome, _ = await collected(session_for(incident, user="nobody"), tmp_path)
    assert outcome.state == "failed"
    assert outcome.message.startswith(
        "This login may not list pods in namespace shop (pods and their logs are missing)"
    )


async def test_a_wrong_token_is_one_sentence(incident, tmp_path):
    config = json.loads(Path(incident.api.kubeconfig()).read_text())
    config["users"][0]["user"]["token"] = "wrong"
    wrong = Path(incident.api.folder / "kubeconfig.wrong")
    wrong.write_text(json.dumps(config))
    outcome, _ = await collected(session_for(incident, user="wrong"), tmp_path)
    assert outcome.state == "failed"
    assert "401 Unauthorized" in outcome.message


async def test_a_list_that_comes_in_pages_is_the_same_list(incident, tmp_path, monkeypatch):
    whole, _ = await collected(session_for(incident, logs=False), tmp_path / "whole")
    monkeypatch.setattr(cluster, "PAGE", 2)
    paged, _ = await collected(session_for(incident, logs=False), tmp_path / "paged")
    assert len(paged.artifacts) > len(whole.artifacts)
    assert [fact.key for fact in facts(paged, tmp_path / "paged")] == [
        fact.key for fact in facts(whole, tmp_path / "whole")
    ]


def leaver(incident, name: str, *ending: str) -> Path:
    """A pod of its own whose log stops in the middle; returns the folder of the log."""
    add_pod(incident.api, name, "leaver", [], incident.at(-40), {"app": running(incident.at(-39))})
    path = write_log(incident.api, name, "app", "current", incident.at(-39), incident.at(0), "before")
    with path.open("a") as file:
        file.writelines(f"#{order}\n" for order in ending)
    rest = write_log(incident.api, name, "app", "rest", incident.at(0), incident.at(30), "after").read_text()
    with path.open("a") as file:
        file.write(rest)
    return path.parent


async def test_a_pod_that_is_deleted_during_the_stream_leaves_what_came_and_a_hole(incident, tmp_path):
    place = leaver(incident, "leaver-1", "wait go", "cut")
    work = asyncio.create_task(collected(session_for(incident, target="pod/leaver-1"), tmp_path))
    deadline = time.monotonic() + 60
    while not (place / "go.reached").exists() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(incident.api.delete, "/api/v1/namespaces/shop/pods/leaver-1")
    (place / "go").touch()
    outcome, _ = await work
    assert outcome.state == "done"
    held = lines(tmp_path, logs(outcome)["leaver-1 app"])
    assert len(held) == 180
    assert all("before" in line for line in held)
    (hole,) = (gap for gap in outcome.gaps if "leaver-1" in gap.why)
    assert hole.why.startswith("Pod leaver-1 was deleted while the log of app was read: it ends at ")
    assert hole.to == outcome.window.end


async def test_a_stream_that_breaks_off_goes_on_without_a_line_lost_or_doubled(incident, tmp_path):
    leaver(incident, "leaver-2", "cut")
    outcome, _ = await collected(session_for(incident, target="pod/leaver-2"), tmp_path)
    held = lines(tmp_path, logs(outcome)["leaver-2 app"])
    assert (incident.api.logs("shop", "leaver-2", "app") / "was-cut").exists()
    assert held == sorted(set(held))
    assert [sum(word in line for line in held) for word in ("before", "after")] == [180, 150]
    assert not [gap for gap in outcome.gaps if "leaver-2" in gap.why]


async def test_a_certificate_of_another_authority_is_refused(incident, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    make_authority(other)
    outcome, _ = await collected(session_for(incident, ca_file=str(other / "ca.crt")), tmp_path)
    assert outcome.state == "failed"
    assert "failed the TLS check" in outcome.message
    assert "authority" in outcome.message


async def test_a_client_certificate_is_a_login(incident, tmp_path):
    config = json.loads(Path(incident.api.kubeconfig()).read_text())
    config["users"][0]["user"] = {"client-certificate": "pki/person.crt", "client-key": "pki/person.key"}
    Path(incident.api.kubeconfig("person")).write_text(json.dumps(config))
    outcome, _ = await collected(session_for(incident, user="person", target="pod/db-0"), tmp_path)
    assert (outcome.state, set(logs(outcome))) == ("done", {"db-0 app"})


async def examined(incident, folder, user: str, **settings):
    session = session_for(incident, user=user, **settings)
    source = session.sources[0]
    now = datetime.now(UTC)
    keeper = Keeper(folder, source, now)
    job = Job(
        source,
        folder,
        window_of(session, source, now),
        now,
        keeper,
        lambda **_: None,
        lambda: False,
        os.environ,
    )
    found = await KubernetesCollector().examine(job)
    assert keeper.kept == []
    return found


async def test_a_login_with_the_shipped_role_is_found_fit(incident, tmp_path):
    found = await examined(incident, tmp_path, "reader", target="deployment/checkout")
    assert (found.reachable, found.authorised) == (True, True)
    assert abs(found.clock_s) < 5
    assert not any("may" in sentence for sentence in found.sentences)


async def test_a_login_that_may_too_much_is_warned_of(incident, tmp_path):
    found = await examined(incident, tmp_path, "admin")
    assert found.authorised
    assert (
        "This login may do more in namespace shop than a collection needs (read secrets, run commands in pods, "
        "delete pods, change deployments): use one that may only read; docs/sources.md shows its role."
        in found.sentences
    )


async def test_a_login_that_may_nothing_is_told_each_permission(incident, tmp_path):
    found = await examined(incident, tmp_path, "nobody")
    assert (found.reachable, found.authorised, found.covers) == (True, False, None)
    (sentence,) = found.sentences
    assert sentence.startswith("This login may not list pods, get pods/log, list events, list deployments, ")


async def test_a_log_that_begins_after_the_window_is_known_before_it_is_collected(incident, tmp_path):
    found = await examined(incident, tmp_path, "reader", target="sts/db")
    assert found.covers is False
    assert "Of 1 log looked at, 1 begins after the window's start." in found.sentences


async def test_a_cluster_that_cannot_be_reached_is_a_finding(incident, tmp_path):
    config = json.loads(Path(incident.api.kubeconfig()).read_text())
    config["clusters"][0]["cluster"]["server"] = "https://no-such-host.invalid"
    Path(incident.api.kubeconfig("lost")).write_text(json.dumps(config))
    found = await examined(incident, tmp_path, "lost")
    assert (found.reachable, found.authorised) == (False, None)
    assert "no-such-host.invalid cannot be found" in found.sentences[0]
