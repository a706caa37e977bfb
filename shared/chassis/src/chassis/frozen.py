"""Dataclasses that are made once and never changed."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A dataclass with slots that nothing may change once it is made.

    The type checker refuses every change. At run time nobody does: dataclasses' own guard makes each value cost five
    times as much (2.4 µs instead of 0.5 for nine fields), and one RSVP makes dozens.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
