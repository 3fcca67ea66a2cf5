"""The feeds contract's rules as SQL, made from ``feeds.yml``: what a row's texts become, and why a row is quarantined.

Types are judged on the text before anything is cast: DuckDB's own casts take ``yes`` for a boolean and round 2.345.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dagster_project.deliveries import pseudonyms
from dagster_project.deliveries.contract import Column, Feed

LONGEST_TEXT = 1000
EARLIEST = "1900-01-01"
_CLOCK = r"\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
_OFFSET = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
# What could be a personnummer or samordningsnummer in a column that is not meant for it.
_DAY = r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_PERSON_LIKE = rf"(^|\D)((18|19|20)\d{{6}}[-+ ]?\d{{4}}|\d{{2}}{_DAY}[-+ ]?\d{{4}})(\D|$)"

ROW_RULES = {
    "discharge_before_admission": "discharged_at < admitted_at",
    "birth_after_admission": "birth_date > admitted_at_local::date",
    "destination_missing": "{discharged_at} is not null and {discharge_destination} is null",
    "municipality_mismatch": "(party = 'municipality') <> ({municipality_code} is not null)",
}
REPORT_RULES = {
    "voided_before_sent": "voided_at < sent_at",
    "assessed_after_sent": "assessed_at > sent_at",
    "planned_date_missing": "message_type = 'planned_discharge_changed' and planned_discharge_on is null",
    "debit_negative_days": "invoice_kind = 'debit' and days < 0",
    "credit_positive_amount": "invoice_kind = 'credit' and amount_sek > 0",
    "credit_without_reference": "invoice_kind = 'credit' and credits_invoice_id is null",
    "amount_not_days_times_rate": "abs(days * rate_sek - amount_sek) > 0.01",
}


@dataclass(frozen=True)
class Circumstances:
    """What a delivery says about all its rows. ``extracted_at`` is in UTC."""

    region: str
    extracted_at: datetime
    person_ids_are_pseudonyms: bool


def text(column: str) -> str:
    """The SQL name of a column's delivered text in the relation that ``typed`` reads."""
    return f'"text_{column}"'


def typed(feed: Feed, source: str, facts: Circumstances) -> str:
    """SQL over ``source`` (rid, line, ``text_<column>`` with null for empty): every column typed, null where its text
    is not of its type; the texts go along, and each person id's normal form as ``normal_<column>``."""
    times = [column.name for column in feed.columns.values() if column.kind == "timestamp"]
    walls = "".join(f", {_wall(name)} as wall_{name}, {_shift(name)} as shift_{name}" for name in times)
    # A condition on one side alone would keep the engine from a hash join.
    joins = "".join(
        f"""
        left join zone_local as local_{name}
            on local_{name}.day = case when shift_{name} is null then wall_{name}::date end
        left join zone_utc as utc_{name} on utc_{name}.day = (wall_{name} - to_seconds(shift_{name}))::date"""
        for name in times
    )
    with_times = ", ".join(["clocked.*", *(part for name in times for part in _instant(name))])
    plain = ", ".join(
        f'{_cast(column)} as "{column.name}"'
        for column in feed.columns.values()
        if column.kind != "timestamp" and not column.person_id
    )
    normal = "".join(f", {_normalised(feed, column, facts)} as normal_{column.name}" for column in feed.person_ids)
    return f"""
        with clocked as (select *{walls} from {source}),
        timed as (select {with_times} from clocked {joins}),
        cast_rows as (select *, {plain} from timed)
        select *{normal} from cast_rows"""


def _wall(name: str) -> str:
    column = text(name)
    clock = f"regexp_full_match({column}, '{_CLOCK}')"
    shifted = f"regexp_full_match({column}, '{_CLOCK}{_OFFSET}')"
    bare = f"regexp_replace({column}, '{_OFFSET}$', '')"
    return (
        f"case when {clock} then try_cast({column} as timestamp) when {shifted} then try_cast({bare} as timestamp) end"
    )


