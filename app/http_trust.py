"""How to tell that a server is who it says, by TLS."""

import ssl
from pathlib import Path

from app.http_answers import HttpProblem
from app.http_site import Site
from app.text import one_line


def trust(site: Site) -> ssl.SSLContext:
    """How to tell that *site* is who it says, and how to show who asks; never without a check.

    The authorities are those of httpx and of this machine (a company's own are often there), or the one
    that the site names. Raises :class:`HttpProblem` when a file cannot be used. Takes a while: call it in a
    thread.
    """
    import httpx

    try:
        if not site.url.lower().startswith("https:"):
            # Never used, and a redirect to https is another server: trusting nobody is quick.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if site.ca_file:
            context = ssl.create_default_context(cafile=_file(site.ca_file))
        else:
            context = httpx.create_ssl_context()
            context.load_default_certs()
    except OSError as error:  # ssl.SSLError is one too
        raise HttpProblem(
            f"{site.name}: the certificate file {one_line(site.ca_file or 'of this machine')} cannot be "
            "read: name a PEM file.",
            kind="ca-file",
        ) from error
    if site.cert_file:
        try:
            # OpenSSL would ask for the passphrase of a locked key on the terminal, which the screens own.
            context.load_cert_chain(_file(site.cert_file), _file(site.key_file) or None, password=lambda: "")
        except OSError as error:
            files = " with ".join(one_line(each) for each in (site.cert_file, site.key_file) if each)
            raise HttpProblem(
                f"{site.name}: the client certificate {files} cannot be used ({_why(error)}): name a PEM "
                "certificate and its own key, without a passphrase.",
                kind="cert-file",
            ) from error
    return context


def _file(name: str) -> str:
    return str(Path(name).expanduser()) if name else ""


def _why(error: OSError) -> str:
    reason = getattr(error, "reason", None) or error.strerror or "not readable"
    return one_line(str(reason)).lower().replace("_", " ")
