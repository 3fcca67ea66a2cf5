"""``lus diff``, ``lus vintages`` and ``lus revisions``: how published figures move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli import options

if TYPE_CHECKING:
    from dagster_project.releases.catalogue import Withdrawal
    from dagster_project.revisions.diff import Change, Diff, Sides
    from dagster_project.revisions.sizes import Sizes
    from dagster_project.revisions.vintages import Vintages

MOST_CHANGES = 50
WIDTH = 400

Only = Annotated[
    str | None,
    typer.Option(help="Two-digit county code, as 01. Default: the only one with releases.", metavar="CODE"),
]
Table = Annotated[str | None, typer.Option("--table", help="Only figures of this table.", metavar="TABLE")]
Figure = Annotated[str | None, typer.Option("--figure", help="Only figures of this name.", metavar="FIGURE")]


def diff(
    before: Annotated[str, typer.Argument(help="[region/]yyyy-mm[/rNN].", metavar="A")],
    now: Annotated[str, typer.Argument(help="[region/]yyyy-mm[/rNN].", metavar="B")],
    table: Table = None,
    figure: Figure = None,
    region: Only = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say what changed from release A to release B: what they were made from, their rows, and their figures.

    Figures are those of the months that both have, and of the years that both have closed. With --table each value
    that differs is a line, the largest first.

    Exit codes: 0 done, whether or not something differs, 2 no such release, table or figure, 4 a release is damaged.
    """

    def show() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.revisions.diff import diff as differences

        settings = options.settings(home, landing)
        releases = [catalogue.find(settings, name, region) for name in (before, now)]
        found = differences(settings, releases[0], releases[1], table, figure)
        if as_json:
            options.print_json(found.as_json())
        else:
            _show_diff(found)

    options.guarded(show, home, as_json=as_json)


