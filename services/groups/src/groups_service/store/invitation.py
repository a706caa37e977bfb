"""Invitations in the database: `invitations`, by id; which group they are for is found by it.

The id of one that names somebody is its token. Of an open one the token is nowhere: the id is a digest of it.
"""

from dataclasses import asdict, fields

from chassis.mongo import Document
from groups_service.domain.invitation import Invitation

INVITATIONS = "invitations"

# a release after this one may write more, and be taken back
_FIELDS = {field.name for field in fields(Invitation)} - {"id"}


def document_of(invitation: Invitation) -> Document:
    values = asdict(invitation)
    return {"_id": values.pop("id"), "v": 1, **values, "used_by": list(invitation.used_by)}


def invitation_of(document: Document | None) -> Invitation | None:
    if document is None:
        return None
    values = {name: document[name] for name in _FIELDS if name in document}
    return Invitation(document["_id"], **{**values, "used_by": tuple(document["used_by"])})