def _shift(name: str) -> str:
    """Seconds that a time with an offset is ahead of UTC; null for one without."""
    column = text(name)
    digits = f"regexp_replace(right({column}, 6), '.*[+-]|:', '', 'g')"
    hours, minutes = (
        f"try_cast(left({digits}, 2) as integer)",
        f"coalesce(try_cast(nullif(substr({digits}, 3), '') as integer), 0)",
    )
    sign = f"case when contains(right({column}, 6), '+') then 1 else -1 end"
    return f"""case
        when not regexp_full_match({column}, '{_CLOCK}{_OFFSET}') then null
        when ends_with({column}, 'Z') then 0
        else ({sign}) * ({hours} * 3600 + {minutes} * 60) end"""


def _instant(name: str) -> list[str]:
    """The instant and the local wall clock of a time: the first of two same hours, null for an hour that never was."""
    wall, shift, local, utc = f"wall_{name}", f"shift_{name}", f"local_{name}", f"utc_{name}"
    was = f"not coalesce({wall} >= {local}.switch_at and {wall} < {local}.gap_end, false)"
    offset = f"coalesce(case when {wall} < {local}.switch_at then {local}.before else {local}.after end, 0)"
    instant = f"""case
        when {shift} is not null then {wall} - to_seconds({shift})
        when {was} then {wall} - to_seconds({offset}) end"""
    local_offset = (
        f"coalesce(case when {wall} - to_seconds({shift}) < {utc}.switch_at then {utc}.before else {utc}.after end, 0)"
    )
    return [
        f'make_timestamptz(epoch_us({instant})) as "{name}"',
        f"""case
            when {shift} is not null then {wall} - to_seconds({shift}) + to_seconds({local_offset})
            when {was} then {wall} end as "{name}_local\"""",
    ]


def _cast(column: Column) -> str:
    value = text(column.name)
    if column.kind == "enum":
        known = f"{value} in ({', '.join(_quote(known) for known in column.values)})"
        return f"case when {known} then {value}::{column.sql_type} end"
    if column.kind == "boolean":
        return f"case {value} when 'true' then true when 'false' then false end"
    if column.kind == "text":
        return f"case when length({value}) = {column.length} then {value} end" if column.length else value
    pattern, cast = {
        "date": (r"\d{4}-\d{2}-\d{2}", value),
        "month": (r"\d{4}-(0[1-9]|1[0-2])", f"{value} || '-01'"),
        "integer": (r"-?\d+", value),
        "decimal": (rf"-?\d+([.,]\d{{1,{column.scale}}})?", f"replace({value}, ',', '.')"),
    }[column.kind]
    return f"case when regexp_full_match({value}, '{pattern}') then try_cast({cast} as {column.sql_type}) end"


def _normalised(feed: Feed, column: Column, facts: Circumstances) -> str:
    if facts.person_ids_are_pseudonyms:
        return text(column.name)
    return pseudonyms.sql_normalised(text(column.name), "birth_date" if "birth_date" in feed.columns else None)


def column_reasons(feed: Feed, facts: Circumstances) -> str:
    """SQL over ``typed``: the reasons that come before ``duplicate_key``, in the contract's order, '' where none."""
    reasons = [_column_reason(column) for column in feed.columns.values()]
    if "region_code" in feed.columns:
        reasons.append(f"case when region_code <> {_quote(facts.region)} then 'wrong_region' end")
    return f"concat_ws('|', {', '.join(reasons)})"


def _column_reason(column: Column) -> str:
    found = f"normal_{column.name}" if column.person_id else f'"{column.name}"'
    wrong = f"{'enum' if column.kind == 'enum' else 'type'}:{column.name}"
    branches = ""
    if column.required:
        absent = found if column.person_id else text(column.name)
        branches += f" when {absent} is null then 'required:{column.name}'"
    if not column.person_id and (column.kind != "text" or column.length):
        branches += f" when {text(column.name)} is not null and {found} is null then '{wrong}'"
    return f"case{branches} end" if branches else "null"


