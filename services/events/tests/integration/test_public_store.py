"""What decisions say to the public: over memory, over the driver in use and over the one that will follow it."""

from contracts.public import PublicRsvp
from events_service.handlers.person import NUMBER_ARRIVED, WANT_NUMBER

from .deciding import GROUP, Deciding, answer


def shown(deciding: Deciding) -> list[tuple[str, int]]:
    """The public responses so far, with their members' numbers."""
    values = [message.value for message in deciding.said if message.topic == PublicRsvp.topic]
    public = [PublicRsvp.model_validate_json(value) for value in values if value is not None]
    return [(rsvp.response, rsvp.member.member_id) for rsvp in public]


async def test_public_changes_wait_for_a_number_and_go_out_in_order(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=None)
    await deciding.member("bo", 2)
    for member in ("ada", "bo", "cy"):
        await deciding.one(answer(event_id, member))
    await deciding.one(answer(event_id, "ada", "no"))
    assert shown(deciding) == []
    await deciding.member("cy", 3)
    assert shown(deciding) == []
    await deciding.member("ada", 1)
    assert shown(deciding) == [("yes", 1), ("yes", 2), ("yes", 3), ("no", 1)]
    await deciding.one(answer(event_id, "bo", "no"))
    assert shown(deciding)[-1] == ("no", 2)
    assert await deciding.document("kept", f"{event_id}:1") is None


async def test_what_may_not_be_seen_is_not_shown(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=None)
    await deciding.member("ada", 1, attendance="members")
    await deciding.member("bo", 2)
    await deciding.one(answer(event_id, "ada"))
    await deciding.project("groups", {**GROUP, "visibility": "private"})
    await deciding.one(answer(event_id, "bo"))
    assert shown(deciding) == []


async def test_a_number_that_arrives_while_the_rsvp_is_decided_is_not_missed(deciding: Deciding) -> None:
    event_id = await deciding.event(capacity=1)
    await deciding.batch(answer(event_id, "ada"), meanwhile=deciding.arrive("ada", 1))
    handed = {command.name: command for command in deciding.waiting}
    deciding.waiting = []
    await deciding.one(handed[NUMBER_ARRIVED])
    assert shown(deciding) == []
    await deciding.one(handed[WANT_NUMBER])
    assert shown(deciding) == [("yes", 1)]
