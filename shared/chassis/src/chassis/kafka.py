"""How to reach Kafka, for every client that needs to."""

import asyncio
from dataclasses import dataclass, field
from ssl import SSLContext, create_default_context
from typing import Any, Literal

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

_SECURITY: dict[str, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def topic_name(prefix: str, name: str) -> str:
    """The topic's name in this deployment; `name` is the registry's."""
    return f"{prefix}{name}"


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Address, credentials and naming of one Kafka cluster."""

    bootstrap: str
    security_protocol: SecurityProtocol = "PLAINTEXT"
    sasl_mechanism: SaslMechanism = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    prefix: str = ""
    replication: int = 1

    def topic(self, name: str) -> str:
        """The topic's name in this deployment; `name` is the registry's."""
        return topic_name(self.prefix, name)

    @property
    def _tls(self) -> SSLContext | None:
        return create_default_context(cafile=self.ca_file) if self.security_protocol.endswith("SSL") else None

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments of every aiokafka client."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security_protocol,
            "ssl_context": self._tls,
        }
        if self.security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options

    def security(self) -> BaseSecurity | None:
        """What FastStream's broker takes as `security`; None for plaintext."""
        tls = self._tls
        if self.security_protocol.startswith("SASL"):
            return _SECURITY[self.sasl_mechanism](
                username=self.username or "", password=self.password or "", ssl_context=tls, use_ssl=tls is not None
            )
        return BaseSecurity(ssl_context=tls, use_ssl=True) if tls else None


async def answers(kafka: KafkaSettings, *, within: float) -> bool:
    """Whether Kafka answers a client that has just been made, in so many seconds."""
    client = AIOKafkaClient(**kafka.client_options())
    try:
        async with asyncio.timeout(within):
            await client.bootstrap()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
    return True
