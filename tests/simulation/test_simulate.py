"""What would be owed under other agreement rows: by the same SQL, on a release that stays as it is, leaving nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.errors import ConfigurationError, ReferenceRowError
from dagster_project.progress import Progress
from dagster_project.releases import catalogue
from dagster_project.releases.catalogue import Release
from dagster_project.settings import PROJECT_ROOT, Settings
from dagster_project.simulation.simulate import Simulation, simulate
from tests.run.conftest import FIRST, INVOICED_FROM, MEAN_AGREEMENT, MEAN_FROM, PUBLISHED, REGION, Installation

HEADER = (
    "agreement_id,region_code,payment_class,valid_from,model,last_free_day,day_count,noon_cutoff,consecutive_months\n"
)
SAME = f"{MEAN_AGREEMENT},{REGION},somatic,{MEAN_FROM}-01,mean,2,calendar,12:00,1\n"
LOWER = SAME.replace("mean,2", "mean,1")
INDIVIDUAL = SAME.replace("mean,2", "individual,2")
ANOTHER = f"another,{REGION},somatic,2024-09-01,individual,2,calendar,12:00,1\n"

Outcome = tuple[dict[str, Any], Path]
"""What ``lus simulate --json`` printed, and the directory that it wrote to."""


def settings_of(installation: Installation) -> Settings:
    return Settings(installation.home, installation.landing)


def release_of(installation: Installation) -> Release:
    return catalogue.find(settings_of(installation), PUBLISHED)


def tried(installation: Installation, **how: Any) -> Simulation:
    return simulate(settings_of(installation), release_of(installation), Progress(quiet=True), **how)


def written(directory: Path, *lines: str) -> Path:
    path = directory / "what-if.csv"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def marts(installation: Installation) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(release_of(installation).path / "marts" / "marts.duckdb"), read_only=True)


def scratches(installation: Installation) -> list[str]:
    home = installation.home / "work" / "simulations"
    return [path.name for path in home.iterdir() if path.is_dir()] if home.exists() else []


def change_manifest(installation: Installation, **facts: Any) -> None:
    path = release_of(installation).path / "manifest.json"
    path.chmod(0o600)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **facts}), encoding="utf-8")


@pytest.fixture(autouse=True)
def nothing_changed(published: Installation) -> Iterator[None]:
    """Whatever a test does, the published releases keep their bytes and no scratch warehouse stays."""

    def hashes() -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((published.home / "releases").rglob("*"))
            if path.is_file()
        }

    before = hashes()
    yield
    assert hashes() == before
    assert scratches(published) == []


def test_the_releases_own_rows_give_its_own_figures(installation: Installation, tmp_path: Path) -> None:
    """Twice: every cell of both marts, as the proof that a release of other code is put to, and what is shown."""
    change_manifest(installation, code_version="0" * 16)
    done = tried(installation, agreements_file=written(tmp_path, HEADER, SAME))
    assert [(change.kind, change.columns) for change in done.changes] == [("same", {})]
    assert done.cells and all(cell.pair.published == cell.pair.simulated for cell in done.cells)
    with marts(installation) as connection:
        summed = connection.execute(
            "select sum(liable_days), sum(amount), sum(amount_to_invoice) from mart_payment_responsibility_monthly"
        ).fetchone()
    total = done.total.simulated
    assert (total.liable_days, total.amount.sek, total.to_invoice.sek) == summed
    assert (done.first_month, done.last_month) == (FIRST, PUBLISHED)
    assert scratches(installation) == []


def test_a_release_whose_figures_this_code_does_not_make_is_refused(installation: Installation, tmp_path: Path) -> None:
    change_manifest(installation, code_version="0" * 16)
    path = release_of(installation).path / "marts" / "marts.duckdb"
    path.chmod(0o600)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update mart_payment_responsibility_monthly set liable_days = liable_days + 1 "
            "where rowid = (select min(rowid) from mart_payment_responsibility_monthly)"
        )
    with pytest.raises(ConfigurationError, match=r"another version .* same mart_payment_responsibility_monthly of"):
        tried(installation, agreements_file=written(tmp_path, HEADER, LOWER))
    assert scratches(installation) == []


@pytest.fixture(scope="module")
def two_at_once(published: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """A lower level and the individual model, tried from the command line at the same time."""
    base = tmp_path_factory.mktemp("two")
    runs = {}
    for name, row in (("lower", LOWER), ("individual", INDIVIDUAL)):
        (base / name).mkdir()
        file = written(base / name, HEADER, row)
        arguments = ["simulate", "--agreements", str(file), "--out", str(base / name / "out"), "--json"]
        runs[name] = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.cli.main", *arguments, "--home", str(published.home)],
            cwd=PROJECT_ROOT,
            env={**os.environ, "LUS_LANDING": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    done = {}
    for name, run in runs.items():
        out, err = run.communicate()
        assert run.returncode == 0, err
        done[name] = (json.loads(out), base / name / "out")
    return done


def table(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_lower_level_changes_that_agreement_alone_and_upwards(
    published: Installation, two_at_once: dict[str, Outcome]
) -> None:
    done, out = two_at_once["lower"]
    assert done["agreements"] == [
        {
            "agreement_id": MEAN_AGREEMENT,
            "change": "changed",
            "columns": {"last_free_day": {"published": "2", "simulated": "1"}},
        }
    ]
    for cell in done["months"]:
        assert min(cell["difference"].values()) >= 0
        if cell["month"] < MEAN_FROM or cell["payment_class"] != "somatic":
            assert set(cell["difference"].values()) == {0}
    assert done["total"]["difference"]["liable_days"] > 0
    columns = ("month", "municipality_code", "payment_class", "agreement_id", "intervals", "liable_days", "amount")
    others = [
        tuple(row[name] for name in columns)
        for row in table(out / "simulated_payment_responsibility.csv")
        if row["agreement_id"] != MEAN_AGREEMENT
    ]
    with marts(published) as connection:
        as_published = connection.execute(
            f"select {', '.join(f'{name}::varchar' for name in columns)} from mart_payment_responsibility_monthly "
            "where agreement_id <> ?",
            [MEAN_AGREEMENT],
        ).fetchall()
    assert others
    assert sorted(others) == sorted((*row[:-1], row[-1].replace(".", ",")) for row in as_published)


def test_the_individual_model_in_the_means_place(published: Installation, two_at_once: dict[str, Outcome]) -> None:
    """The days of each liable interval from its third day after day zero on, counted here from what was published."""
    done, _ = two_at_once["individual"]
    with marts(published) as connection:
        expected = connection.execute(
            """
            with intervals as (
                select
                    day_zero + 3 as first_liable_date,
                    least(coalesce((ended_at at time zone 'Europe/Stockholm')::date, $after), $after) as counted_to
                from fct_readiness_intervals
                where is_liable and agreement_id = $agreement
            )
            select
                (select sum(greatest(0, date_diff('day', first_liable_date, counted_to))) from intervals)
                + (select sum(liable_days) from mart_payment_responsibility_monthly where agreement_id <> $agreement)
            """,
            {"after": "2024-10-01", "agreement": MEAN_AGREEMENT},
        ).fetchone()
    assert expected == (done["total"]["simulated"]["liable_days"],)
    assert done["total"]["difference"]["liable_days"] > 0


def test_the_files_say_what_is_printed_and_name_no_interval(two_at_once: dict[str, Outcome]) -> None:
    for done, out in two_at_once.values():
        names = {path.stem for path in out.iterdir()}
        assert names == {"difference", *(f"simulated_{name}" for name in FILES)}
        total = done["total"]
        differences = table(out / "difference.csv")
        assert sum(int(row["difference_liable_days"]) for row in differences) == total["difference"]["liable_days"]
        amounts = [float(row["simulated_amount"].replace(",", ".")) for row in differences]
        assert sum(amounts) == total["simulated"]["amount"]
        basis = table(out / "simulated_invoice_basis.csv")
        assert sum(int(row["days"]) for row in basis) == total["simulated"]["liable_days"]
        assert "interval_id" not in basis[0]
        by_municipality = [part["simulated"]["liable_days"] for part in done["municipalities"]]
        assert sum(by_municipality) == total["simulated"]["liable_days"]


FILES = ("agreements", "invoice_basis", "payment_responsibility")


def test_invoicing_in_every_month_changes_what_is_invoiced_and_no_day(published: Installation) -> None:
    done = tried(published, invoicing_active=True)
    assert done.changes == []
    would_be = 0
    for cell in done.cells:
        before, after = cell.pair.published, cell.pair.simulated
        assert before.amount == after.amount == after.to_invoice
        if f"{cell.month:%Y-%m}" < INVOICED_FROM:
            assert before.to_invoice.days == 0
            would_be += after.to_invoice.known_sek
        else:
            assert before.to_invoice == after.to_invoice
    assert 0 < would_be == done.total.to_invoice_difference


def test_months_choose_what_is_shown_and_not_what_is_computed(published: Installation, tmp_path: Path) -> None:
    """Two months in a row above the level: for August July counts, though it is not shown."""
    in_a_row = LOWER.replace("12:00,1", "12:00,2")
    how = {"first_month": "2024-08", "last_month": "2024-08"}
    done = tried(published, agreements_file=written(tmp_path, HEADER, in_a_row), **how)
    assert {f"{cell.month:%Y-%m}" for cell in done.cells} == {"2024-08"}
    assert done.total.simulated.liable_days > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + ANOTHER, rf"line 2 \(agreement_id another\): it overlaps .*/r01 \(agreement_id {MEAN_AGREEMENT}\)"),
        (HEADER + SAME + ANOTHER, r"line 3 \(agreement_id another\): it overlaps .*line 2 .*takes its place"),
        (HEADER + SAME + SAME, "line 3 .* stands on line 2 already"),
        (HEADER + SAME.replace("mean", "median"), "line 2 .* model is 'median', not one of individual, mean"),
        (HEADER + SAME.replace("mean,2", "mean,-1"), "line 2 .* last_free_day is -1, less than 0"),
        (HEADER + SAME.replace(f"{MEAN_FROM}-01", ""), "line 2 .* valid_from is empty"),
        (HEADER + SAME.replace(f",{REGION},", ",77,"), r"line 2 .* region_code '77' is unknown: .* no such row\.$"),
        (HEADER.replace("model", "mode") + SAME, "column 'mode' is unknown. The columns are agreement_id"),
        (HEADER.replace(",", ";") + SAME, "separated by commas"),
        (HEADER, "a header and no row"),
        ("", "column 'agreement_id' is missing"),
    ],
)
def test_a_row_that_cannot_be_is_named(published: Installation, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ReferenceRowError, match=message):
        tried(published, agreements_file=written(tmp_path, text))


def test_the_command_line_ends_with_2_and_one_paragraph(published: Installation, tmp_path: Path) -> None:
    file = written(tmp_path, HEADER, SAME.replace("mean,2", "mean,-1"))
    run = published.lus("simulate", "--agreements", str(file))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.count("\n") == 1 and "line 2" in run.stderr


def test_wrong_use_is_refused_before_anything_is_computed(published: Installation, tmp_path: Path) -> None:
    active: dict[str, Any] = {"invoicing_active": True}
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "nothing to try"),
        ({**active, "first_month": "2024-04"}, "has the months 2024-05 to 2024-09"),
        ({**active, "first_month": "2024-08", "last_month": "2024-07"}, "is not a part of"),
        ({**active, "out": published.home / "out"}, "is inside LUS_HOME"),
        ({**active, "out": PROJECT_ROOT}, "not empty"),
        ({"agreements_file": tmp_path / "none.csv"}, "cannot be read"),
    ]
    for how, message in refused:
        with pytest.raises(ConfigurationError, match=message):
            tried(published, **how)


def test_a_release_from_before_these_tables_says_so(installation: Installation, tmp_path: Path) -> None:
    tables = dict(release_of(installation).manifest["tables"])
    del tables["mart_invoice_basis"]
    change_manifest(installation, tables=tables)
    with pytest.raises(ConfigurationError, match=r"it has no mart_invoice_basis\. Publish the month again with"):
        tried(installation, agreements_file=written(tmp_path, HEADER, LOWER))
