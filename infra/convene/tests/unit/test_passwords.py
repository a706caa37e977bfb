"""The local platform's generated secrets."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from convene.stack.passwords import sealing_key


def test_all_who_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    for number in range(50):
        path = tmp_path / str(number) / "journal.key"
        with ThreadPoolExecutor(8) as threads:
            keys = set(threads.map(lambda _, path=path: sealing_key(path), range(8)))
        assert len(keys) == 1
        assert path.stat().st_mode & 0o077 == 0
