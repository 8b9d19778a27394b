"""Where the GitHub token comes from: the environment, else GitHub's own command line tool. Never stored.

A session file can name a server, and sessions are passed on. So a token goes only where it belongs: those of
the environment to github.com, and to another server only where ``GH_HOST`` names it; the tool's own tokens
are kept per server.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from app.http import HttpProblem, Secret, secret_from
from app.tracking.interface import TrackingProblem

PUBLIC_API: Final = "api.github.com"
_VARIABLES: Final = ("BLAMEFREE_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
_ENTERPRISE_VARIABLES: Final = (
    "BLAMEFREE_GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
)
_TOOL_TIMEOUT: Final = 10.0


async def find_token(host: str, environment: Mapping[str, str]) -> tuple[Secret, str]:
    """The token for the API at *host*, and where it came from. Raises :class:`TrackingProblem`."""
    for variable in variables(host, environment):
        if environment.get(variable, "").strip():
            try:
                secret = secret_from(environment, variable, "GitHub")
            except HttpProblem as problem:
                raise TrackingProblem(str(problem)) from problem
            if secret is not None:
                return secret, variable
    server = "github.com" if host == PUBLIC_API else host
    token = await _from_tool(server, environment)
    if token is not None:
        return token, "gh auth token"
    if host == PUBLIC_API:
        raise TrackingProblem("There is no GitHub token: set GH_TOKEN, or log in with: gh auth login")
    raise TrackingProblem(
        f"There is no token for {server}: log in with gh auth login --hostname {server}, "
        f"or set GH_HOST to {server} and GH_ENTERPRISE_TOKEN."
    )


def variables(host: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The environment variables that may hold a token for *host*, the first one to be used first."""
    if host == PUBLIC_API:
        return _VARIABLES
    return _ENTERPRISE_VARIABLES if environment.get("GH_HOST", "").strip().lower() == host else ()


async def _from_tool(server: str, environment: Mapping[str, str]) -> Secret | None:
    """What ``gh auth token`` prints for *server*; None without the tool, a login, or an answer in time."""
    try:
        process = await asyncio.create_subprocess_exec(
            "gh",
            *("auth", "token", "--hostname", server),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environment),
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_TOOL_TIMEOUT):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    token = output.decode("ascii", "replace").strip()
    return (
        Secret(token)
        if process.returncode == 0 and token.isascii() and token.isprintable() and token
        else None
    )
