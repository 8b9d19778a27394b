"""A real SMTP server on loopback, small enough to break on purpose: it speaks RFC 5321 as far as one mail needs.

Its own, because it has to refuse single receivers, hang up in the middle of DATA, and speak TLS with a certificate that
is made for it; what it takes is parsed with the library of Python.
"""

import socket
import ssl
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Self


class SmtpServer:
    """Takes mail until it is closed; *refuse* are receivers it does not take, *cut* is where it hangs up."""

    def __init__(
        self,
        *,
        tls: tuple[Path, Path] | None = None,
        from_the_start: bool = False,
        refuse: tuple[str, ...] = (),
        cut: str = "",
        login: tuple[str, str] | None = None,
    ) -> None:
        self.refuse, self.cut, self.login = refuse, cut, login
        self.from_the_start = from_the_start
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.commands: list[str] = []
        self.logins: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._thread.join(10)
        self._socket.close()

    def message(self) -> EmailMessage:
        """The one message that it took, parsed."""
        ((_, _, data),) = self.taken
        found = message_from_bytes(data, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            try:
                if self.context and self.from_the_start:
                    connection = self.context.wrap_socket(connection, server_side=True)
                self._talk(connection)
            except OSError:
                pass
            finally:
                connection.close()

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")

        def say(text: str) -> None:
            connection.sendall(f"{text}\r\n".encode())

        say("220 test ESMTP")
        sender, receivers = "", []
        while line := lines.readline():
            words = line.decode().strip()
            verb = words[:4].upper()
            self.commands.append(words)
            if verb == "EHLO":
                tls = "250-STARTTLS\r\n" if self.context and not isinstance(connection, ssl.SSLSocket) else ""
                say(f"250-test\r\n{tls}250-AUTH PLAIN\r\n250 8BITMIME")
            elif verb == "STAR" and self.context:
                say("220 go on")
                connection = self.context.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
            elif verb == "AUTH":
                import base64

                _, user, password = base64.b64decode(words.split()[2]).decode().split("\0")
                self.logins.append(user)
                say("235 ok" if (user, password) == self.login else "535 wrong password")
            elif verb == "MAIL":
                sender, receivers = words.partition("<")[2].partition(">")[0], []
                say("250 ok")
            elif verb == "RCPT":
                to = words.partition("<")[2].partition(">")[0]
                if to in self.refuse:
                    say("550 no such mailbox")
                else:
                    receivers.append(to)
                    say("250 ok")
            elif verb == "DATA":
                if self.cut == "before data":
                    say("451 come again later")
                    continue
                say("354 go on")
                data = bytearray()
                while (part := lines.readline()) not in (b".\r\n", b""):
                    data += part[1:] if part.startswith(b"..") else part
                self.taken.append((sender, receivers, bytes(data)))
                if self.cut == "after data":
                    return
                say("552 too big" if self.cut == "refused" else "250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")
