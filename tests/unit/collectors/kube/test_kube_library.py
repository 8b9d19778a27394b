"""The contract with the ``kubernetes`` package: what the one module that uses it relies on."""

import base64
import json
import os
import stat
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from app.evidence.index import Cancel
from collectors.interface import CollectProblem
from collectors.kube import credentials, library, login
from collectors.kube.library import Login, Wire, blocks, hang_up
from collectors.kube.login import log_in
from tests.fakes.kube_api import fake_api, status


@pytest.fixture
def api():
    with fake_api() as made:
        yield made


@pytest.fixture
def wire(api):
    made = Wire(Login(host=api.url, authorization="Bearer abc"), 2)
    yield made
    made.close()


def test_the_package_is_of_the_version_that_is_known_to_work_like_this():
    assert version("kubernetes").split(".")[0] == "37"


def test_a_request_goes_out_as_it_was_asked_for(api, wire):
    query = [("sinceTime", "2025-02-09T10:00:00Z"), ("labelSelector", "app in (a, b),!c")]
    answer = wire.open("GET", "/api/v1/namespaces/shop/pods/p/log", query, 5)
    assert answer.status == 200
    answer.close()
    ((path, asked, authorization),) = api.asked
    assert (path, asked) == ("/api/v1/namespaces/shop/pods/p/log", dict(query))
    assert authorization == "Bearer abc"


def test_a_failure_and_a_redirect_are_answers_like_others(api, wire):
    api.scripts["/a"] = [status(503)]
    api.scripts["/b"] = [lambda handler: handler.raw(b"", 302, Location=f"{api.url}/c")]
    assert wire.open("GET", "/a", (), 5).status == 503
    assert wire.open("GET", "/b", (), 5).status == 302
    assert api.count("/c") == 0
    assert api.count("/a") == 1


def test_bytes_come_as_they_are(api, wire):
    api.scripts["/log"] = [lambda handler: handler.raw(b'{"a": "b"}\n\xff\xfe123\n')]
    assert b"".join(blocks(wire.open("GET", "/log", (), 5), 4)) == b'{"a": "b"}\n\xff\xfe123\n'


def test_a_body_that_is_waited_for_can_be_ended_from_another_thread(api, wire):
    def never(handler):
        handler.begin_chunks()
        handler.chunk(b"one\n")
        api.over.wait(20)

    api.scripts["/log"] = [never]
    answer = wire.open("GET", "/log", (), 20)
    incoming = blocks(answer, 1024)
    assert next(incoming) == b"one\n"
    threading.Timer(0.1, hang_up, (answer,)).start()
    began = time.monotonic()
    try:
        rest = list(incoming)
    except Exception:
        rest = []
    assert rest == []
    assert time.monotonic() - began < 5


def kubeconfig(folder: Path, user: dict, **cluster) -> Path:
    path = folder / "config"
    place = {"server": "https://cluster.example:6443", **cluster}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": place}],
        "users": [{"name": "u", "user": user}],
        "contexts": [
            {"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
            {"name": "staging", "context": {"cluster": "c", "user": "u"}},
        ],
        "current-context": "prod",
    }
    path.write_text(json.dumps(content))
    return path


def logged_in(path, context="", heard=None, stopped=None, environment=None):
    return log_in(
        str(path),
        context,
        os.environ if environment is None else environment,
        stopped or threading.Event(),
        (heard if heard is not None else []).append,
    )


def plugin(folder: Path, script: str) -> dict:
    path = folder / "plugin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path), "args": []}}


CREDENTIAL = (
    '\'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}\''
)


