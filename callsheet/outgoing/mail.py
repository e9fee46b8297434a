"""One mail by SMTP (RFC 5321), encrypted unless the server is on this machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from callsheet.errors import DeliveryFailed

_TIMEOUT = 10.0  # seconds, for each answer of the server


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. security: starttls, tls (from the first byte) or none."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def send_mail(server: MailServer, to: str, subject: str, text: str) -> None:
    """Hand one mail in. Raises DeliveryFailed with the server's status or the kind of failure."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2] or "callsheet")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(text)
    try:
        with _connected(server) as smtp:
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused:
        raise DeliveryFailed("recipient refused") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"smtp {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(type(error).__name__) from None


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_TIMEOUT, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user and server.password:
            smtp.login(server.user, server.password)
        yield smtp
