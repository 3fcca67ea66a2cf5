"""Small faults in a model's SQL, as a tired hand would make them: each is one edit at one place.

The SQL is that which dbt compiled, so that a fault in a macro is tried wherever the macro is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One edit of a model: ``line`` is 1-based in the compiled SQL; ``was`` and ``became`` are that line's text."""

    model: str
    operator: str
    line: int
    was: str
    became: str
    sql: str

    @property
    def name(self) -> str:
        return f"{self.model}:{self.line} {self.operator}: {self.was.strip()}  →  {self.became.strip() or '(gone)'}"


# What is replaced, and by what; the whole list is tried at every place where the pattern stands.
_REPLACED: list[tuple[str, str, str]] = [
    ("flipped comparison", r"<=", "<"),
    ("flipped comparison", r">=", ">"),
    ("flipped comparison", r"(?<![<>=])<(?![>=])", "<="),
    ("flipped comparison", r"(?<![<>=])>(?!=)", ">="),
    ("turned comparison", r"(?<![<>=])>(?!=)", "<"),
    ("turned comparison", r"<>", "="),
    ("turned comparison", r" = (?=')", " <> "),
    ("one day more", r"\+ cast\(([a-z_.0-9]+) as integer\)", r"+ cast(\1 + 1 as integer)"),
    ("one day less", r"\+ cast\(([a-z_.0-9]+) as integer\)", r"+ cast(\1 - 1 as integer)"),
    ("one day more", r"(\) - \([a-z_.]+\)) as integer\)", r"\1 + 1 as integer)"),
    ("another bound", r"greatest\(", "least("),
    ("another bound", r"least\(", "greatest("),
    ("another end", r"\bmin\(", "max("),
    ("another sum", r"\bsum\(", "max("),
    ("another count", r"count\(distinct ", "count("),
    ("no negation", r"\bnot (?=[a-z(])", ""),
    ("another null", r"\bis null\b", "is not null"),
    ("another null", r"\bis not null\b", "is null"),
    ("another connective", r" and (?!.* rows )", " or "),
    ("another connective", r" or ", " and "),
    ("no unmatched rows", r"left join", "inner join"),
    ("another zero", r"(then|else) 0\b", r"\1 1"),
    ("another sign", r" - ", " + "),
    ("another sign", r" \* ", " + "),
    ("another truth", r"\bfalse\)", "true)"),
]

# Columns that could be taken for one another: each is put in the other's place.
_SWAPPED = [
    ("ready_on", "ended_on"),
    ("day_zero", "ready_on"),
    ("first_liable_date", "day_zero"),
    ("valid_from", "valid_to"),
    ("sent_at", "assessed_at"),
    ("month_end", "month"),
    ("sum_days", "intervals"),
    ("days_above", "days_of_mean"),
    ("cap_days", "individual_above_days"),
    ("cap_days", "last_free_day"),
    ("sip_required", "measures_declined"),
    ("expected_amount", "invoiced_amount"),
    ("disputed_lines", "lines"),
]

_COMMENT = re.compile(r"^\s*--")
_CONDITION = re.compile(r"^\s*(and|or|where|when)\b")
_ALIAS = re.compile(r"\bas [a-z_]+,?$")


def mutants(model: str, sql: str) -> Iterator[Mutant]:
    """Every mutant of a model's compiled SQL, in order of line."""
    lines = sql.splitlines()
    for number, line in enumerate(lines, 1):
        if _COMMENT.match(line) or not line.strip():
            continue
        edits = dict.fromkeys([*_replaced(line), *_swapped(line), *_dropped(line)])
        for operator, became in edits:
            whole = "\n".join([*lines[: number - 1], became, *lines[number:]])
            yield Mutant(model, operator, number, line, became, whole)


def _replaced(line: str) -> Iterator[tuple[str, str]]:
    code = line.split(" -- ")[0]
    for operator, pattern, by in _REPLACED:
        for match in re.finditer(pattern, code):
            yield operator, line[: match.start()] + match.expand(by) + line[match.end() :]


def _swapped(line: str) -> Iterator[tuple[str, str]]:
    """A column in place of another where it is used, not where it is named."""
    named = _ALIAS.search(line)
    used = line[: named.start()] if named else line
    if not re.search(r"[=<>+\-(,]|\bas\b|\b(and|or|not)\b", line):
        return
    for one, other in _SWAPPED:
        for was, by in ((one, other), (other, one)):
            for match in re.finditer(rf"\b{was}\b(?! *\()", used):
                yield "swapped column", line[: match.start()] + by + line[match.end() :]


def _dropped(line: str) -> Iterator[tuple[str, str]]:
    """A condition on a line of its own, gone."""
    start = _CONDITION.match(line)
    if start and start[1] in ("and", "or") and line.count("(") == line.count(")"):
        yield "dropped condition", ""
