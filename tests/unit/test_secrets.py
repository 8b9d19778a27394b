"""Tokens: where they are looked for, to whom they go, and that nothing shows or keeps them."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner

from app.cli import cli
from app.http import HttpProblem
from app.secrets import (
    SERVICE,
    TokenProblem,
    forget,
    github_token,
    gitlab_token,
    keep,
    known,
    look_up,
    named,
)
from tests.fakes.keyring import Forgetful, Locked, Memory, PlaintextKeyring, Silent, use

NOTHING = {"PATH": ""}
CANARY = "canary-7d1f4b"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Memory:
    monkeypatch.setenv("PATH", "")
    backend = Memory()
    use(monkeypatch, backend)
    return backend


async def test_the_environment_comes_before_the_keyring(ring: Memory) -> None:
    keep("T", "from-keyring")
    found = await look_up(["T"], {"T": " from-environment \n"})
    assert found is not None
    assert (found.secret.reveal(), found.origin) == ("from-environment", "the environment variable T")
    found = await look_up(["T"], {"T": "  "})
    assert found is not None
    assert (found.secret.reveal(), found.origin) == ("from-keyring", "the keyring entry T")
    assert await look_up(["U"], {}) is None


async def test_an_entry_for_one_server_goes_there_only_and_comes_before_the_general_one(ring: Memory) -> None:
    keep("T", "general")
    keep("T", "acme", "git.acme.example")
    for host, expected in (("git.acme.example", "acme"), ("git.evil.example", "general"), ("", "general")):
        found = await look_up(["T"], {}, host)
        assert found is not None
        assert found.secret.reveal() == expected
    assert await look_up(["T"], {"T": "x"}, "git.evil.example", strangers=False) is None


async def test_a_name_that_is_nowhere_is_a_sentence_with_the_two_ways_out(ring: Memory) -> None:
    with pytest.raises(HttpProblem) as caught:
        await named("PROM_TOKEN", {}, "prom")
    assert str(caught.value) == (
        "prom needs a token: export PROM_TOKEN and start again, or keep it in the keyring with: "
        "blamefree token set PROM_TOKEN"
    )
    assert await named("", {}, "prom") is None


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "snow☃man", "x" * 5000, "a\x1bb"])
async def test_what_no_header_can_carry_is_refused_without_showing_it(value: str, ring: Memory) -> None:
    with pytest.raises(HttpProblem) as caught:
        await named("T", {"T": value}, "prom")
    assert "one line of plain ASCII" in str(caught.value)
    assert value not in str(caught.value)
    with pytest.raises(TokenProblem):
        keep("T", value)


async def test_a_machine_without_a_keyring_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, keyring.backends.fail.Keyring())
    assert await look_up(["T"], {}) is None
    with pytest.raises(TokenProblem, match=r"This machine has no keyring: export T as an environment"):
        keep("T", "x")


async def test_a_keyring_that_never_answers_holds_up_neither_the_loop_nor_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = Silent()
    use(monkeypatch, silent)
    monkeypatch.setattr("app.secrets.PATIENCE_S", 0.2)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    try:
        assert await look_up(["T"], {}) is None
    finally:
        ticking.cancel()
        silent.answered.set()
    assert ticks > 3


def test_the_program_ends_while_a_keyring_is_still_silent() -> None:
    script = (
        "import asyncio, keyring, app.secrets as s\n"
        "from tests.fakes.keyring import Silent\n"
        "keyring.set_keyring(Silent()); s.PATIENCE_S = 0.1\n"
        "print(asyncio.run(s.look_up(['T'], {})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("None\n", 0), done.stderr


@pytest.mark.parametrize("backend", [Locked, Forgetful, PlaintextKeyring])
def test_a_keyring_that_would_not_guard_it_is_refused_in_one_sentence(
    backend: type[Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, backend())
    with pytest.raises(TokenProblem) as caught:
        keep("T", CANARY)
    assert CANARY not in str(caught.value)
    assert "export" in str(caught.value)
    assert known() == []


def test_what_was_kept_can_be_listed_and_forgotten(ring: Memory, own_home: Path) -> None:
    keep("B", CANARY)
    keep("A", CANARY, "git.acme.example")
    assert known() == [("A", "git.acme.example"), ("B", "")]
    assert forget("B")
    assert not forget("B")
    assert known() == [("A", "git.acme.example")]
    assert ring.entries == {(SERVICE, "A@git.acme.example"): CANARY}
    files = [path for path in own_home.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert CANARY not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0


async def test_a_damaged_list_of_names_loses_only_the_list(ring: Memory, own_home: Path) -> None:
    keep("A", "a")
    (path,) = (path for path in own_home.rglob("tokens.json"))
    for damage in ("", "[1]", '{"A": 1}', "[[", '[{"name": "A"}]'):
        path.write_text(damage)
        assert known() == []
        found = await look_up(["A"], {})
        assert found is not None


# GitHub and GitLab: a session may name a server


async def test_a_token_of_this_person_does_not_go_to_a_server_that_only_the_session_names(
    ring: Memory,
) -> None:
    environment = {"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", "GITLAB_TOKEN": "c", "MINE": "d", **NOTHING}
    for name in ("GH_ENTERPRISE_TOKEN", "GITLAB_TOKEN", "MINE"):
        keep(name, "kept")
    with pytest.raises(TokenProblem, match=r"no token for evil\.example: log in with gh"):
        await github_token("evil.example", environment, "MINE")
    with pytest.raises(TokenProblem, match=r"no token for evil\.example: keep one with: blamefree token set"):
        await gitlab_token("evil.example", environment, "MINE")


async def test_a_server_of_one_s_own_is_named_by_the_environment_or_by_the_keyring(ring: Memory) -> None:
    own = {"GITLAB_HOST": "https://git.acme.example/", "GITLAB_TOKEN": "c", **NOTHING}
    assert (await gitlab_token("git.acme.example", own)).secret.reveal() == "c"
    assert (await gitlab_token("gitlab.com", {"GITLAB_TOKEN": "c"})).secret.reveal() == "c"
    keep("GITLAB_TOKEN", "kept", "git.acme.example")
    keep("GH_ENTERPRISE_TOKEN", "hub", "hub.acme.example")
    assert (await gitlab_token("git.acme.example", NOTHING)).secret.reveal() == "kept"
    assert (await github_token("hub.acme.example", NOTHING)).secret.reveal() == "hub"
    with pytest.raises(TokenProblem, match="GitLab needs a token: export GITLAB_TOKEN"):
        await gitlab_token("gitlab.com", NOTHING)


async def test_a_name_of_one_s_own_comes_before_the_usual_ones(ring: Memory) -> None:
    found = await github_token("api.github.com", {"GH_TOKEN": "usual", "MINE": "own"}, "MINE")
    assert found.secret.reveal() == "own"


async def test_what_is_known_to_be_somebody_else_s_is_not_sent_wherever_a_session_says(ring: Memory) -> None:
    environment = {"AWS_SECRET_ACCESS_KEY": "a", "SLACK_TOKEN": "b", "GH_TOKEN": "c", "PROM_TOKEN": "d"}
    for name in ("AWS_SECRET_ACCESS_KEY", "SLACK_TOKEN", "GH_TOKEN", "gh_token"):
        with pytest.raises(
            HttpProblem, match=r"is not sent to prom\.evil\.example: a token for that server gets a name"
        ):
            await named(name, environment, "prom", "prom.evil.example")
    for name, host in (
        ("PROM_TOKEN", "prom.acme.example"),
        ("SLACK_TOKEN", "slack.com"),
        ("GH_TOKEN", "127.0.0.1"),
    ):
        assert await named(name, environment, "prom", host) is not None


# The commands


def command(*words: str, typed: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["token", *words], input=typed)
    if done.exception and not isinstance(done.exception, SystemExit):
        return 2, done.stdout, f"{done.stderr}{done.exception}"
    return done.exit_code, done.stdout, done.stderr


def test_a_token_is_piped_in_listed_by_name_and_removed(
    ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = command("set", "PAGERDUTY_TOKEN", "--host", "API.pagerduty.com", typed=f"{CANARY}\n")
    assert (code, out) == (0, "")
    assert err == "PAGERDUTY_TOKEN is in the keyring, for api.pagerduty.com only.\n"
    assert ring.entries == {(SERVICE, "PAGERDUTY_TOKEN@api.pagerduty.com"): CANARY}
    monkeypatch.setenv("PAGERDUTY_TOKEN", CANARY)
    code, out, err = command("list")
    assert out == "name\thost\tvariable\nPAGERDUTY_TOKEN\tapi.pagerduty.com\tset\n"
    assert CANARY not in command("list", "--json")[1]
    assert command("remove", "PAGERDUTY_TOKEN")[0] != 0
    assert command("remove", "PAGERDUTY_TOKEN", "--host", "api.pagerduty.com")[0] == 0
    assert ring.entries == {}
    assert "No token was kept here" in command("list")[2]


@pytest.mark.parametrize(
    "words",
    [("set", "a b"), ("set", f"ghp_{CANARY}"), ("set", "T", "--host", "https://x"), ("set", "T", CANARY)],
)
def test_a_token_on_the_command_line_is_refused_and_nothing_is_kept(
    words: tuple[str, ...], ring: Memory
) -> None:
    code, _, err = command(*words, typed="x\n")
    assert code == 2
    assert ring.entries == {}
    if len(words) == 2:
        assert CANARY not in err


def test_opening_a_review_does_not_load_the_keyring() -> None:
    script = "import sys, app.tui, app.commands.token, app.secrets; print('keyring' in sys.modules)"
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n", time.monotonic() - started
