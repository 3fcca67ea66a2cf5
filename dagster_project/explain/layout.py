"""Lines of text for a terminal of a hundred columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

WIDTH = 100


def wrapped(content: str, indent: int = 2, hang: int | None = None, lead: str = "") -> list[str]:
    """``content`` behind ``lead``, broken at blanks; later lines begin at column ``hang`` (that of the first)."""
    first = " " * indent + lead
    return textwrap.wrap(
        content,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * (len(first) if hang is None else hang),
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(rows: Iterable[tuple[str, str]], indent: int = 2) -> list[str]:
    """Two columns, the first as wide as its longest, the second broken to what is left."""
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    return [line for name, content in rows for line in wrapped(content, indent, lead=f"{name:<{width}}  ")]
