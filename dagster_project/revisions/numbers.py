"""Published numbers as people and machines read them: without the zeros that the type adds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def for_machines(value: Any) -> Any:
    """Facts with every Decimal, at whatever depth, as JSON's own number."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: for_machines(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [for_machines(part) for part in value]
    return value


def spaced(value: Decimal | int | None) -> str:
    """``1 234.5``; a dash where there is none, which is not 0."""
    if value is None:
        return "–"
    text = f"{Decimal(value):,f}".replace(",", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: Decimal | int | None) -> str:
    return ("+" if value and value > 0 else "") + spaced(value)
