"""What this service reads from its environment, beside what all services read."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import ClassVar, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.sealing import Sealer, split_keys
from chassis.settings import ServiceSettings
from notifications_service.workers.smtp import MailServer

DEFAULT_FROM = "Convene <no-reply@convene.localhost>"
_SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Settings(ServiceSettings):
    """smtp_url: `smtp://`, `smtp+starttls://` or `smtps://` with credentials, host and port.

    contact_key: 32 random bytes or more in urlsafe base64; several, newest first, separated by commas.
    site_url: a site that shows `/events/<id>` and `/groups/<id>`; without one mails have no link to them.
    announcement_digest_above: members of a group that has no number of its own.
    """

    service: ClassVar[str] = "notifications"

    http_port: int = Field(default=8003, ge=0, le=65535)
    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:1025")
    smtp_connections: int = Field(default=8, ge=1, le=64)
    mail_from: str = DEFAULT_FROM
    contact_key: SecretStr
    site_url: str | None = None
    announcement_digest_above: int = Field(default=500, ge=0)

    @field_validator("smtp_url")
    @classmethod
    def _known_scheme(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in _SMTP_PORTS or not parts.hostname:
            raise ValueError(f"SMTP_URL must be {', '.join(f'{scheme}://host:port' for scheme in _SMTP_PORTS)}")
        return url

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, text: str) -> str:
        _address(text)
        return text

    @field_validator("contact_key")
    @classmethod
    def _usable(cls, keys: SecretStr) -> SecretStr:
        Sealer(split_keys(keys.get_secret_value()), "check")
        return keys

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.env == "production" and self.mail_from == DEFAULT_FROM:
            raise ValueError("MAIL_FROM must be set when CONVENE_ENV=production")
        return self

    def sealer(self, purpose: str) -> Sealer:
        return Sealer(split_keys(self.contact_key.get_secret_value()), purpose)

    def sender(self) -> Address:
        """Who mails come from."""
        return _address(self.mail_from)

    def own_url(self) -> str:
        """Where people reach this service."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")

    def smtp(self) -> MailServer:
        """Where mail is handed over."""
        parts = urlsplit(self.smtp_url.get_secret_value())
        return MailServer(
            host=parts.hostname or "",
            port=parts.port or _SMTP_PORTS[parts.scheme],
            tls={"smtp": "none", "smtp+starttls": "starttls", "smtps": "implicit"}[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    if "@" not in spec:
        raise ValueError("MAIL_FROM must be an address, as in: Convene <no-reply@example.org>")
    return Address(display_name=name, addr_spec=spec)
