"""What a stream process allows itself and its readers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes.

    per_address: connections of anonymous readers from one address (IPv6: one /64 network).
    ring_bytes: of messages kept in memory; warm: messages per partition read into it at the start.
    most_bytes: written to one reader at a time.
    lifetime: of an SSE connection, give or take a fifth, so that readers spread over processes again.
    stalled: without a byte taken by the client, until it is let go; retry_ms: from and to, told to SSE clients.
    """

    per_address: int = 10
    ring_bytes: int = 67_108_864
    warm: int = 2_000
    most_bytes: int = 131_072
    heartbeat: float = 15.0
    lifetime: float = 900.0
    stalled: float = 30.0
    retry_ms: tuple[int, int] = (1_000, 3_000)
