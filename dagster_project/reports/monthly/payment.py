"""Payment responsibility: what each agreement makes of the month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from dagster_project.reports import charts, words
from dagster_project.reports.charts import Point
from dagster_project.reports.figure import NONE, Figure
from dagster_project.reports.monthly.context import MONTHS_SHOWN, Context
from dagster_project.reports.monthly.figures import Figures, figure
from dagster_project.reports.monthly.table import Table, by_month

PAYMENT_CLASSES = {"somatic": "somatisk vård, även geriatrisk", "psychiatric": "psykiatrisk vård, även beroendevård"}


@dataclass(frozen=True)
class Payment:
    """What an agreement makes of the month: ``mean`` and ``level`` are null where nothing is measured against them."""

    name: str
    mean: Figure | None
    level: int | None
    intervals: Figure
    liable_days: Figure
    amount: Figure
    to_invoice: Figure
    is_invoiced: bool | None
    is_above: bool
    chart: Markup
    table: Table


def payments_of(context: Context, figures: Figures, place: str) -> list[Payment]:
    """Of each agreement under which the place has rows in the months shown, somatic care first."""
    found: dict[str, Mapping[str, Any]] = {}
    for month in context.months:
        found |= {row["agreement_id"]: row for row in figures.payment.get((place, month), [])}
    agreements = sorted(found.values(), key=lambda row: (row["payment_class"] != "somatic", row["agreement_id"]))
    return [_payment(context, figures, place, agreement) for agreement in agreements]


def _payment(context: Context, figures: Figures, place: str, agreement: Mapping[str, Any]) -> Payment:
    identity, shown = agreement["agreement_id"], context.months
    found = {month: figures.paid(place, identity, month) for month in shown}
    row = found[context.on]
    is_mean = agreement["model"] == "mean"
    level = agreement["last_free_day"] if is_mean and place != context.region else None
    means = [figures.within(month, found[month], "mean_days", without_row=NONE) for month in shown]
    liable = [figures.within(month, found[month], "liable_days") for month in shown]
    above = [level is not None and mean.is_shown and Decimal(mean.value or 0) > level for mean in means]
    name = PAYMENT_CLASSES[agreement["payment_class"]]
    if level is not None:
        chart = charts.points(
            f"medel-{identity}",
            f"Genomsnitt per månad, {name}",
            f"Dagar efter dag noll i genomsnitt per utskriven. Den streckade linjen är nivån {level}; en fyrkant på "
            f"spets ligger över nivån, en punkt inte. {words.mean(means[-1], level).striptags()} i den sista månaden.",
            shown,
            [Point(mean, is_marked=is_above) for mean, is_above in zip(means, above, strict=True)],
            level=level,
        )
    else:
        chart = charts.bars(
            f"ansvar-{identity}",
            f"Dagar med betalningsansvar per månad, {name}",
            f"{MONTHS_SHOWN} staplar. {words.count(liable[-1]).striptags()} dagar i den sista månaden.",
            shown,
            liable,
        )
    heads = ["Genomsnitt, dagar"] if is_mean else []
    heads += ["Utskrivna" if is_mean else "Perioder", "Dagar med betalningsansvar", "Belopp"]

    def cells(at: int) -> list[Markup]:
        of_month = found[shown[at]]
        return [
            *([words.mean(means[at], level)] if is_mean else []),
            words.count(figures.within(shown[at], of_month, "intervals")),
            words.count(liable[at]),
            words.kronor(figures.within(shown[at], of_month, "amount")),
        ]

    return Payment(
        name=name,
        mean=means[-1] if is_mean else None,
        level=level,
        intervals=figure(row, "intervals"),
        liable_days=liable[-1],
        amount=figure(row, "amount"),
        to_invoice=figure(row, "amount_to_invoice"),
        is_invoiced=row["invoicing_active"] if row else None,
        is_above=above[-1],
        chart=chart,
        table=by_month(f"Betalningsansvar månad för månad, {name}", heads, shown, cells),
    )
