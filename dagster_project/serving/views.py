"""What the views that readers see select: a table of every region's shown release at once.

The regions' rows stand below each other. A row of a dimension, which the releases share, is shown once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from dagster_project.serving import registry
from dagster_project.serving.postgres import Connection

DIMENSION = "dim_"
"""What the names of the tables begin with whose rows belong to no release alone."""

_COLUMNS = """
select
    relation.relname,
    obj_description(relation.oid, 'pg_class'),
    field.attname,
    format_type(field.atttypid, field.atttypmod),
    col_description(relation.oid, field.attnum),
    coalesce(field.attnum = any (key.indkey), false)
from pg_class as relation
inner join pg_attribute as field on relation.oid = field.attrelid and field.attnum > 0
left join pg_index as key on relation.oid = key.indrelid and key.indisunique
where relation.relnamespace = to_regnamespace(%s) and relation.relkind = 'r'
order by relation.relname, field.attnum
"""
_SHOWN = """
select region_code, month, revision, release, published_at, withdrawn_at, withdrawn_reason
from lus_serving.releases where is_shown and region_code = any (%s) order by region_code
"""
_SERVED_TEXT = "One row per region: the release that the other views show."
_REGION_TEXT = "Region: the two-digit county code"


@dataclass
class Part:
    """A region's table behind a view. ``columns`` are PostgreSQL's types by name; ``key`` may be empty."""

    region: str
    schema: str
    text: str
    columns: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)

    def select(self, table: str, columns: dict[str, str], *extra: sql.Composable) -> sql.Composed:
        """The part's rows in these columns; one that this release does not have is null."""
        own = [self._column(name, type_) for name, type_ in columns.items()]
        origin = sql.Identifier(self.schema, table)
        return sql.SQL("select {} from {}").format(sql.SQL(", ").join([*own, *extra]), origin)

    def _column(self, name: str, type_: str) -> sql.Composable:
        if name in self.columns:
            return sql.Identifier(name)
        value = sql.Literal(self.region if name == "region_code" else None)
        return sql.SQL("{}::{} as {}").format(value, sql.SQL(type_), sql.Identifier(name))


@dataclass(frozen=True)
class View:
    """A view with the text that describes it, and the texts of its columns."""

    schema: str
    name: str
    query: sql.Composed
    text: str
    texts: dict[str, str]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


def all_views(connection: Connection) -> list[View]:
    """The views of both schemas, for the releases that the registry says are shown."""
    shown = registry.shown(connection)
    opened = [(loaded.region, loaded.open_schema) for loaded in shown if loaded.open_schema]
    schemas = {"lus": [(loaded.region, loaded.schema) for loaded in shown], "lus_open": opened}
    return [
        view
        for schema, sources in schemas.items()
        for view in (
            _served(connection, schema, [region for region, _ in sources]),
            *(_view(schema, table, parts) for table, parts in _parts(connection, sources).items()),
        )
    ]


def _served(connection: Connection, schema: str, regions: list[str]) -> View:
    """The view that says what the others show. It holds the rows themselves: it moves when the others do."""
    rows = connection.execute(_SHOWN, [regions]).fetchall()
    names = ("region_code", "month", "revision", "release", "published_at", "withdrawn_at", "withdrawn_reason")
    types = ("text", "date", "integer", "text", "timestamptz", "timestamptz", "text")
    columns = sql.SQL(", ").join(
        sql.SQL("{}::{} as {}").format(sql.Identifier(name), sql.SQL(type_), sql.Identifier(name))
        for name, type_ in zip(names, types, strict=True)
    )
    values = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in [[None] * len(names), *rows]
    )
    query = sql.SQL("select {} from (values {}) as shown ({}) where region_code is not null").format(
        columns, values, sql.SQL(", ").join(map(sql.Identifier, names))
    )
    return View(schema, "served_releases", query, _SERVED_TEXT, {})


def _view(schema: str, table: str, parts: Sequence[Part]) -> View:
    texts = {name: text for part in reversed(parts) for name, text in part.texts.items()}
    if not table.startswith(DIMENSION):
        texts.setdefault("region_code", _REGION_TEXT)
    return View(schema, table, query(table, parts), parts[0].text, texts)


def _parts(connection: Connection, schemas: Iterable[tuple[str, str]]) -> dict[str, list[Part]]:
    """By table, its parts in these schemas, each given as (region, schema), in the order given."""
    found: dict[str, list[Part]] = {}
    for region, schema in schemas:
        parts: dict[str, Part] = {}
        for table, text, column, type_, column_text, is_key in connection.execute(_COLUMNS, [schema]).fetchall():
            part = parts.setdefault(table, Part(region, schema, text or ""))
            part.columns[column] = type_
            part.texts[column] = column_text or ""
            if is_key:
                part.key.append(column)
        for table, part in parts.items():
            found.setdefault(table, []).append(part)
    return found


def query(table: str, parts: Sequence[Part]) -> sql.Composed:
    """The query of a table's view; the first of ``parts`` is of the release that was published last."""
    columns = {name: type_ for part in reversed(parts) for name, type_ in part.columns.items()}
    if table.startswith(DIMENSION):
        return _dimension(table, parts, columns)
    columns.setdefault("region_code", "text")  # a table of the release itself, as audit_gate, does not name it
    return sql.SQL(" union all ").join(part.select(table, columns) for part in parts)


def _dimension(table: str, parts: Sequence[Part], columns: dict[str, str]) -> sql.Composed:
    """Each key once: a region's own row from its own release, any other from the release that was published last."""
    key = parts[0].key
    if len(parts) == 1 or not key:
        return sql.SQL(" union ").join(part.select(table, columns) for part in parts)
    ranked = []
    for rank, part in enumerate(parts, 1):
        precedence = sql.SQL("{} as precedence").format(sql.Literal(rank))
        if "region_code" in part.columns:
            precedence = sql.SQL("case when region_code = {} then 0 else {} end as precedence").format(
                sql.Literal(part.region), sql.Literal(rank)
            )
        ranked.append(part.select(table, columns, precedence))
    keys, names = (sql.SQL(", ").join(map(sql.Identifier, each)) for each in (key, columns))
    return sql.SQL("select distinct on ({0}) {1} from ({2}) as ranked order by {0}, precedence").format(
        keys, names, sql.SQL(" union all ").join(ranked)
    )
