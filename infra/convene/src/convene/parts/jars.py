"""Jars of Kafka and Zipkin from the Maven repository, by committed lock files.

Their lines are ``group:artifact:version[:classifier] sha256``.
"""

import hashlib
import os
import shutil
import ssl
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import MavenContext

from convene.parts.cache import cache_dir
from convene.parts.trouble import Unavailable

KAFKA_LOCK = Path(__file__).with_name("kafka-4.4.0.lock")
ZIPKIN_LOCK = Path(__file__).with_name("zipkin-3.5.1.lock")

TRIES = 3
DOWNLOADS_AT_ONCE = 8
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked artifact."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As Maven names it."""
        return "-".join(part for part in (self.artifact, self.version, self.classifier) if part) + ".jar"


Download = Callable[[Jar, Path], Path]
"""Fetches one jar into a folder and returns the file, unchecked."""


Report = Callable[[int, int], None]
"""Told how many jars are there, and of how many."""


def read_lock(text: str) -> list[Jar]:
    """Parse a lock file. Raises ValueError on a line of another shape."""
    jars = []
    for line in filter(None, map(str.strip, text.splitlines())):
        coordinate, _, sha256 = line.partition(" ")
        parts = coordinate.split(":")
        if len(sha256) != 64 or not 3 <= len(parts) <= 4:
            raise ValueError(f"not a lock line: {line}")
        jars.append(Jar(parts[0], parts[1], parts[2], parts[3] if len(parts) == 4 else "", sha256))
    return jars


def kafka_jars(report: Report | None = None) -> Path:
    """The folder with Kafka's jars, fetched on the first call on this machine.

    Raises Unavailable when they cannot be had.
    """
    return fetch(
        KAFKA_LOCK.read_text(), cache_dir(), maven, report, otherwise="set KAFKA_BOOTSTRAP to a Kafka of your own"
    )


def zipkin_jar(report: Report | None = None) -> Path:
    """Zipkin's one jar, 131 MB, fetched on the first call on this machine. As `kafka_jars` otherwise."""
    instead = "leave out --traces, or set OTEL_EXPORTER_OTLP_ENDPOINT to a collector of your own"
    folder = fetch(ZIPKIN_LOCK.read_text(), cache_dir(), maven, report, otherwise=instead)
    (jar,) = read_lock(ZIPKIN_LOCK.read_text())
    return folder / jar.file_name


def fetch(lock: str, cache: Path, download: Download, report: Report | None = None, *, otherwise: str) -> Path:
    """A folder under ``cache`` that holds exactly the locked jars; it appears whole and checked, or not at all.

    ``otherwise``: what a person can do when they cannot be had. Raises Unavailable.
    """
    folder = cache / f"jars-{hashlib.sha256(lock.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    arriving = Path(tempfile.mkdtemp(prefix="arriving-", dir=cache))
    try:
        jars = read_lock(lock)
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            for done, _ in enumerate(
                pool.map(lambda jar: _fetch_one(jar, arriving, download, otherwise), jars), start=1
            ):
                if report is not None:
                    report(done, len(jars))
        _put_in_place(arriving, folder)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return folder


def _put_in_place(arriving: Path, folder: Path) -> None:
    arriving.chmod(0o755)
    try:
        arriving.rename(folder)
    except OSError:
        if not folder.is_dir():  # otherwise another process was faster, with the same files
            raise


def _fetch_one(jar: Jar, folder: Path, download: Download, otherwise: str) -> None:
    trouble: Exception | None = None
    for attempt in range(TRIES):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            try:
                path = download(jar, Path(scratch))
                if hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256:
                    os.replace(path, folder / jar.file_name)
                    return
                trouble = RuntimeError("its SHA-256 differs from the lock file's")
            except (OSError, RuntimeError) as error:  # requests' exceptions are OSErrors
                trouble = error
        time.sleep(attempt)
    raise Unavailable(
        f"{jar.file_name} could not be fetched from the Maven repository ({trouble}); check the network and try "
        f"again, or {otherwise}."
    )


def maven(jar: Jar, scratch: Path) -> Path:
    """Download from Maven Central through jgo."""
    _trust_the_system()
    component = (
        MavenContext(repo_cache=scratch, timeout=TIMEOUT_S).project(jar.group, jar.artifact).at_version(jar.version)
    )
    artifact = component.artifact(jar.classifier) if jar.classifier else component.artifact()
    return Path(artifact.resolve())


def _trust_the_system() -> None:
    """Let requests use the machine's authorities: behind a company's proxy its own bundle is not enough."""
    system = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
    known = (ssl.get_default_verify_paths().cafile, *system)
    bundle = next((path for path in known if path and Path(path).is_file()), None)
    if bundle:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)
