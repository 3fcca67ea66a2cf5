"""A month as its user runs it: published once, found again, verified, and never published past a red gate."""

from __future__ import annotations

import csv
import json
import re
import shutil

import duckdb
import frictionless

from dagster_project.disclosure import tables as open_tables
from tests.run import interface
from tests.run.conftest import PUBLISHED, REGION, SEEN, Installation


def test_a_second_run_has_nothing_to_do(published: Installation) -> None:
    outcome = published.release(PUBLISHED)
    assert (outcome["status"], outcome["exit_code"]) == ("nothing_to_do", 0)
    assert outcome["release"] == f"{REGION}/{PUBLISHED}/r01"


def test_what_was_published_is_there_and_verifies(published: Installation) -> None:
    assert published.lus("verify", PUBLISHED).returncode == 0
    current = published.home / "releases" / REGION / "current"
    with duckdb.connect(str(current / "marts" / "marts.duckdb"), read_only=True) as marts:
        tables = {name for (name,) in marts.execute("select table_name from duckdb_tables()").fetchall()}
        assert {
            "fct_spells",
            "fct_readiness_intervals",
            "fct_case_events",
            "mart_ready_days_monthly",
            "mart_ready_days_by_hospital_monthly",
            "audit_deliveries",
            "audit_quarantine",
            "audit_gate",
            "mart_billing_readiness_monthly",
        } <= tables
        assert marts.execute("select count(*) > 0 from mart_ready_days_monthly").fetchone() == (True,)
        red = "select count(*) from audit_gate where result <> 'passed' and severity = 'block'"
        assert marts.execute(red).fetchone() == (0,)


def test_the_same_run_loaded_every_table_into_postgresql(published: Installation) -> None:
    seen = json.loads((published.home.parent / SEEN).read_text(encoding="utf-8"))
    current = published.home / "releases" / REGION / "current"
    facts = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    for schema, tables in (("lus", facts["tables"]), ("lus_open", facts["open_tables"])):
        assert seen[schema]["releases"] == [facts["release"]]
        assert seen[schema]["rows"] == {name: table["rows"] for name, table in tables.items()}


def test_each_payer_has_its_own_cases_and_no_others(published: Installation) -> None:
    packages = published.home / "releases" / REGION / "current" / "municipalities"
    cases = f"read_parquet('{packages}/*/parquet/fct_readiness_intervals.parquet', filename = true)"
    found = duckdb.sql(
        f"select count(*) > 0, count(*) filter (where not contains(filename, '/municipalities/' || "
        f"payer_municipality_code || '/')) from {cases}"
    ).fetchone()
    assert found == (True, 0)


def test_what_is_open_is_a_package_with_the_countys_page_and_says_what_is_hidden(published: Installation) -> None:
    current = published.home / "releases" / REGION / "current" / "open"
    assert frictionless.validate(str(current / "datapackage.json")).valid
    assert {path.name for path in current.iterdir()} == {
        "csv",
        "datapackage.json",
        "json-stat",
        f"lus-{REGION}-{PUBLISHED}.xlsx",
        "marts.duckdb",
        "parquet",
        "report.html",
    }
    with duckdb.connect(str(current / "marts.duckdb"), read_only=True) as marts:
        statuses = marts.execute("select distinct ready_days_status from mart_ready_days_monthly").fetchall()
        assert {status for (status,) in statuses} == {"shown", "suppressed"}
        few = "select count(*) from mart_readmissions_headline where readmissions between 1 and 4"
        assert marts.execute(few).fetchone() == (0,)


def test_what_is_open_and_shown_is_what_the_internal_tables_add_up_to(published: Installation) -> None:
    current = published.home / "releases" / REGION / "current"
    for table in open_tables.TABLES:
        file = f"{table.name}.parquet"
        parts = (current / folder / file for folder in (open_tables.PARQUET, open_tables.INTERNAL))
        told = open_tables.with_truth(table.name, *parts)
        for figure in table.figures:
            found = duckdb.sql(f"select count(*) from {told} where {figure} <> {figure}_true").fetchone()
            assert found == (0,), f"{table.name}.{figure}"


def test_a_figure_of_a_year_that_is_shown_is_the_internal_one(published: Installation) -> None:
    current = published.home / "releases" / REGION / "current"
    folders = (open_tables.PARQUET, open_tables.INTERNAL)
    told, internal = (f"'{current}/{folder}/{open_tables.ANNUAL}.parquet'" for folder in folders)
    key = ", ".join(open_tables.KEYS[open_tables.ANNUAL])
    for figure in open_tables.ANNUAL_FIGURES:
        differs = f"told.{figure}_status = 'shown' and told.{figure} is distinct from internal.{figure}"
        found = duckdb.sql(
            f"select count(*) > 0, count(*) filter (where {differs}) "
            f"from {told} as told left join {internal} as internal using ({key})"
        ).fetchone()
        assert found == (True, 0), figure


