"""Which token goes to which GitHub server, for its tickets and for its history alike.

A session file can name a server, and sessions are passed on. So a token goes only where it belongs: those of
the environment to github.com, and to another server only where ``GH_HOST`` names it, or where the keyring's entry
is bound to it; the tool's own tokens are kept per server.
"""

from collections.abc import Mapping
from typing import Final

from app.http import Secret
from app.secrets import TokenProblem, github_token
from app.tracking.interface import TrackingProblem

PUBLIC_API: Final = "api.github.com"


async def find_token(host: str, environment: Mapping[str, str], name: str = "") -> tuple[Secret, str]:
    """The token for the API at *host*, and where it came from; *name* is tried before the usual ones.

    Raises :class:`TrackingProblem`.
    """
    try:
        found = await github_token(host, environment, name)
    except TokenProblem as problem:
        raise TrackingProblem(str(problem), whole=True) from problem
    return found.secret, found.origin
