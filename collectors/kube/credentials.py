"""Credentials for a cluster, found with the ``kubernetes`` package: of a kubeconfig, or of the pod around us.

A login plug-in of a kubeconfig is any program, and the package gives it the terminal that this program draws
on. Therefore a kubeconfig that may start one is read in a child process, ``python -m
collectors.kube.credentials REQUEST``, that has no terminal and answers with JSON; see
:mod:`collectors.kube.login`. Where there is none, that second process would only cost time: the package is
loaded here in any case, for the requests.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from stat import S_ISREG
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from app.text import one_line
from collectors.kube.library import Login, package

IN_CLUSTER = "in-cluster"
"""The name of a context that stands for the service account of the pod that the program runs in."""
USUAL_PLACE = "~/.kube/config"
LARGEST = 256 * 1024
"""A kubeconfig with more bytes is read where that can be given up."""
_PROGRAMS = ("exec", "auth-provider")
"""Ways to log in that start a program, or ask a server for a token, and may wait for a person."""
_one_at_a_time = threading.Lock()
"""The package keeps the files that it makes of certificates in one table for all."""


@dataclass(frozen=True)
class Wanted:
    """Which credentials: of a kubeconfig file and a context, each the usual one where it is empty."""

    kubeconfig: str = ""
    context: str = ""


class NeedsProgram(Exception):
    """This login would start a program: not in the process that draws."""


def quick(wanted: Wanted, environment: Mapping[str, str]) -> bool:
    """Whether :func:`found_here` can be tried: small ordinary files that name no plug-in, and our environment.

    A pipe may never end, an alias of YAML may stand for far more than it looks: both can be given up in a
    child process only.
    """
    if dict(environment) != dict(os.environ):
        return False
    for path in _paths(wanted, environment):
        try:
            status = path.stat()
            if not S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return False
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return False
        if b"*" in content or any(word.encode() in content for word in _PROGRAMS):
            return False
    return True


def _paths(wanted: Wanted, environment: Mapping[str, str]) -> list[Path]:
    if wanted.context == IN_CLUSTER:
        return []
    named = wanted.kubeconfig or environment.get("KUBECONFIG") or USUAL_PLACE
    try:
        return [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    except RuntimeError:  # a “~name” of nobody
        return []


def found_here(wanted: Wanted) -> Login:
    """The credentials of *wanted*, without any program; raises :class:`NeedsProgram` where it takes one."""
    package()
    with _one_at_a_time:
        try:
            return _found(wanted, programs=False)
        finally:
            import_module("kubernetes.config.kube_config")._cleanup_temp_files()


def find_login(wanted: Wanted) -> Login:
    """The same with plug-ins: for a process of its own, which is changed by this."""
    exec_provider: Any = import_module("kubernetes.config.exec_provider")
    exec_provider.subprocess = SimpleNamespace(Popen=_Plugin, PIPE=subprocess.PIPE)
    errors = _Collecting()
    logging.getLogger().addHandler(errors)
    login = _found(wanted, programs=True)
    if errors.lines and not (login.authorization or login.cert or login.problem):
        return Login(
            problem=f"The login plug-in of context “{login.context}” failed ({errors.lines[0]}): "
            f"run “kubectl --context {login.context} get pods” in a shell to sign in, then collect again."
        )
    return login


def _found(wanted: Wanted, *, programs: bool) -> Login:
    """Nothing is written back to the person's kubeconfig. What cannot be used is a *problem*."""
    try:
        return _load(wanted, programs=programs)
    except NeedsProgram:
        raise
    except Exception as error:
        # Broken YAML, a missing certificate, a plug-in that is not installed.
        why = one_line(str(error) or type(error).__name__)[:300]
        return Login(
            problem=f"The kubeconfig cannot be used ({why}): correct it; kubectl reads the same file."
        )


