"""Reads ``expectations/*.yml``: what the gate expects of a month, with every bound and its reason as data.

A check judges the rows of one small profile table (schema ``gate``) one by one, through one of Great Expectations'
column expectations. Its entry in a suite holds::

    - check: hospital_is_present          snake_case, unique over all suites: what a waiver names
      severity: block                     or warn
      category: completeness              or conformance, plausibility
      protects: fct_spells                the published table that would be wrong
      table: gate_units                   one row per thing judged
      where: "expected_stays >= 10"       optional, SQL: which rows are judged; the others are not applicable
      applies: "units of 10 stays or more"  with `where`: the same in words
      column: stays                       what is judged
      expectation: expect_column_values_to_be_between
      arguments: {min_value: 1}           the bounds
      observed: "{unit_id}: {stays} stays"     what is said of a row, its columns in braces
      expected: "at least {min_value} stay"    what should be, the arguments in braces
      reason: {dated: 2026-11-22, because: "why this bound, and where the figure is from"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import ConfigurationError
from dagster_project.gate.checks import CATEGORIES, SEVERITIES
from dagster_project.settings import EXPECTATIONS_DIR

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_EXPECTATION = re.compile(r"^expect_column_values_[a-z_]+$")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is there
_REQUIRED = {
    "check",
    "severity",
    "category",
    "protects",
    "table",
    "column",
    "expectation",
    "arguments",
    "observed",
    "expected",
    "reason",
}
_OPTIONAL = {"where", "applies"}


@dataclass(frozen=True)
class Check:
    """One expectation of a suite. ``where`` and ``applies`` are empty where every row is judged."""

    name: str
    suite: str
    severity: str
    category: str
    protects: str
    table: str
    where: str
    applies: str
    column: str
    expectation: str
    arguments: Mapping[str, Any]
    observed: str
    expected: str
    reason: str
    reason_on: date


@dataclass(frozen=True)
class Suite:
    """The checks of one feed or mart; ``about`` says in a sentence what is judged."""

    name: str
    about: str
    checks: tuple[Check, ...]


def load_suites(directory: Path = EXPECTATIONS_DIR) -> list[Suite]:
    """Every suite, in order of file name.

    Raises ConfigurationError that names the file and the check where an entry cannot be, a name comes twice, or the
    directory holds no suite: a gate without checks would let everything through.
    """
    suites = [_suite(path) for path in sorted(directory.glob("*.yml"))]
    if not suites:
        raise ConfigurationError(f"{directory} holds no suite of expectations: nothing could be judged.")
    seen: dict[str, str] = {}
    for check in (check for suite in suites for check in suite.checks):
        if check.name in seen:
            raise ConfigurationError(
                f"expectations/{check.suite}.yml, check {check.name}: the name is taken by {seen[check.name]}.yml; "
                "a waiver names a check, so each name must be one check's."
            )
        seen[check.name] = check.suite
    return suites


def all_checks(directory: Path = EXPECTATIONS_DIR) -> list[Check]:
    """The checks of all suites; raises as ``load_suites``."""
    return [check for suite in load_suites(directory) for check in suite.checks]


def _suite(path: Path) -> Suite:
    where = f"expectations/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{where} cannot be read: {' '.join(str(error).split())}.") from None
    if not isinstance(content, dict) or set(content) != {"suite", "about", "checks"}:
        raise ConfigurationError(f"{where}: a suite has exactly the keys suite, about and checks.")
    if content["suite"] != path.stem:
        raise ConfigurationError(f"{where}: the suite is named '{content['suite']}', the file says {path.stem}.")
    if not isinstance(content["checks"], list) or not content["checks"]:
        raise ConfigurationError(f"{where}: checks is not a list of at least one check.")
    checks = tuple(_check(path.stem, where, number, entry) for number, entry in enumerate(content["checks"], 1))
    return Suite(path.stem, str(content["about"]), checks)


def _check(suite: str, where: str, number: int, entry: Any) -> Check:
    name = entry.get("check") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not _NAME.match(name):
        raise ConfigurationError(f"{where}, entry {number}: check is '{name}', not a name in snake_case.")
    fault = _fault(entry)
    if fault:
        raise ConfigurationError(f"{where}, check {name}: {fault}.")
    return Check(
        name=name,
        suite=suite,
        severity=entry["severity"],
        category=entry["category"],
        protects=entry["protects"],
        table=entry["table"],
        where=entry.get("where", ""),
        applies=entry.get("applies", ""),
        column=entry["column"],
        expectation=entry["expectation"],
        arguments=entry["arguments"],
        observed=entry["observed"],
        expected=entry["expected"],
        reason=entry["reason"]["because"],
        reason_on=entry["reason"]["dated"],
    )


def _fault(entry: dict[str, Any]) -> str:
    """What is wrong with an entry, or an empty text."""
    if missing := sorted(_REQUIRED - set(entry)):
        return f"{', '.join(missing)} missing"
    if unknown := sorted(set(entry) - _REQUIRED - _OPTIONAL):
        return f"{', '.join(unknown)} unknown"
    for key in sorted((_REQUIRED | _OPTIONAL) & set(entry) - {"arguments", "reason"}):
        if not isinstance(entry[key], str) or not entry[key].strip():
            return f"{key} is not a text"
    if ("where" in entry) != ("applies" in entry):
        return "where and applies belong together: the condition, and the same in words"
    for key in ("table", "column", "protects"):
        if not _NAME.match(entry[key]):
            return f"{key} is '{entry[key]}', not a name"
    if entry["severity"] not in SEVERITIES:
        return f"severity is '{entry['severity']}', not {' or '.join(SEVERITIES)}"
    if entry["category"] not in CATEGORIES:
        return f"category is '{entry['category']}', not {' or '.join(CATEGORIES)}"
    if not _EXPECTATION.match(entry["expectation"]):
        return f"expectation is '{entry['expectation']}', not one that judges a column's values"
    arguments = entry["arguments"]
    if not isinstance(arguments, dict) or not arguments or "column" in arguments:
        return "arguments is not a mapping of the expectation's bounds (the column has a key of its own)"
    try:
        entry["expected"].format(**arguments)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        return f"expected names what is not among the arguments ({error})"
    reason = entry["reason"]
    if not isinstance(reason, dict) or set(reason) != {"dated", "because"}:
        return "reason has exactly the keys dated and because"
    if type(reason["dated"]) is not date:
        return f"reason.dated is '{reason['dated']}', not a date (yyyy-mm-dd)"
    if not isinstance(reason["because"], str) or not reason["because"].strip():
        return "reason.because is not a text"
    return ""
