"""Runs the suites of ``expectations/`` with Great Expectations on a candidate's profile tables.

The tables are small, so they are fetched as data frames (Great Expectations fails on DuckDB through SQLAlchemy). Each
check becomes a column of its suite's frame that holds the judged values, or nothing where a row is not judged: one
suite is then one validation, and its page in the data docs has a section per check.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import duckdb

from dagster_project.errors import LusError
from dagster_project.gate import data_docs
from dagster_project.gate.checks import CheckResult, plain_message
from dagster_project.gate.suites import Check, Suite, load_suites
from dagster_project.settings import EXPECTATIONS_DIR

EXAMPLES = 5
"""How many rows a check's text shows; the count tells of the others."""

_SEVERITIES = {"block": "critical", "warn": "warning"}

Row = dict[str, Any]


def run_expectations(
    warehouse: Path, month: str, docs_dir: Path, suites_dir: Path = EXPECTATIONS_DIR
) -> list[CheckResult]:
    """Judge every check of every suite, in order of name, and write the data docs to ``docs_dir``.

    ``warehouse`` is opened read-only. A check that raises, reads a table or column that is not there, or meets a row
    without a value has result "error"; all others run. Raises LusError where the warehouse is not that of ``month``.
    """
    suites = load_suites(suites_dir)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")  # an instant in a text must not hang on the machine's zone
        _require_month(connection, warehouse, month)
        tables = _Tables(connection)
        fetched = {suite.name: [_fetch(connection, tables, check) for check in suite.checks] for suite in suites}
    judged = {result.check_name: result for result in _validate(suites, fetched, month, docs_dir)}
    data_docs.write_index(docs_dir, month, suites, judged)
    return [judged[name] for name in sorted(judged)]


def _require_month(connection: duckdb.DuckDBPyConnection, warehouse: Path, month: str) -> None:
    try:
        found = connection.execute("select strftime(month, '%Y-%m') from bronze.candidate").fetchall()
    except duckdb.Error as error:
        raise LusError(f"{warehouse} is no candidate: {plain_message(str(error))}. Build it again.") from None
    if found != [(month,)]:
        raise LusError(f"{warehouse} is the candidate of {found}, not of {month}. Build it again.")


@dataclass
class _Judged:
    """A check with the rows of its table and, for each, the judged value: None where the row is not judged.

    ``error`` says why the check cannot run; it is empty where it can.
    """

    check: Check
    rows: list[Row] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    error: str = ""


class _Tables:
    """The profile tables by name, each fetched once, rows in the order of all columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: dict[str, list[Row]] = {}

    def rows(self, table: str) -> list[Row]:
        if table not in self._rows:
            cursor = self._connection.execute(f'select * from gate."{table}" order by all')
            columns = [column[0] for column in cursor.description or []]
            self._rows[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return self._rows[table]


def _fetch(connection: duckdb.DuckDBPyConnection, tables: _Tables, check: Check) -> _Judged:
    try:
        rows = tables.rows(check.table)
        found = connection.execute(
            f'select coalesce({check.where or "true"}, false), "{check.column}" '
            f'from (select * from gate."{check.table}" order by all)'
        ).fetchall()
    except duckdb.Error as error:
        return _Judged(check, error=plain_message(str(error)))
    without = sum(1 for is_judged, value in found if is_judged and value is None)
    if without:
        return _Judged(check, error=f"{without} judged rows have no value of {check.column}")
    return _Judged(check, rows, [value if is_judged else None for is_judged, value in found])


def _validate(
    suites: Sequence[Suite], fetched: Mapping[str, list[_Judged]], month: str, docs_dir: Path
) -> Iterator[CheckResult]:
    """Run Great Expectations on every suite and build its data docs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the package is imported
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

        logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # what raises is told by the result
        context = data_docs.context(gx, docs_dir)
        source = context.data_sources.add_pandas("candidate")
        for suite in suites:
            yield from _validate_suite(gx, context, source, suite, fetched[suite.name], month)
        context.build_data_docs(site_names=[data_docs.SITE])


