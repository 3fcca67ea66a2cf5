"""One delivered file's rows: judged by the contract, and written as bronze or as quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.deliveries import checks, reading, source
from dagster_project.deliveries.contract import Feed
from dagster_project.deliveries.landing import DeliveredFile, Delivery
from dagster_project.deliveries.mapping import FeedMapping, Mapping
from dagster_project.errors import DeliveryRejected

_TABLES = {
    "quarantine": "feed varchar, file varchar, line bigint, reasons varchar, row varchar",
    "files": "feed varchar, file varchar, sha256 varchar, rows_delivered bigint, rows_loaded bigint, "
    "rows_quarantined bigint",
    "reports": "feed varchar, file varchar, rule varchar, rows bigint",
}
_ORDER = {"quarantine": "feed, file, line", "files": "feed, file", "reports": "feed, file, rule"}


class Loader:
    """Loads a delivery's files one by one into the directory ``fresh``; what holds person ids in clear is in ``spill``.

    The connection must know the pseudonym key and the zone tables.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, delivery: Delivery, adapter: Mapping, spill: Path, fresh: Path
    ) -> None:
        self.connection = connection
        self.delivery = delivery
        self.adapter = adapter
        self.spill = spill
        self.fresh = fresh
        self.facts = checks.Circumstances(delivery.region, delivery.extracted_at, delivery.person_ids_are_pseudonyms)
        for name, columns in _TABLES.items():
            connection.execute(f"create temp table {name} ({columns})")

    def load(self, feed: Feed, file: DeliveredFile | None) -> None:
        """Write ``<feed>.parquet``; one without rows where the feed is not delivered. Raises DeliveryRejected."""
        if file is None:
            columns = ", ".join(f'null::{kind} as "{name}"' for name, kind in feed.bronze_columns.items())
            self._copy(f"select {columns} where false", feed.name)
            return
        found = self._read(feed, file)
        rows = _Rows(self.connection, feed, self.facts)
        rows.judge()
        self._quarantine(rows, file, found)
        self._copy_feed(rows, file)
        self._count(rows, file)
        self.connection.execute("drop table judged; drop table bad; drop view texts")
        reading.drop(self.connection)

    def write_tables(self) -> None:
        """Write ``quarantine.parquet``, ``files.parquet`` and ``reports.parquet``: what was found in all files."""
        for name, order in _ORDER.items():
            self._copy(
                f"""
                select '{self.delivery.region}' as region_code, date '{self.delivery.month}-01' as delivery_month,
                    {self.delivery.version}::integer as version, *
                from {name} order by {order}
                """,
                name,
            )

    def _read(self, feed: Feed, file: DeliveredFile) -> reading.Reading:
        """Create the view ``texts``: the file's rows as the contract's columns, all of them text."""
        path, where = self.delivery.directory / file.name, f"{self.delivery.name}/{file.name}"
        layout = self.adapter.feed(feed)
        source.check_hash(path, file, where)
        kinds = {theirs: feed.columns[ours].kind for theirs, ours in layout.columns.items()}
        found = reading.read(
            self.connection, path, file, where, self.spill, lambda it: _check_header(it, feed, layout, where), kinds
        )
        _check_count(_one(self.connection, "select count(*) from delivered_rows"), found, file, where)
        place = {name: f"c{index}" for index, name in enumerate(found.header)}
        texts = ", ".join(
            f"{layout.sql(feed, name, place.get(layout.theirs.get(name, '')))} as {checks.text(name)}"
            for name in feed.columns
        )
        self.connection.execute(f"create temp view texts as select rid, line, {texts} from delivered")
        return found

    def _quarantine(self, rows: _Rows, file: DeliveredFile, found: reading.Reading) -> None:
        feed = rows.feed
        if _one(self.connection, "select count(*) from bad"):
            self.connection.execute(
                f"""
                insert into quarantine
                select '{feed.name}', '{file.name}', typed.line, bad.reasons, {checks.row_json(feed)}
                from {rows.typed("semi join bad using (rid)")} inner join bad on typed.rid = bad.rid
                """
            )
        if len(found.malformed):
            self.connection.register("malformed_lines", {"line": found.malformed})
            self.connection.execute(
                f"""
                insert into quarantine
                select '{feed.name}', '{file.name}', line, 'malformed', '{{}}' from malformed_lines
                """
            )
            self.connection.unregister("malformed_lines")

    def _copy_feed(self, rows: _Rows, file: DeliveredFile) -> None:
        feed, delivery = rows.feed, self.delivery
        order = ", ".join(f'"{feed.columns[name].stored_as}"' for name in feed.key)
        self._copy(
            f"""
            select {", ".join(checks.bronze_values(feed))}, date '{delivery.month}-01' as delivery_month,
                {delivery.version}::integer as version, '{file.name}' as file, line
            from {rows.typed("anti join bad using (rid)")}
            order by {order}, line
            """,
            feed.name,
        )

    def _copy(self, sql: str, name: str) -> None:
        path = self.fresh / f"{name}.parquet"
        quoted = str(path).replace("'", "''")
        self.connection.execute(f"copy ({sql}) to '{quoted}' (format parquet, compression zstd)")
        path.chmod(0o600)

    def _count(self, rows: _Rows, file: DeliveredFile) -> None:
        feed = rows.feed
        kept = _one(self.connection, "select count(*) from judged anti join bad using (rid)")
        self.connection.execute(
            "insert into files values (?, ?, ?, ?, ?, ?)",
            [feed.name, file.name, file.sha256, file.rows, kept, file.rows - kept],
        )
        for rule in checks.reports(feed, self.facts):
            self.connection.execute(
                f"""
                insert into reports
                select '{feed.name}', '{file.name}', '{rule}', count(*) filter (where report_{rule})
                from judged anti join bad using (rid)
                """
            )