def _load(wanted: Wanted, *, programs: bool) -> Login:
    # The package has types only in part.
    config: Any = import_module("kubernetes.config")
    kube_config: Any = import_module("kubernetes.config.kube_config")
    found: Any = type.__call__(import_module("kubernetes.client").Configuration)
    paths = wanted.kubeconfig or os.environ.get("KUBECONFIG") or USUAL_PLACE
    merged = None if wanted.context == IN_CLUSTER else kube_config.KubeConfigMerger(paths).config
    if merged is None:
        return _in_cluster(wanted, paths, found)
    contexts = {each.value["name"]: each.value.get("context") or {} for each in merged.value["contexts"]}
    context = wanted.context or merged.value.get("current-context") or ""
    if context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        told = f"no context called “{context}”" if context else "no current context"
        return Login(problem=f"The kubeconfig has {told}: use one of {known}.")
    if not programs:
        users = {each.value["name"]: each.value.get("user") or {} for each in merged.value["users"]}
        if any(word in users.get(contexts[context].get("user"), {}) for word in _PROGRAMS):
            raise NeedsProgram
    with TemporaryDirectory(prefix="blamefree-") as folder:
        # What was looked at above, not the file once more: it may be another one by now.
        config.load_kube_config_from_dict(
            merged, context=context, client_configuration=found, persist_config=False, temp_file_path=folder
        )
        return _login(found, context, contexts[context].get("namespace") or "")


def _in_cluster(wanted: Wanted, paths: str, found: Any) -> Login:
    """The service account of the pod; its token is read anew each time, for the kubelet rotates it."""
    inside = wanted.context == IN_CLUSTER or not (wanted.kubeconfig or wanted.context)
    if not (inside and os.environ.get("KUBERNETES_SERVICE_HOST")):
        return Login(
            problem="This program does not run in a pod: name a context of the kubeconfig instead of in-cluster."
            if wanted.context == IN_CLUSTER
            else f"There is no kubeconfig at {paths}: correct the path, or set KUBECONFIG."
        )
    account: Any = import_module("kubernetes.config.incluster_config")
    try:
        account.load_incluster_config(found, try_refresh_token=False)
    except (account.ConfigException, OSError) as error:
        why = one_line(str(error)).rstrip(".")[:300]
        return Login(
            problem=f"The service account of this pod cannot be used ({why}): mount its token "
            "(automountServiceAccountToken), or name a kubeconfig."
        )
    own = Path(account.SERVICE_TOKEN_FILENAME).with_name("namespace")
    return _login(found, IN_CLUSTER, own.read_text("utf-8").strip() if own.is_file() else "")


def _login(found: Any, context: str, namespace: str) -> Login:
    def content(path: str | None) -> str:
        return Path(path).read_text("ascii", "ignore") if path else ""

    return Login(
        host=found.host,
        authorization=str(found.api_key.get("BearerToken") or "").strip(),
        ca=content(found.ssl_ca_cert),
        cert=content(found.cert_file),
        key=content(found.key_file),
        verify=bool(found.verify_ssl),
        server_name=found.tls_server_name or "",
        proxy=found.proxy or "",
        context=context,
        namespace=namespace or "default",
    )


class _Plugin(subprocess.Popen[str]):
    """A login plug-in whose standard error is passed on while it runs: “open this page in a browser …”."""

    def communicate(self, input: Any = None, timeout: float | None = None) -> Any:
        lines: list[str] = []

        def pass_on() -> None:
            for line in self.stderr or ():
                lines.append(line)
                sys.stderr.write(line)
                sys.stderr.flush()

        passing = threading.Thread(target=pass_on, daemon=True)
        passing.start()
        output = self.stdout.read() if self.stdout else ""
        self.wait(timeout)
        # Whoever the plug-in left behind may hold its standard error open.
        passing.join(1.0)
        return output, "".join(lines)


class _Collecting(logging.Handler):
    """The package logs what went wrong with a plug-in, and goes on without credentials."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.lines.append(record.getMessage())


def parse_login(text: str) -> Login:
    """What the child process wrote. Raises ValueError."""
    data = json.loads(text)
    known = {field.name for field in fields(Login)}
    return Login(**{name: value for name, value in data.items() if name in known})


def main() -> None:
    """Find the credentials that the argument asks for, and write them as JSON."""
    json.dump(asdict(find_login(Wanted(**json.loads(sys.argv[1])))), sys.stdout)


if __name__ == "__main__":
    main()
