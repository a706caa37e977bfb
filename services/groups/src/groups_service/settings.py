"""What the groups service reads from its environment."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """As every service's."""

    service: ClassVar[str] = "groups"

    http_port: int = Field(default=8001, ge=0, le=65535)
