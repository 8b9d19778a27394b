"""Where tokens come from: the environment, then this machine's keyring, then GitHub's own tool. Never a file of ours.

Settings, which are passed on with a session, hold names only. A name is looked up in this order:

1. the environment variable of that name;
2. the keyring entry of that name (service ``blamefree``; ``blamefree token set NAME`` puts it there), which may be
   bound to one server (``--host``) and is then sent to no other;
3. for a GitHub server, ``gh auth token --hostname SERVER``.

A session can name a server, too, and may come from somebody else: what belongs to this person goes only to the public
servers, and to those that this machine names itself.

A keyring may ask its owner to unlock it and wait for the answer for ever: it is asked in a thread that nobody waits
for longer than :data:`PATIENCE_S`, and that does not hold up the end of the program.
"""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from platformdirs import user_state_path

from app.http import HttpProblem, Secret
from app.text import one_line

SERVICE: Final = "blamefree"
"""What the entries of the keyring are filed under."""
PATIENCE_S: Final = 30.0
"""How long a keyring may take, which is how long a person has to unlock it."""
_TOOL_TIMEOUT_S: Final = 10.0
_GITHUB_API: Final = "api.github.com"
_GITHUB_NAMES: Final = ("BLAMEFREE_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
_GITHUB_ENTERPRISE_NAMES: Final = (
    "BLAMEFREE_GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
)
_GITLAB_NAMES: Final = ("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")
_MOST_CHARACTERS: Final = 4096
_HOSTS: Final = ("GH_HOST", "GITLAB_HOST")
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "GH_": ("github.com",),
    "GITHUB_": ("github.com",),
    "BLAMEFREE_GITHUB_": ("github.com",),
    "GITLAB_": ("gitlab.com",),
    "SLACK_": ("slack.com", "slack-gov.com"),
    "PAGERDUTY_": ("pagerduty.com",),
    "AWS_": ("amazonaws.com",),
    "AZURE_": ("azure.com",),
    "GOOGLE_": ("googleapis.com",),
    "NPM_": ("npmjs.org",),
}
"""Beginnings of names that everybody uses, and the servers that such tokens are for."""
_LET_TO_NOBODY: Final = frozenset(("github.com", "gitlab.com", "slack.com", "slack-gov.com", "pagerduty.com"))
"""Those below which no customer gets a server with a name of its own."""

T = TypeVar("T")


class TokenProblem(Exception):
    """A token cannot be kept, read or used; ``str()`` is one sentence that says what to do."""


@dataclass(frozen=True)
class Found:
    """A token and where it came from, in words for people (``the environment variable GH_TOKEN``)."""

    secret: Secret
    origin: str


async def look_up(
    names: Sequence[str], environment: Mapping[str, str], host: str = "", *, strangers: bool = True
) -> Found | None:
    """The first of *names* that the environment or the keyring knows; None when none does.

    *host* is the server that the token is for. With *strangers* off, only an entry that the person bound to *host*
    will do: for a server that nobody but the session speaks of. Raises :class:`TokenProblem` for a value that
    cannot be a token.
    """
    if strangers:
        for name in names:
            value = environment.get(name, "").strip()
            if value:
                return Found(checked(value, name), f"the environment variable {one_line(name)}")
    for name in names:
        for account in (_account(name, host) if host else "", name if strangers else ""):
            kept = await _read_patiently(account) if account else ""
            if kept:
                return Found(checked(kept, account), f"the keyring entry {one_line(account)}")
    return None


async def named(name: str, environment: Mapping[str, str], who: str, host: str = "") -> Found | None:
    """The token called *name*, or nothing when no name is given; *who* is the server's name in sentences.

    Raises :class:`app.http.HttpProblem` when it is named but nowhere to be found, or cannot be used.
    """
    if not name:
        return None
    if owner := _belongs_elsewhere(name, host):
        raise HttpProblem(
            f"{who}: {one_line(name)} is {owner}'s and is not sent to {one_line(host)}: a token for that server gets a "
            "name of its own.",
            kind="login-setting",
        )
    try:
        found = await look_up([name], environment, host)
    except TokenProblem as problem:
        raise HttpProblem(f"{who}: {problem}", kind="login-setting") from problem
    if found is None:
        raise HttpProblem(missing(who, [name]), kind="login-setting")
    return found


