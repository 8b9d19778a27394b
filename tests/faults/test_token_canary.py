"""A token in every source, and then looked for everywhere: in the session, its evidence, the logs, the output."""

import asyncio
import os
import sys
import zlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.fakes import github, github_changes, gitlab, pagerduty, slack

TOKENS = {
    "GH_ENTERPRISE_TOKEN": github.TOKEN,
    "GITLAB_TOKEN": gitlab.TOKEN,
    "PAGERDUTY_TOKEN": pagerduty.TOKEN,
    "SLACK_TOKEN": slack.TOKEN,
}


async def blamefree(*words: str, environment: dict[str, str]) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *words),
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output


@pytest.mark.parametrize("refused", [False, True], ids=["answered", "refused"])
async def test_no_token_is_anywhere_but_in_the_request(tmp_path: Path, own_home: Path, refused: bool) -> None:
    root = tmp_path / "reviews"
    environment = {
        **TOKENS, "GH_HOST": "127.0.0.1", "GITLAB_HOST": "127.0.0.1", "BLAMEFREE_SESSIONS": str(root),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    seen = b""
    async with AsyncExitStack() as stack:
        servers = {
            "github": await stack.enter_async_context(github_changes.FakeChanges()),
            "gitlab": await stack.enter_async_context(gitlab.FakeGitLab()),
            "pagerduty": await stack.enter_async_context(pagerduty.FakePagerDuty()),
            "slack": await stack.enter_async_context(slack.FakeSlack()),
        }
        servers["github"].deploy(1, "2025-02-09T10:00:00Z", ("success", "2025-02-09T10:01:00Z"))
        servers["slack"].say("1739095523.000100", "U1", "hello")
        if refused:
            for server, token in zip(servers.values(), TOKENS.values(), strict=True):
                # A server that repeats what it was sent.
                said = f"no {token} here"
                server.faults["."] = [(403, {"message": said, "error": said, "ok": False}, {})]
        code, output = await blamefree(
            *("new", "Canary", "--start", "2025-02-09T10:05:23Z", "--end", "2025-02-09T10:40:00Z"),
            environment=environment,
        )
        assert code == 0, output
        for kind, settings in {
            "github": ["repo=acme/api", f"base_url={servers['github'].url}"],
            "gitlab": ["project=acme/api", f"base_url={servers['gitlab'].url}"],
            "pagerduty": [f"region={servers['pagerduty'].url}"],
            "slack": [f"channel={slack.CHANNEL}", f"base_url={servers['slack'].url}"],
        }.items():
            pairs = [word for pair in settings for word in ("--set", pair)]
            code, output = await blamefree("source", "canary", "add", kind, *pairs, environment=environment)
            assert code == 0, output
            seen += output
        for words in (
            ["collect", "canary"],
            ["collect", "canary", "--json"],
            ["suggest", "canary"],
            ["report", "canary"],
        ):
            code, output = await blamefree(*words, environment=environment)
            seen += output
            if words[0] == "collect":
                assert code == (1 if refused else 0), output
    files = [path for place in (root, own_home) for path in place.rglob("*") if path.is_file()]
    assert any(path.name == "session.toml" for path in files)
    assert any(path.suffix == ".gz" for path in files) is not refused
    for name, token in TOKENS.items():
        assert token.encode() not in seen, name
        for path in files:
            content = path.read_bytes()
            plain = zlib.decompress(content, 31) if path.suffix == ".gz" else content
            assert token.encode() not in plain, (name, path)
