"""Mail over SMTP, with the library of Python: one message, one attempt, in a thread.

TLS is the rule (STARTTLS, or from the start); without it nothing goes further than this machine, and no password at
all. The message has an id of its own, made of what it says and to whom: a second copy that somebody sends on purpose
has the same id, by which many servers and readers drop it.
"""

import asyncio
import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from app.http import HttpProblem, Secret
from app.review.plain import one_line
from app.secrets import named
from app.sending.interface import Content, Ready, SendProblem, Sent

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_PORTS: Final[dict[str, int]] = {"starttls": 587, "ssl": 465, "none": 25}
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over: the table ``[send.mail]`` of the settings.

    *security* is ``starttls``, ``ssl`` or ``none``. *password_env* is the name of the password, which is looked up
    as tokens are. *ca_file* is a PEM file with the only authority to trust.
    """

    host: str
    sender: str
    security: str = "starttls"
    port: int = 0
    user: str = ""
    password_env: str = "SMTP_PASSWORD"  # noqa: S105 - the name of it
    ca_file: str = ""


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in *text*, separated by commas. Raises :class:`SendProblem` for one that is none."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for each in found:
        if not _ADDRESS.fullmatch(each):
            raise SendProblem(f"“{one_line(each)}” is not a mail address: write it like team@acme.example.")
    if not found:
        raise SendProblem("There is no address to send to: write one like team@acme.example.")
    return found


def compose(content: Content, sender: str, to: Sequence[str], now: datetime) -> EmailMessage:
    """The message: the report as plain text and as HTML, and as a Markdown file attached."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = content.title
    message["Date"] = format_datetime(now)
    said = "\0".join((content.title, content.markdown, *sorted(to)))
    domain = sender.rpartition("@")[2]
    message["Message-ID"] = f"<blamefree.{sha256(said.encode()).hexdigest()[:40]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    message.add_attachment(
        content.markdown.encode(), maintype="text", subtype="markdown", filename=f"{content.name}.md"
    )
    return message


def ready(
    content: Content, server: MailServer, to: str, now: datetime, environment: Mapping[str, str]
) -> Ready:
    """The mail that would go to the addresses *to*. Raises :class:`SendProblem` where the settings do not fit."""
    receivers = addresses(to)
    addresses(server.sender)
    if server.security not in _PORTS:
        raise SendProblem("security in [send.mail] must be starttls, ssl or none.")
    if server.security == "none" and (server.host not in _HERE or server.user):
        raise SendProblem(
            "Mail without TLS goes to this machine only, and without a password: set security to starttls or ssl."
        )
    message = compose(content, server.sender, receivers, now)
    port = server.port or _PORTS[server.security]
    exactly = (
        f"to {server.host}:{port} ({server.security}{f', as {server.user}' if server.user else ''})\n"
        f"MAIL FROM {server.sender}\n" + "".join(f"RCPT TO {each}\n" for each in receivers) + "\n"
    )

    async def go() -> Sent:
        password = None
        if server.user:
            try:
                found = await named(server.password_env, environment, "The mail server", server.host)
            except HttpProblem as problem:
                raise SendProblem(str(problem)) from problem
            password = found.secret if found else None
        return await asyncio.to_thread(_hand_over, server, port, message, receivers, password)

    return Ready("mail", ", ".join(receivers), exactly + message.as_string(), go)


def _hand_over(
    server: MailServer, port: int, message: EmailMessage, receivers: Sequence[str], password: Secret | None
) -> Sent:
    """One conversation with the server. Blocks."""
    where = one_line(f"{server.host}:{port}")
    try:
        connection = _connect(server, port)
    except (OSError, smtplib.SMTPException) as error:
        raise SendProblem(
            f"The mail server {where} cannot be reached ({_why(error)}): nothing was sent. Check host, port and "
            "security under [send.mail] in the settings."
        ) from error
    with connection:
        try:
            if password:
                connection.login(server.user, password.reveal())
            connection.ehlo_or_helo_if_needed()
            refused = _envelope(connection, server.sender, receivers)
        except (OSError, smtplib.SMTPException) as error:
            raise SendProblem(
                f"The mail server {where} refused ({_why(error)}): nothing was sent. {_mend(server, error)}"
            ) from error
        taken = [each for each in receivers if each not in refused]
        if not taken:
            said = "; ".join(f"{each}: {why}" for each, why in refused.items())
            raise SendProblem(
                f"The mail server {where} takes none of the addresses ({said}): nothing was sent. Correct "
                "them, or send it from another account."
            )
        try:
            code, answer = connection.data(message.as_bytes(policy=MAIL_POLICY))
        except smtplib.SMTPDataError as error:
            raise SendProblem(
                f"The mail server {where} refused ({_why(error)}): nothing was sent. Where it is too long for the "
                "server, send a file or a link instead."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise SendProblem(
                f"The mail server {where} hung up before it confirmed ({_why(error)}): it may have been sent. Ask a "
                "receiver before you send it again.",
                unclear=True,
            ) from error
        if code != 250:
            raise SendProblem(
                f"The mail server {where} did not take it ({code} {_text(answer)}): nothing was sent. Try again "
                "later."
            )
        _part(connection)
    remarks = tuple(f"{each} was refused: {why}" for each, why in refused.items())
    return Sent(", ".join(taken), remarks)


def _mend(server: MailServer, error: BaseException) -> str:
    """What to do about a refusal."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"Check user under [send.mail] in the settings, and the password in {server.password_env}."
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"It does not take mail from {server.sender}: check from under [send.mail] in the settings."
    return "Check [send.mail] in the settings, or try again later."


def _part(connection: smtplib.SMTP) -> None:
    """Say good-bye; the message is taken already, whatever comes of that."""
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _connect(server: MailServer, port: int) -> smtplib.SMTP:
    if server.security == "none":
        return smtplib.SMTP(server.host, port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context(cafile=server.ca_file or None)
    if server.security == "ssl":
        return smtplib.SMTP_SSL(server.host, port, timeout=_TIMEOUT_S, context=context)
    connection = smtplib.SMTP(server.host, port, timeout=_TIMEOUT_S)
    try:
        connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def _envelope(connection: smtplib.SMTP, sender: str, receivers: Sequence[str]) -> dict[str, str]:
    """Name sender and receivers; returns those that the server refused, each with its words."""
    code, answer = connection.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, answer, sender)
    refused = {}
    for each in receivers:
        code, answer = connection.rcpt(each)
        if code not in (250, 251):
            refused[each] = f"{code} {_text(answer)}"
    return refused


def _why(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror)
    return one_line(str(error)) or type(error).__name__


def _text(answer: bytes | str) -> str:
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)[:200]
