"""The first time a member is met here, or met again after they were forgotten."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberMet:
    """A member made their first authenticated call to this service."""

    member_id: str
