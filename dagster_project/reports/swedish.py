"""Numbers and months as a Swedish reader writes them: decimal comma, a hard space between thousands."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

SPACE = "\u00a0"
SOFT_HYPHEN = "\u00ad"

_MONTHS = [
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
]  # fmt: skip


def number(value: Decimal | int) -> str:
    """With the decimals that the number has: ``Decimal("1234.50")`` is ``1 234,50``."""
    return f"{Decimal(value):,f}".replace(",", SPACE).replace(".", ",")


def counted(count: int, one: str, several: str) -> str:
    """``1 kommun``, ``26 kommuner``."""
    return f"{number(count)}{SPACE}{one if count == 1 else several}"


def listed(parts: list[str]) -> str:
    """``a, b och c``."""
    return " och ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def capitalized(text: str) -> str:
    """The first letter large and the rest as it was: ``SIP genomförd`` keeps its capitals."""
    return text[:1].upper() + text[1:]


def tied(text: str) -> str:
    """A number stays on the line of its ``%`` or ``§``."""
    return re.sub(r"(?<=\d) (?=[%§])", SPACE, text)


def hyphenated(text: str) -> str:
    """Long compounds may be broken after the s that joins them: ``inskrivnings-meddelande``."""
    return re.sub(r"(?<=\w{5}s)(?=\w{5})", SOFT_HYPHEN, text)


def month_name(month: date) -> str:
    return f"{_MONTHS[month.month - 1]} {month.year}"
