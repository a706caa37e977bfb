"""The AsyncAPI document and its page, from the registry."""

import json

from chassis.http.asyncapi import document
from chassis.http.asyncapi_page import page
from contracts.registry import messages_by_type, topics


def test_a_service_shows_what_it_sends_and_reads() -> None:
    shown = document("events", "1.2", consumed=["groups.group.v1"], prefix="t.")
    assert shown["asyncapi"] == "3.0.0"
    sent = {name for name, topic in topics().items() if "events" in topic.writers and topic.kind != "internal"}
    assert set(shown["channels"]) == sent | {"groups.group.v1"}
    assert shown["operations"]["receive-groups.group.v1"]["action"] == "receive"
    assert shown["operations"]["send-events.rsvp.v1"]["action"] == "send"
    channel = shown["channels"]["public.rsvps.v1"]
    assert channel["address"] == "t.public.rsvps.v1"
    kafka = channel["bindings"]["kafka"]
    assert kafka["partitions"] == topics()["public.rsvps.v1"].partitions
    assert kafka["topicConfiguration"]["cleanup.policy"] == ["compact"]
    assert kafka["topicConfiguration"]["min.compaction.lag.ms"] == 7 * 86_400_000


def test_every_reference_leads_somewhere() -> None:
    for service in ("groups", "events", "notifications"):
        shown = document(service, "1", consumed=topics())

        def follow(value: object, root: object = shown) -> None:
            if isinstance(value, dict):
                if isinstance(value.get("$ref"), str):
                    found: object = root
                    for step in value["$ref"].removeprefix("#/").split("/"):
                        assert isinstance(found, dict)
                        found = found[step]
                for inner in value.values():
                    follow(inner)
            elif isinstance(value, list):
                for inner in value:
                    follow(inner)

        follow(shown)


def test_every_message_type_is_there_with_its_headers() -> None:
    messages = document("groups", "1", consumed=topics())["components"]["messages"]
    assert set(messages) == set(messages_by_type())
    for kind, message in messages.items():
        assert message["headers"]["properties"]["ce_type"]["const"] == kind
        assert "ce_sequence" in message["headers"]["required"]
        assert "ce_actor" not in message["headers"]["required"]


def test_examples_are_those_of_the_registry() -> None:
    shown = document("events", "1")
    message = shown["components"]["messages"]["convene.events.join.asked.v1"]
    (example,) = message["examples"]
    assert example["headers"]["ce_type"] == "convene.events.join.asked.v1"
    assert set(example["headers"]) <= set(message["headers"]["properties"])
    assert set(message["headers"]["required"]) <= set(example["headers"])
    assert set(example["payload"]) <= set(shown["components"]["schemas"]["JoinAsked"]["properties"])
    assert example["headers"]["ce_id"] in page(shown)


def test_every_key_is_told_and_a_tombstone_has_no_value() -> None:
    shown = document("events", "1", consumed=topics())
    messages = shown["components"]["messages"]
    for kind, message in messages.items():
        model = messages_by_type()[kind]
        assert f"`{topics()[model.topic].key}`" in message["bindings"]["kafka"]["key"]["description"]
        assert (message["payload"] == {"type": "null"}) is (kind in model.tombstones)
    assert messages["convene.events.public-rsvp.hidden.v1"]["payload"] == {"type": "null"}
    assert "`{rsvp_id}`" in shown["channels"]["public.rsvps.v1"]["description"]


def test_the_same_registry_gives_the_same_text() -> None:
    first = document("events", "1", consumed=["groups.group.v1", "groups.member.v1"])
    second = document("events", "1", consumed=["groups.member.v1", "groups.group.v1"])
    assert json.dumps(first) == json.dumps(second)


def test_the_page_shows_it_all_and_runs_nothing() -> None:
    shown = document("events", "1", consumed=["groups.group.v1"])
    html = page(shown)
    for name in (*shown["channels"], *shown["components"]["messages"], *shown["components"]["schemas"]):
        assert name in html
    assert "<script" not in html


def test_the_page_escapes() -> None:
    shown = document("<script>alert(1)</script>", "1")
    assert "<script" not in page(shown)
