"""How the archive of an export is put together."""

import io
import json
import secrets
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.mongo import connect
from chassis.privacy.worker import export_sealer
from groups_service.domain.privacy import Receipt, Request
from groups_service.views import privacy

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEYS = [secrets.token_urlsafe(32)]


async def test_an_archive_is_packed_beside_the_loop(mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    packing: list[int] = []

    class Watched(zipfile.ZipFile):
        def writestr(self, *args: Any, **kwargs: Any) -> None:
            packing.append(threading.get_ident())
            super().writestr(*args, **kwargs)

    monkeypatch.setattr(zipfile, "ZipFile", Watched)
    database, sealer = connect(mongo_url), export_sealer(KEYS, "r")
    for number in (0, 1):
        text = json.dumps({"name": "posts", "documents": [{"number": number}]})
        sealed = sealer.seal(text, f"a {number}")
        await database[privacy.CHUNKS].insert_one(
            {"_id": privacy.chunk_id("r", "groups", "a", number), "sealed": sealed}
        )
    request = Request("r", "ada", "export", "done", NOW, NOW)
    packed, lacking = [
        await privacy.archive(database, replace(request, receipts=(Receipt("groups", "a", chunks),)), KEYS)
        for chunks in (2, 3)
    ]
    database.close()
    assert packed is not None
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert json.loads(opened.read("groups/posts.json")) == [{"number": 0}, {"number": 1}]
    assert lacking is None
    assert threading.get_ident() not in packing
    assert len(packing) == 1
