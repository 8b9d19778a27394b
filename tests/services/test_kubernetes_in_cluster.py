"""The login of a pod: a real service account of a real API server, whose token the kubelet rotates."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.review.records import Incident, Session, Source
from collectors.interface import CollectProblem
from collectors.kube import collection, login
from collectors.runner import Run

pytestmark = [pytest.mark.service, pytest.mark.xdist_group("kubernetes")]
ACCOUNT = "/api/v1/namespaces/shop/serviceaccounts"
SECRETS = "/api/v1/namespaces/shop/secrets"


@dataclass(frozen=True)
class Account:
    """What the kubelet mounts into a pod."""

    api: object
    folder: Path

    def token(self, holder: str) -> str:
        """A token that is good for as long as the secret *holder* is there."""
        made = self.api.create(SECRETS, {"metadata": {"name": holder}})
        bound = {"kind": "Secret", "apiVersion": "v1", "name": holder, "uid": made["metadata"]["uid"]}
        wish = {"spec": {"audiences": ["https://kubernetes.default.svc"], "boundObjectRef": bound}}
        return self.api.create(f"{ACCOUNT}/collector/token", wish)["status"]["token"]

    def mount(self, token: str) -> None:
        fresh = self.folder / "fresh"
        fresh.write_text(token)
        fresh.replace(self.folder / "token")  # as the kubelet does it, in one go


@pytest.fixture(scope="module")
def collector(incident):
    """A service account that has the role that is shipped."""
    incident.api.create(ACCOUNT, {"metadata": {"name": "collector"}})
    incident.api.create(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
        {
            "metadata": {"name": "collector"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "blamefree-reader",
            },
            "subjects": [{"kind": "ServiceAccount", "name": "collector", "namespace": "shop"}],
        },
    )
    return incident.api


@pytest.fixture
def account(collector, tmp_path, monkeypatch):
    """This process is in a pod: its variables are set, and the files lie where the package looks for them."""
    from kubernetes.config import incluster_config

    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "namespace").write_text("shop")
    shutil.copy(collector.folder / "pki/ca.crt", folder / "ca.crt")
    place = urlsplit(collector.url)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", place.hostname)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(place.port))
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(folder / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(folder / "ca.crt"))
    return Account(collector, folder)


async def collected(incident, folder, **settings):
    record = Incident(title="checkout", started_at=incident.at(0), ended_at=incident.at(15))
    source = Source(id="S1", kind="kubernetes", name="cluster", settings={"target": "pod/db-0", **settings})
    run = Run(Session(incident=record, sources=(source,)), folder)
    run.start()
    return (await run.wait())["S1"]


@pytest.mark.parametrize("context", ["in-cluster", ""])
async def test_a_pod_collects_with_its_service_account_from_its_own_namespace(
    incident, account, tmp_path, context
):
    account.mount(account.token(f"good-{context or 'unnamed'}"))
    outcome = await collected(incident, tmp_path / "session", **({"context": context} if context else {}))
    assert (outcome.state, outcome.message) == ("done", "")
    assert "db-0 app" in {artifact.note for artifact in outcome.artifacts}
    assert any("/namespaces/shop/" in artifact.query for artifact in outcome.artifacts)


async def test_a_token_that_is_rotated_during_a_collection_is_read_anew(
    incident, account, tmp_path, monkeypatch
):
    account.mount(account.token("old"))
    account.api.delete(f"{SECRETS}/old")  # the server no longer takes it
    logins: list[str] = []

    def log_in(*words):
        found = login.log_in(*words)
        if not logins:
            account.mount(account.token("new"))
        logins.append(found.authorization)
        return found

    monkeypatch.setattr(collection, "log_in", log_in)
    outcome = await collected(incident, tmp_path / "session", context="in-cluster")
    assert (outcome.state, outcome.message) == ("done", "")
    assert len(logins) == 2
    assert logins[0] != logins[1]


async def test_a_token_that_the_server_no_longer_takes_is_one_sentence(incident, account, tmp_path):
    account.mount(account.token("gone"))
    account.api.delete(f"{SECRETS}/gone")
    outcome = await collected(incident, tmp_path / "session", context="in-cluster")
    assert outcome.state == "failed"
    assert "401" in outcome.message


def test_a_pod_without_a_mounted_token_is_told_so(account):
    with pytest.raises(CollectProblem, match=r"service account of this pod cannot be used .*mount its token"):
        collection.log_in("", "in-cluster", *_quiet())


def _quiet():
    import os
    import threading

    return os.environ, threading.Event(), lambda _text: None
