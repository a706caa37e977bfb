"""What a decision about a group and its people needs, and where its facts go."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chassis.journal.command import Command
from chassis.journal.decision import Outcome
from chassis.journal.documents import Documents, Read, Ref
from groups_service.domain import invitation as invitations
from groups_service.domain.circle import Circle, touched
from groups_service.domain.group import Created
from groups_service.domain.invitation import Invitation
from groups_service.handlers.group import Situation
from groups_service.handlers.invitation import id_of
from groups_service.store import audit
from groups_service.store import group as groups
from groups_service.store import membership as memberships
from groups_service.store.block import apart, blocks_between
from groups_service.store.group import GROUPS
from groups_service.store.growth import keep_day
from groups_service.store.invitation import INVITATIONS, invitation_of
from groups_service.store.invitation import document_of as invitation_document
from groups_service.store.invited import invited_ref, invited_refs, keep_invited, lately
from groups_service.store.member import MEMBERS, is_forgotten
from groups_service.store.membership import MEMBERSHIPS, membership_ref


class CircleStore:
    """Reads, loads and saves a group with the memberships that a command concerns."""

    def reads(self, command: Command, documents: Documents) -> Iterable[Read]:
        """The group and whom the command concerns; also who may become its organizer if a vote has ended by now."""
        yield Ref(GROUPS, command.aggregate)
        candidates: tuple[str, ...] = ()
        if not documents.missing([Ref(GROUPS, command.aggregate)]):
            candidates = groups.candidates_of(documents.get(GROUPS, command.aggregate))
        # all of them: who leads may change with every vote of the batch
        for member_id in _people(command, *candidates):
            yield membership_ref(command.aggregate, member_id)

    def reads_joining(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also the profile of who comes, for the photo that some groups ask for."""
        yield from self.reads(command, documents)
        yield Ref(MEMBERS, command.body["member_id"])

    def reads_inviting(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also who is invited, their invitations, and blocks between them and who invites."""
        yield from self.reads(command, documents)
        yield Ref(MEMBERS, command.body["member_id"])
        yield Ref(INVITATIONS, id_of(command))
        yield from invited_refs(command.body["member_id"])
        yield from blocks_between(command.actor or "", command.body["member_id"])

    def reads_erasing(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also when the member was invited."""
        yield from self.reads(command, documents)
        yield invited_ref(command.body["member_id"], command.aggregate)

    def reads_accepting(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also the invitation, and what `reads_joining` names of who comes by it."""
        yield from self.reads_joining(command, documents)
        yield Ref(INVITATIONS, id_of(command))

    def reads_invitation(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also the invitation, which nobody comes in by now."""
        yield from self.reads(command, documents)
        yield Ref(INVITATIONS, id_of(command))

    def reads_creating(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also the claims of the urlnames that would do, and the group's number."""
        yield from self.reads(command, documents)
        yield groups.GROUP_NUMBERS.ref(command.aggregate)
        for urlname in (command.body["urlname"], *command.body["instead"]):
            yield groups.claim_ref(urlname)

    def reads_changing(self, command: Command, documents: Documents) -> Iterable[Read]:
        """Also the claims of the wanted urlname and, once the group is there, of the one it has."""
        yield from self.reads(command, documents)
        urlname = command.body["changes"].get("urlname")
        if urlname is None:
            return
        yield groups.claim_ref(urlname)
        if not documents.missing([Ref(GROUPS, command.aggregate)]):
            group = documents.get(GROUPS, command.aggregate)
            if group is not None:
                yield groups.claim_ref(group["urlname"])

    def load(self, command: Command, documents: Documents) -> Situation:
        return Situation(self._circle(command, documents))

    def load_joining(self, command: Command, documents: Documents) -> Situation:
        member = documents.get(MEMBERS, command.body["member_id"])
        return Situation(self._circle(command, documents), photo=member is not None and member["photo"] is not None)

    def load_inviting(self, command: Command, documents: Documents) -> Situation:
        member_id = command.body["member_id"]
        return replace(
            self.load(command, documents),
            invitation=_invitation(command, documents),
            apart=apart(documents, command.actor or "", member_id),
            forgotten=is_forgotten(documents.get(MEMBERS, member_id)),
            lately=lately(documents, member_id),
        )

    def load_accepting(self, command: Command, documents: Documents) -> Situation:
        return replace(self.load_joining(command, documents), invitation=_invitation(command, documents))

    def load_invitation(self, command: Command, documents: Documents) -> Situation:
        return replace(self.load(command, documents), invitation=_invitation(command, documents))

    def load_creating(self, command: Command, documents: Documents) -> Situation:
        wanted = (command.body["urlname"], *command.body["instead"])
        return Situation(
            self._circle(command, documents),
            taken=groups.taken(documents, wanted, command.aggregate),
            number=groups.GROUP_NUMBERS.next(documents, command.aggregate),
        )

    def load_changing(self, command: Command, documents: Documents) -> Situation:
        urlname = command.body["changes"].get("urlname")
        wanted = () if urlname is None else (urlname,)
        return Situation(self._circle(command, documents), taken=groups.taken(documents, wanted, command.aggregate))

    def save(self, command: Command, documents: Documents, outcome: Outcome[Situation], now: datetime) -> None:
        circle = outcome.state.circle
        if circle.group is None:
            raise ValueError("facts about a group leave a group")
        before = documents.get(GROUPS, command.aggregate)
        groups.claim(documents, circle.group, before)
        keep_day(documents, circle.group, before)
        after = {**(before or {}), **groups.document_of(circle.group)}
        documents.put(GROUPS, audit.recorded(documents, after, outcome.facts, now))
        for member_id in touched(outcome.facts):
            documents.put(MEMBERSHIPS, memberships.document_of(circle.people[member_id]))
        keep_invited(documents, circle.group.id, outcome.facts, now)
        invitation = outcome.state.invitation
        if invitation is not None and any(isinstance(fact, invitations.Fact) for fact in outcome.facts):
            documents.put(INVITATIONS, invitation_document(invitation))
        if any(isinstance(fact, Created) for fact in outcome.facts):
            groups.GROUP_NUMBERS.take(documents, command.aggregate)

    def _circle(self, command: Command, documents: Documents) -> Circle:
        group = documents.get(GROUPS, command.aggregate)
        leading = groups.candidates_of(group)[:1]
        refs = [membership_ref(command.aggregate, member_id) for member_id in _people(command, *leading)]
        found = [documents.get(ref.collection, ref.id) for ref in refs]
        people = [memberships.membership_of(document) for document in found if document is not None]
        return Circle(
            None if group is None else groups.group_of(group), {person.member_id: person for person in people}
        )


def _invitation(command: Command, documents: Documents) -> Invitation | None:
    return invitation_of(documents.get(INVITATIONS, id_of(command)))


def _people(command: Command, *others: str) -> list[str]:
    named = (command.actor, command.body.get("member_id"), *others)
    return list(dict.fromkeys(member_id for member_id in named if member_id))
