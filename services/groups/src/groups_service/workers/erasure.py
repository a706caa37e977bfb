"""An erasure that whoever runs the platform asks for, followed to its end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from chassis.journal import hand_over
from chassis.mongo import Database
from groups_service.domain.privacy import SERVICES
from groups_service.handlers.privacy import by_operator, erasure, request_answer
from groups_service.store.member import MEMBERS
from groups_service.views.privacy import REQUESTS, last_erasure, request_of

_EVERY_SECONDS: Final = 0.5


async def erasing(database: Database, member_id: str) -> AsyncIterator[dict[str, Any]]:
    """Ask for it, at once and for good, and tell how far it is whenever that has changed, until it is done.

    `status`, `missing`: as members see them; `waiting` until the journal has decided, for which an `api` process has to
    run. `known`: whether groups has ever heard of the member. Raises the driver's errors.
    """
    known = await database[MEMBERS].find_one({"_id": member_id}, fields={"_id": 1})
    command = erasure(by_operator, member_id, await last_erasure(database, member_id), at_once=True)
    await hand_over(database, [command])
    before: dict[str, Any] = {}
    step: dict[str, Any] = {"erasure_id": command.aggregate, "status": "waiting", "missing": list(SERVICES)}
    while True:
        found = await database[REQUESTS].find_one({"_id": command.aggregate})
        if found is not None and found["status"] != "grace":
            step = request_answer(request_of(found))
        if step != before:
            yield {"member_id": member_id, "known": known is not None, **step}
        if step["status"] == "done":
            return
        before = step
        await asyncio.sleep(_EVERY_SECONDS)
