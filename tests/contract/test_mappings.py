"""Source adapters: every shipped mapping gives the same rows, an installation's goes before it, a bad one is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_project.deliveries import bronze, contract, mapping
from dagster_project.errors import ConfigurationError
from dagster_project.settings import Settings
from tests.contract.conftest import MONTH, REGION, Ingested, Site
from tests.deliveries import write_files

SAMPLES = Path(__file__).with_name("samples")
SYSTEMS = ["webcare", "lifecare_sp", "prator"]
REQUIRED = ["episodes", "cases", "messages", "invoices"]


def rows(system: str, home: Path) -> dict[str, list[tuple[object, ...]]]:
    ingested = Ingested(bronze.ingest(Settings(home / system, SAMPLES / system), REGION, MONTH))
    own = {"file", "line", "version", "source_system"}
    found = {}
    for feed in REQUIRED:
        columns = [name for name in contract.feeds()[feed].bronze_columns if name not in own]
        casts = (f"{name}::varchar" for name in columns)
        found[feed] = ingested.rows(feed, ", ".join(casts))
    assert ingested.rows("quarantine") == []
    return found


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_delivery_of_any_system_yields_the_same_rows(site: Site, system: str) -> None:
    canonical = rows("canonical", site.settings.home)
    assert [len(canonical[feed]) for feed in REQUIRED] == [3, 2, 4, 2]
    assert rows(system, site.settings.home) == canonical


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_shipped_mapping_says_what_it_is_and_names_every_code(system: str) -> None:
    path = mapping.SHIPPED / f"{system}.yml"
    assert "A starting point, not a vendor's layout" in path.read_text(encoding="utf-8")
    given = mapping.load(path)
    for name, layout in given.feeds.items():
        feed = contract.feeds()[name]
        assert set(feed.columns) == {*layout.columns.values(), *layout.constants}
        for column in feed.columns.values():
            known = column.values or (("true", "false") if column.kind == "boolean" else ())
            assert set(layout.values.get(column.name, {}).values()) == set(known), (name, column.name)


OWN = """
source_system: {name}
feeds:
  contacts:
    columns: {{Region: region_code, Kommun: municipality_code, Enhet: unit_name, Roll: role, Helg: weekend_hours}}
    ignored: [Anteckning]
    values:
      weekend_hours: {{"ja": "true", "nej": "false", "-": ""}}
      role: {{"sam'ordnare": samordnare}}
    constants: {{email: "ingen@exempel.se"}}
