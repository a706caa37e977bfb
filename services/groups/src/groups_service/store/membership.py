"""Memberships in the database: `memberships`, by `<group id>:<member id>`. A row is never deleted."""

from chassis.journal.documents import Ref
from chassis.mongo import Document
from groups_service.domain.membership import Membership

MEMBERSHIPS = "memberships"


def membership_ref(group_id: str, member_id: str) -> Ref:
    return Ref(MEMBERSHIPS, f"{group_id}:{member_id}")


def document_of(membership: Membership) -> Document:
    return {
        "_id": membership_ref(membership.group_id, membership.member_id).id,
        "v": 1,
        "group_id": membership.group_id,
        "member_id": membership.member_id,
        "state": membership.state,
        "role": membership.role,
        "answers": list(membership.answers),
        "vote": membership.vote,
        "erased": membership.erased,
        "named": membership.named,
        "came_in": membership.came_in,
        "version": membership.version,
        "created_at": membership.created_at,
        "updated_at": membership.updated_at,
    }


def membership_of(document: Document) -> Membership:
    """Of one that was written before memberships said who ever came in, the state tells who perhaps did; not of who was
    forgotten."""
    erased = document.get("erased", False)
    return Membership(
        group_id=document["group_id"],
        member_id=document["member_id"],
        state=document["state"],
        role=document["role"],
        answers=tuple(document["answers"]),
        vote=document.get("vote"),
        version=document["version"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        erased=erased,
        named=document.get("named", False),
        came_in=document.get("came_in", document["state"] not in ("none", "pending") and not erased),
    )
