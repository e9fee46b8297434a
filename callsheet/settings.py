"""Settings: the only reader of the environment and of `.env`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from callsheet.errors import ConfigError

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
GOOGLE_SHEETS_URL = "https://sheets.googleapis.com"
GOOGLE_CERTS_URL = "https://www.googleapis.com/oauth2/v1/certs"


class Settings(BaseSettings):
    """Every setting of every process; the field's upper-case name (or alias) is the variable's.

    Read it with `Settings.load()`, which says in one sentence all that is wrong.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    redis_url: str | None = Field(
        None, description="Your Redis. Empty: the embedded server that `callsheet run` starts."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port of the web process, or of the demo.")
    host: str = Field(
        "127.0.0.1",
        alias="CALLSHEET_HOST",
        description="Address that the web process listens on; 0.0.0.0 behind a proxy or on a PaaS.",
    )
    aircall_api_url: str = Field("https://api.aircall.io", description="Base address of Aircall.")
    aircall_api_id: str | None = Field(
        None,
        description="API ID of the server's own Aircall key: offered in the sidebar, used by "
        "`callsheet import`.",
    )
    aircall_api_token: SecretStr | None = Field(None, description="API token of that key.")
    aircall_requests_per_minute: int = Field(
        60,
        ge=1,
        le=120,
        description="Requests a minute to one Aircall account, all workers together.",
    )
    sheets_api_url: str = Field(
        GOOGLE_SHEETS_URL,
        description="Base address of the Sheets API. Drive and token endpoints follow it when it "
        "is not Google's.",
    )
    google_service_account_file: str | None = Field(
        None,
        description="Key file of the service account that edits the spreadsheets; several files, "
        "or a folder of them, for a pool.",
    )
    google_requests_per_minute: int = Field(
        60,
        ge=1,
        description="Reads, and as many writes, a minute of one service account, all processes "
        "together.",
    )
    google_project_requests_per_minute: int = Field(
        300,
        ge=1,
        description="The same for all service accounts of one Cloud project.",
    )

    data_dir: Path = Field(
        Path("data"),
        alias="CALLSHEET_DATA_DIR",
        description="Folder of the embedded Redis server's files.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        alias="CALLSHEET_PUBLIC_URL",
        description="Address at which browsers and Apps Script reach the web process.",
    )
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        alias="CALLSHEET_FRAME_ANCESTORS",
        description="Origins, beside Google's, that may frame the sidebar page; space separated.",
    )
    identity_audience: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        alias="CALLSHEET_IDENTITY_AUDIENCE",
        description="OAuth client ids of the Apps Script project(s); space separated.",
    )
    identity_certs_url: str = Field(
        GOOGLE_CERTS_URL,
        alias="CALLSHEET_IDENTITY_CERTS_URL",
        description="Where the certificates of the identity tokens' issuer are read.",
    )
    allowed_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        alias="CALLSHEET_ALLOWED_DOMAINS",
        description="Workspace domains whose people may open the sidebar; empty: everybody's.",
    )
    session_key: SecretStr | None = Field(
        None,
        alias="CALLSHEET_SESSION_KEY",
        description="Signs the sidebar's sessions; at least 32 characters.",
    )
    sealing_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        alias="CALLSHEET_SEALING_KEYS",
        description="Fernet keys that seal secrets in Redis, newest first; space separated.",
    )
    smtp_host: str | None = Field(
        None,
        alias="CALLSHEET_SMTP_HOST",
        description="Mail server that notices are handed to; empty: no e-mails are sent.",
    )
    smtp_port: int = Field(
        587, ge=1, le=65535, alias="CALLSHEET_SMTP_PORT", description="Port of the mail server."
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        alias="CALLSHEET_SMTP_SECURITY",
        description="starttls, tls (from the first byte), or none for a server on this machine.",
    )
    smtp_user: str | None = Field(
        None, alias="CALLSHEET_SMTP_USER", description="User of the mail server, if it wants one."
    )
    smtp_password: SecretStr | None = Field(
        None, alias="CALLSHEET_SMTP_PASSWORD", description="Password of that user."
    )
    mail_from: str | None = Field(
        None, alias="CALLSHEET_MAIL_FROM", description="Sender's address of the e-mails."
    )
    notice_emails: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        alias="CALLSHEET_NOTICE_EMAILS",
        description="Who runs this server: gets every notice of every spreadsheet.",
    )
    notice_slack_url: SecretStr | None = Field(
        None,
        alias="CALLSHEET_NOTICE_SLACK_URL",
        description="Slack-compatible incoming webhook that gets every notice too.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        alias="CALLSHEET_METRICS_TOKEN",
        description="Bearer token of /metrics; empty: open only when the server's public address "
        "is on this machine.",
    )
    log_level: str = Field("INFO", alias="CALLSHEET_LOG_LEVEL", description="DEBUG, INFO, WARNING.")
    slice_seconds: float = Field(
        20.0,
        ge=0.1,
        le=300,
        alias="CALLSHEET_SLICE_SECONDS",
        description="Seconds after which an import lets others have its worker, and goes on later.",
    )
    job_timeout: int = Field(
        900,
        ge=10,
        alias="CALLSHEET_JOB_TIMEOUT",
        description="Seconds after which one slice of an import is stopped by force.",
    )

    @field_validator(
        "frame_ancestors",
        "identity_audience",
        "allowed_domains",
        "sealing_keys",
        "notice_emails",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("aircall_api_url", "sheets_api_url", "public_url", "identity_certs_url")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "https" and parts.hostname:
            return value.rstrip("/")
        if parts.scheme == "http" and parts.hostname in _LOOPBACK:
            return value.rstrip("/")
        raise ValueError("use an https:// address (plain http is for this machine only)")

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host is None:
            return self
        if not self.mail_from:
            raise ValueError("CALLSHEET_MAIL_FROM is needed with CALLSHEET_SMTP_HOST")
        if self.smtp_security == "none" and self.smtp_host not in _LOOPBACK:
            raise ValueError("CALLSHEET_SMTP_SECURITY=none is for a mail server on this machine")
        return self

    @field_validator("session_key", "metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("use at least 32 characters (`callsheet keys` makes one)")
        return value

    @classmethod
    def load(cls, *, env_file: Path | None = Path(".env")) -> Self:
        """Read the environment and `.env` (the environment wins).

        Raises ConfigError naming every wrong setting at once, without their values.
        """
        try:
            return cls(_env_file=env_file)  # type: ignore[call-arg]
        except ValidationError as error:
            raise ConfigError(message=_all_in_one_sentence(error)) from None

    def require(self, *fields: str) -> None:
        """Raise ConfigError naming every one of these fields that is not set."""
        missing = [self.variable(name) for name in fields if not getattr(self, name)]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise ConfigError(
                message=f"{', '.join(missing)} {verb} not set. Put it in the environment or in "
                ".env; `callsheet doctor` checks every setting."
            )

    @classmethod
    def variable(cls, field: str) -> str:
        """Return the name of the environment variable of a field."""
        return cls.model_fields[field].alias or field.upper()

    @cached_property
    def embedded_redis_url(self) -> str:
        """The socket of the embedded server in the data folder."""
        return f"unix://{embedded_socket(self.data_dir)}"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the server is reached on this machine only: one person's own, or a test."""
        return urlsplit(self.public_url).hostname in _LOOPBACK

    @property
    def effective_redis_url(self) -> str:
        """Your Redis, or else the embedded one."""
        return self.redis_url or self.embedded_redis_url


def embedded_socket(data_dir: Path) -> Path:
    """Return the socket of the embedded server of a data folder.

    It lies in the folder, unless that path is too long for a unix socket (107 bytes).
    """
    inside = (data_dir / "redis.sock").resolve()
    if len(os.fsencode(inside)) < 100:
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"callsheet-{mark}.sock"


def _all_in_one_sentence(error: ValidationError) -> str:
    parts = []
    for problem in error.errors():
        reason = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:  # about several settings, which it names itself
            parts.append(reason)
            continue
        name = str(problem["loc"][0])
        variable = Settings.variable(name) if name in Settings.model_fields else name.upper()
        parts.append(f"{variable}: {reason}")
    return "Wrong settings: " + "; ".join(parts) + "."
