"""Invitations in the database: `invitations`, by id; which group they are for is found by it.

The id of one that names somebody is its token. Of an open one the token is nowhere: the id is a digest of it.
"""

from dataclasses import asdict

from chassis.mongo import Document
from groups_service.domain.invitation import Invitation

INVITATIONS = "invitations"


def document_of(invitation: Invitation) -> Document:
    values = asdict(invitation)
    return {"_id": values.pop("id"), "v": 1, **values, "used_by": list(invitation.used_by)}


def invitation_of(document: Document | None) -> Invitation | None:
    if document is None:
        return None
    values = {name: value for name, value in document.items() if name not in ("_id", "v")}
    return Invitation(document["_id"], **{**values, "used_by": tuple(document["used_by"])})
