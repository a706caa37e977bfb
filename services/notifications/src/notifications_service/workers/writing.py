"""To whom a mail goes and what it says, by what is known when it is sent."""

from dataclasses import dataclass
from email.headerregistry import Address

import structlog

from chassis.mongo import Document
from chassis.sealing import Sealer, Unsealable
from notifications_service.handlers.contact import VERIFY
from notifications_service.links import verify_token
from notifications_service.texts import Texts
from notifications_service.views.subject import Known
from notifications_service.workers.letter import wire

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Links:
    """Where mails lead. public_url: this service's own; site_url: a site that shows events and groups, if any."""

    public_url: str
    site_url: str | None = None

    def of(self, mail: Document) -> str | None:
        if self.site_url is None:
            return None
        if "items" in mail:
            return self.site_url
        if "group_id" not in mail:
            return None
        event = mail.get("event_id")
        path = f"events/{event}" if event else f"groups/{mail['group_id']}"
        return f"{self.site_url}/{path}"

    def verify(self, token: str) -> str:
        return f"{self.public_url}/v1/contact-points/verify/{token}"


@dataclass(frozen=True, slots=True)
class Writer:
    """addresses, tokens: what contact points and links are sealed with. sender: whom mails are from."""

    texts: Texts
    addresses: Sealer
    tokens: Sealer
    sender: Address
    links: Links

    def recipient(self, mail: Document, account: Document | None) -> str | None:
        """The address to write to, as things stand now; None when there is none that may be used."""
        address = account and account.get("address")
        if not address:
            return None
        if mail["kind"] == VERIFY:
            wanted = address["round"] == mail["details"]["round"] and address["verified_at"] is None
        else:
            wanted = address["verified_at"] is not None
        if not wanted:
            return None
        try:
            return self.addresses.open(address["sealed"], about=mail["member_id"])
        except Unsealable:
            _log.error("a contact point cannot be opened: is CONTACT_KEY the key it was sealed with?")
            return None

    def write(self, mail: Document, recipient: str, known: Known) -> bytes:
        """As it goes over the wire. Raises ValueError for a recipient that is no address."""
        if mail["kind"] == VERIFY:
            url: str | None = self.links.verify(verify_token(self.tokens, mail["member_id"], mail["details"]["round"]))
        else:
            url = self.links.of(mail)
        if "group_id" not in mail:
            list_id, list_name = f"account.{self.sender.domain}", "Convene account"
        else:
            group = known.groups.get(mail["group_id"], {})
            list_id = f"{_list_name(mail['group_id'], group)}.groups.{self.sender.domain}"
            list_name = group.get("name", "Convene")
        letter = self.texts.letter(mail["kind"], known.locale(mail["member_id"]), known.subject(mail), url)
        return wire(
            letter,
            delivery=mail["_id"],
            sender=self.sender,
            recipient=recipient,
            list_id=list_id,
            list_name=list_name,
            written_at=mail["at"],
        )


def _list_name(group_id: str, group: Document) -> str:
    """Of a private group outsiders learn its name alone, and some mails are for them."""
    return group_id if group.get("private", False) else str(group.get("urlname", group_id))
