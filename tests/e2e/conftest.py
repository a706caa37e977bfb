"""The running platform as people outside use it."""

from collections.abc import AsyncIterator

import pytest

from convene.acting.platform import Platform as Outside
from convene.acting.platform import client, reach
from testkit import Platform


@pytest.fixture
async def outside(platform: Platform) -> AsyncIterator[Outside]:
    """Addresses and tokens of the session's platform."""
    async with client() as http:
        yield reach(platform.local, http, platform.environ)
