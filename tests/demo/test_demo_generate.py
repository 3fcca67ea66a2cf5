"""What ``generate`` promises: the same bytes, marked files, and no mixing with other data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dagster_project.demo.generate import generate
from dagster_project.errors import ConfigurationError
from tests.demo.demonstration import FIRST, LAST, MONTHS, REGION, SEED, STAYS

NOTE = "Synthetic demonstration data; describes no real person or hospital's activity."


def contents(landing: Path) -> dict[str, bytes]:
    return {str(path.relative_to(landing)): path.read_bytes() for path in landing.rglob("*") if path.is_file()}


def test_same_arguments_make_the_same_bytes_on_any_number_of_threads(
    landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUS_THREADS", "1")
    generate(tmp_path, REGION, FIRST, LAST, STAYS, SEED)
    assert contents(tmp_path) == contents(landing)


def test_another_seed_makes_other_rows(landing: Path, tmp_path: Path) -> None:
    generate(tmp_path, REGION, FIRST, FIRST, STAYS, SEED + 1)
    name = f"{REGION}/{FIRST}/v01/episodes.csv"
    assert contents(tmp_path)[name] != contents(landing)[name]


def test_later_months_continue_earlier_ones(landing: Path, tmp_path: Path) -> None:
    generate(tmp_path, REGION, FIRST, "2023-06", STAYS, SEED)
    made = generate(tmp_path, REGION, "2023-07", LAST, STAYS, SEED)
    assert [path.parent.name for path in made] == ["2023-07", "2023-08"]
    assert contents(tmp_path) == contents(landing)


def test_a_month_that_is_there_is_left_alone(landing: Path, tmp_path: Path) -> None:
    shutil.copytree(landing, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / REGION / FIRST / "v01" / "episodes.csv").stat()
    said: list[str] = []
    generate(tmp_path, REGION, FIRST, LAST, STAYS, SEED, said.append)
    assert said == []
    assert (tmp_path / REGION / FIRST / "v01" / "episodes.csv").stat() == before


def test_a_lost_month_is_made_again(landing: Path, tmp_path: Path) -> None:
    shutil.copytree(landing, tmp_path, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / REGION / "2023-07")
    generate(tmp_path, REGION, FIRST, LAST, STAYS, SEED)
    assert contents(tmp_path) == contents(landing)


def test_every_delivery_says_that_it_is_synthetic(landing: Path) -> None:
    for month in MONTHS:
        document = json.loads((landing / REGION / month / "v01" / "delivery.json").read_text(encoding="utf-8"))
        assert document["synthetic"] is True
        assert document["note"] == NOTE


def test_files_are_for_their_owner_alone(landing: Path) -> None:
    for path in landing.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("mark", [{}, {"synthetic": False}])
def test_refuses_to_write_beside_data_that_is_not_synthetic(tmp_path: Path, mark: dict[str, bool]) -> None:
    version = tmp_path / REGION / "2022-01" / "v01"
    version.mkdir(parents=True)
    (version / "delivery.json").write_text(json.dumps({"region_code": REGION, **mark}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"01/2022-01/v01 in the landing zone is not marked synthetic"):
        generate(tmp_path, REGION, FIRST, FIRST, 10, SEED)
    assert not (tmp_path / REGION / FIRST).exists()


def test_refuses_to_write_beside_an_upload_in_progress(tmp_path: Path) -> None:
    (tmp_path / REGION / FIRST / "v02").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"01/2023-05/v02 in the landing zone is no synthetic delivery"):
        generate(tmp_path, REGION, FIRST, FIRST, 10, SEED)


def test_other_regions_data_is_no_obstacle(tmp_path: Path) -> None:
    version = tmp_path / "24" / FIRST / "v01"
    version.mkdir(parents=True)
    (version / "delivery.json").write_text("{}", encoding="utf-8")
    assert generate(tmp_path, REGION, FIRST, FIRST, 10, SEED)[0].is_dir()


def test_refuses_months_made_with_other_arguments(landing: Path, tmp_path: Path) -> None:
    shutil.copytree(landing, tmp_path, dirs_exist_ok=True)
    with pytest.raises(ConfigurationError, match="generated with another seed"):
        generate(tmp_path, REGION, FIRST, LAST, STAYS, SEED + 1)
    with pytest.raises(ConfigurationError, match="generated with another clean, stays_per_month"):
        generate(tmp_path, REGION, FIRST, LAST, STAYS + 1, SEED, clean=True)
    with pytest.raises(ConfigurationError, match="begins with 2023-05"):
        generate(tmp_path, REGION, "2023-04", LAST, STAYS, SEED)
    with pytest.raises(ConfigurationError, match="no delivery for 2023-09"):
        generate(tmp_path, REGION, "2023-10", "2023-10", STAYS, SEED)
    assert contents(tmp_path) == contents(landing)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"region": "02"}, "'02' is no region"),
        ({"first": "2023-13"}, "'2023-13' is not a month"),
        ({"first": "2023-06"}, "is after the last"),
        ({"first": "1999-01"}, "can be generated"),
        ({"stays_per_month": 0}, "0 stays a month cannot be generated"),
        ({"seed": -1}, "The seed is -1"),
    ],
)
def test_says_what_is_wrong_with_an_argument(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    arguments = {"region": REGION, "first": FIRST, "last": FIRST, "stays_per_month": 10, "seed": SEED, **changed}
    with pytest.raises(ConfigurationError, match=message):
        generate(tmp_path, **arguments)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("region", ["04", "09", "14", "20", "24"])
def test_other_regions_have_their_own_municipalities_and_hospitals(tmp_path: Path, region: str) -> None:
    made = generate(tmp_path, region, FIRST, FIRST, 400, SEED)
    lines = (made[0] / "episodes.csv").read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(";")
    values = [dict(zip(columns, line.split(";"), strict=True)) for line in lines[1:]]
    residents = [row for row in values if row["municipality_code"].startswith(region)]
    assert len(residents) > 0.9 * len(values)
    assert {row["hospital_id"][:18] for row in values} == {f"SE0000000000-SYN{region}"}
    assert {row["region_code"] for row in values} == {region}