def test_a_token_and_a_certificate_are_found_and_nothing_is_written_back(tmp_path):
    pem = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
    data = base64.b64encode(pem.encode()).decode()
    path = kubeconfig(
        tmp_path, {"token": "t0ken"}, **{"certificate-authority-data": data, "tls-server-name": "x"}
    )
    before = path.read_bytes()
    found = logged_in(path)
    assert (found.host, found.authorization) == ("https://cluster.example:6443", "Bearer t0ken")
    assert (found.ca, found.server_name, found.context, found.namespace) == (pem, "x", "prod", "shop")
    assert "t0ken" not in repr(found)
    assert path.read_bytes() == before
    assert logged_in(path, "staging").namespace == "default"


class Started(Exception):
    """A child process was about to be started."""


@pytest.fixture
def no_child(monkeypatch):
    def refuse(*_words, **_more):
        raise Started

    monkeypatch.setattr(login.subprocess, "Popen", refuse)


PEM = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("user", "authorization"),
    [
        ({"token": "t0ken"}, "Bearer t0ken"),
        ({"username": "ann", "password": "pw"}, "Basic YW5uOnB3"),
        ({"client-certificate-data": base64.b64encode(PEM.encode()).decode()}, ""),
        ({"tokenFile": "token"}, "Bearer from a file"),
    ],
)
def test_a_login_without_a_program_needs_no_second_process(tmp_path, no_child, user, authorization):
    (tmp_path / "token").write_text("from a file")
    found = logged_in(kubeconfig(tmp_path, user))
    assert (found.host, found.authorization) == ("https://cluster.example:6443", authorization)
    assert found.cert == (PEM if "client-certificate-data" in user else "")


def test_certificates_of_a_kubeconfig_are_left_in_no_file(tmp_path, no_child, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    data = base64.b64encode(PEM.encode()).decode()
    path = kubeconfig(tmp_path, {"client-certificate-data": data, "client-key-data": data})
    # The second time nothing of the first may be looked for.
    assert [logged_in(path).key for _ in range(2)] == [PEM, PEM]
    assert list((tmp_path / "temp").iterdir()) == []


def test_many_logins_at_once_do_not_mix(tmp_path, no_child):
    found: dict[int, str] = {}

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        data = base64.b64encode(f"{number}\n".encode()).decode()
        path = kubeconfig(folder, {"client-certificate-data": data, "client-key-data": data})
        found[number] = logged_in(path).cert

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == {number: f"{number}\n" for number in range(12)}


def test_the_kubeconfig_of_the_environment_is_the_one_that_it_names_now(tmp_path, no_child, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        kubeconfig(tmp_path / name, {"token": name})
        monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/absent:{tmp_path / name / 'config'}")
        assert logged_in("").authorization == f"Bearer {name}"


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true"}},
        {"auth-provider": {"name": "oidc"}},
    ],
)
def test_a_login_with_a_program_is_never_made_here(tmp_path, no_child, user):
    path = kubeconfig(tmp_path, user)
    with pytest.raises(Started):
        logged_in(path)
    # Written so that a search for the word does not find it: what the file means decides.
    text = path.read_text()
    for word, hidden in (("exec", "ex\\u0065c"), ("auth-provider", "auth\\u002dprovider")):
        text = text.replace(f'"{word}"', f'"{hidden}"')
    path.write_text(text)
    assert credentials.quick(credentials.Wanted(str(path)), os.environ)
    with pytest.raises(Started):
        logged_in(path)


def test_a_kubeconfig_that_may_not_end_is_read_where_that_can_be_given_up(tmp_path, no_child):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    large = kubeconfig(tmp_path, {"token": "x" * 300_000})
    bomb = tmp_path / "bomb"
    bomb.write_text("a: &a [x, x]\nb: &b [*a, *a]\n")
    for path in (pipe, large, bomb):
        with pytest.raises(Started):
            logged_in(path)


def test_another_environment_than_ours_is_that_of_a_child(tmp_path, no_child):
    path = kubeconfig(tmp_path, {"token": "x"})
    with pytest.raises(Started):
        logged_in(path, environment={"HOME": "/nowhere"})