def vintages(
    table: Annotated[str, typer.Argument(help="As mart_ready_days_monthly.", metavar="TABLE")],
    figure: Annotated[str, typer.Argument(help="As ready_days.", metavar="FIGURE")],
    month: Annotated[
        str, typer.Argument(help="The month that the figure is of, as 2026-10; a year's December.", metavar="MONTH")
    ],
    key: Annotated[
        list[str] | None,
        typer.Argument(
            help="Which rows, as municipality_code=0180; days, counts and money are added up.", metavar="[COLUMN=VALUE]"
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What readers of 'current' saw on this date.", metavar="DATE")
    ] = None,
    region: Only = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show what every release says of a figure, in the order in which they were published.

    Exit codes: 0 done, 2 no such table, figure, column or release, 4 a release is damaged.
    """

    def show() -> None:
        from dagster_project.months import parse_month
        from dagster_project.releases import catalogue
        from dagster_project.revisions.vintages import parse_date, parse_key
        from dagster_project.revisions.vintages import vintages as told

        settings = options.settings(home, landing)
        found = told(
            settings,
            catalogue.latest(settings, region).region,
            table,
            figure,
            parse_month(month),
            parse_key(key or []),
            parse_date(as_of) if as_of else None,
        )
        if as_json:
            options.print_json(found.as_json())
        else:
            _show_vintages(found, figure, as_of)

    options.guarded(show, home, as_json=as_json)


def revisions(
    table: Table = None,
    figure: Figure = None,
    region: Only = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show how much figures move one, two, three … months after their own month, out of all releases.

    Each release's mart_revisions is what it changed. A line that is not there: nothing of that age was revised.

    Exit codes: 0 done, 2 no such table, figure or release, 4 a release is damaged.
    """

    def show() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.revisions.sizes import sizes

        settings = options.settings(home, landing)
        found = sizes(settings, catalogue.latest(settings, region).region, table, figure)
        if as_json:
            options.print_json(found.as_json())
        else:
            _show_sizes(found)

    options.guarded(show, home, as_json=as_json)


def _show_diff(found: Diff) -> None:
    from dagster_project.revisions.numbers import signed, spaced

    for side in (found.before, found.now):
        published = f"{side.release.name}, published {side.manifest['published_at']}"
        print("; ".join([published, *_withdrawn(side.release.withdrawal)]))
    print()
    old_code, new_code = found.code_version
    for title, lines in (
        ("deliveries", _sides(found.deliveries)),
        ("read anew", found.read_anew),
        ("reference", found.reference),
        ("code", [] if old_code == new_code else [f"{old_code} → {new_code}"]),
        ("waivers", _sides(found.waivers)),
        ("rows", _sides(found.rows)),
    ):
        for place, line in enumerate(lines or ["no difference"]):
            print(f"{'' if place else title:<12}{line}")
    first, last = found.months
    print(f"\nFigures of {first} to {last}:" if first <= last else "\nThey have no month in common.")
    if not found.figures:
        print("no difference")
        return
    _print(
        ["table", "figure", "changed", "appeared", "vanished", "net", "largest", "cause"],
        [
            [
                *(one.table_name, one.figure, spaced(one.changed), spaced(one.appeared), spaced(one.vanished)),
                *(signed(one.net), spaced(one.largest), one.cause),
            ]
            for one in found.figures
        ],
        left=("table", "figure", "cause"),
    )
    if found.changes:
        print()
        _show_changes(found.changes)


def _show_changes(changes: list[Change]) -> None:
    import json

    from dagster_project.revisions.numbers import signed, spaced

    keys = [json.loads(one.key) for one in changes[:MOST_CHANGES]]
    columns = [column for column in keys[0] if column != "region_code"]
    _print(
        ["figure", *columns, "was", "is", "difference"],
        [
            [
                *(one.figure, *("" if key[column] is None else str(key[column]) for column in columns)),
                *(spaced(one.old_value), spaced(one.new_value), signed(one.difference)),
            ]
            for one, key in zip(changes, keys, strict=False)
        ],
        left=("figure", *columns),
    )
    if (more := len(changes) - MOST_CHANGES) > 0:
        print(f"and {spaced(more)} more: --json lists all.")


def _show_vintages(found: Vintages, figure: str, as_of: str | None) -> None:
    from dagster_project.revisions.numbers import spaced

    _print(
        ["release", "published", "rows", figure, ""],
        [
            [
                *(one.release, one.published_at),
                *((spaced(one.rows), spaced(one.value)) if one.rows is not None else ("", "not published")),
                "; ".join([*([f"seen on {as_of}"] if one == found.seen else []), *_withdrawn(one.withdrawal)]),
            ]
            for one in found.vintages
        ],
        left=("release", "published", ""),
    )
    if as_of and found.seen is None:
        print(f"On {as_of} nothing had been published.")


def _show_sizes(found: Sizes) -> None:
    from dagster_project.revisions.numbers import signed, spaced

    if found.sizes:
        _print(
            ["table", "figure", "months after", "releases", "changed", "net", "gross", "of published", "largest"],
            [
                [
                    *(one.table_name, one.figure, str(one.age), spaced(one.releases), spaced(one.changed)),
                    *(signed(one.net), spaced(one.gross), "–" if one.share is None else f"{one.share:.2%}"),
                    spaced(one.largest),
                ]
                for one in found.sizes
            ],
            left=("table", "figure"),
        )
    else:
        print("No figure was revised.")
    if found.untold:
        print(f"\nNot counted, since they do not tell what they revised: {', '.join(found.untold)}.")


def _withdrawn(withdrawal: Withdrawal | None) -> list[str]:
    return [f"withdrawn {withdrawal.withdrawn_at}: {withdrawal.reason}"] if withdrawal else []


def _sides(sides: Sides) -> list[str]:
    """What differs, a line each: ``2026-09 v01 → v02``, ``2026-10 v01 added``."""
    lines = []
    for name, (before, now) in sides.items():
        what = f"{before} → {now}" if None not in (before, now) else f"{now} added" if before is None else "gone"
        lines.append(f"{name} {what}")
    return lines


def _print(titles: list[str], rows: list[list[str]], *, left: tuple[str, ...]) -> None:
    from rich.console import Console
    from rich.table import Table as Page

    page = Page(box=None, pad_edge=False)
    for title in titles:
        page.add_column(title, justify="left" if title in left else "right", no_wrap=True)
    for row in rows:
        page.add_row(*row)
    # As wide as it is, also where nobody watches: a folded number is no number.
    Console(width=WIDTH, highlight=False).print(page)
