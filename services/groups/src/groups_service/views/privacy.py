"""Requests as their members see them, and the archive of an export."""

import asyncio
import zipfile
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final

from pydantic_core import from_json, to_json

from chassis.mongo import Database, Document
from chassis.privacy.worker import export_sealer
from chassis.sealing import Sealer
from groups_service.domain.privacy import FRESH, Kind, Receipt, Request

REQUESTS: Final = "privacy_requests"
CHUNKS: Final = "export_chunks"
OFFERED: Final = timedelta(days=7)
"""How long an archive can be fetched."""

# a release after this one may write more, and be taken back
_FIELDS = {field.name for field in fields(Request)} - {"id"}

_Chunk = tuple[Receipt, int, str]
"""Of which receipt, its number there, and as it is sealed."""


def request_of(document: Document) -> Request:
    values = {name: document[name] for name in _FIELDS if name in document}
    return Request(document["_id"], **{**values, "receipts": tuple(Receipt(**one) for one in values["receipts"])})


def chunk_id(request_id: str, service: str, attempt: str, number: int) -> str:
    return f"{request_id}:{service}:{attempt}:{number}"


async def export(database: Database, member_id: str, request_id: str) -> Request | None:
    """The member's own export."""
    found = await database[REQUESTS].find_one({"_id": request_id, "member_id": member_id, "kind": "export"})
    return None if found is None else request_of(found)


def is_over(request: Request, erasure: Request | None, now: datetime) -> bool:
    """Whether an archive that was whole is not offered any more. erasure: the member's last."""
    forgotten = erasure is not None and erasure.status in ("asked", "done") and erasure.updated_at > request.asked_at
    return forgotten or now - request.updated_at > OFFERED


def answers(request: Request, erasure: Request | None, now: datetime) -> bool:
    """Whether who asks for an export gets this one: while it is gathered, and for a day. erasure: the member's last."""
    fresh = request.status != "done" or now - request.asked_at < FRESH
    return fresh and not is_over(request, erasure, now)


async def last_erasure(database: Database, member_id: str) -> Request | None:
    return await _last(database, member_id, "erasure")


async def last_export(database: Database, member_id: str) -> Request | None:
    return await _last(database, member_id, "export")


async def _last(database: Database, member_id: str, kind: Kind) -> Request | None:
    latest = [("round", -1), ("asked_at", -1)]
    found = await database[REQUESTS].find({"member_id": member_id, "kind": kind}, sort=latest, limit=1)
    return request_of(found[0]) if found else None


async def archive(database: Database, request: Request, keys: list[str]) -> bytes | None:
    """A ZIP with one JSON file per service and thing; None when the chunks are not (or no longer) all there.

    keys: the platform's export keys, newest first.
    """
    chunks: list[_Chunk] = []
    for receipt in request.receipts:
        ids = [chunk_id(request.id, receipt.service, receipt.attempt, number) for number in range(receipt.chunks)]
        found = {one["_id"]: one["sealed"] for one in await database[CHUNKS].find({"_id": {"$in": ids}})}
        if len(found) < len(ids):
            return None
        chunks += [(receipt, number, found[id_]) for number, id_ in enumerate(ids)]
    # a large one takes its time, in which others are to be answered
    return await asyncio.to_thread(_packed, export_sealer(keys, request.id), chunks)


def _packed(sealer: Sealer, chunks: Iterable[_Chunk]) -> bytes:
    holds: dict[str, list[Any]] = {}
    for receipt, number, sealed in chunks:
        chunk = from_json(sealer.open(sealed, f"{receipt.attempt} {number}"))
        holds.setdefault(f"{receipt.service}/{chunk['name']}.json", []).extend(chunk["documents"])
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, documents in sorted(holds.items()):
            packed.writestr(name, to_json(documents, indent=2))
    return out.getvalue()
