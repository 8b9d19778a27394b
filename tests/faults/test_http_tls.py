"""TLS is checked always; a certificate that is missing, wrong or locked is one sentence."""

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace

import pytest

from app.http import Client, HttpProblem, Site
from tests.faults.fault_server import answer, reset, serving
from tests.faults.http_problems import QUICK, problem_of


async def test_a_plain_server_behind_https_is_a_tls_failure():
    async def greet(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        problem = await problem_of(Site("prom", f"https://127.0.0.1:{port}"))
    assert problem.kind == "tls"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, so there is no certificate to try")
    folder = tmp_path_factory.mktemp("tls")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        folder / "key.pem",
        "-out",
        folder / "ca.pem",
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return folder / "ca.pem", context


async def test_an_unknown_authority_is_refused_and_can_be_named(certificate):
    ca_file, context = certificate
    async with serving(answer(200, b"[2]"), tls=context) as server:
        problem = await problem_of(Site("prom", server.url))
        assert problem.kind == "tls"
        assert "certificate authority" in str(problem)
        async with Client(Site("prom", server.url, ca_file=str(ca_file)), QUICK) as client:
            assert (await client.get("/x")).json() == [2]


@pytest.fixture(scope="session")
def known_client(certificate, tmp_path_factory):
    """A server that wants to see a certificate, and one that it accepts: with its key, locked, and in one file."""
    folder = tmp_path_factory.mktemp("client")
    own = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sre"]
    own += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    lock = ["openssl", "rsa", "-aes256", "-passout", "pass:x", "-in", folder / "key.pem"]
    lock += ["-out", folder / "locked.pem"]
    for command in (own, lock):
        subprocess.run(command, check=True, capture_output=True)
    both = (folder / "cert.pem").read_text() + (folder / "key.pem").read_text()
    (folder / "both.pem").write_text(both)
    ca_file, _ = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, ca_file.parent / "key.pem")
    context.load_verify_locations(folder / "cert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return folder, context


async def test_a_client_certificate_is_shown_with_its_key_beside_or_inside(certificate, known_client):
    folder, context = known_client
    async with serving(answer(200, b"[3]"), tls=context) as server:
        site = Site("prom", server.url, ca_file=str(certificate[0]), cert_file=str(folder / "cert.pem"))
        for chosen in (
            replace(site, key_file=str(folder / "key.pem")),
            replace(site, cert_file=str(folder / "both.pem")),
        ):
            async with Client(chosen, QUICK) as client:
                assert (await client.get("/x")).json() == [3]


async def test_a_server_that_wants_a_client_certificate_says_so_where_there_is_none(
    certificate, known_client
):
    _, context = known_client
    async with serving(answer(), tls=context) as server:
        problem = await problem_of(Site("prom", server.url, ca_file=str(certificate[0])))
    assert problem.kind in ("tls", "cut")
    assert "client certificate" in str(problem)


async def test_a_client_certificate_that_is_not_accepted_is_told(certificate, known_client):
    _, context = known_client
    site = Site("prom", "", ca_file=str(certificate[0]), cert_file=str(certificate[0]))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        async with serving(answer(), tls=context) as server:
            key = str(certificate[0].parent / "key.pem")
            problem = await problem_of(replace(site, url=server.url, key_file=key))
    finally:
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    assert problem.kind == "tls"
    assert "name another client certificate" in str(problem)


async def test_a_connection_that_is_cut_under_tls_is_no_wrong_certificate(certificate):
    ca_file, context = certificate
    async with serving(reset, tls=context) as server:
        problem = await problem_of(Site("prom", server.url, ca_file=str(ca_file)))
    assert problem.kind == "cut"


@pytest.mark.parametrize(
    ("cert", "key"), [("none.pem", ""), ("cert.pem", "locked.pem"), ("cert.pem", ""), ("key.pem", "key.pem")]
)
async def test_a_client_certificate_that_cannot_be_used_is_one_sentence_and_asks_nobody(
    known_client, cert, key
):
    folder, _ = known_client
    site = Site("prom", "https://x.invalid", cert_file=str(folder / cert), key_file=key and str(folder / key))
    with pytest.raises(HttpProblem, match="without a passphrase") as caught:
        async with Client(site):
            pass
    assert caught.value.kind == "cert-file"


async def test_a_missing_authority_file_is_one_sentence(tmp_path):
    with pytest.raises(HttpProblem, match="PEM") as caught:
        async with Client(Site("prom", "https://x.invalid", ca_file=str(tmp_path / "none.pem"))):
            pass
    assert caught.value.kind == "ca-file"
