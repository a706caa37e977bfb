"""AsyncAPI 3 from the topic registry: what a service sends and reads, the same text for the same registry."""

import json
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from pydantic.json_schema import models_json_schema

from chassis.kafka import topic_name
from chassis.topics import configs
from contracts.message import Message
from contracts.registry import MESSAGES, Topic, topics

_KINDS = {
    "state": "Compacted: each message carries the whole public state of its subject, the last one counts.",
    "fact": "Retained: each message says what happened; `ce_sequence` has no gaps per subject.",
    "public": "Public stream: compacted, the last message of a key is the current state, null takes it back.",
    "internal": "Internal.",
}
_REPEATS = (
    "Read with `isolation.level=read_committed`: no repeats, nothing old after something new. "
    "A `read_uncommitted` reader may see repeats with the same `ce_id`."
)
_HEADERS: Mapping[str, tuple[str, str]] = {
    "ce_specversion": ("string", "CloudEvents version, 1.0"),
    "ce_id": ("string", "The same for every sending of this message"),
    "ce_source": ("string", "The service that decided it"),
    "ce_type": ("string", "What the message says"),
    "ce_time": ("string", "When it was decided, RFC 3339"),
    "ce_subject": ("string", "Id of the aggregate it is about"),
    "ce_sequence": ("string", "Running number per topic and subject, decimal digits"),
    "ce_actor": (
        "string",
        "The member who caused it; absent where a worker did, as in most steps of an erasure",
    ),
    "lane": ("string", "Lane of the writer's journal"),
    "n": ("string", "Batch in that lane, decimal digits"),
    "traceparent": (
        "string",
        "W3C trace context of what caused it; earlier releases left it out where a worker did",
    ),
    "content-type": ("string", "application/json"),
}
_OPTIONAL = {"ce_actor", "traceparent"}


def document(service: str, version: str, *, consumed: Collection[str] = (), prefix: str = "") -> dict[str, Any]:
    """The AsyncAPI 3.0 document of a service.

    consumed: registry names it reads; prefix: the deployment's, part of each channel's address.
    """
    registry = topics()
    sent = sorted(topic.name for topic in registry.values() if service in topic.writers and topic.kind != "internal")
    read = sorted(name for name in consumed if name in registry)
    models = [model for model in MESSAGES if model.topic in {*sent, *read}]
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Convene {service}: messages",
            "version": version,
            "description": f"CloudEvents 1.0 on Kafka, binary mode. {_REPEATS}",
        },
        "defaultContentType": "application/json",
        "channels": {
            name: _channel(registry[name], topic_name(prefix, name), models) for name in sorted({*sent, *read})
        },
        "operations": {
            **{f"send-{name}": _operation("send", name) for name in sent},
            **{f"receive-{name}": _operation("receive", name) for name in read},
        },
        "components": {
            "messages": {kind: _message(model, kind) for model in models for kind in model.types},
            "schemas": dict(sorted(schemas.get("$defs", {}).items())),
        },
    }


def topic_configuration(topic: Topic, replication: int = 1) -> dict[str, Any]:
    """A topic's settings as AsyncAPI's Kafka binding wants them: a list of policies, numbers as numbers."""
    return {
        name: value.split(",") if name == "cleanup.policy" else int(value) if value.isdigit() else value
        for name, value in sorted(configs(topic, replication).items())
    }


def _channel(topic: Topic, address: str, models: Collection[type[Message]]) -> dict[str, Any]:
    kinds = [kind for model in models if model.topic == topic.name for kind in model.types]
    return {
        "address": address,
        "title": topic.name,
        "summary": f"Written by {', '.join(topic.writers)}.",
        "description": f"{_KINDS[topic.kind]} Key: `{topic.key}`. The partition is murmur2 of the {topic.partition}.",
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
        "bindings": {
            "kafka": {
                "topic": address,
                "partitions": topic.partitions,
                "topicConfiguration": topic_configuration(topic),
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operation(action: str, name: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": "#/channels/" + name.replace("~", "~0").replace("/", "~1")}}


def _message(model: type[Message], kind: str) -> dict[str, Any]:
    told = " ".join((model.__doc__ or "").split())
    key = f"`{topics()[model.topic].key}`, with what these fields of the value hold"
    shown: dict[str, Any] = {
        "name": kind,
        "title": kind.split(".", 2)[-1],
        "summary": told.partition(". ")[0].rstrip(".") + ".",
        "description": told,
        "contentType": "application/json",
        "headers": _headers(kind),
        "payload": {"type": "null"} if kind in model.tombstones else {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}},
    }
    example = _example(model.topic, kind)
    if example is not None:
        shown["examples"] = [example]
    return shown


def _headers(kind: str) -> dict[str, Any]:
    properties = {name: {"type": type_, "description": told} for name, (type_, told) in _HEADERS.items()}
    properties["ce_type"]["const"] = kind
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in _HEADERS if name not in _OPTIONAL],
    }


def _example(topic: str, kind: str) -> dict[str, Any] | None:
    """From the registry's example files; None where there is none. A null value (a tombstone) has no payload."""
    found = files("contracts").joinpath("examples", topic, f"{kind}.json")
    if not found.is_file():
        return None
    record = json.loads(found.read_text(encoding="utf-8"))
    shown = {"name": kind, "summary": f"Record key: {record['key']}", "headers": record["headers"]}
    return shown if record["value"] is None else shown | {"payload": record["value"]}