def rule_reasons(feed: Feed, facts: Circumstances) -> str:
    """SQL over ``typed``: the reasons that come after ``duplicate_key``, in the contract's order, '' where none."""
    texts = {name: text(name) for name in feed.columns}
    conditions = {rule: ROW_RULES[rule].format(**texts) for rule in feed.rules if rule in ROW_RULES}
    if "person_id_short" in feed.rules and not facts.person_ids_are_pseudonyms:
        short = [f"regexp_full_match(normal_{column.name}, '\\d{{10}}')" for column in feed.person_ids]
        conditions["person_id_short"] = " or ".join(short)
    conditions["text_invalid"] = _any(
        _text_invalid(column) for column in feed.columns.values() if column.kind == "text"
    )
    conditions["time_out_of_range"] = _any(
        _out_of_range(column, facts)
        for column in feed.columns.values()
        if column.kind in ("date", "timestamp") and not column.future
    )
    return (
        f"concat_ws('|', {', '.join(f'case when {when} then {_quote(rule)} end' for rule, when in conditions.items())})"
    )


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"


def _text_invalid(column: Column) -> str:
    value = text(column.name)
    return f"contains({value}, chr(0)) or (strlen({value}) > {LONGEST_TEXT} and length({value}) > {LONGEST_TEXT})"


def _out_of_range(column: Column, facts: Circumstances) -> str:
    latest = f"(timestamptz '{facts.extracted_at.isoformat()}' + interval 1 day)"
    if column.kind == "date":
        last_day = f"timezone('Europe/Stockholm', {latest})::date"
        return f'"{column.name}" < date \'{EARLIEST}\' or "{column.name}" > {last_day}'
    return f'"{column.name}_local" < timestamp \'{EARLIEST}\' or "{column.name}" > {latest}'


def key(feed: Feed) -> list[str]:
    """SQL over ``typed``: the parts of the feed's key; ids of persons in their normal form."""
    return [f"normal_{name}" if feed.columns[name].person_id else f'"{name}"' for name in feed.key]


def bronze_values(feed: Feed) -> list[str]:
    """SQL over ``typed``: the feed's bronze columns in order, those of the delivery itself left out."""
    values = []
    for column in feed.columns.values():
        if column.person_id:
            values.append(f'{pseudonyms.sql_pseudonym(f"normal_{column.name}")} as "{column.stored_as}"')
        else:
            values += [f'"{name}"' for name in column.bronze_columns]
    return values


def row_json(feed: Feed) -> str:
    """SQL over ``typed``: a quarantined row as JSON of the delivered texts.

    A person id is its pseudonym, the birth date is left out, and what looks like a person id elsewhere is ``***``.
    """
    parts = []
    for column in feed.columns.values():
        if column.person_id:
            parts.append(f"{_quote(column.name)}, {pseudonyms.sql_pseudonym(f'normal_{column.name}')}")
        elif column.kept:
            parts.append(f"{_quote(column.name)}, {_masked(feed, column)}")
    return f"json_object({', '.join(parts)})::varchar"


def _masked(feed: Feed, column: Column) -> str:
    value = text(column.name)
    ids = [f"contains({value}, {text(person.name)})" for person in feed.person_ids]
    looks = " or ".join([f"regexp_matches({value}, '{_PERSON_LIKE}')", *(f"coalesce({found}, false)" for found in ids)])
    return f"case when {looks} then '***' else replace(left({value}, {LONGEST_TEXT}), chr(0), '\ufffd') end"


def reports(feed: Feed, facts: Circumstances) -> dict[str, str]:
    """Rule → SQL condition over ``typed``: what is loaded and counted."""
    conditions = {rule: REPORT_RULES[rule] for rule in feed.reports}
    if feed.person_ids:
        unknown = [f"not {pseudonyms.sql_is_known_form(f'normal_{column.name}')}" for column in feed.person_ids]
        conditions["person_id_form"] = "false" if facts.person_ids_are_pseudonyms else " or ".join(unknown)
    return conditions


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