def _belongs_elsewhere(name: str, host: str) -> str:
    """Whose token *name* usually is, when that is not the owner of *host*: a session may name any two."""
    if not host or host in _THIS_MACHINE:
        return ""
    for beginning, homes in _OWNERS.items():
        if name.upper().startswith(beginning):
            own = any(host == home or host.endswith(f".{home}") for home in homes)
            return "" if own else homes[0]
    return ""


def goes_there_anyway(name: str, host: str, environment: Mapping[str, str]) -> bool:
    """Whether nobody has to be asked about the token *name* for *host*.

    The server is this machine, or one that this machine names itself; the token is bound to it; everybody uses that
    name for it, and nobody else can have a server below it (as below amazonaws.com); or for another, and it is refused.
    """
    own = {environment.get(each, "").strip().lower().rpartition("//")[2].rstrip("/") for each in _HOSTS}
    usual = any(
        name.upper().startswith(beginning)
        and any(host == home or host.endswith(f".{home}") for home in homes)
        for beginning, homes in _OWNERS.items()
        if _LET_TO_NOBODY.issuperset(homes)
    )
    refused = bool(_belongs_elsewhere(name, host))
    return host in _THIS_MACHINE or host in own or usual or refused or (name, host) in _read_index()


def missing(who: str, names: Sequence[str]) -> str:
    """The sentence for a token that is nowhere."""
    name = one_line(names[0])
    return (
        f"{who} needs a token: export {name} and start again, or keep it in the keyring with: "
        f"blamefree token set {name}"
    )


def checked(value: str, name: str) -> Secret:
    """*value* as a secret; raises :class:`TokenProblem` when no header can carry it."""
    value = value.strip()
    if not value or not value.isascii() or not value.isprintable() or len(value) > _MOST_CHARACTERS:
        raise TokenProblem(f"What is in {one_line(name)} cannot be used: a token is one line of plain ASCII.")
    return Secret(value)


# Servers that a session may name, while their tokens belong to this person


async def github_token(
    host: str, environment: Mapping[str, str], name: str = "", *, trusted: bool = False
) -> Found:
    """The token for GitHub's API at *host*; *name* is tried before the usual ones.

    With *trusted* the person agreed that it goes there.

    Those of the environment go to github.com, and to another server only where ``GH_HOST`` names it. Raises
    :class:`TokenProblem`, which says how to get one.
    """
    public = host == _GITHUB_API
    server = "github.com" if public else host
    if host.endswith(".ghe.com"):
        server = host.removeprefix("api.")
    names = _GITHUB_NAMES if public else _GITHUB_ENTERPRISE_NAMES
    own = public or environment.get("GH_HOST", "").strip().lower() in (host, server)
    if trusted and not own and (given := await _lent(name, environment, server)):
        return given
    found = await look_up((name, *names) if name else names, environment, server, strangers=own)
    found = found or await from_gh(server, environment)
    if found:
        return found
    if public:
        raise TokenProblem(
            "There is no GitHub token: set GH_TOKEN, or log in with: gh auth login, or keep one with: "
            "blamefree token set GH_TOKEN"
        )
    raise TokenProblem(
        f"There is no token for {server}: log in with gh auth login --hostname {server}, or set GH_HOST to {server} "
        f"and GH_ENTERPRISE_TOKEN, or keep one with: blamefree token set GH_ENTERPRISE_TOKEN --host {server}"
    )


async def gitlab_token(
    host: str, environment: Mapping[str, str], name: str = "", *, trusted: bool = False
) -> Found:
    """The token for GitLab at *host*, by the same rules; ``GITLAB_HOST`` names the server of one's own."""
    known_host = environment.get("GITLAB_HOST", "").strip().lower().rpartition("//")[2].rstrip("/")
    own = host == "gitlab.com" or known_host == host
    if trusted and not own and (given := await _lent(name, environment, host)):
        return given
    found = await look_up((name, *_GITLAB_NAMES) if name else _GITLAB_NAMES, environment, host, strangers=own)
    if found:
        return found
    if own:
        raise TokenProblem(missing("GitLab", ["GITLAB_TOKEN"]))
    raise TokenProblem(
        f"There is no token for {host}: keep one with: blamefree token set GITLAB_TOKEN --host {host} "
        f"(or set GITLAB_HOST to {host}, and GITLAB_TOKEN)"
    )


