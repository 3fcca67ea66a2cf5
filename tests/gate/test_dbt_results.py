"""dbt's tests as checks, from the artifacts of a real run of a small project on DuckDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.errors import LusError
from dagster_project.gate import dbt_results
from dagster_project.gate.checks import CheckResult

_FILES = {
    "dbt_project.yml": """
name: small
version: "1.0.0"
profile: small
flags: {send_anonymous_usage_stats: false}
""",
    "profiles.yml": """
small:
  target: here
  outputs:
    here: {type: duckdb, path: "{{ env_var('SMALL_WAREHOUSE') }}", threads: 1}
""",
    "models/fct_stays.sql": "select 1 as stay_id, 'a' as hospital_id union all select 1, null union all select 2, 'b'",
    "models/fct_broken.sql": "{{ config(materialized='table') }} select cast('x' as integer) as broken_id",
    "models/models.yml": """
version: 2
models:
  - name: fct_stays
    columns:
      - name: stay_id
        data_tests:
          - unique: {description: One row per stay.}
          - not_null
          - accepted_values:
              arguments: {values: [1], quote: false}
              config: {severity: warn, meta: {category: plausibility}}
          - not_null: {name: not_run_at_all}
      - name: hospital_id
        data_tests:
          - not_null: {config: {error_if: '>5', meta: {category: completeness}}}
  - name: fct_broken
    columns:
      - name: broken_id
        data_tests: [unique]
unit_tests:
  - name: a_unit_test_is_no_check_of_the_month
    model: fct_stays
    given: []
    expect: {rows: [{stay_id: 1, hospital_id: a}, {stay_id: 1}, {stay_id: 2, hospital_id: b}]}
""",
    "tests/raises.sql": "select * from {{ ref('fct_stays') }} where cast('191212121212' as tinyint) = stay_id",
}


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("small")
    for name, text in _FILES.items():
        path = project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run(
        [
            *[sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test"],
            *["--exclude", "not_run_at_all", "--project-dir", ".", "--profiles-dir", "."],
        ],
        cwd=project,
        env={**os.environ, "SMALL_WAREHOUSE": str(project / "small.duckdb")},
        capture_output=True,
        check=False,  # tests fail, as they shall
    )
    return project / "target"


@pytest.fixture(scope="module")
def checks(target: Path) -> dict[str, CheckResult]:
    return {check.check_name: check for check in dbt_results.read(target)}


def test_every_data_test_is_a_check_and_no_unit_test_is(checks: dict[str, CheckResult]) -> None:
    assert list(checks) == [
        "accepted_values_fct_stays_stay_id__False__1",
        "not_null_fct_stays_hospital_id",
        "not_null_fct_stays_stay_id",
        "not_run_at_all",
        "raises",
        "unique_fct_broken_broken_id",
        "unique_fct_stays_stay_id",
    ]
    assert {check.source for check in checks.values()} == {"dbt"}


def test_a_test_that_passes(checks: dict[str, CheckResult]) -> None:
    assert checks["not_null_fct_stays_stay_id"] == CheckResult(
        "not_null_fct_stays_stay_id",
        "dbt",
        "conformance",
        "block",
        "fct_stays",
        "passed",
        "0 failing rows",
        "0 failing rows",
    )


def test_a_test_that_fails_blocks_and_says_how_many_rows(checks: dict[str, CheckResult]) -> None:
    failing = checks["unique_fct_stays_stay_id"]
    assert (failing.result, failing.severity, failing.observed) == ("failed", "block", "1 failing row")
    assert failing.expected == "0 failing rows: One row per stay."


def test_a_test_of_severity_warn_warns(checks: dict[str, CheckResult]) -> None:
    warning = checks["accepted_values_fct_stays_stay_id__False__1"]
    assert (warning.result, warning.severity, warning.category) == ("failed", "warn", "plausibility")


def test_a_test_below_its_error_threshold_warns(checks: dict[str, CheckResult]) -> None:
    below = checks["not_null_fct_stays_hospital_id"]
    assert (below.result, below.severity, below.category) == ("failed", "warn", "completeness")


def test_a_test_that_raises_is_an_error_without_the_value(checks: dict[str, CheckResult]) -> None:
    raised = checks["raises"]
    assert (raised.result, raised.severity, raised.protects) == ("error", "block", "fct_stays")
    assert raised.observed.startswith("could not run (error): ")
    assert "191212121212" not in raised.observed
    assert "/" not in raised.observed


def test_a_test_that_was_skipped_or_never_ran_is_an_error(checks: dict[str, CheckResult]) -> None:
    skipped, missing = checks["unique_fct_broken_broken_id"], checks["not_run_at_all"]
    assert (skipped.result, skipped.severity) == ("error", "block")
    assert skipped.observed.startswith("could not run (skipped)")
    assert (missing.result, missing.severity) == ("error", "block")
    assert missing.observed == "did not run: dbt has no result for it"


def test_missing_and_broken_records_are_refused(target: Path, tmp_path: Path) -> None:
    with pytest.raises(LusError, match=r"no manifest\.json"):
        dbt_results.read(tmp_path)
    (tmp_path / "manifest.json").write_bytes((target / "manifest.json").read_bytes())
    with pytest.raises(LusError, match=r"no run_results\.json"):
        dbt_results.read(tmp_path)
    results = tmp_path / "run_results.json"
    results.write_text('{"resul', encoding="utf-8")
    with pytest.raises(LusError, match="is not JSON"):
        dbt_results.read(tmp_path)
    results.write_text(json.dumps([]), encoding="utf-8")
    with pytest.raises(LusError, match="is no record of dbt"):
        dbt_results.read(tmp_path)
