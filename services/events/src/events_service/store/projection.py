"""What the groups service says, as kept here: `groups`, `memberships`, `members` and `blocks`, written by consumers
alone.

Decisions read them in the snapshot of their batch.
"""

from collections.abc import Callable

from chassis.journal.documents import Documents, Ref
from chassis.mongo import Document
from contracts.groups import BlockChanged, GroupState, MembershipState, MemberState
from events_service.domain.group import Group, Membership
from events_service.domain.person import FORGOTTEN, Person

GROUPS = "groups"
MEMBERSHIPS = "memberships"
MEMBERS = "members"
BLOCKS = "blocks"


def membership_id(group_id: str, member_id: str) -> str:
    return f"{group_id}:{member_id}"


def membership_ref(group_id: str, member_id: str) -> Ref:
    return Ref(MEMBERSHIPS, membership_id(group_id, member_id))


def group_document(body: GroupState) -> Document:
    return {
        "_id": body.group_id,
        "v": 1,
        "number": body.number,
        "urlname": body.urlname,
        "name": body.name,
        "topics": body.topics,
        "city": body.city,
        "country": body.country.lower(),
        "state": body.state,
        "lat": body.lat,
        "lon": body.lon,
        "timezone": body.timezone,
        "visibility": body.visibility,
        "join_mode": body.join_mode,
        "status": body.status,
        "organizer_id": body.organizer_id,
        "network_id": body.network_id,
    }


def group_of(document: Document) -> Group:
    return Group(
        document["_id"],
        document["number"],
        document["urlname"],
        document["name"],
        tuple(document["topics"]),
        document["city"],
        document["country"],
        document["state"],
        document["lat"],
        document["lon"],
        document["visibility"],
        document["join_mode"],
        document["status"],
        document["organizer_id"],
        document["timezone"],
        document.get("network_id"),
    )


def membership_document(body: MembershipState) -> Document:
    return {
        "_id": membership_id(body.group_id, body.member_id),
        "v": 1,
        "group_id": body.group_id,
        "member_id": body.member_id,
        "state": body.state,
        "role": body.role,
        "version": body.version,
    }


def membership_of(document: Document | None) -> Membership | None:
    if document is None or document.get("deleted"):
        return None
    return Membership(document["state"], document["role"], document["version"])


def member_document(body: MemberState) -> Document:
    return {
        "_id": body.member_id,
        "v": 1,
        "number": body.number,
        "name": body.name,
        "photo": body.photo,
        "attendance": body.attendance,
    }


def block_document(body: BlockChanged, sequence: int) -> Document:
    """`members` holds both: one index finds whom somebody does not see, whoever of the two blocked."""
    id_ = f"{body.member_id}:{body.other_id}"
    if not body.blocked:
        return gone_document(id_, sequence)
    return {"_id": id_, "v": 1, "members": [body.member_id, body.other_id]}


def gone_document(id_: str, sequence: int) -> Document:
    """What stays of a member, group, membership or block that was taken back: its place in the order."""
    return {"_id": id_, "v": 1, "sequence": sequence, "deleted": True}


def person_of(document: Document | None) -> Person | None:
    """None while nothing is known. Of who is deleted nothing may be shown any more."""
    if document is None:
        return None
    if document.get("deleted"):
        return FORGOTTEN
    return Person(document["number"], document["name"], document["photo"], document["attendance"])


def people(documents: Documents) -> Callable[[str], Person | None]:
    """Profiles among what a batch has loaded, each read once. The function raises NotRead for others."""
    found: dict[str, Person | None] = {}

    def find(member_id: str) -> Person | None:
        if member_id not in found:
            found[member_id] = person_of(documents.get(MEMBERS, member_id))
        return found[member_id]

    return find


def known_group(documents: Documents, group_id: str) -> Group | None:
    document = documents.get(GROUPS, group_id)
    return None if document is None or document.get("deleted") else group_of(document)


class KnownGroups:
    """Groups of the batch in hand: all decisions of a batch meet the same documents, so each is read once."""

    MOST = 1_000

    def __init__(self) -> None:
        self._read: dict[str, tuple[Document, Group | None]] = {}

    def get(self, documents: Documents, group_id: str) -> Group | None:
        document = documents.get(GROUPS, group_id)
        if document is None:
            return None
        held = self._read.get(group_id)
        if held is not None and held[0] is document:
            return held[1]
        if len(self._read) >= self.MOST:
            self._read.clear()
        group = known_group(documents, group_id)
        self._read[group_id] = (document, group)
        return group
