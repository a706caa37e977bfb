"""What the events service reads from its environment."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """As every service's, and where the stream role listens and for how many."""

    service: ClassVar[str] = "events"

    http_port: int = Field(default=8002, ge=0, le=65535)
    stream_port: int = Field(default=8004, ge=0, le=65535)
    stream_connections_per_address: int = Field(default=10, ge=1)

    def stream_port_beside(self, api: bool) -> int:
        """The stream's port: its own beside an API, else HTTP_PORT when that is set."""
        return self.http_port if "http_port" in self.model_fields_set and not api else self.stream_port

    def site(self) -> str:
        """Where people find events, without a slash at the end: PUBLIC_URL, else this service's own address."""
        return (self.public_url or f"http://{self.http_host}:{self.http_port}").rstrip("/")