async def _lent(name: str, environment: Mapping[str, str], host: str) -> Found | None:
    """The token that the person lets go to *host*, unless its name says that it is for another server."""
    return await look_up([name], environment, host) if name and not _belongs_elsewhere(name, host) else None


# GitHub's own tool


async def from_gh(server: str, environment: Mapping[str, str]) -> Found | None:
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
        async with asyncio.timeout(_TOOL_TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        return None
    try:
        return Found(checked(output.decode("ascii", "replace"), "gh auth token"), "gh auth token")
    except TokenProblem:
        return None


# The keyring


def keep(name: str, value: str, host: str = "") -> None:
    """Put the token *value* into the keyring as *name*, for *host* only where one is given. Blocks.

    Raises :class:`TokenProblem` where there is no keyring, or only one that would not guard it.
    """
    secret, account = checked(value, name), _account(name, host)

    def put() -> None:
        import keyring

        backend = type(keyring.get_keyring())
        if "plaintext" in backend.__name__.lower():
            raise TokenProblem(
                f"The keyring of this machine ({backend.__name__}) keeps passwords in a plain file: "
                f"set another one up, or export {one_line(name)} instead."
            )
        keyring.set_password(SERVICE, account, secret.reveal())
        if keyring.get_password(SERVICE, account) != secret.reveal():
            raise TokenProblem(
                f"The keyring of this machine did not keep {one_line(name)}: export it as a variable instead."
            )

    _told(put, name)
    _write_index({*_read_index(), (name, host)})


def forget(name: str, host: str = "") -> bool:
    """Take *name* out of the keyring; False when it was not there. Blocks. Raises :class:`TokenProblem`."""
    account = _account(name, host)

    def drop() -> bool:
        import keyring

        if keyring.get_password(SERVICE, account) is None:
            return False
        keyring.delete_password(SERVICE, account)
        return True

    gone = _told(drop, name)
    index = _read_index()
    if (name, host) in index:
        _write_index(index - {(name, host)})
        return True
    return gone


def known() -> list[tuple[str, str]]:
    """The names that were put into the keyring here, each with the server it is bound to (or nothing)."""
    return sorted(_read_index())


def _account(name: str, host: str) -> str:
    return f"{name}@{host}" if host else name


def _told(work: Callable[[], T], name: str) -> T:
    """Do *work* with the keyring; everything that can go wrong there becomes a sentence."""
    try:
        return work()
    except TokenProblem:
        raise
    except Exception as error:
        import keyring.errors

        if isinstance(error, keyring.errors.NoKeyringError | ImportError):
            raise TokenProblem(
                f"This machine has no keyring: export {one_line(name)} as an environment variable instead."
            ) from None
        # What a backend says may hold anything, the token included: its kind is enough.
        raise TokenProblem(
            f"The keyring did not answer ({type(error).__name__}): unlock it, or export {one_line(name)} instead."
        ) from None


def _read(name: str) -> str:
    import keyring

    return keyring.get_password(SERVICE, name) or ""


async def _read_patiently(name: str) -> str:
    """What the keyring holds as *name*; nothing where there is no keyring, or it does not answer."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(value: str) -> None:
        if not answer.done():
            answer.set_result(value)

    def work() -> None:
        try:
            value = _read(name)
        except Exception:
            # No keyring, a locked one, a broken one: all the same, the token is not there.
            value = ""
        try:
            loop.call_soon_threadsafe(settle, value)
        except RuntimeError:
            return  # the loop ended while the keyring was silent

    # Not of the loop's pool, which the end of the program waits for.
    threading.Thread(target=work, daemon=True, name="keyring").start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await answer
    except TimeoutError:
        return ""


# The list of names: a keyring cannot be asked what it holds


def _index_path() -> Path:
    return user_state_path("blamefree") / "tokens.json"


def _read_index() -> set[tuple[str, str]]:
    try:
        data = json.loads(_index_path().read_text("utf-8"))
        return {(one_line(str(entry["name"])), one_line(str(entry["host"]))) for entry in data}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _write_index(entries: Iterable[tuple[str, str]]) -> None:
    path = _index_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        content = [{"name": name, "host": host} for name, host in sorted(entries)]
        fresh.write_text(json.dumps(content, indent=1), "utf-8")
        fresh.chmod(0o600)
        fresh.replace(path)
    except OSError as error:
        raise TokenProblem(
            f"The list of names cannot be kept in {path} ({error.strerror}): allow writing there."
        ) from error
