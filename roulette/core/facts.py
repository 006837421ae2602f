"""Small objects that say one thing and never change."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def fact(cls: type[T]) -> type[T]:
    """Make a dataclass with slots that nobody changes; a type checker sees to that.

    A dataclass that is frozen at run time takes four times as long to make, and each message
    makes half a dozen.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
