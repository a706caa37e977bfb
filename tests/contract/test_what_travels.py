"""What messages may say of members (behaviour 1), read from the models of all topics: a new one is asked too."""

from collections.abc import Iterator, Sequence

import pytest

import events_service.consumers
import groups_service.consumers
import notifications_service.consumers
from chassis.consumers import Subscription
from contracts.groups import BlockChanged, ConversationFact, MemberState
from contracts.message import Message
from contracts.public import PublicRsvp
from contracts.registry import MESSAGES, topics

OF_A_MEMBER = {"photo", "bio", "member_name"}
NAMED = {MemberState.topic, PublicRsvp.topic}
"""Where names and photos travel."""
NOWHERE = {"email", "mail", "endpoint", "private_details", "interest", "interests", "reach"}
SUBSCRIPTIONS: dict[str, Sequence[Subscription]] = {
    "groups": groups_service.consumers.SUBSCRIPTIONS,
    "events": events_service.consumers.SUBSCRIPTIONS,
    "notifications": notifications_service.consumers.SUBSCRIPTIONS,
}


def objects(model: type[Message]) -> Iterator[set[str]]:
    """The names of the fields of each object that a message is made of."""
    schema = model.model_json_schema()
    for one in (schema, *schema.get("$defs", {}).values()):
        yield set(one.get("properties", {}))


@pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.__name__)
def test_names_and_photos_of_members_travel_on_two_topics_alone(model: type[Message]) -> None:
    for fields in objects(model):
        says = fields & OF_A_MEMBER | ({"name"} & fields if "member_id" in fields else set())
        assert not says or model.topic in NAMED, f"{model.topic} says {says} of a member"


@pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.__name__)
def test_addresses_private_details_and_interests_are_on_no_topic(model: type[Message]) -> None:
    assert not [fields & NOWHERE for fields in objects(model) if fields & NOWHERE]


def test_the_public_stream_shows_members_by_number_and_by_no_other_id() -> None:
    member = PublicRsvp.model_json_schema()["$defs"]["PublicMember"]["properties"]
    assert (member["member_id"]["type"], set(member) - {"member_id", "member_name", "photo"}) == ("integer", set())
    number = MemberState.model_json_schema()["properties"]["number"]
    assert (number["minimum"], number["exclusiveMaximum"]) == (1, 2**31)


def test_conversation_messages_carry_an_excerpt_of_200_characters_and_are_kept_for_7_days() -> None:
    fields = ConversationFact.model_json_schema()["properties"]
    [text] = [kind for kind in fields["excerpt"]["anyOf"] if kind.get("type") == "string"]
    assert text["maxLength"] == 200
    assert not {"title", "body", "html", "text"} & set(fields)
    assert topics()[ConversationFact.topic].retention_days == 7


def test_blocks_are_on_an_internal_topic_that_notifications_does_not_read_so_nobody_is_told() -> None:
    assert topics()[BlockChanged.topic].kind == "internal"
    readers = {name for name, read in SUBSCRIPTIONS.items() if BlockChanged.topic in {one.topic for one in read}}
    assert readers <= {"groups", "events"}
    assert [model for model in MESSAGES if model.topic == BlockChanged.topic] == [BlockChanged]
