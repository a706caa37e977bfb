"""Decisions over documents, the way the journal runs them, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.journal import Command, Documents, Outcome, Ref
from chassis.mongo import Document
from notifications_service.decisions import decisions
from notifications_service.domain.member import MemberMet
from notifications_service.handlers import contact, inbox, member
from notifications_service.handlers.inbox import inbox_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DECISIONS = decisions()


class Desk:
    """Collections in dictionaries; one command after the other."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Document]] = {}

    def decide(self, name: str, body: dict[str, Any], *, now: datetime = NOW, id_: str = "c1") -> Outcome[Any]:
        command, decider, documents = Command(id_, name, "ada", body, trace="00-1"), DECISIONS[name], Documents()
        reads = [read for read in decider.reads(command, documents) if isinstance(read, Ref)]
        for read in reads:
            found = self.held.get(read.collection, {}).get(read.id)
            documents.load(read.collection, [read.id], [found] if found else [])
        outcome = decider.decide(decider.load(command, documents), command, now)
        if outcome.facts:
            decider.save(command, documents, outcome, now)
        for read in reads:
            if (document := documents.get(read.collection, read.id)) is not None:
                self.held.setdefault(read.collection, {})[read.id] = document
        return outcome


def test_an_address_given_queues_one_mail_that_its_link_answers() -> None:
    desk = Desk()
    given = desk.decide(contact.GIVE, {"sealed": "x"})
    assert given.answer == {
        "member_id": "ada",
        "verified": False,
        "verified_at": None,
        "version": 1,
        "created_at": "2026-05-01T12:00:00.000Z",
        "updated_at": "2026-05-01T12:00:00.000Z",
    }
    [mail] = desk.held["mails"].values()
    assert (mail["kind"], mail["details"], mail["pace"], mail["due_at"]) == (
        contact.VERIFY,
        {"round": 1},
        "prompt",
        NOW,
    )
    assert "sealed" not in mail
    verified = desk.decide(contact.VERIFY, {"round": 1}, now=NOW + timedelta(hours=1), id_="c2")
    assert verified.answer["verified_at"] == verified.answer["updated_at"] == "2026-05-01T13:00:00.000Z"
    assert verified.answer["created_at"] == given.answer["created_at"]
    assert desk.decide(contact.VERIFY, {"round": 1}, id_="c3").facts == ()
    assert len(desk.held["mails"]) == 1


def test_what_else_the_account_holds_is_carried_over() -> None:
    desk = Desk()
    desk.held["accounts"] = {"ada": {"_id": "ada", "v": 1, "seen": True, "journal": {"sequence": 4, "sent": {}}}}
    desk.decide(contact.GIVE, {"sealed": "x"})
    desk.decide(contact.GIVE, {"sealed": None}, id_="c2")
    account = desk.held["accounts"]["ada"]
    assert (account["seen"], account["journal"]["sequence"], account["address"]) == (True, 4, None)
    assert account["contact"]["version"] == 2


def test_contact_points_of_before_are_as_old_as_their_last_change_was() -> None:
    desk = Desk()
    desk.decide(contact.GIVE, {"sealed": "x"})
    del desk.held["accounts"]["ada"]["contact"]["created_at"]
    later = desk.decide(contact.GIVE, {"sealed": None}, now=NOW + timedelta(hours=1), id_="c2").answer
    assert (later["created_at"], later["updated_at"]) == ("2026-05-01T12:00:00.000Z", "2026-05-01T13:00:00.000Z")


def test_a_member_is_met_once_and_told_once() -> None:
    desk = Desk()
    first = desk.decide(member.MEET, {})
    told = DECISIONS[member.MEET].tell(Command("c1", member.MEET, "ada", {}), first, NOW)
    assert [(message.topic, message.subject) for message in told.messages] == [("members.seen.v1", "ada")]
    assert desk.decide(member.MEET, {}, id_="c2").facts == ()
    desk.decide(contact.GIVE, {"sealed": "x"}, id_="c3")
    assert desk.decide(member.MEET, {}, id_="c4").facts == ()


def test_who_comes_back_after_they_were_forgotten_is_met_anew() -> None:
    desk = Desk()
    desk.decide(member.MEET, {})
    again, later = member.meeting("ada", "r1"), member.meeting("ada", "r2")
    assert len({member.meeting("ada").id, again.id, later.id}) == 3
    assert desk.decide(member.MEET, again.body, id_="c2").facts == [MemberMet("ada")]


def test_only_own_lines_that_are_there_can_be_read() -> None:
    desk = Desk()
    mine, gone, other = f"{inbox_of('ada')}1", f"{inbox_of('ada')}2", f"{inbox_of('eve')}1"
    desk.held["inbox"] = {line: {"_id": line} for line in (mine, other)}
    assert desk.decide(inbox.READ, {"lines": [other, gone]}).refused == "no-such-line"
    assert desk.decide(inbox.READ, {"lines": [mine, other]}, id_="c2").answer == {"read": 1, "asked": 2}
    assert desk.decide(inbox.READ, {"lines": [mine]}, id_="c3").answer == {"read": 0, "asked": 1}
    assert list(desk.held["inbox_reads"]) == [mine]
    assert desk.decide(inbox.READ, {"lines": []}, id_="c4").refused is None