@dataclass(frozen=True)
class _Rows:
    """The rows of ``texts``, the file at hand."""

    connection: duckdb.DuckDBPyConnection
    feed: Feed
    facts: checks.Circumstances

    def typed(self, which: str = "") -> str:
        """SQL of the rows with typed columns, called ``typed``; ``which`` narrows them before anything is computed."""
        return f"({checks.typed(self.feed, f'(select * from texts {which})', self.facts)}) as typed"

    def judge(self) -> None:
        """Create ``judged`` (every row's reasons and reports) and ``bad`` (rid, reasons): those to be quarantined."""
        feed, facts = self.feed, self.facts
        key = ", ".join(checks.key(feed))
        reports = "".join(f", {when} as report_{rule}" for rule, when in checks.reports(feed, facts).items())
        self.connection.execute(
            f"""
            create temp table judged as
            select
                rid, hash({key}) as key_hash, {checks.column_reasons(feed, facts)} as first_reasons,
                {checks.rule_reasons(feed, facts)} as last_reasons {reports}
            from {self.typed()};
            create temp table suspects as
            select rid from judged
            where key_hash in (select key_hash from judged group by key_hash having count(*) > 1);
            create temp table duplicates (rid bigint)
            """
        )
        # Hashes only find the few rows that may share a key; the key itself is compared for those.
        if _one(self.connection, "select count(*) from suspects"):
            self.connection.execute(
                f"""
                insert into duplicates
                select typed.rid
                from {self.typed("semi join suspects using (rid)")}
                inner join judged on typed.rid = judged.rid
                qualify typed.rid > min(typed.rid)
                    filter (where first_reasons = '' and last_reasons = '') over (partition by {key})
                """
            )
        self.connection.execute(
            """
            create temp table bad as
            select
                judged.rid,
                concat_ws(
                    '|', nullif(first_reasons, ''), case when duplicates.rid is not null then 'duplicate_key' end,
                    nullif(last_reasons, '')
                ) as reasons
            from judged
            left join duplicates on judged.rid = duplicates.rid
            where first_reasons <> '' or last_reasons <> '' or duplicates.rid is not null;
            drop table suspects;
            drop table duplicates
            """
        )


def _check_header(header: list[str], feed: Feed, layout: FeedMapping, where: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DeliveryRejected(f"{where}, line 1: the column {_names(twice)} is there twice: deliver it once.")
    nameless = [str(place) for place, name in enumerate(header, 1) if not name]
    if nameless:
        raise DeliveryRejected(f"{where}, line 1: column number {', '.join(nameless)} has no name.")
    unknown = [name for name in header if name not in layout.columns and name not in layout.ignored]
    if unknown:
        raise DeliveryRejected(
            f"{where}, line 1: unknown column {_names(unknown)}; expected are {', '.join(layout.columns)}. Check the "
            "spelling and the delimiter."
        )
    missing = [
        theirs if theirs == ours else f"{theirs} ({ours})"
        for ours, column in feed.columns.items()
        if column.required and ours in layout.theirs and (theirs := layout.theirs[ours]) not in header
    ]
    if missing:
        raise DeliveryRejected(f"{where}, line 1: the required column {', '.join(missing)} is missing.")


def _names(names: list[str]) -> str:
    return ", ".join(repr(name[:60]) for name in names)


def _check_count(read: int, found: reading.Reading, file: DeliveredFile, where: str) -> None:
    rows = read + len(found.malformed)
    if rows == file.rows:
        return
    hint = f" A quote that closes in the wrong place may be the reason: see line {found.stray_line}."
    raise DeliveryRejected(
        f"{where} holds {rows} rows, and delivery.json says {file.rows}.{hint if found.stray_line else ''} Deliver it "
        "again."
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
