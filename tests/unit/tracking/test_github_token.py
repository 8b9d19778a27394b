"""A token goes only to the server it belongs to, and is never shown."""

from pathlib import Path

import pytest

from app.tracking.github_token import PUBLIC_API, find_token
from app.tracking.interface import TrackingProblem


@pytest.fixture
def gh(tmp_path: Path) -> dict[str, str]:
    """An environment with GitHub's tool, logged in to one server of its own."""
    tool = tmp_path / "gh"
    tool.write_text(
        "#!/bin/sh\n"
        '[ "$*" = "auth token --hostname github.com" ] && echo public && exit 0\n'
        '[ "$*" = "auth token --hostname github.acme.example" ] && echo acme && exit 0\n'
        "echo no login >&2; exit 1\n"
    )
    tool.chmod(0o755)
    return {"PATH": f"{tmp_path}:/usr/bin:/bin"}


async def test_the_variables_come_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"GITHUB_TOKEN": "third", "GH_TOKEN": "second", "BLAMEFREE_GITHUB_TOKEN": " first "}
    for expected in ("BLAMEFREE_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"):
        secret, origin = await find_token(PUBLIC_API, environment)
        assert origin == f"the environment variable {expected}"
        assert secret.reveal() == environment.pop(expected).strip()


async def test_the_tool_is_asked_where_no_variable_is_set(
    gh: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", gh["PATH"])
    secret, origin = await find_token(PUBLIC_API, gh)
    assert (secret.reveal(), origin) == ("public", "gh auth token")
    secret, _ = await find_token("github.acme.example", gh)
    assert secret.reveal() == "acme"


async def test_the_environments_tokens_do_not_go_to_a_server_that_only_the_session_names(
    gh: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", gh["PATH"])
    tokens = {"BLAMEFREE_GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GITHUB_TOKEN": "c", "GH_ENTERPRISE_TOKEN": "d"}
    with pytest.raises(
        TrackingProblem, match=r"There is no token for evil\.example: log in with gh auth login"
    ):
        await find_token("evil.example", gh | tokens)
    secret, origin = await find_token("own.example", {"GH_HOST": "own.example", "GH_ENTERPRISE_TOKEN": "d"})
    assert (secret.reveal(), origin) == ("d", "the environment variable GH_ENTERPRISE_TOKEN")


async def test_without_a_token_the_sentence_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        TrackingProblem, match=r"There is no GitHub token: set GH_TOKEN, or log in with: gh auth login"
    ):
        await find_token(PUBLIC_API, {"PATH": ""})


async def test_a_tool_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "gh"
    tool.write_text("#!/bin/sh\nexec sleep 60\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("app.secrets._TOOL_TIMEOUT_S", 0.2)
    with pytest.raises(TrackingProblem, match="There is no GitHub token"):
        await find_token(PUBLIC_API, {"PATH": f"{tmp_path}:/usr/bin:/bin"})


@pytest.mark.parametrize("value", ["two\nlines", "snow☃man"])
async def test_a_token_that_cannot_be_one_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(TrackingProblem) as caught:
        await find_token(PUBLIC_API, {"GH_TOKEN": value})
    assert "GH_TOKEN" in str(caught.value)
    assert value not in str(caught.value)
