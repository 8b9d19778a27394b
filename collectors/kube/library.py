"""Raw requests through the ``kubernetes`` package, which only this module and ``credentials`` touch.

The package's typed calls lose data (a log with one byte that is not UTF-8, an event without ``eventTime``,
``sinceTime``): requests go through its ``ApiClient`` unparsed. Only version 37 is known to work like this;
``tests/unit/collectors/kube/test_kube_library.py`` holds it to that.
"""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.http_answers import HttpProblem
from app.text import one_line

Query = Sequence[tuple[str, str]]

CONNECT_S = 5.0


@dataclass(frozen=True)
class Login:
    """Where the API is and how to log in there. *ca*, *cert* and *key* are PEM texts, not paths.

    *authorization* is the whole header. *said* is what a login plug-in wrote to its standard error.
    """

    host: str = ""
    authorization: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    verify: bool = True
    server_name: str = ""
    proxy: str = ""
    context: str = ""
    namespace: str = ""
    said: str = ""
    problem: str = ""

    def __repr__(self) -> str:
        return f"Login({self.host!r}, {self.context!r})"


_loading = threading.Lock()
"""Modules of the package import each other in a circle: two threads that begin at once lock each other out."""


def package() -> Any:
    """The package's ``client`` module; the first call takes half a second."""
    with _loading:
        import_module("kubernetes.client.exceptions")
        import_module("kubernetes.client.api_client")
        return import_module("kubernetes.client")


def warm_up() -> None:
    """Load the package in a thread of its own: that time need not be waited for."""
    threading.Thread(target=package, daemon=True).start()


class Wire:
    """Raw requests to one API server; safe to use from many threads at once."""

    def __init__(self, login: Login, at_once: int) -> None:
        client = package()
        import urllib3

        # Calling the class itself would give a copy of a default that others may have changed.
        settings: Any = type.__call__(client.Configuration)
        settings.host = login.host
        # Retries and redirects are the caller's business: credentials belong to one host.
        settings.retries = urllib3.Retry(total=False)
        settings.connection_pool_maxsize = at_once + 2
        settings.verify_ssl = login.verify
        settings.ca_cert_data = login.ca or None
        settings.tls_server_name = login.server_name or None
        if login.proxy:
            settings.proxy = login.proxy
        if login.authorization:
            settings.api_key = {"BearerToken": login.authorization}
        self._files: TemporaryDirectory[str] | None = None
        if login.cert:
            self._files = TemporaryDirectory(prefix="blamefree-")  # readable by this user only
            settings.cert_file = self._file("client.crt", login.cert)
            settings.key_file = self._file("client.key", login.key)
        self._quiet = not login.verify
        self._client: Any = client.ApiClient(settings)
        self._client.user_agent = "blamefree"

    def _file(self, name: str, content: str) -> str:
        path = Path(self._files.name if self._files else "", name)
        path.touch(mode=0o600)
        path.write_text(content, "ascii")
        return str(path)

    def open(self, method: str, path: str, query: Query, read_s: float, body: Any = None) -> Any:
        """Send one request; returns the urllib3 response with its body still to be read.

        Every status is an answer. What breaks off raises an error that :func:`problem_of` understands.
        """
        url = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        headers = {"Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        prepared = self._client.param_serialize(
            method=method, resource_path=url, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        with warnings.catch_warnings():
            if self._quiet:  # a warning would be printed over the screen
                warnings.simplefilter("ignore")
            return self._client.call_api(*prepared, _request_timeout=(CONNECT_S, read_s)).response

    def close(self) -> None:
        """Forget the connections and the files."""
        self._client.close()
        if self._files:
            self._files.cleanup()


def blocks(response: Any, size: int) -> Iterator[bytes]:
    """The body of *response* in blocks of at most *size* bytes."""
    yield from response.stream(size, decode_content=True)


def hang_up(response: Any) -> None:
    """End *response* from another thread, also while that waits for more of it."""
    try:
        response.shutdown()
    except (OSError, ValueError, RuntimeError, AttributeError):
        # It has ended in this very moment.
        return


def problem_of(error: Exception, name: str, host: str, read_s: float) -> HttpProblem | None:
    """The sentence for an exchange that broke off; nothing when *error* is of another kind."""
    refused = package().exceptions.ApiException
    import urllib3.exceptions as broken

    causes = list(_causes(error))
    parts = urlsplit(host)
    where = one_line(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    if not isinstance(error, broken.HTTPError | OSError | refused | ValueError | AttributeError):
        return None
    if any(isinstance(each, broken.NameResolutionError | socket.gaierror) for each in causes):
        return HttpProblem(
            f"{name}: the name {one_line(parts.hostname or '')} cannot be found: check the context, the DNS "
            "and any VPN.",
            kind="dns",
        )
    if any(isinstance(each, ssl.SSLError | broken.SSLError) for each in causes) or "SSLError" in str(error):
        why = next(
            (
                one_line(str(each.verify_message))
                for each in causes
                if isinstance(each, ssl.SSLCertVerificationError)
            ),
            "",
        )
        return HttpProblem(
            f"{name} ({where}) failed the TLS check{f' ({why})' if why else ''}: name the file with its "
            "certificate authority in the settings, or check the context.",
            kind="tls",
        )
    # The first kind is one of the second.
    if any(isinstance(each, broken.NewConnectionError | broken.ProxyError) for each in causes):
        return HttpProblem(
            f"{name} refused the connection at {where}: check the context, and that the cluster runs.",
            kind="refused",
        )
    if any(isinstance(each, broken.ConnectTimeoutError) for each in causes):
        return HttpProblem(
            f"{name} ({where}) did not accept a connection within {CONNECT_S:.0f} s: check the context, the "
            "network and any VPN.",
            kind="timeout",
        )
    if any(isinstance(each, broken.ReadTimeoutError | TimeoutError) for each in causes):
        return HttpProblem(
            f"{name} ({where}) accepted the request but was silent for {read_s:.0f} s: ask for less, or try "
            "again later.",
            kind="timeout",
        )
    return HttpProblem(f"{name} ({where}) broke off in the middle of its answer: try again.", kind="cut")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
