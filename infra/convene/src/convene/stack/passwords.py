"""The generated secrets of the local platform: MongoDB's passwords, and the keys that services seal with."""

import json
import os
import secrets
from pathlib import Path
from threading import Lock

from convene.stack.plan import SERVICES


def passwords(path: Path) -> dict[str, str]:
    """Of root and of each service; made on the first call and kept, readable by the owner alone."""
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    made = {name: secrets.token_urlsafe(24) for name in ("root", *SERVICES)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
    return made


_making = Lock()


def sealing_key(path: Path) -> str:
    """A key of 32 random bytes; made on the first call and kept, for the owner alone.

    Services are set up in threads beside each other, and all of them ask for the same key first.
    """
    with _making:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text()
