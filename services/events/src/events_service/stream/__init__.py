"""The public RSVP stream: the topic `public.rsvps.v1` over HTTP, for whoever wants to read along."""

from chassis.health import Health
from chassis.server import HttpServer
from chassis.settings import ServiceSettings
from events_service.stream.limits import Limits
from events_service.stream.part import Stream, stream_server

__all__ = ["Limits", "Stream", "build_stream"]


def build_stream(
    settings: ServiceSettings, health: Health, *, port: int | None = None, limits: Limits | None = None
) -> tuple[Stream, HttpServer]:
    """The role's part and its server, for a `Process`: `parts=[part]`, `servers=[server]`.

    port: by default HTTP_PORT; another one where this process has an API too.
    """
    stream = Stream(settings.kafka(), health, limits or Limits())
    server = stream_server(
        stream,
        health,
        host=settings.http_host,
        port=settings.http_port if port is None else port,
        trusted_proxies=settings.trusted_proxies,
    )
    return stream, server
