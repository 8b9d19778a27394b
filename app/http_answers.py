"""What a server answered, and one clear sentence for everything that can go wrong with it."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.text import one_line

if TYPE_CHECKING:
    import httpx

    from app.http_site import Limits, Site

_LOOKED_AT = 8192
"""Of what a server wrote, as much as holds a whole token: it is concealed before the text is cut."""


@dataclass(frozen=True)
class Answer:
    """What a server said. *request* is the exact request without its headers.

    *conceal* takes what logged in there out of words of the server, before anybody sees them.
    """

    site: str
    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    conceal: Callable[[str], str] = field(default=str, repr=False, compare=False)

    def json(self) -> Any:
        """The body as JSON; raises :class:`HttpProblem` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            if _ends_early(self.body, error):
                raise HttpProblem(
                    f"{self.site} broke off in the middle of its answer (after {len(self.body):,} bytes of "
                    "JSON): try again; if it stays, ask for less.",
                    kind="cut",
                    status=self.status,
                    answer=self,
                ) from error
            start = one_line(self.conceal(self.body[:_LOOKED_AT].decode("utf-8", "replace"))[:60])
            raise HttpProblem(
                f"{self.site} answered something that is not JSON (it begins with “{start}”): "
                "check that the address is the server's own, not a login page or a proxy.",
                kind="not-json",
                status=self.status,
                answer=self,
            ) from error

    def date(self) -> datetime | None:
        """The server's clock when it answered, if it said so."""
        return _http_date(self.headers.get("date", ""))

    def link(self, relation: str = "next") -> str:
        """The address in the ``Link`` header for *relation*, as it stands there; empty when there is none."""
        for target, about in re.findall(r"<([^<>]*)>([^<]*)", self.headers.get("link", "")):
            relations = re.search(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', about, re.IGNORECASE)
            if relations and relation in (relations[1] or relations[2]).lower().split():
                return str(target).strip()
        return ""


class HttpProblem(Exception):
    """A call failed; ``str()`` is one sentence that names the server and what to do.

    *kind* is one of ``address, login-setting, ca-file, cert-file, refused, dns, tls, proxy, timeout, deadline,
    cut, protocol, too-large, redirect, not-json, status``. *unclear* means that a call that changes something may have
    arrived all the same. *retry_after* is in seconds, where the server asked to wait.
    """

    def __init__(
        self,
        sentence: str,
        *,
        kind: str,
        status: int = 0,
        answer: Answer | None = None,
        unclear: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.status = status
        self.answer = answer
        self.unclear = unclear
        self.retry_after = retry_after


def _ends_early(body: bytes, error: Exception) -> bool:
    """Whether JSON began and was cut: there is no length to miss where a proxy just hung up."""
    if body.lstrip()[:1] not in (b"{", b"[") or not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")


def failure(site: Site, limits: Limits, error: httpx.HTTPError | OSError) -> HttpProblem:
    """The sentence for an exchange that broke off."""
    import httpx

    where = shown(httpx.URL(site.url))
    said = site.conceal(one_line(str(error)))[:99]
    causes = list(_causes(error))
    # These two only say that bytes are still to come; what really happened stands beside them.
    tls = [
        cause
        for cause in causes
        if isinstance(cause, ssl.SSLError)
        and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError)
    ]
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        text = f"{site.name} ({where}) did not accept a connection within {limits.connect:.0f} s"
        return HttpProblem(f"{text}: check the address, the network and any VPN.", kind="timeout")
    if isinstance(error, httpx.TimeoutException):
        text = f"{site.name} ({where}) accepted the request but was silent for {limits.read:.0f} s"
        return HttpProblem(f"{text}: ask for less, or try again later.", kind="timeout", unclear=True)
    ended = [cause for cause in tls if isinstance(cause, ssl.SSLEOFError) or "ALERT" in (cause.reason or "")]
    if ended:
        alert = (ended[0].reason or "").rpartition("ALERT_")[2].lower().replace("_", " ")
        return HttpProblem(
            f"{site.name} ({where}) ended the TLS handshake ({alert}): "
            + ("name another client certificate" if site.cert_file else "name a client certificate")
            + " and its key in the settings if it wants one, or check the address.",
            kind="tls",
        )
    if tls:
        why = next(
            (one_line(str(c.verify_message)) for c in tls if isinstance(c, ssl.SSLCertVerificationError)),
            "",
        )
        return HttpProblem(
            f"{site.name} ({where}) failed the TLS check{f' ({why})' if why else ''}: "
            "name the file with its certificate authority in the settings, or check the address.",
            kind="tls",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        host = httpx.URL(site.url).host
        return HttpProblem(
            f"{site.name}: the name {host} cannot be found: check the spelling, the DNS and any VPN.",
            kind="dns",
        )
    if isinstance(error, httpx.ProxyError):
        return HttpProblem(
            f"{site.name}: the proxy of this machine refused ({said}): check HTTPS_PROXY "
            "and HTTP_PROXY, or name the host in NO_PROXY.",
            kind="proxy",
        )
    if isinstance(error, httpx.LocalProtocolError):
        return HttpProblem(
            f"{site.name}: a header of its settings cannot be sent ({said}): correct it.",
            kind="address",
        )
    if isinstance(error, httpx.ConnectError):
        return HttpProblem(
            f"{site.name} refused the connection at {where}: check that it runs and that the port fits.",
            kind="refused",
        )
    if isinstance(error, httpx.DecodingError):
        return HttpProblem(
            f"{site.name} sent a compressed answer that cannot be unpacked: try again.",
            kind="cut",
            unclear=True,
        )
    if isinstance(error, httpx.RemoteProtocolError) and "without sending a response" in str(error):
        return HttpProblem(
            f"{site.name} ({where}) hung up without an answer: try again.", kind="cut", unclear=True
        )
    if isinstance(error, httpx.RemoteProtocolError) and re.search(r"incomplete|message body", str(error)):
        return HttpProblem(
            f"{site.name} broke off in the middle of its answer: try again; if it stays, ask for less.",
            kind="cut",
            unclear=True,
        )
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError | OSError):
        # A server that wants a certificate often hangs up before its reason arrives.
        hint = (
            ", or name a client certificate if it wants one"
            if where.startswith("https") and not site.cert_file
            else ""
        )
        return HttpProblem(
            f"{site.name} ({where}) cut the connection: try again{hint}.", kind="cut", unclear=True
        )
    return HttpProblem(
        f"{site.name} ({where}) did not answer in HTTP ({said}): check its address.",
        kind="protocol",
        unclear=True,
    )


def judge(site: Site, answer: Answer) -> Answer:
    """Return *answer* when it is a success; raise the sentence for its status otherwise."""
    status = answer.status
    if 200 <= status < 300:
        return answer
    hint = site.login_hint
    said = site.conceal(_what_it_said(answer))[:200]
    quoted = f" (“{said}”)" if said else ""
    retry_after = _retry_after(answer)
    match status:
        case 401:
            todo = (
                f"check the token in {hint}"
                if hint
                else "name the variable that holds its token in the settings"
            )
            text = f"{site.name} says 401 Unauthorized: {todo}."
        case 403 if retry_after is not None or answer.headers.get("x-ratelimit-remaining") == "0":
            text = f"{site.name} says its request limit is used up: try again{_later(retry_after)}."
        case 403:
            text = f"{site.name} says 403 Forbidden{quoted}: the login lacks the permission, ask for it."
        case 404:
            text = f"{site.name} says 404 Not Found for {_path(answer)}: check the address and its path."
        case 410:
            text = f"{site.name} says 410 Gone for {_path(answer)}: what was asked for is not kept any more."
        case 422:
            text = f"{site.name} could not process the request (422){quoted}: change it and try again."
        case 429:
            text = f"{site.name} says 429 Too Many Requests: try again{_later(retry_after)}."
        case _ if status >= 500:
            text = f"{site.name} failed itself ({status}){quoted}: try again later, its own log says more."
        case _ if 300 <= status < 400:
            text = f"{site.name} answered with a redirect ({status}) instead of data: check the address."
        case _:
            text = f"{site.name} rejected the request ({status}){quoted}: change it and try again."
    raise HttpProblem(
        text, kind="status", status=status, answer=answer, unclear=status >= 500, retry_after=retry_after
    )


def shown(url: httpx.URL) -> str:
    """Scheme, host and port: what may be shown of an address."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return one_line(f"{url.scheme}://{host}" + (f":{url.port}" if url.port else ""))


def _path(answer: Answer) -> str:
    return one_line(urlsplit(answer.request.split(" ")[1]).path or "/")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and everything that led to it, groups included."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            todo += current.exceptions


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after(answer: Answer) -> float | None:
    """Seconds that the server asks to wait: ``Retry-After`` in both its forms, else a rate limit's reset."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    # PagerDuty and the draft standard count seconds; GitLab gives the moment under the same name.
    left = answer.headers.get("ratelimit-reset", "").strip()
    if not text and answer.status == 429 and re.fullmatch(r"\d{1,6}", left):
        return float(left)
    now = answer.date() or datetime.now(UTC)
    moment = _http_date(text)
    reset = answer.headers.get("x-ratelimit-reset", "")
    if (
        moment is None
        and answer.headers.get("x-ratelimit-remaining") == "0"
        and re.fullmatch(r"\d{1,10}", reset)
    ):
        moment = datetime.fromtimestamp(int(reset), UTC)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _later(retry_after: float | None) -> str:
    return f" in {retry_after:.0f} s" if retry_after is not None else " later"


def _what_it_said(answer: Answer) -> str:
    """The server's own words, short: the error in a JSON body, a line of plain text; never a web page."""
    head = answer.body[:65536]
    try:
        content = json.loads(head)
    except (ValueError, RecursionError):
        plain = "text/plain" in answer.headers.get("content-type", "")
        return one_line(head[:_LOOKED_AT].decode("utf-8", "replace").strip()) if plain else ""
    for name in ("error", "message"):
        if isinstance(content, dict) and content.get(name):
            content = content[name]
    return one_line(content[:_LOOKED_AT]) if isinstance(content, str) else ""
