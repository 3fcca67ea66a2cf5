"""Small deliveries for tests: rows as dictionaries become the files and the delivery.json of the feeds contract.

A row gives only what matters to its test; the rest is filled in so that the row is valid. Person ids are made up:
twelve digits with the impossible birth month 13 are no one's.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

DEFAULTS: dict[str, dict[str, Any]] = {
    "episodes": {
        "region_code": None, "episode_id": None, "person_id": None, "birth_date": "1940-05-17", "sex": "1",
        "municipality_code": "0180", "district_code": "", "hospital_id": "SE2321000016-1001", "clinic_code": "",
        "care_area": "somatic", "protected_identity": "false", "admission_mode": "unplanned", "admitted_at": None,
        "discharged_at": "", "discharge_destination": None, "is_deleted": "",
    },
    "cases": {
        "region_code": None, "case_id": None, "episode_id": None, "source_system": "canonical",
        "municipality_code": "0180", "district_code": "", "deciding_municipality_code": "", "sip_required": "true",
        "open_care_available": "yes", "measures_declined": "false", "coordinated_care_plan": "false", "is_deleted": "",
    },
    "messages": {
        "region_code": None, "message_id": None, "case_id": None, "message_type": "admission_notice", "sent_at": None,
        "assessed_at": "", "planned_discharge_on": "", "voided_at": "", "sender_unit_id": "",
    },
    "invoices": {
        "region_code": None, "invoice_line_id": None, "invoice_id": "F1", "invoice_kind": "debit",
        "invoice_date": None, "municipality_code": "0180", "care_month": None, "payment_class": "somatic",
        "case_id": "", "days": "1", "rate_sek": "100.00", "amount_sek": "100.00", "credits_invoice_id": "",
        "dispute_status": "none", "dispute_step": "",
    },
    "identity_links": {"region_code": None, "old_person_id": None, "new_person_id": None, "linked_at": None},
    "deviations": {
        "region_code": None, "deviation_id": None, "reported_on": None, "reporting_party": "region",
        "municipality_code": "0180", "district_code": "", "case_id": "", "category": "planning", "severity": "low",
        "status": "open", "closed_on": "", "escalation_step": "",
    },
    "contacts": {
        "region_code": None, "municipality_code": "0180", "district_code": "", "unit_name": None,
        "role": "samordnare", "phone": "", "email": "", "weekend_hours": "", "verified_on": "",
    },
    "population": {
        "municipality_code": "0180", "district_code": "", "year": None, "sex": "1", "age_from": "65", "age_to": "79",
        "inhabitants": "1000",
    },
    "statements": {
        "region_code": None, "year": "2025", "commitment_id": "support_plan", "party": "region",
        "municipality_code": "", "fulfilment": "fulfilled", "statement": "Klart.", "stated_on": None, "is_deleted": "",
    },
}  # fmt: skip
REQUIRED = ("episodes", "cases", "messages", "invoices")


def person(number: int) -> str:
    """A synthetic twelve-digit id that no one can have: born in month 13."""
    return f"194013{number:06d}"


def fill(feed: str, row: Row, region: str, month: str, number: int) -> dict[str, Any]:
    """``row`` with defaults: ids from its ``number`` in the file, times in the middle of ``month``."""
    filled = DEFAULTS[feed] | dict(row)
    by_name = {
        "region_code": region,
        "episode_id": f"E{number}",
        "case_id": f"C{number}",
        "message_id": f"M{number}",
        "invoice_line_id": f"L{number}",
        "deviation_id": f"D{number}",
        "person_id": person(number),
        "old_person_id": f"SE2321000016-1001:{number}",
        "new_person_id": person(number),
        "admitted_at": f"{month}-02T10:00:00",
        "sent_at": f"{month}-03T09:00:00",
        "reported_on": f"{month}-10",
        "linked_at": f"{month}-10",
        "stated_on": f"{month}-10",
        "invoice_date": f"{month}-20",
        "care_month": month,
        "unit_name": f"Enhet {number}",
        "year": month[:4],
        "discharge_destination": "home" if filled.get("discharged_at") else "",
    }
    return {name: by_name[name] if value is None and name in by_name else value for name, value in filled.items()}


def as_csv(rows: Iterable[Mapping[str, Any]], header: Iterable[str], delimiter: str = ";") -> str:
    """The rows as RFC 4180 text with ``header`` as its first record; None is an empty field."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(header), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_delivery(
    landing: Path,
    region: str,
    month: str,
    version: int = 1,
    episodes: Iterable[Row] = (),
    cases: Iterable[Row] = (),
    messages: Iterable[Row] = (),
    invoices: Iterable[Row] = (),
    source_system: str = "canonical",
    extracted_at: str | None = None,
    **optional_feeds: Iterable[Row],
) -> Path:
    """Write a delivery of CSV files, delivery.json last; returns its directory ``<landing>/<region>/<month>/v<nn>``.

    ``extracted_at`` is by default 02:00 UTC on the third of the month after. A row may hold columns that are not the
    contract's: they are written too.
    """
    required = dict(zip(REQUIRED, (episodes, cases, messages, invoices), strict=True))
    files, counts = {}, {}
    for feed, rows in (required | optional_feeds).items():
        filled = [fill(feed, row, region, month, number) for number, row in enumerate(rows, 1)]
        header = list(dict.fromkeys([*DEFAULTS[feed], *(name for row in filled for name in row)]))
        files[f"{feed}.csv"] = as_csv(filled, header).encode()
        counts[f"{feed}.csv"] = len(filled)
    return write_files(
        landing, region, month, files, counts, version=version, source_system=source_system, extracted_at=extracted_at
    )


def write_files(
    landing: Path,
    region: str,
    month: str,
    files: Mapping[str, bytes],
    rows: Mapping[str, int] | None = None,
    version: int = 1,
    source_system: str = "canonical",
    extracted_at: str | None = None,
    file_facts: Mapping[str, Mapping[str, Any]] | None = None,
    **facts: Any,
) -> Path:
    """Write a delivery of ready-made ``files`` (name → bytes), delivery.json last.

    ``rows`` defaults to the number of line ends less the header. ``file_facts`` adds to or changes an entry under
    ``files`` (encoding, delimiter, a wrong hash); ``facts`` adds to or changes delivery.json itself.
    """
    directory = landing / region / month / f"v{version:02d}"
    directory.mkdir(parents=True, exist_ok=True)
    entries: dict[str, dict[str, Any]] = {}
    for name, content in files.items():
        (directory / name).write_bytes(content)
        count = rows[name] if rows and name in rows else _line_ends(name, content) - 1
        entries[name] = {"rows": max(count, 0), "sha256": hashlib.sha256(content).hexdigest()}
        entries[name] |= dict((file_facts or {}).get(name, {}))
    delivery = {
        "region_code": region,
        "month": month,
        "version": version,
        "source_system": source_system,
        "extracted_at": extracted_at or _extracted_at(month),
        "files": entries,
    } | facts
    (directory / "delivery.json").write_text(json.dumps(delivery, ensure_ascii=False, indent=1), encoding="utf-8")
    return directory


def _line_ends(name: str, content: bytes) -> int:
    return (gzip.decompress(content) if name.endswith(".gz") else content).count(b"\n")


def _extracted_at(month: str) -> str:
    first = date(int(month[:4]), int(month[5:]), 1)
    third = (first + timedelta(days=31)).replace(day=3)
    return f"{third}T02:00:00Z"
