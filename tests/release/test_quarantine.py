"""Quarantined rows go back to the sender as they came, to a place outside LUS_HOME."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from dagster_project.errors import ConfigurationError, VerificationFailed
from dagster_project.releases import publish, seal
from dagster_project.releases.catalogue import Release
from dagster_project.releases.quarantine import write_quarantined
from dagster_project.settings import Settings
from tests.release import candidates
from tests.release.candidates import MONTH, REGION

CASES = "region_code;case_id;note\n01;c1;ok\n01;c2;bad one\n01;c3;ok\n01;c4;bad two\n"


def deliver(settings: Settings, month: str, version: int, content: str = CASES) -> str:
    """A delivery with the four required feeds; returns the hash of cases.csv."""
    directory = settings.landing / REGION / month / f"v{version:02d}"
    directory.mkdir(parents=True)
    contents = {"cases.csv": content, **dict.fromkeys(("episodes.csv", "messages.csv", "invoices.csv"), "a;b\n")}
    files = {}
    for name, text in contents.items():
        (directory / name).write_text(text)
        files[name] = {"rows": text.count("\n") - 1, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    manifest = {
        "region_code": REGION,
        "month": month,
        "version": version,
        "source_system": "canonical",
        "extracted_at": "2026-11-03T02:10:00+01:00",
        "files": files,
    }
    (directory / "delivery.json").write_text(json.dumps(manifest))
    return str(files["cases.csv"]["sha256"])


@pytest.fixture
def release(settings: Settings) -> Release:
    """Two deliveries, of which September's second version and October's first have quarantined rows."""
    candidate = candidates.build(settings)
    delivered = [("2026-09", 2, deliver(settings, "2026-09", 2)), ("2026-10", 1, deliver(settings, "2026-10", 1))]
    for month, version, sha256 in delivered:
        candidates.change_cell(
            candidate / "warehouse.duckdb",
            f"insert into audit_deliveries values ('01', '{month}-01', {version}, 'cases.csv', '{sha256}', 4, 2, 2)",
        )
    candidates.change_cell(
        candidate / "warehouse.duckdb",
        "insert into audit_quarantine values ('01', '2026-09-01', 2, 'cases.csv', 3, 'orphan', '{}'), "
        "('01', '2026-10-01', 1, 'cases.csv', 5, 'type:note|orphan', '{}'), "
        "('01', '2026-10-01', 1, 'cases.csv', 3, 'orphan', '{}')",
    )
    seal.seal_candidate(settings, REGION, MONTH)
    candidates.judge(settings)
    return publish.publish(settings, REGION, MONTH)


def test_the_original_records_come_out_with_their_reasons(settings: Settings, release: Release, tmp_path: Path) -> None:
    out = tmp_path / "to-correct"
    september, october = write_quarantined(settings, release, out)
    assert (september.delivery, september.rows, september.fault) == ("01/2026-09/v02", 1, "")
    assert (october.delivery, october.rows, october.directory) == ("01/2026-10/v01", 2, out / "2026-10" / "v01")
    header, *records = (out / "2026-10/v01/cases.csv").read_text().splitlines()
    assert header == "region_code;case_id;note"
    assert records == ["01;c2;bad one", "01;c4;bad two"]
    reasons = (out / "2026-10/v01/cases.reasons.csv").read_text()
    assert "3;orphan\n5;type:note|orphan\n" in reasons
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_release_without_quarantined_rows_writes_nothing(settings: Settings, tmp_path: Path) -> None:
    assert write_quarantined(settings, candidates.released(settings), tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("inside", ["home", "home/out", "home/landing/out", "home/../home/x", "link/x"])
def test_the_place_may_not_be_inside_lus_home(
    settings: Settings, release: Release, tmp_path: Path, inside: str
) -> None:
    (tmp_path / "link").symlink_to(settings.home)
    with pytest.raises(ConfigurationError, match="is inside LUS_HOME"):
        write_quarantined(settings, release, tmp_path / inside)
    assert not (settings.home / "x").exists()


def test_the_place_may_not_be_inside_a_landing_zone_elsewhere(
    settings: Settings, release: Release, tmp_path: Path
) -> None:
    elsewhere = Settings(settings.home, tmp_path / "landing")
    with pytest.raises(ConfigurationError, match="is inside the landing zone"):
        write_quarantined(elsewhere, release, tmp_path / "landing" / "out")


def test_the_place_may_be_empty_but_not_hold_anything(settings: Settings, release: Release, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o755)
    assert len(write_quarantined(settings, release, out)) == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    before = candidates.snapshot(out)
    with pytest.raises(ConfigurationError, match="not empty"):
        write_quarantined(settings, release, out)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match="not empty"):
        write_quarantined(settings, release, tmp_path / "file")
    assert candidates.snapshot(out) == before


@pytest.mark.parametrize("gone", ["v02", "v02/cases.csv"])
def test_a_delivery_that_is_gone_is_told_and_the_others_are_written(
    settings: Settings, release: Release, tmp_path: Path, gone: str
) -> None:
    path = settings.landing / REGION / "2026-09" / gone
    path.rename(tmp_path / "elsewhere")
    september, october = write_quarantined(settings, release, tmp_path / "out")
    assert "is gone from the landing zone" in september.fault
    assert september.directory is None
    assert october.fault == ""
    assert not (tmp_path / "out" / "2026-09").exists()


def test_a_delivery_that_has_changed_is_told(settings: Settings, release: Release, tmp_path: Path) -> None:
    path = settings.landing / REGION / "2026-09" / "v02" / "cases.csv"
    path.write_text(CASES.replace("c1", "c9"))
    september, october = write_quarantined(settings, release, tmp_path / "out")
    assert "has changed since the release" in september.fault
    assert october.fault == ""


def test_a_delivery_that_can_no_longer_be_read_is_told(settings: Settings, release: Release, tmp_path: Path) -> None:
    (settings.landing / REGION / "2026-09" / "v02" / "delivery.json").write_text("{")
    september, october = write_quarantined(settings, release, tmp_path / "out")
    assert "delivery.json is not JSON" in september.fault
    assert october.fault == ""


@pytest.mark.parametrize("table", ["audit_quarantine", "audit_deliveries"])
def test_a_damaged_release_is_told(settings: Settings, release: Release, tmp_path: Path, table: str) -> None:
    path = release.path / "marts" / "parquet" / f"{table}.parquet"
    path.chmod(0o600)
    path.write_bytes(b"PAR1")
    with pytest.raises(VerificationFailed, match=f"{table}.parquet cannot be read: the release is damaged"):
        write_quarantined(settings, release, tmp_path / "out")
    assert not (tmp_path / "out").exists()
