"""What every service reads from its environment. A service's `settings.py` adds its own and names itself.

Secrets may also come from files: `<NAME>_FILE` names one.
"""

import os
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from chassis.kafka import KafkaSettings, SaslMechanism, SecurityProtocol
from chassis.sealing import Sealer, split_keys


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class _FromFiles(PydanticBaseSettingsSource):
    """`<NAME>_FILE`: the value is that file's text without the last line break."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = field.validation_alias if isinstance(field.validation_alias, str) else field_name.upper()
        path = os.environ.get(f"{name}_FILE")
        return (_text_of(name, path) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
            if field.annotation in {SecretStr, SecretStr | None}
        }
        return {name: value for name, value in found.items() if value is not None}


def _text_of(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise SettingsError(f"{name}_FILE: {path} cannot be read: {why}")


class ServiceSettings(BaseSettings):
    """The variables that all services share; an unset one has its default, an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    service: ClassVar[str]
    """The service's short name (`events`): database user, consumer group, audience, the first word of its topics."""

    env: Literal["dev", "test", "production"] = Field(default="dev", validation_alias="CONVENE_ENV")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    crash_at: str | None = Field(default=None, validation_alias="CONVENE_CRASH_AT")

    mongo_url: SecretStr
    journal_lanes: int = Field(default=1, ge=1, le=8)
    journal_days: int = Field(default=30, ge=1)
    journal_key: SecretStr | None = None
    export_key: SecretStr | None = None
    reconcile_every: float = Field(default=60.0, gt=0)
    reconcile_share: float = Field(default=0.03, gt=0, le=1)
    reconcile_full_every: float = Field(default=86_400.0, ge=0)

    kafka_bootstrap: str = "127.0.0.1:19092"
    kafka_security_protocol: Annotated[SecurityProtocol, BeforeValidator(_upper)] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[SaslMechanism, BeforeValidator(_upper)] = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: str | None = None
    topic_prefix: str = ""
    topic_replication: int = Field(default=1, ge=1)

    oidc_issuer: str | None = None
    oidc_jwks_url: str | None = None
    oidc_audience: str | None = None

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65535)
    health_port: int | None = Field(default=None, ge=0, le=65535)
    cors_origins: Names = ()
    trusted_proxies: Names = ()
    rate_per_member: int | None = Field(default=None, ge=1)
    rate_per_address: int | None = Field(default=None, ge=1)
    public_url: str | None = None
    stop_within: float = Field(default=20.0, gt=0)

    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None
    otel_exporter_zipkin_endpoint: str | None = None
    otel_traces_exporter: Literal["otlp", "zipkin", "none"] | None = None
    otel_traces_sampler: str = "parentbased_always_on"
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    otel_sdk_disabled: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FromFiles(settings_cls)

    @model_validator(mode="after")
    def _production_is_not_development(self) -> Self:
        if self.env != "production":
            return self
        for name, url in (("OIDC_ISSUER", self.oidc_issuer), ("OIDC_JWKS_URL", self.oidc_jwks_url)):
            if url is not None and (urlsplit(url).scheme != "https" or is_loopback(urlsplit(url).hostname or "")):
                raise ValueError(f"{name} must be https and not on this machine when CONVENE_ENV=production")
        if self.crash_at is not None:
            raise ValueError("CONVENE_CRASH_AT is not for production")
        return self

    @property
    def audience(self) -> str:
        """The `aud` that a token must name to be good here."""
        return self.oidc_audience or self.service

    @field_validator("journal_key", "export_key")
    @classmethod
    def _usable_key(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            Sealer(split_keys(keys.get_secret_value()), "check")
        return keys

    def journal_secret(self) -> Sealer | None:
        """What members' keys are sealed under, if anything."""
        keys = self.journal_key
        return None if keys is None else Sealer(split_keys(keys.get_secret_value()), "member keys")

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        """No `*`: whoever may come through anybody's word may give any address as their own."""
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError("each of TRUSTED_PROXIES is an address or a network, such as 10.0.0.0/8") from None
        return proxies

    def export_keys(self) -> list[str]:
        """What exports' keys are derived from, newest first; none = there are no exports."""
        return [] if self.export_key is None else split_keys(self.export_key.get_secret_value())

    def journal_kept(self) -> timedelta:
        """How long a batch stays in the journal at least."""
        return timedelta(days=self.journal_days)

    def kafka(self) -> KafkaSettings:
        return KafkaSettings(
            bootstrap=self.kafka_bootstrap,
            security_protocol=self.kafka_security_protocol,
            sasl_mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username,
            password=self.kafka_password.get_secret_value() if self.kafka_password else None,
            ca_file=self.kafka_ca_file,
            prefix=self.topic_prefix,
            replication=self.topic_replication,
        )


def refused(error: ValidationError) -> str:
    """Which variables were refused and why, in one line; never what they held."""
    flaws = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(": ".join([*(str(part).upper() for part in flaw["loc"]), _said(flaw["msg"])]) for flaw in flaws)


def _said(message: str) -> str:
    """What one of our own checks says, without pydantic's word for it."""
    return message.removeprefix("Value error, ").replace("\n", " ")


def is_loopback(host: str) -> bool:
    """Whether the host of a URL is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
