"""Invoice lines that look like real ones. They do not follow from the stays: days are drawn, the rate is the table's.

A region that invoices gets one debit line per payer and payment class that had days in the month before, a few of them
credited or disputed. So the reconciliation of a demonstration region finds differences; that is what it shows.
"""

from __future__ import annotations

import numpy as np

from dagster_project import months
from dagster_project.demo import clock
from dagster_project.demo.profile import Profile, municipality_weight, reference_rows
from dagster_project.demo.tables import Table, take

PAYMENT_CLASSES = ["somatic", "psychiatric"]
_DAYS_PER_THOUSAND_STAYS = [9.0, 1.2]  # a month, by payment class
_PAYS_ABOVE_PACE = 1.15  # only municipalities that are slower than this are invoiced
_CREDITED = 0.03
_DISPUTED = 0.05


def rate(region: str, payment_class: str, month: str) -> float:
    """Kronor per day on the month's last day, 0 where the reference tables have no rate or nothing is invoiced."""
    on = months.last_day(month).isoformat()

    def in_force(table: str) -> dict[str, str]:
        rows = [r for r in reference_rows(table) if r["valid_from"] <= on and on <= (r["valid_to"] or "9999")]
        rows = [r for r in rows if r["region_code"] in (region, "SE")]
        fitting = [r for r in rows if r["payment_class"] in (payment_class, "all")]
        ranked = sorted(fitting, key=lambda r: (r["region_code"] == region, r["payment_class"] == payment_class))
        return ranked[-1] if ranked else {}

    if in_force("invoicing_periods").get("invoicing_active") != "true":
        return 0.0
    return float(in_force("day_rates").get("sek_per_day") or 0)


def rows(profile: Profile, seed: int, month: str, stays_per_month: int, *, is_first: bool) -> Table:
    """The lines dated in ``month``: debits for the care month before it, and credits of lines dated a month earlier.

    Columns: ``is_credit``, ``invoice_day`` and ``care_month`` (seconds), ``municipality``, ``payment_class``, ``days``,
    ``rate``, ``dispute`` (0 none, 1 disputed), ``serial`` and ``credits`` (months counted from 0, NEVER on a debit).
    """
    debits = _debits(profile, seed, month, stays_per_month)
    earlier = _debits(profile, seed, months.next_month(month, -1), stays_per_month)
    credits = take(earlier, earlier["will_be_credited"])
    credits = {
        **credits,
        "is_credit": np.ones_like(credits["is_credit"]),
        "invoice_day": np.full_like(credits["invoice_day"], clock.month_start(month) + 14 * clock.DAY),
        "dispute": np.zeros_like(credits["dispute"]),
    }
    parts = [debits, credits]
    both = {name: np.concatenate([part[name] for part in parts]) for name in debits}
    # Nothing is billed for care before the first delivery.
    earliest = clock.month_start(month) if is_first else -clock.NEVER
    return take(both, both["care_month"] >= earliest)


def _debits(profile: Profile, seed: int, month: str, stays_per_month: int) -> Table:
    rng = np.random.default_rng([seed, int(profile.region), 7, int(month[:4]), int(month[5:])])
    care_month = months.next_month(month, -1)
    inside = ~profile.place_is_visitor
    payers = np.unique(profile.place_municipality[inside])
    pace = np.asarray([profile.pace[profile.place_municipality == payer].mean() for payer in payers])
    weight = np.asarray([municipality_weight(profile.municipality_codes[payer]) for payer in payers])
    excess = weight / weight.sum() * np.maximum(pace - _PAYS_ABOVE_PACE, 0) * 4
    count = len(payers)
    parts = []
    for position, payment_class in enumerate(PAYMENT_CLASSES):
        days = rng.poisson(excess * stays_per_month / 1000 * _DAYS_PER_THOUSAND_STAYS[position])
        part = {
            "municipality": payers,
            "payment_class": np.full(count, position),
            "days": days,
            "rate": np.full(count, rate(profile.region, payment_class, care_month)),
            "is_credit": np.zeros(count, dtype=bool),
            "invoice_day": np.full(count, clock.month_start(month) + 11 * clock.DAY),
            "care_month": np.full(count, clock.month_start(care_month)),
            "dispute": (rng.random(count) < _DISPUTED).astype(np.int64),
            "will_be_credited": rng.random(count) < _CREDITED,
        }
        parts.append(take(part, (part["days"] > 0) & (part["rate"] > 0)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
