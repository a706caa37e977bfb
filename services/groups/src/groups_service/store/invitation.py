"""Invitations in the database: `invitations`, by token; which group they are for is found by it."""

from dataclasses import asdict

from chassis.mongo import Document
from groups_service.domain.invitation import Invitation

INVITATIONS = "invitations"


def document_of(invitation: Invitation) -> Document:
    values = asdict(invitation)
    return {"_id": values.pop("id"), "v": 1, **values}


def invitation_of(document: Document | None) -> Invitation | None:
    if document is None:
        return None
    values = {name: value for name, value in document.items() if name not in ("_id", "v")}
    return Invitation(document["_id"], **values)
