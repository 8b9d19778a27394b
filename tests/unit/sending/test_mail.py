"""Mail through a real SMTP server on loopback: what arrives, and what is said when it does not or may not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.sending.content import content
from app.sending.interface import SendProblem
from app.sending.mail import MailServer, addresses, compose
from app.sending.mail import ready as mail_ready
from app.sending.send import prepare
from app.settings import Settings
from tests.fakes.classic_review import classic_review
from tests.fakes.smtp import SmtpServer

NOW = datetime(2025, 2, 10, 9, 0, tzinfo=UTC)
TO = "team@acme.example, boss@acme.example"


def settings(server: SmtpServer, **more: Any) -> Settings:
    table = {"host": "localhost", "port": server.port, "from": "pm@acme.example", "security": "none"}
    return Settings(sending={"mail": table | more})


async def deliver(
    server: SmtpServer, to: str = TO, environment: dict[str, str] | None = None, **more: Any
) -> Any:
    ready = await prepare(classic_review(), to, settings(server, **more), environment or {}, NOW)
    return await ready.go()


async def test_the_message_arrives_as_text_html_and_a_file() -> None:
    with SmtpServer() as server:
        sent = await deliver(server)
    assert sent.to == TO
    assert server.taken[0][:2] == ("pm@acme.example", ["team@acme.example", "boss@acme.example"])
    message = server.message()
    assert message["Subject"] == "Post-mortem: API Service Degradation"
    assert message["Message-ID"].startswith("<blamefree.")
    body, page = message.get_body(("plain",)), message.get_body(("html",))
    assert body is not None
    assert page is not None
    assert "Timeline (all times UTC)\n---" in body.get_content().replace("\r\n", "\n")
    assert page.get_content().startswith("<!")
    assert [each.get_filename() for each in message.iter_attachments()] == ["PM-2025-02-09.md"]


async def test_a_dry_run_shows_what_goes_to_the_letter_and_asks_no_server() -> None:
    with SmtpServer() as server:
        ready = await prepare(classic_review(), TO, settings(server), {}, NOW)
        assert not server.commands
        head, _, shown = ready.exactly.partition("\n\n")
        assert head.splitlines()[1:] == [
            "MAIL FROM pm@acme.example",
            "RCPT TO team@acme.example",
            "RCPT TO boss@acme.example",
        ]
        await ready.go()
    # The boundary of the parts is drawn when it is written first, and kept.
    assert server.taken[0][2].decode().replace("\r\n", "\n").strip() == shown.replace("\r\n", "\n").strip()


@pytest.mark.parametrize("from_the_start", [False, True], ids=["starttls", "ssl"])
async def test_tls_and_a_password_from_the_environment(
    certificate: tuple[Path, Path], from_the_start: bool
) -> None:
    with SmtpServer(tls=certificate, from_the_start=from_the_start, login=("pm", "pw-1")) as server:
        await deliver(
            server,
            environment={"SMTP_PASSWORD": "pw-1"},
            security="ssl" if from_the_start else "starttls",
            user="pm",
            ca_file=str(certificate[0]),
        )
    assert server.logins == ["pm"]
    assert len(server.taken) == 1


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_password(
    certificate: tuple[Path, Path],
) -> None:
    with SmtpServer(tls=certificate) as server:  # noqa: SIM117
        with pytest.raises(SendProblem, match=r"cannot be reached.*nothing was sent") as caught:
            await deliver(server, environment={"SMTP_PASSWORD": "pw-1"}, security="starttls", user="pm")
    assert not caught.value.unclear
    assert not server.logins
    assert not server.taken


async def test_a_wrong_password_is_said_without_repeating_it(certificate: tuple[Path, Path]) -> None:
    with SmtpServer(tls=certificate, login=("pm", "right")) as server:  # noqa: SIM117
        with pytest.raises(SendProblem, match="535 wrong password") as caught:
            await deliver(
                server,
                environment={"SMTP_PASSWORD": "hunter-22"},
                security="starttls",
                user="pm",
                ca_file=str(certificate[0]),
            )
    assert "hunter-22" not in str(caught.value)


async def test_without_tls_nothing_goes_further_than_this_machine_and_no_password_at_all() -> None:
    for more in ({"host": "mail.acme.example"}, {"user": "pm"}):
        with SmtpServer() as server, pytest.raises(SendProblem, match="without TLS"):
            await deliver(server, **more)


async def test_a_receiver_that_is_refused_is_named_and_the_others_get_it() -> None:
    with SmtpServer(refuse=("boss@acme.example",)) as server:
        sent = await deliver(server)
    assert sent.to == "team@acme.example"
    assert sent.remarks == ("boss@acme.example was refused: 550 no such mailbox",)
    with SmtpServer(refuse=("team@acme.example",)) as server:  # noqa: SIM117
        with pytest.raises(SendProblem, match="takes none of the addresses"):
            await deliver(server, "team@acme.example")
    assert not server.taken


@pytest.mark.parametrize(
    ("cut", "unclear"), [("before data", False), ("refused", False), ("after data", True)]
)
async def test_only_a_lost_answer_leaves_it_unclear(cut: str, unclear: bool) -> None:
    with SmtpServer(cut=cut) as server, pytest.raises(SendProblem) as caught:
        await deliver(server)
    assert caught.value.unclear is unclear
    assert ("may have been sent" in str(caught.value)) is unclear
    assert sum(each.upper().startswith("DATA") for each in server.commands) == 1  # never again by itself


async def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with SmtpServer() as server:
        port = server.port
    table = {"host": "127.0.0.1", "port": port, "from": "pm@acme.example", "security": "none"}
    ready = await prepare(classic_review(), TO, Settings(sending={"mail": table}), {}, NOW)
    with pytest.raises(
        SendProblem, match=r"cannot be reached.*Check host, port and security under \[send.mail\]"
    ):
        await ready.go()


async def test_a_subject_in_any_script_arrives_and_is_one_header() -> None:
    title = (
        "Größe der Verbindungen 接続プール 🔥 " + "sehr lang " * 30 + "\r\nBcc: evil@x.example\r\n\r\nbody"
    )
    review = classic_review()
    incident = review.incident.model_copy(update={"title": title})
    with SmtpServer() as server:
        ready = await prepare(review.model_copy(update={"incident": incident}), TO, settings(server), {}, NOW)
        await ready.go()
    message = server.message()
    assert message["Subject"].startswith("Post-mortem: Größe der Verbindungen 接続プール 🔥 sehr lang")
    assert "Bcc: " in message["Subject"]
    assert message["Bcc"] is None
    head = server.taken[0][2].partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert server.taken[0][1] == ["team@acme.example", "boss@acme.example"]


async def test_a_big_report_with_long_lines_and_single_dots_arrives_as_it_was() -> None:
    review = classic_review()
    words = "x" * 5_000 + "\n\n.\n\n..two\n\n" + "Zeile mit Ümlaut\n\n" * 100_000
    narrative = review.narrative.model_copy(update={"summary": words})
    with SmtpServer() as server:
        ready = await prepare(
            review.model_copy(update={"narrative": narrative}), TO, settings(server), {}, NOW
        )
        await ready.go()
    raw = server.taken[0][2]
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    body = server.message().get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert text.count("Zeile mit Ümlaut") == 100_000
    assert "x" * 5_000 in text
    assert "..two" in text


def test_a_sender_in_the_settings_cannot_add_a_header() -> None:
    server = MailServer("localhost", "pm@acme.example\r\nBcc: evil@x.example", security="none")
    with pytest.raises(SendProblem, match="is not a mail address"):
        mail_ready(content(classic_review()), server, TO, NOW, {})


@pytest.mark.parametrize(
    "text", ["", "team", "a@b\r\nBcc: x@y.example", "ü@acme.example", "a b@c.example", "<a@b.example>"]
)
def test_an_address_that_could_say_more_than_an_address_is_refused(text: str) -> None:
    with pytest.raises(SendProblem):
        addresses(text)


def test_the_same_report_to_the_same_people_has_the_same_id_and_another_has_another() -> None:
    report = content(classic_review())

    def name(to: tuple[str, ...]) -> str:
        return str(compose(report, "pm@acme.example", to, NOW)["Message-ID"])

    assert name(("a@x.example", "b@x.example")) == name(("b@x.example", "a@x.example"))
    assert name(("a@x.example",)) != name(("b@x.example",))