def test_each_municipality_has_its_page_of_the_month(published: Installation) -> None:
    current = published.home / "releases" / REGION / "current"
    municipalities = duckdb.sql(
        f"select municipality_code from read_parquet('{current}/marts/parquet/dim_municipality.parquet') "
        f"where region_code = '{REGION}'"
    ).fetchall()
    pages = {path.parent.name: path for path in current.glob("municipalities/*/report.html")}
    assert sorted(pages) == sorted(code for (code,) in municipalities)
    for page in pages.values():
        assert "det här är en demonstration" in page.read_text(encoding="utf-8")


def test_every_link_of_every_page_leads_to_a_file_of_the_release(published: Installation) -> None:
    release = (published.home / "releases" / REGION / "current").resolve()
    documentation = release / "dbt" / "index.html"
    pages = [page for page in release.rglob("*.html") if page != documentation]
    assert {page.relative_to(release).parts[0] for page in pages} == {
        "annual",
        "gate",
        "marts",
        "municipalities",
        "open",
    }
    for page in pages:
        for link in re.findall(r'\s(?:href|src)="([^"#]+)', page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            assert target.is_file() and release in target.parents, f"{page.relative_to(release)} links to {link}"
    # dbt's own page is a program: from the file system it shows only what it has inside.
    assert ".JSON INLINE DATA" not in documentation.read_text(encoding="utf-8")


def test_verify_finds_one_changed_byte(installation: Installation) -> None:
    file = next((installation.home / "releases" / REGION / PUBLISHED / "r01" / "marts" / "parquet").glob("fct_spells*"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    verified = installation.lus("verify", PUBLISHED)
    assert verified.returncode == 4
    assert "fct_spells" in verified.stderr


def test_no_person_id_leaves_the_landing_zone(published: Installation) -> None:
    """Every id that was delivered, in the forms it may be written in, against every byte outside landing/."""
    ids: set[str] = set()
    for feed, columns in (("episodes", ["person_id"]), ("identity_links", ["old_person_id", "new_person_id"])):
        for file in published.landing.glob(f"{REGION}/*/v*/{feed}.csv"):
            with file.open(encoding="utf-8", newline="") as rows:
                ids |= {row[column] for row in csv.DictReader(rows, delimiter=";") for column in columns}
    assert len(ids) > 1000
    forms = ids | {one[2:] for one in ids if re.fullmatch(r"\d{12}", one)}
    candidates = re.compile(rb"\d{10,12}|SE\d{10}-[A-Za-z0-9]+:[A-Za-z0-9]+")
    wanted = {form.encode() for form in forms}
    scanned = 0
    for path in published.home.rglob("*"):
        if path.is_file() and not path.is_symlink() and published.landing not in path.parents:
            content = path.read_bytes()
            assert not wanted & set(candidates.findall(content)), f"a person id in {path.relative_to(published.home)}"
            scanned += 1
    assert scanned > 100
    # A table of all payers' packages is read at once: there are hundreds of files.
    files = [path.relative_to(published.home).as_posix() for path in published.home.rglob("*.parquet")]
    for name in sorted({re.sub(r"/municipalities/\d{4}/", "/municipalities/*/", file) for file in files}):
        parquet = published.home / name
        texts = duckdb.sql(f"select * from read_parquet('{parquet}')")
        columns = [name for name, kind in zip(texts.columns, texts.types, strict=True) if str(kind) == "VARCHAR"]
        for column in columns:
            values = {str(value) for (value,) in duckdb.sql(f'select distinct "{column}" from texts').fetchall()}
            assert not forms & values, f"a person id in {column} of {parquet.relative_to(published.home)}"


def test_publishing_refuses_a_candidate_changed_by_one_cell(installation: Installation) -> None:
    """The published month's candidate, judged fit to publish, in a home where it is not published."""
    shutil.rmtree(installation.home / "releases" / REGION)
    warehouse = installation.home / "work" / REGION / PUBLISHED / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update mart_ready_days_monthly set ready_days = ready_days + 1 where rowid = "
            "(select min(rowid) from mart_ready_days_monthly)"
        )
    alone = installation.dagster("key:release/release", PUBLISHED)
    assert alone.returncode != 0
    assert "warehouse.duckdb has other bytes" in alone.stderr
    assert not list((installation.home / "releases" / REGION).glob("20*/r*"))


def test_the_interface_starts_and_knows_every_asset(published: Installation) -> None:
    with interface.running(published.home) as address:
        data = interface.ask(
            address, "{assetNodes {groupName isPartitioned} runsOrError {... on Runs {results {status}}}}"
        )
    groups = {node["groupName"] for node in data["assetNodes"]}
    assert {"landing", "bronze", "reference", "staging", "core", "rules", "marts", "gate", "release"} <= groups
    assert "SUCCESS" in {run["status"] for run in data["runsOrError"]["results"]}
