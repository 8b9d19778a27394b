"""A real kube-apiserver with etcd, and a kubelet for the logs, on loopback; ended by their process ids.

The server's program is made by ``build_apiserver.sh``, once and outside of the tree.
"""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUILD = Path(__file__).with_name("build_apiserver.sh")
PROGRAM = Path(subprocess.run([BUILD, "--where"], check=True, capture_output=True, text=True).stdout.strip())
VERSION = PROGRAM.name.split("-")[2]
TOKENS = {"admin": "system:masters", "reader": "readers", "nobody": "none"}
_USAGE = "subjectAltName=DNS:localhost,DNS:kubernetes,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n"


def missing() -> str:
    """Why there can be no cluster here; empty when there can."""
    if not PROGRAM.is_file():
        return f"there is no {PROGRAM}: run {BUILD} as root on Debian 12"
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout
    if VERSION not in said:
        return f"{PROGRAM} is not version {VERSION} but says “{said.strip()}”"
    for name in ("etcd", "openssl"):
        if shutil.which(name) is None:
            return f"{name} is not installed (Debian: apt-get install etcd-server openssl)"
    return ""


@dataclass(frozen=True)
class Api:
    """A cluster for tests: create things, change them, write logs."""

    folder: Path
    url: str
    kubelet_port: int

    def kubeconfig(self, user: str = "admin") -> str:
        return str(self.folder / f"kubeconfig.{user}")

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer admin-token", "Content-Type": kind},
        )
        context = ssl.create_default_context(cafile=str(self.folder / "pki/ca.crt"))
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:600]}") from error

    def create(self, path: str, thing: dict[str, Any], status: dict[str, Any] | None = None) -> Any:
        made = self.call("POST", path, thing)
        return self.status(f"{path}/{made['metadata']['name']}", status) if status else made

    def status(self, path: str, status: dict[str, Any]) -> Any:
        return self.patch(f"{path}/status", {"status": status})

    def patch(self, path: str, change: dict[str, Any]) -> Any:
        return self.call("PATCH", path, change, "application/merge-patch+json")

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path, {"gracePeriodSeconds": 0})

    def logs(self, namespace: str, pod: str, container: str) -> Path:
        place = self.folder / "logs" / namespace / pod / container
        place.mkdir(parents=True, exist_ok=True)
        return place


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


_KEY = ("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")


def make_authority(folder: Path) -> None:
    """A certificate authority in *folder*: ``ca.crt`` and ``ca.key``."""
    _openssl(folder, *_KEY, "ca.key")
    _openssl(
        folder, "req", "-x509", "-new", "-key", "ca.key", "-days", "30", "-subj", "/CN=test-ca", "-out", "ca.crt",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip


def _certificates(folder: Path) -> None:
    folder.mkdir(parents=True)
    make_authority(folder)
    (folder / "usage.cnf").write_text(_USAGE)
    for name, subject in {
        "server": "/CN=kube-apiserver",
        "kubelet-client": "/O=system:masters/CN=apiserver-kubelet-client",
        "person": "/O=readers/CN=person",
    }.items():
        _openssl(folder, *_KEY, f"{name}.key")
        _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr")
        _openssl(
            folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "30", "-extfile", "usage.cnf", "-out", f"{name}.crt",
        )  # fmt: skip
    _openssl(folder, "genrsa", "-out", "sa.key", "2048")


def _kubeconfig(folder: Path, url: str, user: str) -> None:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "test", "cluster": {"server": url, "certificate-authority": "pki/ca.crt"}},
        ],
        "users": [{"name": user, "user": {"token": f"{user}-token"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": user, "namespace": "shop"}}],
        "current-context": "test",
    }
    (folder / f"kubeconfig.{user}").write_text(json.dumps(content))


@contextmanager
def cluster(folder: Path) -> Iterator[Api]:
    """A cluster with nothing in it but a node, kept in *folder*."""
    pki = folder / "pki"
    _certificates(pki)
    etcd, peer, api, kubelet = _free_ports(4)
    url = f"https://127.0.0.1:{api}"
    (pki / "tokens.csv").write_text(
        "".join(
            f'{user}-token,{user},{number},"{group}"\n' for number, (user, group) in enumerate(TOKENS.items())
        )
    )
    for user in TOKENS:
        _kubeconfig(folder, url, user)
    (folder / "logs").mkdir()
    commands = {
        "etcd": [
            "etcd", f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync",
            f"--listen-client-urls=http://127.0.0.1:{etcd}", f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}", f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
        ],
        "kubelet": [
            sys.executable, str(Path(__file__).with_name("kubelet.py")), f"--port={kubelet}",
            f"--dir={folder / 'logs'}", f"--cert={pki / 'server.crt'}", f"--key={pki / 'server.key'}",
            f"--client-ca={pki / 'ca.crt'}",
        ],
        "apiserver": [
            str(PROGRAM), f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1",
            f"--secure-port={api}", f"--tls-cert-file={pki / 'server.crt'}",
            f"--tls-private-key-file={pki / 'server.key'}", f"--cert-dir={pki}", f"--client-ca-file={pki / 'ca.crt'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki / 'sa.key'}", f"--service-account-signing-key-file={pki / 'sa.key'}",
            f"--token-auth-file={pki / 'tokens.csv'}", "--authorization-mode=Node,RBAC",
            "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
            "--disable-admission-plugins=ServiceAccount", "--event-ttl=24h",
            "--feature-gates=EphemeralContainers=true", "--kubelet-preferred-address-types=InternalIP",
            f"--kubelet-certificate-authority={pki / 'ca.crt'}",
            f"--kubelet-client-certificate={pki / 'kubelet-client.crt'}",
            f"--kubelet-client-key={pki / 'kubelet-client.key'}",
        ],
    }  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                running.append(
                    subprocess.Popen(
                        command,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env={**os.environ, "ETCD_UNSUPPORTED_ARCH": ""},
                    )
                )
        made = Api(folder, url, kubelet)
        _wait_until_ready(made, running[-1])
        yield made
    finally:
        for process in reversed(running):
            process.terminate()
        for process in reversed(running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(api: Api, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    context = ssl.create_default_context(cafile=str(api.folder / "pki/ca.crt"))
    ready = urllib.request.Request(f"{api.url}/readyz", headers={"Authorization": "Bearer admin-token"})
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError):
            urllib.request.urlopen(ready, context=context, timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError((api.folder / "apiserver.log").read_text()[-2000:])
