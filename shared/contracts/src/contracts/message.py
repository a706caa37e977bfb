"""What every message on a topic has in common.

A message is a CloudEvent 1.0 in Kafka binary mode: attributes travel as `ce_*` headers, the value is the JSON of one
of these models. Within a major version fields are only added, and only as optional ones.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """The value of a message.

    `topic` is the registry name without a deployment's prefix; `types` lists the `ce_type`s that carry this shape, but
    for those of `tombstones`: their value is null.
    Readers ignore unknown fields, so that an older reader keeps working beside a newer writer.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    topic: ClassVar[str]
    types: ClassVar[tuple[str, ...]]
    tombstones: ClassVar[tuple[str, ...]] = ()
