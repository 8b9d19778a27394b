"""The Kubernetes collector against a real API server in which an incident has just happened."""

import gzip
from datetime import timedelta

import pytest

from app.review.records import Incident, Session, Source
from collectors.outcome import with_outcome
from collectors.runner import Run

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("kubernetes")]


def session_for(incident, user="reader", **settings) -> Session:
    record = Incident(title="checkout", started_at=incident.at(0), ended_at=incident.at(15))
    chosen = {"kubeconfig": incident.api.kubeconfig(user), **settings}
    return Session(
        incident=record, sources=(Source(id="S1", kind="kubernetes", name="cluster", settings=chosen),)
    )


async def collected(session, folder):
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
        "checkout-new-bbbbb app",
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
