"""Credentials for a cluster, found without ever giving the terminal away.

A login plug-in of a kubeconfig is any program. Run from here it would write over the screen and read the
keys; such a kubeconfig is read by a child in a session of its own, where there is no terminal to open, with its
input closed.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from time import monotonic

from app.evidence.index import Cancel
from app.text import one_line
from collectors.interface import CollectProblem
from collectors.kube.credentials import NeedsProgram, Wanted, found_here, parse_login, quick
from collectors.kube.library import Login, warm_up

WITHIN_S = 120.0
"""A plug-in may wait for a person who signs in with a browser."""


def log_in(
    kubeconfig: str,
    context: str,
    environment: Mapping[str, str],
    stopped: threading.Event,
    tell: Callable[[str], None],
) -> Login:
    """The credentials for *context* of *kubeconfig* (the usual ones where these are empty).

    *tell* hears what a plug-in says while it runs. Raises :class:`CollectProblem` with a sentence, or
    :class:`Cancel` once *stopped* is set.
    """
    wanted = Wanted(kubeconfig, context)
    login = None
    if quick(wanted, environment):
        with suppress(NeedsProgram):
            login = found_here(wanted)
    login = login or _from_a_child(wanted, environment, stopped, tell)
    if stopped.is_set():
        raise Cancel
    if login.problem:
        raise CollectProblem(one_line(login.problem))
    return login


def _from_a_child(
    wanted: Wanted, environment: Mapping[str, str], stopped: threading.Event, tell: Callable[[str], None]
) -> Login:
    warm_up()  # its time passes beside that of the child
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "collectors.kube.credentials", json.dumps(asdict(wanted))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    answer: list[bytes] = []
    said: list[str] = []

    def listen() -> None:
        for line in child.stderr or ():
            text = one_line(line.decode("utf-8", "replace").strip())[:200]
            if text:
                said.append(text)
                tell(f"login: {text}")

    listeners = [
        threading.Thread(target=listen, daemon=True),
        threading.Thread(
            target=lambda: answer.append(child.stdout.read() if child.stdout else b""), daemon=True
        ),
    ]
    for each in listeners:
        each.start()
    try:
        _wait(child, stopped, said)
    finally:
        _end(child)
        for each in listeners:
            each.join(1.0)
    try:
        login = parse_login(answer[0].decode("utf-8", "replace"))
    except (ValueError, TypeError, IndexError) as error:
        heard = f" ({said[-1]})" if said else ""
        raise CollectProblem(
            f"The kubeconfig could not be read{heard}: check that “kubectl get pods” works in this shell."
        ) from error
    return replace(login, said=" ".join(said)[:300])


def _wait(child: subprocess.Popen[bytes], stopped: threading.Event, said: list[str]) -> None:
    deadline = monotonic() + WITHIN_S
    while child.poll() is None:
        if stopped.wait(0.02):
            raise Cancel
        if monotonic() > deadline:
            heard = f" (it said “{said[-1]}”)" if said else ""
            raise CollectProblem(
                f"The login to the cluster did not end within {WITHIN_S:.0f} s{heard}: sign in with "
                "“kubectl get pods” in a shell, then collect again."
            )


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started; nobody else is in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