def _validate_suite(
    gx: Any, context: Any, source: Any, suite: Suite, fetched: list[_Judged], month: str
) -> Iterator[CheckResult]:
    """One validation of one frame: a column per check, as long as the longest of the tables judged."""
    import pandas as pd

    expectations = []
    for judged in fetched:
        if not judged.error:
            try:
                expectations.append(_expectation(judged.check))
            except Exception as error:  # whatever an entry makes the library raise: this check could not run
                judged.error = plain_message(str(error))
        if judged.error:
            yield _could_not_run(judged.check, judged.error)
    running = {judged.check.name: judged for judged in fetched if not judged.error}
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=suite.name,
            data=source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("month"),
            suite=context.suites.add(
                gx.ExpectationSuite(name=suite.name, notes=suite.about, expectations=expectations)
            ),
        )
    )
    outcome = definition.run(
        batch_parameters={
            "dataframe": pd.DataFrame({name: _series(judged.values) for name, judged in running.items()})
        },
        result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False},
        run_id=gx.RunIdentifier(run_name=f"release-{month}"),
    )
    for result in outcome.results:
        yield _read(running[result.expectation_config.meta["check"]], result)


def _expectation(check: Check) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(check.expectation)(
        column=check.name,
        severity=_SEVERITIES[check.severity],
        notes=f"{check.reason_on}: {check.reason} Protects {check.protects}.",
        meta={"check": check.name, "category": check.category, "protects": check.protects},
        **check.arguments,
    )


def _series(values: list[Any]) -> Any:
    """A column of the frame: floats where the values are decimals or none is judged, else as they are."""
    import pandas as pd

    if all(value is None for value in values):
        return pd.Series(values, dtype="float64")
    return pd.Series([float(value) if isinstance(value, Decimal) else value for value in values])


def _read(judged: _Judged, result: Any) -> CheckResult:
    check = judged.check
    if raised := _exception(result.exception_info):
        return _could_not_run(check, raised)
    rows = [row for row, value in zip(judged.rows, judged.values, strict=True) if value is not None]
    unexpected = [judged.rows[index] for index in result.result.get("unexpected_index_list") or []]
    if bool(result.success) == bool(unexpected):
        return _could_not_run(check, "the outcome and the rows it names contradict each other")
    try:
        observed = _observed(check, rows, unexpected)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        return _could_not_run(check, f"its text names what is not in {check.table}: {plain_message(str(error))}")
    return _result(check, "passed" if result.success else "failed", observed)


def _exception(info: Mapping[str, Any]) -> str:
    """The message of what was raised, or an empty text; the library nests it by metric where a metric raised."""
    for entry in [info] if "raised_exception" in info else info.values():
        if entry.get("raised_exception"):
            return plain_message(str(entry.get("exception_message") or "an exception without a message"))
    return ""


def _observed(check: Check, judged: list[Row], unexpected: list[Row]) -> str:
    if not judged:
        return f"not applicable: no {check.applies}" if check.applies else "not applicable: no rows"
    if not unexpected:
        first = _text(check, judged[0])
        return first if len(judged) == 1 else f"{len(judged)} judged, all as expected"
    examples = "; ".join(_text(check, row) for row in unexpected[:EXAMPLES])
    rest = len(unexpected) - EXAMPLES
    more = f"; and {rest} more" if rest > 0 else ""
    return examples + more if len(judged) == 1 else f"{len(unexpected)} of {len(judged)}: {examples}{more}"


class _RowFormatter(Formatter):
    """Writes a row into a check's text; what is not known is a dash, whatever form was asked for."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return "–" if value is None else str(super().format_field(value, format_spec))


def _text(check: Check, row: Row) -> str:
    return _RowFormatter().vformat(check.observed, (), row)


def _could_not_run(check: Check, why: str) -> CheckResult:
    return _result(check, "error", f"could not run: {why}")


def _result(check: Check, result: str, observed: str) -> CheckResult:
    return CheckResult(
        check_name=check.name,
        source="expectations",
        category=check.category,
        severity=check.severity,
        protects=check.protects,
        result=result,
        observed=observed,
        expected=check.expected.format(**check.arguments),
    )