def test_a_plug_in_gets_no_terminal_and_is_heard_while_it_runs(tmp_path):
    script = (
        'echo "open https://login.example in a browser" >&2\n'
        "(exec 3</dev/tty) 2>/dev/null && tty=yes || tty=no\n"
        "read line && input=yes || input=no\n"
        "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] && out=yes || out=no\n"
        f"printf {CREDENTIAL % '%s-%s-%s'} $tty $input $out"
    )
    heard: list[str] = []
    found = logged_in(kubeconfig(tmp_path, plugin(tmp_path, script)), heard=heard)
    assert found.authorization == "Bearer no-no-no"
    assert heard == ["login: open https://login.example in a browser"]
    assert found.said == "open https://login.example in a browser"


def test_a_plug_in_that_fails_is_quoted(tmp_path):
    path = kubeconfig(tmp_path, plugin(tmp_path, "echo 'the session has expired' >&2; exit 3"))
    with pytest.raises(CollectProblem, match=r"login plug-in of context “prod” failed .*session has expired"):
        logged_in(path)


def test_a_plug_in_that_hangs_is_ended_with_its_children_when_the_source_is_stopped(tmp_path):
    marker = tmp_path / "pid"
    path = kubeconfig(tmp_path, plugin(tmp_path, f"sleep 300 & echo $! > {marker}; wait"))
    stopped = threading.Event()
    ended: list[float] = []

    def stop() -> None:
        deadline = time.monotonic() + 60
        while not (marker.exists() and marker.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.02)
        ended.append(time.monotonic())
        stopped.set()

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(Cancel):
        logged_in(path, stopped=stopped)
    assert time.monotonic() - ended[0] < 5
    child = int(marker.read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        if "Z" in Path(f"/proc/{child}/stat").read_text().split(")")[1].split()[0]:
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{child}").exists()


@pytest.mark.parametrize(
    ("content", "context", "said"),
    [
        (None, "", "There is no kubeconfig at "),
        ("{", "", "The kubeconfig cannot be used ("),
        ("config", "prdo", "The kubeconfig has no context called “prdo”: use one of prod, staging."),
        ("config", "in-cluster", "This program does not run in a pod"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_one_sentence(tmp_path, content, context, said):
    path = tmp_path / "config"
    if content == "config":
        kubeconfig(tmp_path, {})
    elif content is not None:
        path.write_text(content)
    with pytest.raises(CollectProblem) as problem:
        logged_in(path, context)
    assert str(problem.value).startswith(said)
    assert "\n" not in str(problem.value)


def test_the_working_folder_is_not_where_modules_come_from(tmp_path, monkeypatch):
    (tmp_path / "kubernetes").mkdir()
    (tmp_path / "kubernetes/__init__.py").write_text("raise SystemExit('a stranger ran')")
    script = f"printf {CREDENTIAL % 'x'}"
    path = kubeconfig(tmp_path, plugin(tmp_path, script))
    monkeypatch.chdir(tmp_path)
    assert logged_in(path).authorization == "Bearer x"


def test_the_documentation_shows_the_role_that_is_shipped():
    root = Path(library.__file__).parents[2]
    assert (root / "collectors/kube/rbac.yaml").read_text().strip() in (root / "docs/sources.md").read_text()


def test_nothing_of_the_package_is_loaded_before_a_collection_begins():
    code = "import sys, collectors.kubernetes; sys.exit(any(n.split('.')[0] == 'kubernetes' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_many_sources_may_load_the_package_at_once():
    code = (
        "import threading\n"
        "from collectors.kube.library import Login, Wire, warm_up\n"
        "failed = []\n"
        "threading.excepthook = failed.append\n"
        "work = [threading.Thread(target=Wire, args=(Login(host='http://127.0.0.1:9'), 1)) for _ in range(8)]\n"
        "warm_up()\n"
        "[each.start() for each in work]\n"
        "[each.join() for each in work]\n"
        "raise SystemExit(len(failed))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
