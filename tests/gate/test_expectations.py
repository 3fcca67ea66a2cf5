"""The suites of ``expectations/`` on real Great Expectations: green on a plain month, each check red on its fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.errors import ConfigurationError, LusError
from dagster_project.gate import suites
from dagster_project.gate.checks import CheckResult
from dagster_project.gate.expectations_run import run_expectations
from dagster_project.settings import EXPECTATIONS_DIR
from tests.gate.profiles import FAULTS, MONTH, plain_warehouse
from tests.reports.browser import assert_everyone_can_read

Results = dict[str, CheckResult]

NAMES = [check.name for check in suites.all_checks()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_warehouse(tmp_path_factory.mktemp("plain") / "warehouse.duckdb")


@pytest.fixture(scope="module")
def plain_docs(plain: Path) -> Path:
    return plain.parent / "data_docs"


@pytest.fixture(scope="module")
def on_plain(plain: Path, plain_docs: Path) -> Results:
    return _by_name(run_expectations(plain, MONTH, plain_docs))


@pytest.fixture(scope="module")
def on_faults(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    faulty = _copy(plain, tmp_path_factory.mktemp("faulty"))
    _execute(faulty, *(statement for statement, _ in FAULTS.values()))
    return _by_name(run_expectations(faulty, MONTH, faulty.parent / "data_docs"))


def _by_name(results: list[CheckResult]) -> Results:
    return {result.check_name: result for result in results}


def _copy(warehouse: Path, directory: Path) -> Path:
    return Path(shutil.copy(warehouse, directory / "warehouse.duckdb"))


def _execute(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_every_check_has_a_fault_and_every_fault_a_check() -> None:
    assert sorted(FAULTS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_check_passes_on_a_plain_month_and_judges_something(name: str, on_plain: Results) -> None:
    assert on_plain[name].result == "passed", on_plain[name].observed
    assert not on_plain[name].observed.startswith("not applicable")


@pytest.mark.parametrize("name", NAMES)
def test_check_fails_on_its_fault(name: str, on_faults: Results) -> None:
    assert on_faults[name].result == "failed", on_faults[name].observed
    assert FAULTS[name][1] in on_faults[name].observed


def test_a_first_month_of_a_small_region_is_not_red_by_chance(plain: Path, tmp_path: Path) -> None:
    warehouse = _copy(plain, tmp_path)
    _execute(
        warehouse,
        "update gate.gate_units set amount = 0, months_before = 0, mean_before = null, recent_mean = null, "
        "lowest_before = 0, highest_before = 0, share_of_lowest = null, share_of_highest = null",
        "update gate.gate_days set stays_admitted = 0, stays_discharged = 0, messages = 0, mean_stays_admitted = 2, "
        "mean_stays_discharged = 2, mean_messages = 2, admitted_share_of_mean = 0",
        "update gate.gate_figures set numerator = denominator, amount = 1, denominator = 40, months_before = 0, "
        "denominator_before = 0, amount_before = null, difference = null, times_before = null",
        "update gate.gate_codes set is_new = true, months_before = 0, rows_before = 0",
        "update gate.gate_code_columns set rows_judged = 40, missing_share = 1, unknown_share = 1, months_before = 0, "
        "missing_share_before = null, missing_share_change = null",
        "update gate.gate_deliveries set rows_delivered = 40, rows_loaded = 40, keys_new = 40, expected_rows = null, "
        "quarantined_share = 0.1, orphaned_share = 0.1, new_share_of_expected = null",
    )
    results = _by_name(run_expectations(warehouse, MONTH, tmp_path / "data_docs"))
    assert [name for name, result in results.items() if result.result != "passed"] == []
    assert results["hospital_is_present"].observed == (
        "not applicable: no hospital with a mean of 10 stays in the last 3 months"
    )


def test_what_is_observed_and_expected_reads_as_a_sentence_without_the_rest(on_faults: Results) -> None:
    gone = on_faults["hospital_is_present"]
    assert gone.observed == (
        "1 of 8: hospital_id SE-GONE: 0 stays_admitted, mean of the last 3 months 1000 "
        "(of 12 months before 1000, 1000–1000)"
    )
    assert gone.expected == "at least 1 of every hospital that had 10 a month or more"
    assert (gone.severity, gone.category, gone.protects) == (
        "block",
        "completeness",
        "mart_ready_days_by_hospital_monthly",
    )


def test_no_more_than_five_examples_and_the_count_of_the_rest(plain: Path, tmp_path: Path) -> None:
    warehouse = _copy(plain, tmp_path)
    _execute(warehouse, "update gate.gate_days set stays_admitted = 0 where date_on <= date '2026-10-08'")
    observed = _by_name(run_expectations(warehouse, MONTH, tmp_path / "docs"))["day_without_admissions"].observed
    assert observed.startswith("8 of 31: 2026-10-01: 0 admissions")
    assert observed.count("0 admissions") == 5
    assert observed.endswith("; and 3 more")


@pytest.fixture
def broken_suites(tmp_path: Path) -> Iterator[Path]:
    """The shipped suites and one of checks that cannot run, each in a way of its own."""
    directory = tmp_path / "expectations"
    shutil.copytree(EXPECTATIONS_DIR, directory)
    checks = [
        _entry("reads_no_such_table", table="gate_nothing"),
        _entry("reads_no_such_column", column="nothing"),
        _entry("asks_for_no_such_column", where="nothing = 3", applies="nothing"),
        _entry("is_no_expectation", expectation="expect_column_values_to_be_wonderful"),
        _entry("has_a_wrong_argument", arguments={"nonsense": 1}, expected="-"),
        _entry(
            "raises_while_it_runs",
            column="unit_id",
            expectation="expect_column_values_to_match_regex",
            arguments={"regex": "("},
            expected="-",
        ),
        _entry("judges_a_row_without_a_value", table="gate_mart_months", column="open_before", observed="-"),
        _entry("names_no_such_column_in_its_text", observed="{nothing}"),
    ]
    broken = {"suite": "broken", "about": "Checks that cannot run.", "checks": checks}
    (directory / "broken.yml").write_text(yaml.safe_dump(broken), encoding="utf-8")
    yield directory


def _entry(name: str, **changes: object) -> dict[str, object]:
    return {
        "check": name,
        "severity": "block",
        "category": "conformance",
        "protects": "fct_spells",
        "table": "gate_units",
        "column": "amount",
        "expectation": "expect_column_values_to_be_between",
        "arguments": {"min_value": 0},
        "observed": "{unit_id}",
        "expected": "at least {min_value}",
        "reason": {"dated": "2026-11-22", "because": "a test"},
        **changes,
    }


def test_a_check_that_cannot_run_is_an_error_and_all_others_run(
    plain: Path, tmp_path: Path, broken_suites: Path, on_plain: Results
) -> None:
    broken = broken_suites / "broken.yml"
    broken.write_text(broken.read_text().replace("'2026-11-22'", "2026-11-22"))
    results = _by_name(run_expectations(plain, MONTH, tmp_path / "data_docs", broken_suites))
    others = {name: result for name, result in results.items() if name in on_plain}
    assert others == on_plain
    errors = {name: result.observed for name, result in results.items() if name not in on_plain}
    assert {results[name].result for name in errors} == {"error"}
    assert all(observed.startswith("could not run: ") for observed in errors.values())
    assert "gate_nothing does not exist" in errors["reads_no_such_table"]
    assert '"nothing" not found' in errors["reads_no_such_column"]
    assert '"nothing" not found' in errors["asks_for_no_such_column"]
    assert "expect_column_values_to_be_wonderful not found" in errors["is_no_expectation"]
    assert "extra fields not permitted" in errors["has_a_wrong_argument"]
    assert "unterminated subpattern" in errors["raises_while_it_runs"]
    assert errors["judges_a_row_without_a_value"] == "could not run: 1 judged rows have no value of open_before"
    assert "gate_units" in errors["names_no_such_column_in_its_text"]


def test_data_docs_open_without_a_network_and_hold_every_check(on_plain: Results, plain_docs: Path) -> None:
    index = (plain_docs / "index.html").read_text(encoding="utf-8")
    assert all(name in index for name in on_plain)
    pages = sorted(plain_docs.glob("validations/**/*.html"))
    assert len(pages) == len(suites.load_suites())
    assert all(page.relative_to(plain_docs).as_posix() in index for page in pages)
    for page in [plain_docs / "index.html", *pages]:
        text = page.read_text(encoding="utf-8")
        assert 'rel="stylesheet"' not in text
        assert 'src="http' not in text
        assert text.index("default-src 'none'") < text.index("<style")
    assert {path.stat().st_mode & 0o077 for path in plain_docs.rglob("*")} == {0}


def test_everyone_can_read_the_gates_page(on_plain: Results, plain_docs: Path, tmp_path: Path) -> None:
    assert_everyone_can_read([plain_docs / "index.html"], tmp_path)


def test_the_data_docs_are_great_expectations_own(on_plain: Results, plain_docs: Path) -> None:
    [page] = plain_docs.glob("validations/episodes/**/*.html")
    text = page.read_text(encoding="utf-8")
    assert "Great Expectations" in text
    assert all(check.name in text for check in suites.all_checks() if check.suite == "episodes")


def test_the_results_hang_on_no_time_zone_nor_number_of_cores(plain: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[3])])\n"
        "from dagster_project.gate.expectations_run import run_expectations\n"
        "print(run_expectations(Path(sys.argv[1]), '2026-10', Path(sys.argv[2])))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(plain), str(tmp_path / zone.replace("/", "_")), cores],
            env={**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": cores},
            cwd=EXPECTATIONS_DIR.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone, cores in (("Pacific/Auckland", "1"), ("America/Anchorage", "2"))
    }
    assert len(outputs) == 1


def test_a_warehouse_of_another_month_is_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(LusError, match="not of 2026-09"):
        run_expectations(plain, "2026-09", tmp_path / "data_docs")


def test_a_file_that_is_no_candidate_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(LusError, match="is no candidate"):
        run_expectations(empty, MONTH, tmp_path / "data_docs")


def test_no_profile_table_holds_a_person(plain: Path) -> None:
    models = (EXPECTATIONS_DIR.parent / "dbt" / "models" / "gate").glob("gate_*.sql")
    for model in models:
        published = model.read_text(encoding="utf-8").rsplit("final as (", 1)[1]
        assert "person_key" not in published, model.name


def _suite(directory: Path, *entries: dict[str, object]) -> Path:
    content = {"suite": "tried", "about": "Tried.", "checks": list(entries)}
    text = yaml.safe_dump(content, sort_keys=False).replace("'2026-11-22'", "2026-11-22")
    (directory / "tried.yml").write_text(text, encoding="utf-8")
    return directory


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"severity": "fatal"}, "check tried: severity is 'fatal', not block or warn"),
        ({"category": "beauty"}, "check tried: category is 'beauty'"),
        ({"expectation": "expect_table_row_count_to_equal"}, "check tried: expectation is"),
        ({"arguments": {}}, "check tried: arguments is not a mapping"),
        ({"arguments": {"column": "x"}}, "check tried: arguments is not a mapping"),
        ({"expected": "at least {maximum}"}, "check tried: expected names what is not among the arguments"),
        ({"where": "amount > 3"}, "check tried: where and applies belong together"),
        ({"table": "gate.units"}, "check tried: table is 'gate.units', not a name"),
        ({"reason": {"dated": "2026-11-22"}}, "check tried: reason has exactly the keys dated and because"),
        ({"reason": {"dated": "lately", "because": "x"}}, "check tried: reason.dated is 'lately', not a date"),
        ({"reason": {"dated": "2026-11-22", "because": ""}}, "check tried: reason.because is not a text"),
        ({"observed": ""}, "check tried: observed is not a text"),
        ({"bound": 3}, "check tried: bound unknown"),
        ({"check": "Not a name"}, "entry 1: check is 'Not a name', not a name in snake_case"),
    ],
)
def test_a_suite_that_cannot_be_names_file_and_check(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    _suite(tmp_path, {**_entry("tried"), **changes})
    with pytest.raises(ConfigurationError) as error:
        suites.load_suites(tmp_path)
    assert str(error.value).startswith("expectations/tried.yml, ")
    assert message in str(error.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    entry = _entry("tried")
    del entry["protects"]
    _suite(tmp_path, entry)
    with pytest.raises(ConfigurationError, match=r"tried\.yml, check tried: protects missing"):
        suites.load_suites(tmp_path)


def test_two_checks_of_one_name_are_refused(tmp_path: Path) -> None:
    _suite(tmp_path, _entry("twice"), _entry("twice"))
    with pytest.raises(ConfigurationError, match=r"check twice: the name is taken"):
        suites.load_suites(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suite: [", "cannot be read"),
        ("suite: tried\nabout: x\n", "exactly the keys suite, about and checks"),
        ("suite: other\nabout: x\nchecks: [1]\n", "named 'other', the file says tried"),
        ("suite: tried\nabout: x\nchecks: []\n", "not a list of at least one check"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tried.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        suites.load_suites(tmp_path)
    assert message in str(error.value)


def test_a_gate_without_suites_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no suite"):
        suites.load_suites(tmp_path)
