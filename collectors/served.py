"""What sources behind an HTTP API have in common: their address, how to log in, and how they are examined."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from app.http import Client, HttpProblem, Limits, Site, address_problem
from app.secrets import named
from app.text import one_line
from collectors.interface import CollectProblem, Examination, Field, Job, Window

LOGIN: tuple[Field, ...] = (
    Field("token_env", "Token variable", example="PROM_TOKEN", kind="variable", secret_env=True),
    Field("user", "User"),
    Field("password_env", "Password variable", example="PROM_PASSWORD", kind="variable", secret_env=True),
    Field("tenant", "Tenant", example="team-a, sent as X-Scope-OrgID"),
    Field("ca_file", "CA file", example="company-ca.pem", kind="path"),
    Field("cert_file", "Certificate file", example="me.pem, where the server wants to see one", kind="path"),
    Field("key_file", "Key file", example="me.key", kind="path"),
)
"""The settings of a login: bearer token, basic, tenant header, own authority, client certificate."""
_SKEW_S = 5.0
"""A difference of clocks below this is not worth a word."""


def setting(settings: Mapping[str, Any], name: str) -> str:
    """One setting as text; empty when it is missing or no text."""
    value = settings.get(name, "")
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def server_problem(settings: Mapping[str, Any], title: str, example: str) -> str:
    """One sentence on what is wrong with the address or the login of a *title*; empty when nothing is."""
    url = setting(settings, "url")
    if not url:
        return f"A {title} source needs an address, such as {example}."
    if setting(settings, "password_env") and not setting(settings, "user"):
        return "There is a password but no user: enter the user, or name a variable with a bearer token."
    if setting(settings, "key_file") and not setting(settings, "cert_file"):
        return "There is a key but no certificate: name the client certificate that it belongs to."
    return address_problem(url)


def host_of(settings: Mapping[str, Any]) -> str:
    """Host and port, for a source's name; never what stands before an ``@``."""
    try:
        return one_line(urlsplit(setting(settings, "url")).netloc.rpartition("@")[2])
    except ValueError:
        return ""


async def site_of(job: Job, title: str, headers: Mapping[str, str] | None = None) -> Site:
    """The server that *job* asks, with its login; raises :class:`HttpProblem` when a token is not there."""
    settings = job.source.settings
    name = one_line(job.source.name or title)
    url = setting(settings, "url")
    host = urlsplit(url).hostname or ""
    token = await named(setting(settings, "token_env"), job.environment, name, host)
    password = await named(setting(settings, "password_env"), job.environment, name, host)
    found = token or password
    tenant = setting(settings, "tenant")
    return Site(
        name=name,
        url=url,
        bearer=token.secret if token else None,
        user=setting(settings, "user"),
        password=password.secret if password else None,
        headers={**({"X-Scope-OrgID": tenant} if tenant else {}), **(headers or {})},
        ca_file=setting(settings, "ca_file"),
        cert_file=setting(settings, "cert_file"),
        key_file=setting(settings, "key_file"),
        login_hint=found.origin if found else "",
    )


def asked_window(job: Job, title: str) -> Window:
    """The window in the source's own time, never beyond now; raises :class:`CollectProblem` without one."""
    if job.window is None:
        raise CollectProblem(f"{title} needs a window to ask for: enter when the incident started.")
    # What the correction adds to this source's times is taken off the window.
    window = job.window.shifted(-job.source.clock_offset_s)
    return Window(window.start, max(window.start, min(window.end, job.now)))


def clock_note(client: Client) -> tuple[str, ...]:
    """A sentence about the server's clock, where it is off by more than a few seconds."""
    ahead = client.clock_s
    if ahead is None or abs(ahead) <= _SKEW_S:
        return ()
    side = "ahead of" if ahead > 0 else "behind"
    return (f"The server's clock is {abs(ahead):.0f} s {side} this one.",)


Probe = Callable[[Client], Awaitable[Examination]]
"""Asks an entered client what a collection would need; faults are taken care of."""


async def examined(
    job: Job, title: str, limits: Limits, probe: Probe, headers: Mapping[str, str] | None = None
) -> Examination:
    """How the server stands: what *probe* found, with the clock; a fault is told, not raised."""
    client: Client | None = None
    try:
        async with Client(await site_of(job, title, headers), limits) as client:
            found = await probe(client)
    except HttpProblem as problem:
        refused = problem.kind == "login-setting" or problem.status in (401, 403)
        answered = problem.kind in ("status", "not-json", "redirect")
        found = Examination(
            reachable=True if answered else None if problem.kind == "login-setting" else False,
            authorised=False if refused else None,
            sentences=(str(problem),),
        )
    except CollectProblem as problem:
        found = Examination(reachable=True, sentences=(str(problem),))
    clock = client.clock_s if client else None
    notes = clock_note(client) if client else ()
    return Examination(found.reachable, found.authorised, clock, found.covers, (*found.sentences, *notes))
