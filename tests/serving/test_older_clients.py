"""Clients that are older than what makes the files: DuckDB 1.2.2, and SQLAlchemy as BI tools use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from tests.serving import small_releases

UV = Path(sys.executable).with_name("uv")
REQUIREMENTS = Path(__file__).with_name("older_clients.txt")

READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
import duckdb, sqlalchemy

with duckdb.connect(sys.argv[2], read_only=True) as marts:
    rows = marts.sql("select municipality_code, ready_days from mart_ready_days_monthly order by all").fetchall()
    text = marts.sql("select comment from duckdb_columns() where column_name = 'ready_days'").fetchone()

engine = sqlalchemy.create_engine(f"duckdb:///{sys.argv[2]}", connect_args={"read_only": True})
tables = sqlalchemy.inspect(engine).get_table_names()
table = sqlalchemy.Table("mart_ready_days_monthly", sqlalchemy.MetaData(), autoload_with=engine)
with engine.connect() as connection:
    first = connection.execute(sqlalchemy.select(table).order_by(table.c.municipality_code)).first()
print(json.dumps({
    "versions": [duckdb.__version__, sqlalchemy.__version__],
    "rows": rows,
    "text": text,
    "tables": tables,
    "types": {column.name: str(column.type) for column in table.columns},
    "first": [str(value) for value in first],
}))
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clients in a directory of their own."""
    target = tmp_path_factory.mktemp("clients")
    install = subprocess.run(
        [UV, "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--target", target,
         "-r", REQUIREMENTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if install.returncode:
        assert "hash" not in install.stderr, install.stderr
        pytest.skip(f"needs a package index to install the older clients from: {install.stderr.splitlines()[-1]}")
    return target


def test_older_clients_open_list_and_read_the_marts(clients: Path, tmp_path: Path) -> None:
    release = small_releases.release(Settings(tmp_path, tmp_path / "landing"), figure=4)
    # -S and -I: nothing of this environment is on the path.
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", READ, clients, release.path / "marts" / "marts.duckdb"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {
        "versions": ["1.2.2", "2.0.44"],
        "rows": [["0180", 4], ["0181", 4], ["0182", 4]],
        "text": ["Utskrivningsklara dagar: ready days in the month"],
        "tables": sorted(["audit_gate", "dim_municipality", "dim_term", "fct_spells", "mart_invoice_basis",
                          "mart_ready_days_monthly"]),
        "types": {"region_code": "VARCHAR", "month": "DATE", "municipality_code": "VARCHAR", "ready_days": "INTEGER",
                  "beds_equivalent": "NUMERIC(12, 4)"},
        "first": ["01", "2026-10-01", "0180", "4", "4.0100"],
    }  # fmt: skip
