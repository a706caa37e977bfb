"""Every command this service decides: what its decision reads, and how facts become documents and messages."""

from typing import Any

from chassis import dead_letters, privacy
from chassis.journal.decision import Decider
from notifications_service.handlers import contact, inbox, member
from notifications_service.messages import tell_member, tell_nothing
from notifications_service.settings import Settings
from notifications_service.store.account import ContactStore, InboxStore, MemberStore
from notifications_service.store.people import ACCOUNTS


def decisions() -> dict[str, Decider[Any]]:
    """By the command's name."""
    reach, lines, met = ContactStore, InboxStore, MemberStore
    quiet = tell_nothing
    return {
        contact.GIVE: Decider(
            ACCOUNTS, reach.reads_giving, reach.load, contact.decide_give, reach.save, quiet, contact.ADDRESS
        ),
        contact.VERIFY: Decider(ACCOUNTS, reach.reads, reach.load, contact.decide_verify, reach.save, quiet),
        inbox.READ: Decider(ACCOUNTS, lines.reads, lines.load, inbox.decide_read, lines.save, quiet),
        member.MEET: Decider(ACCOUNTS, met.reads, met.load, member.decide_meet, met.save, tell_member),
        **privacy.deciders(Settings.service),
        **dead_letters.deciders(Settings.service),
    }
