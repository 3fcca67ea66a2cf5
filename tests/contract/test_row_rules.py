"""Every rule of the feeds contract that quarantines or reports a row, with its exact reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.conftest import Site
from tests.deliveries import person

LONG = "å" * 1001


def reasons_of(site: Site, feed: str, row: dict[str, Any]) -> str:
    """Deliver one row; its reasons, '' where it loads. Whatever happens to it, it is counted."""
    ingested = site.deliver(**{feed: [row]})
    loaded = ingested.rows(feed, "line")
    counts = ingested.facts["files"][f"{feed}.csv"]
    reasons = ingested.reasons(feed)
    assert counts["rows_delivered"] == 1 == counts["rows_loaded"] + counts["rows_quarantined"]
    assert (loaded, list(reasons)) in (([2], []), ([], [2]))
    return reasons.get(2, "")


@pytest.mark.parametrize(
    ("feed", "row", "reasons"),
    [
        ("episodes", {}, ""),
        ("episodes", {"region_code": ""}, "required:region_code"),
        ("episodes", {"region_code": "1"}, "type:region_code"),
        ("episodes", {"region_code": "24"}, "wrong_region"),
        ("episodes", {"episode_id": ""}, "required:episode_id"),
        ("episodes", {"person_id": ""}, "required:person_id"),
        ("episodes", {"person_id": " - "}, "required:person_id"),
        ("episodes", {"sex": "3"}, "enum:sex"),
        ("episodes", {"sex": "01"}, "enum:sex"),
        ("episodes", {"sex": ""}, "required:sex"),
        ("episodes", {"municipality_code": "180"}, "type:municipality_code"),
        ("episodes", {"municipality_code": "0180 "}, "type:municipality_code"),
        ("episodes", {"municipality_code": ""}, ""),
        ("episodes", {"care_area": "Somatic"}, "enum:care_area"),
        ("episodes", {"care_area": " somatic"}, "enum:care_area"),
        ("episodes", {"protected_identity": "yes"}, "type:protected_identity"),
        ("episodes", {"protected_identity": "True"}, "type:protected_identity"),
        ("episodes", {"protected_identity": "1"}, "type:protected_identity"),
        ("episodes", {"is_deleted": "true"}, ""),
        ("episodes", {"birth_date": "1940-02-30"}, "type:birth_date"),
        ("episodes", {"birth_date": "19400517"}, "type:birth_date"),
        ("episodes", {"birth_date": "1940-5-17"}, "type:birth_date"),
        ("episodes", {"birth_date": "1940-05-17T00:00"}, "type:birth_date"),
        ("episodes", {"admitted_at": "2026-10-02"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02 10"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02 24:00"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02 10:60"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02 10:00:60"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02 10:00 +01:00"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-10-02T10:00 CET"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "2026-02-29 10:00"}, "type:admitted_at"),
        ("episodes", {"admitted_at": "infinity"}, "type:admitted_at"),
        ("episodes", {"discharged_at": "2026-10-02T09:59:59"}, "discharge_before_admission"),
        ("episodes", {"discharged_at": "2026-10-02T10:00:00"}, ""),
        ("episodes", {"birth_date": "2026-10-02"}, ""),
        ("episodes", {"birth_date": "2026-10-03"}, "birth_after_admission"),
        ("episodes", {"discharged_at": "2026-10-03 10:00", "discharge_destination": ""}, "destination_missing"),
        ("episodes", {"discharge_destination": "home"}, ""),
        ("episodes", {"clinic_code": "å" * 1000}, ""),
        ("episodes", {"clinic_code": LONG}, "text_invalid"),
        ("episodes", {"clinic_code": "a\0b"}, "text_invalid"),
        ("episodes", {"municipality_code": LONG}, "type:municipality_code|text_invalid"),
        ("episodes", {"birth_date": "1899-12-31"}, "time_out_of_range"),
        ("episodes", {"birth_date": "1900-01-01"}, ""),
        ("episodes", {"admitted_at": "2026-11-04T03:00"}, ""),
        ("episodes", {"admitted_at": "2026-11-04T03:00:00.000001"}, "time_out_of_range"),
        ("episodes", {"admitted_at": "1899-12-31 23:59", "birth_date": "1850-01-01"}, "time_out_of_range"),
        ("episodes", {"admitted_at": "9999-01-01T00:00Z"}, "time_out_of_range"),
        (
            "episodes",
            {"region_code": "24", "sex": "", "care_area": "x", "birth_date": "2030-01-01", "is_deleted": "no",
             "discharged_at": "2026-10-01 10:00", "discharge_destination": "", "clinic_code": LONG},
            "required:sex|enum:care_area|type:is_deleted|wrong_region|discharge_before_admission|"
            "birth_after_admission|destination_missing|text_invalid|time_out_of_range",
        ),
        ("cases", {"episode_id": "E1"}, ""),
        ("cases", {"episode_id": ""}, "required:episode_id"),
        ("cases", {"episode_id": "E1", "open_care_available": "true"}, "enum:open_care_available"),
        ("cases", {"episode_id": "E1", "sip_required": ""}, "required:sip_required"),
        ("messages", {"case_id": "C1"}, ""),
        ("messages", {"case_id": "C1", "message_type": "admission"}, "enum:message_type"),
        ("messages", {"case_id": "C1", "planned_discharge_on": "2050-01-01"}, ""),
        ("messages", {"case_id": "C1", "planned_discharge_on": "1850-01-01"}, ""),
        ("messages", {"case_id": "C1", "voided_at": "2026-12-01 10:00"}, "time_out_of_range"),
        ("invoices", {"days": "1,5", "amount_sek": "150"}, ""),
        ("invoices", {"days": "1.234"}, "type:days"),
        ("invoices", {"days": "1e2"}, "type:days"),
        ("invoices", {"days": "+1"}, "type:days"),
        ("invoices", {"days": ".5"}, "type:days"),
        ("invoices", {"days": "1."}, "type:days"),
        ("invoices", {"days": "NaN"}, "type:days"),
        ("invoices", {"rate_sek": "10 000"}, "type:rate_sek"),
        ("invoices", {"rate_sek": "10.000,00"}, "type:rate_sek"),
        ("invoices", {"rate_sek": "12345678901"}, "type:rate_sek"),
        ("invoices", {"amount_sek": "-123456789012.00"}, ""),
        ("invoices", {"amount_sek": "1234567890123"}, "type:amount_sek"),
        ("invoices", {"care_month": "2026-13"}, "type:care_month"),
        ("invoices", {"care_month": "2026-9"}, "type:care_month"),
        ("invoices", {"care_month": "2026-09-01"}, "type:care_month"),
        ("invoices", {"care_month": "2027-01"}, ""),
        ("invoices", {"dispute_status": ""}, "required:dispute_status"),
        ("invoices", {"invoice_date": "2026-11-04"}, ""),
        ("invoices", {"invoice_date": "2026-11-05"}, "time_out_of_range"),
        ("identity_links", {}, ""),
        ("identity_links", {"old_person_id": "4005171234"}, "person_id_short"),
        ("identity_links", {"new_person_id": "400517-1234"}, "person_id_short"),
        ("identity_links", {"linked_at": ""}, "required:linked_at"),
        ("deviations", {}, ""),
        ("deviations", {"severity": "huge"}, "enum:severity"),
        ("contacts", {}, ""),
        ("contacts", {"weekend_hours": "nej"}, "type:weekend_hours"),
        ("population", {}, ""),
        ("population", {"year": "2026.0"}, "type:year"),
        ("population", {"inhabitants": "99999999999"}, "type:inhabitants"),
        ("statements", {}, ""),
        ("statements", {"party": "municipality", "municipality_code": "0180"}, ""),
        ("statements", {"party": "municipality"}, "municipality_mismatch"),
        ("statements", {"municipality_code": "0180"}, "municipality_mismatch"),
        ("statements", {"fulfilment": "nej", "statement": ""}, "enum:fulfilment|required:statement"),
        ("statements", {"party": "kommunen", "municipality_code": "0180"}, "enum:party"),
    ],
)  # fmt: skip
def test_a_row_is_quarantined_with_every_reason(site: Site, feed: str, row: dict[str, Any], reasons: str) -> None:
    assert reasons_of(site, feed, row) == reasons


def test_the_first_valid_row_of_a_key_loads_and_later_ones_are_duplicates(site: Site) -> None:
    ingested = site.deliver(
        episodes=[
            {"episode_id": "A", "sex": "9"},
            {"episode_id": "A", "clinic_code": "first"},
            {"episode_id": "B"},
            {"episode_id": "A", "clinic_code": "second"},
            {"episode_id": "A", "sex": "9", "clinic_code": LONG},
            {"episode_id": "A", "region_code": "24"},
            {"episode_id": ""},
            {"episode_id": ""},
        ]
    )
    assert ingested.rows("episodes", "episode_id, clinic_code, line") == [("A", "first", 3), ("B", None, 4)]
    assert ingested.reasons("episodes") == {
        2: "enum:sex",
        5: "duplicate_key",
        6: "enum:sex|duplicate_key|text_invalid",
        7: "wrong_region",
        8: "required:episode_id",
        9: "required:episode_id",
    }


def test_keys_are_compared_by_value_and_empty_parts_are_equal(site: Site) -> None:
    ingested = site.deliver(
        contacts=[{"unit_name": "Öst"}, {"unit_name": "Öst"}, {"unit_name": "Öst", "district_code": "14"}],
        population=[{"age_to": ""}, {"age_to": ""}, {"year": "02026", "age_to": ""}],
        identity_links=[{"old_person_id": "se2321000016-1001:7"}, {"old_person_id": "SE23210000161001: 7"}],
    )
    assert ingested.reasons("contacts") == {3: "duplicate_key"}
    assert ingested.reasons("population") == {3: "duplicate_key", 4: "duplicate_key"}
    assert ingested.reasons("identity_links") == {3: "duplicate_key"}


def test_malformed_rows_keep_their_line_and_show_nothing(site: Site) -> None:
    header = "region_code;municipality_code;district_code;unit_name;role;phone;email;weekend_hours;verified_on"
    rows = [
        "01;0180;;Enhet 1;x;;;;",
        "01;0180;;194013000001",
        "",
        '01;0180;;"Enhet\r\n2";x;;;;',
        "01;0180;;Enhet 3;x;;;;;",
        "",
        '01;0180;;"Enhet" 4;x;;;;',
        '01;0180;;Enhet "5";x;;;;',
        "01;0180;;Enhet 6;x;;;nej;",
    ]
    ingested = site.deliver_files({"contacts.csv": "\r\n".join([header, *rows]).encode()}, rows={"contacts.csv": 7})
    assert ingested.rows("contacts", "unit_name, line") == [("Enhet\r\n2", 5), ('Enhet "5"', 9), ("Enhet 1", 2)]
    assert ingested.reasons("contacts") == {
        3: "malformed", 6: "malformed", 8: "malformed", 10: "type:weekend_hours"
    }  # fmt: skip
    assert [row for row, why in ingested.rows("quarantine", "row, reasons") if why == "malformed"] == ["{}"] * 3


def test_a_quarantined_row_is_kept_without_person_and_birth_date(site: Site) -> None:
    secret = "19400517-1234"
    ingested = site.deliver(
        episodes=[
            {"person_id": secret, "sex": "7", "clinic_code": "400517-1234", "district_code": "SE2321000016-1001:55"},
            {"person_id": "SE2321000016-1001:55", "sex": "7", "clinic_code": "x SE2321000016-1001:55"},
        ]
    )
    first, second = (json.loads(row) for row in ingested.rows("quarantine", "row"))
    assert "birth_date" not in first
    assert len(first["person_id"]) == 32
    assert (first["clinic_code"], first["hospital_id"], first["sex"]) == ("***", "SE2321000016-1001", "7")
    assert second["clinic_code"] == "***"


@pytest.mark.parametrize(
    ("feed", "row", "rule"),
    [
        ("messages", {"voided_at": "2026-10-03T08:59:59"}, "voided_before_sent"),
        ("messages", {"assessed_at": "2026-10-03T09:00:01"}, "assessed_after_sent"),
        ("messages", {"message_type": "planned_discharge_changed"}, "planned_date_missing"),
        ("invoices", {"days": "-1", "amount_sek": "-100"}, "debit_negative_days"),
        ("invoices", {"amount_sek": "100.02"}, "amount_not_days_times_rate"),
        ("invoices", {"invoice_kind": "credit", "credits_invoice_id": "F0"}, "credit_positive_amount"),
        ("invoices", {"invoice_kind": "credit", "days": "-1", "amount_sek": "-100"}, "credit_without_reference"),
        ("episodes", {"person_id": "4005171234", "birth_date": "1940-05-18"}, "person_id_form"),
        ("episodes", {"person_id": "RES77"}, "person_id_form"),
        ("identity_links", {"old_person_id": "RES77"}, "person_id_form"),
    ],
)
def test_a_reported_row_loads_and_is_counted(site: Site, feed: str, row: dict[str, Any], rule: str) -> None:
    plain = {"case_id": "C1"} if feed == "messages" else {}
    ingested = site.deliver(**{feed: [plain | row, plain]})
    assert len(ingested.rows(feed, "line")) == 2
    assert {name: count for name, count in ingested.reports(feed).items() if count} == {rule: 1}


def test_a_rounding_of_one_ore_is_no_report(site: Site) -> None:
    ingested = site.deliver(invoices=[{"days": "1", "rate_sek": "100", "amount_sek": "100.01"}])
    assert set(ingested.reports("invoices").values()) == {0}


def test_a_quarantined_row_is_not_reported(site: Site) -> None:
    ingested = site.deliver(episodes=[{"person_id": "RES77", "sex": "x"}, {"person_id": person(5)}])
    assert ingested.reports("episodes") == {"person_id_form": 0}