"""
CONTENT = "Region;Kommun;Enhet;Roll;Helg;Anteckning\n"


def deliver(site: Site, name: str, content: str) -> Ingested:
    files = {"contacts.csv": content.encode()}
    return site.deliver_files(files, source_system=name)


@pytest.mark.parametrize("name", ["cosmic", "webcare"])
def test_an_installation_adds_a_system_or_replaces_one(site: Site, name: str) -> None:
    site.settings.mappings.mkdir(parents=True)
    (site.settings.mappings / f"{name}.yml").write_text(OWN.format(name=name))
    content = CONTENT + "01;0180;A;sam'ordnare;ja;x\n01;0180;B;annan;-;\n01;0180;C;annan;kanske;\n"
    ingested = deliver(site, name, content)
    assert ingested.rows("contacts", "unit_name, role, email, weekend_hours, phone") == [
        ("A", "samordnare", "ingen@exempel.se", True, None),
        ("B", "annan", "ingen@exempel.se", None, None),
    ]
    assert ingested.reasons("contacts") == {4: "type:weekend_hours"}
    assert ingested.facts["files"]["episodes.csv"]["rows_delivered"] == 0


def test_a_changed_mapping_is_another_bronze(site: Site) -> None:
    site.settings.mappings.mkdir(parents=True)
    path = site.settings.mappings / "cosmic.yml"
    path.write_text(OWN.format(name="cosmic"))
    first = deliver(site, "cosmic", CONTENT).delivery
    path.write_text(OWN.format(name="cosmic").replace("exempel", "example"))
    assert site.ingest().delivery.digest != first.digest
    path.write_text("# a comment says nothing\n" + OWN.format(name="cosmic"))
    assert site.ingest().delivery == first


def test_messages_name_the_source_s_column_and_ours(site: Site) -> None:
    site.settings.mappings.mkdir(parents=True)
    (site.settings.mappings / "cosmic.yml").write_text(OWN.format(name="cosmic"))
    message = site.rejected(lambda: deliver(site, "cosmic", "Region;Kommun;Roll\n"))
    assert message == "01/2026-10/v01/contacts.csv, line 1: the required column Enhet (unit_name) is missing."
    message = site.rejected(lambda: deliver(site, "cosmic", "Region;Kommun;Enhet;role\n"))
    assert message == (
        "01/2026-10/v01/contacts.csv, line 1: unknown column 'role'; expected are Region, Kommun, Enhet, Roll, Helg. "
        "Check the spelling and the delimiter."
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source_system: cosmic", "source_system: other", "'source_system' must be the file's name, 'cosmic'."),
        ("feeds:", "feed:", "the file holds unknown feed; known are feeds, source_system."),
        ("  contacts:", "  contact:", "'feeds' holds unknown contact; known are cases, contacts,"),
        ("ignored", "ignore", "'feeds.contacts' holds unknown ignore; known are columns,"),
        ("Enhet: unit_name, ", "", "'feeds.contacts': unit_name is required and gets no source."),
        ("Enhet: unit_name", "Enhet: unit", "'feeds.contacts' names unit, which is no column of contacts."),
        ("Enhet: unit_name", "Enhet: role", "'feeds.contacts': role gets more than one source."),
        ("ignored: [Anteckning]", "ignored: [Enhet]", "'feeds.contacts': Enhet is both read and ignored."),
        ("ignored: [Anteckning]", "ignored: Enhet", "'feeds.contacts.ignored' must be a list of column names."),
        ('"ja"', "yes", "'feeds.contacts.values.weekend_hours': 'True: true' must be texts;"),
        ('"true"', "true", "'feeds.contacts.values.weekend_hours': 'ja: True' must be texts;"),
        ("constants:", "formats: {verified_on: '%Q'}\n    constants:", "formats.verified_on': '%Q' is no format"),
        ("constants:", "formats: {verified_on: '%Y%z'}\n    constants:", "'%Y%z' is no format of a local date or time"),
        ("constants:", "formats: {phone: '%Y'}\n    constants:", "'feeds.contacts': phone has a format and is no date"),
        ("feeds:", "feeds: [", "is not YAML in UTF-8."),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be(site: Site, old: str, new: str, message: str) -> None:
    site.settings.mappings.mkdir(parents=True)
    path = site.settings.mappings / "cosmic.yml"
    path.write_text(OWN.format(name="cosmic").replace(old, new, 1))
    with pytest.raises(ConfigurationError) as error:
        deliver(site, "cosmic", CONTENT)
    assert str(path) in str(error.value)
    assert message in str(error.value)


def test_a_person_id_cannot_be_made_by_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "webcare.yml"
    shutil.copy(mapping.SHIPPED / "webcare.yml", path)
    path.write_text(path.read_text().replace('sex: {M: "1", K: "2"}', 'person_id: {a: "b"}'))
    with pytest.raises(ConfigurationError, match="person_id is a person id and can only be read as it stands"):
        mapping.load(path)


def test_a_code_or_time_that_the_mapping_does_not_name_is_judged_as_it_stands(site: Site) -> None:
    directory = SAMPLES / "lifecare_sp" / REGION / MONTH / "v01"
    files = {path.name: path.read_bytes() for path in directory.glob("*.csv")}
    files["episodes.csv"] = (
        files["episodes.csv"].replace(b"kvinna", b"okand", 1).replace(b"202610012359", b"2026-10-01")
    )
    facts = {name: {"delimiter": "\t"} for name in files}
    write_files(site.landing, REGION, MONTH, files, source_system="lifecare_sp", file_facts=facts)
    assert site.ingest().reasons("episodes") == {2: "type:admitted_at", 3: "enum:sex"}
