"""Whether a set-up that was done is still good, so that the next start need not repeat it."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


def fingerprint(packages: Iterable[str], files: Iterable[Path], words: Iterable[str]) -> str:
    """Changes when a source file of the packages, the content of a file, or a word does."""
    digest = hashlib.sha256()
    for source in sorted(path for package in packages for path in _sources(package)):
        found = source.stat()
        digest.update(f"{source}:{found.st_mtime_ns}:{found.st_size}\n".encode())
    for path in files:
        digest.update(path.read_bytes() if path.exists() else b"-")
    digest.update("\n".join(words).encode())
    return digest.hexdigest()


def _sources(package: str) -> list[Path]:
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return [path for folder in folders for path in Path(folder).rglob("*") if path.suffix in {".py", ".toml"}]
