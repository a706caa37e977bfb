"""How commands about members' own data are decided."""

from typing import Any

from chassis.journal.decision import Decider
from groups_service import messages
from groups_service.handlers import erasure, privacy
from groups_service.messages.privacy import tell_request
from groups_service.store.circle import CircleStore
from groups_service.store.group import GROUPS
from groups_service.store.member import MEMBERS, MemberStore
from groups_service.store.privacy import RequestStore
from groups_service.views.privacy import REQUESTS


def decisions() -> dict[str, Decider[Any]]:
    """Decided by the request, and by what it erases."""
    requests, circle, known = RequestStore(), CircleStore(), MemberStore()

    def of_request(decide: Any) -> Decider[Any]:
        return Decider(REQUESTS, requests.reads, requests.load, decide, requests.save, tell_request)

    return {
        privacy.EXPORT: of_request(privacy.decide_export),
        privacy.ERASE: of_request(privacy.decide_erase),
        privacy.LAPSE: of_request(privacy.decide_lapse),
        privacy.RECEIVE: of_request(privacy.decide_receive),
        erasure.ERASE_MEMBERSHIP: Decider(
            GROUPS, circle.reads_erasing, circle.load, erasure.decide_membership, circle.save, messages.tell_circle
        ),
        erasure.ERASE_MEMBER: Decider(
            MEMBERS, known.reads, known.load, erasure.decide_member, known.save, messages.tell_member
        ),
    }
