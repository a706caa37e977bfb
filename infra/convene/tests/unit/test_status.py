"""The table shows how far behind each part is, whatever else a service reports."""

import pytest

from convene.commands.status import waiting


@pytest.mark.parametrize(
    ("progress", "shown"),
    [
        (None, ""),
        ({}, ""),
        (
            {"relay": {"oldest_seconds": 0}, "consumer": {"oldest_seconds": 1.26, "lag": 3}},
            "relay 0.0 s, consumer 1.3 s",
        ),
        ({"relay": {"oldest_seconds": None}, "version": "1"}, ""),
    ],
)
def test_oldest_waiting(progress: object, shown: str) -> None:
    assert waiting(progress) == shown
