"""Under which name a group writes."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from secrets import token_urlsafe

import pytest

from chassis.mongo import Document
from chassis.sealing import Sealer
from notifications_service.texts import Texts
from notifications_service.views.subject import Known
from notifications_service.workers.writing import Links, Writer

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ({"urlname": "moms", "private": False}, "moms"),
        ({"urlname": "moms", "private": True}, "g"),
        (None, "g"),
    ],
)
def test_a_private_groups_urlname_is_on_no_mail(group: Document | None, name: str) -> None:
    sealer = Sealer([token_urlsafe(32)], "check")
    sender = Address("Convene", addr_spec="no-reply@convene.test")
    writer = Writer(Texts(), sealer, sealer, sender, Links("https://convene.test"))
    known = Known({}, {} if group is None else {"g": {"name": "Moms", **group}}, {})
    mail = {"_id": "m", "member_id": "ada", "group_id": "g", "kind": "group.removed", "at": AT}
    sent = message_from_bytes(writer.write(mail, "ada@example.org", known), policy=policy.default)
    assert sent["List-Id"].endswith(f" <{name}.groups.convene.test>")
