"""Turns a delivery's tables into the contract's files: DuckDB formats and writes, nothing passes row by row."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from dagster_project.deliveries.landing import MANIFEST
from dagster_project.demo import changes, clock
from dagster_project.demo.cases import MESSAGE_TYPES, OPEN_CARE, SIP_CALL, SIP_HELD
from dagster_project.demo.invoices import PAYMENT_CLASSES
from dagster_project.demo.profile import CARE_AREAS, Profile
from dagster_project.demo.tables import Table, length
from dagster_project.settings import private_directory

_DESTINATIONS = ["home", "special_housing", "inpatient", "deceased", "other"]
_CLINICS = ["MED", "GER", "PSY", "BER"]


def connect(threads: int) -> duckdb.DuckDBPyConnection:
    """A connection in memory, for formatting alone."""
    return duckdb.connect(config={"threads": threads})


class Writer:
    """Writes one delivery into ``directory``, which must not exist: the files first, ``delivery.json`` last."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, profile: Profile, directory: Path) -> None:
        self._connection = connection
        self._profile = profile
        self._directory = private_directory(directory)
        self._files: dict[str, dict[str, Any]] = {}

    def episodes(self, rows: Table) -> None:
        municipality = _lookup("municipality", self._profile.municipality_codes)
        admitted = _timestamp("admitted")
        self._copy(
            "episodes",
            rows,
            "cohort, course, sequence",
            {
                "episode_id": _id("E"),
                "person_id": f"""case
                    when is_reserve then {self._reserve()}
                    when is_short then substr(number::varchar, 3, 6) || if(admitted // 86400 - birth > 36524, '+', '-')
                        || substr(number::varchar, 9)
                    else number::varchar end""",
                "birth_date": _date("birth * 86400"),
                "sex": f"if(dirt = {changes.NO_SUCH_SEX}, '9', sex::varchar)",
                "municipality_code": f"if(dirt = {changes.SHORT_CODE}, left({municipality}, 3), {municipality})",
                "district_code": _lookup("district", self._profile.district_codes),
                "hospital_id": _lookup("hospital", self._profile.hospital_ids),
                "clinic_code": _lookup("area", _CLINICS),
                "care_area": f"if(dirt = {changes.NO_SUCH_AREA}, 'rehab', {_lookup('area', CARE_AREAS)})",
                "protected_identity": "if(protected, 'true', 'false')",
                "admission_mode": "if(planned, 'planned', 'unplanned')",
                "admitted_at": f"if(dirt = {changes.NO_SUCH_DATE}, left({admitted}, 5) || '02-30T10:00', {admitted})",
                "discharged_at": f"if(dirt = {changes.ENDS_BEFORE} and discharged < {clock.NEVER}, "
                f"{_timestamp('admitted - 86400')}, {_timestamp('discharged')})",
                "discharge_destination": f"if(dirt = {changes.NO_DESTINATION}, null, "
                f"{_lookup('destination', _DESTINATIONS)})",
                "is_deleted": "if(is_deleted, 'true', null)",
            },
        )

    def cases(self, rows: Table) -> None:
        self._copy(
            "cases",
            rows,
            "cohort, course, sequence",
            {
                "case_id": _id("C"),
                "episode_id": f"if(dirt = {changes.NO_SUCH_STAY}, 'SYN-E-000000-' || course, {_id('E')})",
                "source_system": "'canonical'",
                "municipality_code": _lookup("municipality", self._profile.municipality_codes),
                "district_code": _lookup("district", self._profile.district_codes),
                "deciding_municipality_code": _lookup("deciding", self._profile.municipality_codes),
                "sip_required": f"if(dirt = {changes.NOT_A_BOOLEAN}, 'ja', {_boolean('sip_required')})",
                "open_care_available": f"if(dirt = {changes.NO_SUCH_ANSWER}, 'kanske', "
                f"{_lookup('open_care', OPEN_CARE)})",
                "measures_declined": _boolean("measures_declined"),
                "coordinated_care_plan": _boolean("coordinated"),
                "is_deleted": "if(is_deleted, 'true', null)",
            },
        )

    def messages(self, rows: Table) -> None:
        message_type = _lookup("message_type", MESSAGE_TYPES)
        sent = _timestamp("sent")
        self._copy(
            "messages",
            rows,
            "cohort, course, sequence, number",
            {
                "message_id": f"{_id('M')} || '-' || number",
                "case_id": f"if(dirt = {changes.NO_SUCH_CASE}, 'SYN-C-000000-' || course, {_id('C')})",
                "message_type": f"if(dirt = {changes.NO_SUCH_TYPE}, 'epikris', {message_type})",
                "sent_at": f"""case dirt when {changes.NO_TIME} then null
                    when {changes.NO_SUCH_TIME} then left({sent}, 11) || '25:61' else {sent} end""",
                "assessed_at": _timestamp("assessed"),
                "planned_discharge_on": f"if(planned < {clock.NEVER}, {_date('planned * 86400')}, null)",
                "voided_at": _timestamp("voided"),
                "sender_unit_id": f"if(message_type in ({SIP_CALL}, {SIP_HELD}), 'SYN-oppenvard', 'SYN-slutenvard')",
            },
        )

    def identity_links(self, rows: Table) -> None:
        self._copy(
            "identity_links",
            rows,
            "cohort, course, sequence, old",
            {
                "old_person_id": f"if(old = 0, {self._reserve()}, old::varchar)",
                "new_person_id": "new::varchar",
                "linked_at": _date("linked"),
            },
        )

    def invoices(self, rows: Table) -> None:
        payer = _lookup("municipality", self._profile.municipality_codes)
        invoice = f"'SYN-I-' || {_month('care_month')} || '-' || {payer} || '-' || payment_class"
        self._copy(
            "invoices",
            rows,
            "care_month, municipality, payment_class, is_credit",
            {
                "invoice_line_id": f"{invoice} || if(is_credit, '-K-1', '-1')",
                "invoice_id": f"{invoice} || if(is_credit, '-K', '')",
                "invoice_kind": "if(is_credit, 'credit', 'debit')",
                "invoice_date": _date("invoice_day"),
                "municipality_code": payer,
                "care_month": _month("care_month"),
                "payment_class": _lookup("payment_class", PAYMENT_CLASSES),
                "case_id": "null",
                "days": "(if(is_credit, -days, days))::decimal(12, 2)::varchar",
                "rate_sek": "rate::decimal(12, 2)::varchar",
                "amount_sek": "(if(is_credit, -days, days) * rate)::decimal(14, 2)::varchar",
                "credits_invoice_id": f"if(is_credit, {invoice}, null)",
                "dispute_status": "if(dispute = 1, 'disputed', 'none')",
                "dispute_step": "if(dispute = 1, 'local', null)",
            },
        )

    def small(self, feed: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
        """A feed of a few hundred rows. ``columns`` are the contract's; the region's code is filled in."""
        path = self._directory / f"{feed}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                values = {"region_code": self._profile.region, **row}
                writer.writerow([_text(values.get(column)) for column in columns])
        self._register(path, len(rows))

    def finish(self, month: str, generator: dict[str, Any]) -> None:
        """Write ``delivery.json``: what makes the delivery complete."""
        document = {
            "region_code": self._profile.region,
            "month": month,
            "version": 1,
            "source_system": "canonical",
            "extracted_at": clock.extraction(self._profile.region, month).isoformat(),
            "synthetic": True,
            "note": "Synthetic demonstration data; describes no real person or hospital's activity.",
            "generator": generator,
            "files": self._files,
        }
        path = self._directory / MANIFEST
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        path.chmod(0o600)

    def _reserve(self) -> str:
        return f"{_lookup('hospital', self._profile.hospital_ids)} || ':SYN' || cohort || lpad(course::varchar, 7, '0')"

    def _copy(self, feed: str, rows: Table, order: str, columns: dict[str, str]) -> None:
        path = self._directory / f"{feed}.csv"
        selected = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
        contiguous = {name: np.ascontiguousarray(column) for name, column in rows.items()}
        self._connection.register("delivered_rows", contiguous)
        # In the order of the key: without an order the bytes would depend on the threads.
        self._connection.execute(
            f"copy (select '{self._profile.region}' as region_code, {selected} from delivered_rows order by {order}) "
            f"to '{str(path).replace(chr(39), chr(39) * 2)}' (format csv, header, delimiter ';')"
        )
        self._connection.unregister("delivered_rows")
        self._register(path, length(rows))

    def _register(self, path: Path, rows: int) -> None:
        path.chmod(0o600)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._files[path.name] = {"rows": rows, "sha256": digest}


def _id(letter: str) -> str:
    return f"'SYN-{letter}-' || cohort || '-' || lpad(course::varchar, 7, '0') || '-' || sequence"


def _timestamp(seconds: str) -> str:
    return f"if({seconds} < {clock.NEVER}, strftime(make_timestamp(({seconds}) * 1000000), '%Y-%m-%dT%H:%M:%S'), null)"


def _date(seconds: str) -> str:
    return f"strftime(make_timestamp(({seconds}) * 1000000), '%Y-%m-%d')"


def _month(seconds: str) -> str:
    return f"strftime(make_timestamp(({seconds}) * 1000000), '%Y-%m')"


def _boolean(column: str) -> str:
    return f"if({column}, 'true', 'false')"


def _lookup(column: str, values: list[str]) -> str:
    """The value at a position; a negative position and an empty value are null."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"if({column} < 0, null, nullif([{listed}][{column} + 1], ''))"


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
