"""What the naive processes are told, by environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.mongo import Database, connect

DATABASE = "bench_naive"
EVENTS, RSVPS, OUTBOX, INBOX = "events", "rsvps", "outbox", "inbox"


@dataclass(frozen=True, slots=True)
class Told:
    """mongo: URL with DATABASE as its default; kafka: bootstrap address; topic: of one run; key: the issuer's file;
    port: of the api.
    """

    mongo: str
    kafka: str
    topic: str
    key: Path
    port: int

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "NAIVE_MONGO": self.mongo,
            "NAIVE_KAFKA": self.kafka,
            "NAIVE_TOPIC": self.topic,
            "NAIVE_KEY": str(self.key),
            "NAIVE_PORT": str(self.port),
        }

    def database(self) -> Database:
        return connect(self.mongo)


def told(environ: Mapping[str, str]) -> Told:
    return Told(
        environ["NAIVE_MONGO"],
        environ["NAIVE_KAFKA"],
        environ["NAIVE_TOPIC"],
        Path(environ["NAIVE_KEY"]),
        int(environ["NAIVE_PORT"]),
    )
