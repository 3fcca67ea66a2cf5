"""``lus simulate``: what a release's municipalities would have paid under other agreement rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli import options

if TYPE_CHECKING:
    from dagster_project.simulation.figures import Amount, Pair
    from dagster_project.simulation.simulate import Simulation


def simulate(
    agreements: Annotated[
        Path | None, typer.Option(help="A CSV file of agreement rows, as below.", metavar="FILE")
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(help="[region/]yyyy-mm[/rNN]. Default: the region's newest.", metavar="RELEASE"),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First month to show and sum, as 2025-01.", metavar="MONTH")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Last month to show and sum, as 2026-10.", metavar="MONTH")
    ] = None,
    invoicing_active: Annotated[
        bool, typer.Option("--invoicing-active", help="Take every month as one that is invoiced.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the tables as CSV for Excel to this new or empty directory.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Two-digit county code, as 01. Default: the only one with releases.", metavar="CODE"),
    ] = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Try other agreement rows on a release: another level, another model, invoicing active.

    Prints each municipality's liable days, amount and amount to invoice as published and as they would have been. No
    release is touched. The months are computed whole; --from and --to choose those to show.

    FILE has the columns of seeds/agreements.csv, separated by commas; status, source and columns that may be empty can
    be left out. A row takes the place of the release's row with the same agreement_id, or is added; rows of a region
    and payment class may not overlap, so end or replace the one that is there. A level of one day for Stockholm:

    \b
    agreement_id,region_code,payment_class,valid_from,model,last_free_day,day_count,noon_cutoff,consecutive_months
    sthlm-2020-somatic,01,somatic,2020-01-01,mean,1,calendar,12:00,1

    Exit codes: 0 done, 1 internal error, 2 wrong use or a row that cannot be (the message names its line), 4 the
    release is damaged.
    """

    def run() -> None:
        from dagster_project.progress import Progress
        from dagster_project.releases import catalogue
        from dagster_project.simulation.simulate import simulate as simulated

        settings = options.settings(home, landing)
        done = simulated(
            settings,
            catalogue.find(settings, release, region) if release else catalogue.latest(settings, region),
            Progress(),
            agreements_file=agreements,
            invoicing_active=invoicing_active,
            first_month=first,
            last_month=last,
            out=out,
        )
        if as_json:
            options.print_json(done.as_json())
        else:
            show(done)

    options.guarded(run, home, as_json=as_json)


def show(done: Simulation) -> None:
    """Print what was tried and a line for each municipality; what has no rate is marked, and is never 0."""
    from rich.console import Console
    from rich.table import Table

    print(f"{done.release.name}, {done.first_month} to {done.last_month}: as published, and simulated with")
    for line in _tried(done):
        print(f"  {line}")
    if withdrawal := done.release.withdrawal:
        print(f"The release was withdrawn {withdrawal.withdrawn_at}: {withdrawal.reason}")
    print()
    if not done.cells:
        print("No municipality has a figure in these months, published or simulated.")
        return
    table = Table(box=None, pad_edge=False, show_footer=True)
    table.add_column("\nmunicipality", footer="total")
    footers = iter(_numbers(done.total))
    for group in ("liable days", "amount, kr", "to invoice, kr"):
        for title in (f"{group}\npublished", "\nsimulated", "\ndifference"):
            table.add_column(title, footer=next(footers), justify="right", no_wrap=True)
    for code, pair in done.by_municipality.items():
        table.add_row(done.municipalities[code], *_numbers(pair))
    # As wide as it is, also where nobody watches: a folded number is no number.
    Console(width=200, highlight=False).print(table)
    unrated = [side.amount.unrated_days for side in (done.total.published, done.total.simulated)]
    if any(unrated):
        print(
            f"\n* {_spaced(unrated[0])} of the published and {_spaced(unrated[1])} of the simulated liable days have "
            "no rate: they are in the days, and in no amount."
        )


def _tried(done: Simulation) -> list[str]:
    """What differs from the release, a line for each row of the file."""
    lines = []
    for change in done.changes:
        text = change.row.text
        until = f" to {text['valid_to']}" if text["valid_to"] else ""
        of = f"{text['region_code']} {text['payment_class']} from {text['valid_from']}{until}"
        columns = [f"{name} {before or 'none'} → {after or 'none'}" for name, (before, after) in change.columns.items()]
        what = ", ".join(columns) or {"added": f"added, {text['model']}, last_free_day {text['last_free_day']}"}.get(
            change.kind, "as in the release"
        )
        elsewhere = "" if text["region_code"] in (done.release.region, "SE") else " (another region: no effect here)"
        lines.append(f"{text['agreement_id']} ({of}): {what}{elsewhere}")
    if done.invoicing_active:
        lines.append("every month invoiced")
    return lines


def _numbers(pair: Pair) -> tuple[str, ...]:
    """The nine numbers of a line, as they are printed."""
    published, simulated = pair.published, pair.simulated
    return (
        *(_spaced(published.liable_days), _spaced(simulated.liable_days), _signed(pair.liable_days_difference)),
        *_kronor(published.amount, simulated.amount, pair.amount_difference),
        *_kronor(published.to_invoice, simulated.to_invoice, pair.to_invoice_difference),
    )


def _kronor(published: Amount, simulated: Amount, difference: Decimal | None) -> tuple[str, str, str]:
    """An amount of which a part has no rate is marked; one of which no part has any is none."""

    def told(amount: Amount) -> str:
        return "no rate" if amount.sek is None else _spaced(amount.sek) + ("*" if amount.unrated_days else "")

    marked = "*" if published.unrated_days or simulated.unrated_days else ""
    return told(published), told(simulated), "no rate" if difference is None else _signed(difference) + marked


def _spaced(number: int | Decimal) -> str:
    return f"{number:,}".removesuffix(".00").replace(",", " ")


def _signed(number: int | Decimal) -> str:
    return ("+" if number > 0 else "") + _spaced(number)
