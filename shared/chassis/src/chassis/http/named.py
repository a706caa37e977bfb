"""The trace in every answer's head, where no edge adds it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry


class Named:
    """An ASGI application whose answers name their trace in X-Trace-Id: the caller's, or a new one."""

    def __init__(self, served: ASGIApp) -> None:
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        trace = telemetry.trace_id(telemetry.continued(given.decode("latin-1"))).encode()

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-trace-id", trace)]
            await send(message)

        await self._served(scope, receive, named)
