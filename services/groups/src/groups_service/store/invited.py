"""How somebody was lately invited, by whatever group: `invited`, by `<member id>:<slot>`.

Each group writes the document of its own slot (chassis/journal/slots.py) and reads those of all. So one lane counts
exactly; of several, what is decided at the same moment in another one is not seen. The database lets go of each a day
after the last invitation in it: nothing asks for it then, and it says who invited whom.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from chassis.journal.documents import Documents, Ref
from chassis.journal.slots import SLOTS, slot_of
from groups_service.domain.circle import Fact
from groups_service.domain.invitation import A_DAY, Given, Invited
from groups_service.domain.membership import Erased

INVITED: Final = "invited"


def invited_refs(member_id: str) -> list[Ref]:
    """What every group's slot has of them."""
    return [Ref(INVITED, f"{member_id}:{slot}") for slot in range(SLOTS)]


def invited_ref(member_id: str, group_id: str) -> Ref:
    """What the group's own slot has of them."""
    return Ref(INVITED, f"{member_id}:{slot_of(group_id)}")


def lately(documents: Documents, member_id: str) -> tuple[Given, ...]:
    """Raises NotRead where `invited_refs` were not."""
    return tuple(given for ref in invited_refs(member_id) for given in _given(documents, ref))


def keep_invited(documents: Documents, group_id: str, facts: Iterable[Fact], now: datetime) -> None:
    """Note who is invited, without what is no longer asked for; let go of who is forgotten."""
    for fact in facts:
        match fact:
            case Invited(_, member_id, by, told=told):
                ref = invited_ref(member_id, group_id)
                given = [*(one for one in _given(documents, ref) if now - one.at < A_DAY), Given(now, by, told)]
                kept = {"v": 1, "given": [asdict(one) for one in given], "last_at": now}
                documents.put(INVITED, {"_id": ref.id, **kept})
            case Erased(_, member_id):
                documents.delete(INVITED, invited_ref(member_id, group_id).id)


def _given(documents: Documents, ref: Ref) -> list[Given]:
    document = documents.get(ref.collection, ref.id)
    return [] if document is None else [Given(**one) for one in document["given"]]
