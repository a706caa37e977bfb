"""`networks`: what the groups service says of networks of groups, written by the consumer alone."""

from chassis.journal.documents import Documents
from chassis.mongo import Document
from contracts.groups import NetworkState
from events_service.domain.network import Network

NETWORKS = "networks"


def network_document(body: NetworkState) -> Document:
    return {"_id": body.network_id, "v": 1, "name": body.name, "admins": body.admins}


def known_network(documents: Documents, network_id: str) -> Network | None:
    document = documents.get(NETWORKS, network_id)
    if document is None or document.get("deleted"):
        return None
    return Network(document["_id"], document["name"], tuple(document["admins"]))
