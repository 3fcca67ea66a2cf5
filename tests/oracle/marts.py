"""The whole way: deliveries in, the rows of every published table out, in the contract's columns."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.oracle import (
    annual,
    feeds,
    indicators,
    readiness,
    readmissions,
    ready_days,
    reference,
    responsibility,
    spells,
)
from tests.oracle.feeds import Deliveries, Frozen, InForce
from tests.oracle.payment import Assessed, assess
from tests.oracle.spells import Spell

Row = dict[str, Any]


def release(
    deliveries: Deliveries, region: str, month: str, frozen: Frozen | None = None, *, with_years: bool = False
) -> dict[str, list[Row]]:
    """Every table of the release of ``region`` and ``month`` (``yyyy-mm``) that the second implementation knows.

    Those by year take as long as all others together, and are left out unless they are asked for.
    """
    given = feeds.add_up(deliveries, region, month)
    given.frozen = frozen or {}
    return tables(given, with_years=with_years)


def tables(given: InForce, *, with_years: bool = False) -> dict[str, list[Row]]:
    all_spells = spells.all_spells(given)
    intervals = [
        interval
        for spell in all_spells
        for interval in readiness.intervals(spell, given.region, given.month_end)
        if interval.begun_by(given.month_end)
    ]
    assessed = [assess(interval, given.month_end) for interval in intervals]
    discharges = readmissions.index_discharges(all_spells, intervals, given)
    reconciled = responsibility.reconciliation(assessed, given)
    years = {}
    if with_years:
        figures = annual.figures_of(all_spells, assessed, reconciled, discharges, given)
        years = {
            "mart_annual_follow_up": annual.follow_up(figures, given),
            "mart_annual_differences": annual.differences(figures, given),
            "mart_deviations_annual": annual.deviations(given),
        }
    return years | {
        "audit_quarantine": orphan_rows(given),
        "fct_spells": [spell_row(spell, given) for spell in all_spells],
        "fct_readiness_intervals": [interval_row(one, given) for one in assessed],
        "fct_liable_days": [row for one in assessed for row in liable_day_rows(one, given)],
        "mart_ready_days_monthly": ready_days.by_municipality(intervals, given),
        "mart_ready_days_by_hospital_monthly": ready_days.by_hospital(intervals, given),
        "mart_ready_day_bands_monthly": ready_days.by_band(intervals, given),
        "mart_ready_days_per_1000_monthly": ready_days.per_1000(intervals, given),
        "mart_definition_bridge_monthly": ready_days.bridge(intervals, given),
        "mart_payment_responsibility_monthly": responsibility.monthly_rows(assessed, given),
        "mart_payment_responsibility_district_monthly": responsibility.district_rows(assessed, given),
        "mart_invoice_basis": responsibility.invoice_basis(assessed, given),
        "mart_invoice_reconciliation": reconciled,
        "mart_readmissions_monthly": readmissions.monthly(discharges),
        "mart_readmissions_headline": readmissions.headline(discharges, by_district=False),
        "mart_readmissions_headline_district": readmissions.headline(discharges, by_district=True),
        "mart_process_indicators_monthly": indicators.monthly(all_spells, intervals, given),
    }


def orphan_rows(given: InForce) -> list[Row]:
    """audit_quarantine of deliveries whose every row is valid by itself, in ``<feed>.csv`` files with a header."""
    return [
        {
            "region_code": given.region,
            "delivery_month": date.fromisoformat(f"{month}-01"),
            "file": f"{feed}.csv",
            "line": number + 1,
            "reasons": "orphan",
        }
        for month, feed, number in given.orphans
    ]


def spell_row(spell: Spell, given: InForce) -> Row:
    as_of = spell.date_of_facts(given.month_end)
    district = spells.district(spell, given.month_end)
    age = spells.age(spell, given.month_end)
    return {
        "region_code": given.region,
        "spell_id": spell.spell_id,
        "person_key": spell.person,
        "stays": len(spell.stays),
        "admitted_at": spell.admitted_at,
        "admission_mode": spell.first.admission_mode,
        "discharged_at": spell.discharged_at,
        "is_open": spell.is_open,
        "discharge_destination": spell.destination,
        "care_area": spell.last.care_area,
        "payment_class": reference.payment_class(spell.last.care_area),
        "hospital_id": spell.last.hospital_id,
        "municipality_code": spells.municipality(spell, given.month_end),
        "district_code": reference.district_on(district, as_of),
        "current_district_code": reference.current_district(district),
        "sex": spell.last.sex,
        "age": age,
        "age_band": spells.age_band(age),
    }


def interval_row(one: Assessed, given: InForce) -> Row:
    interval, agreement = one.interval, one.agreement
    as_of = interval.ended_on or given.month_end
    return {
        "region_code": given.region,
        "interval_id": interval.notice.message_id,
        "spell_id": interval.spell.spell_id,
        "case_id": interval.case.case_id,
        "ready_at": interval.ready_at,
        "ended_at": interval.ended_at,
        "end_reason": interval.end_reason,
        "payer_municipality_code": interval.payer,
        "district_code": reference.district_on(interval.district, as_of),
        "current_district_code": reference.current_district(interval.district),
        "payment_class": interval.payment_class,
        "care_area": interval.stay.care_area,
        "sex": interval.spell.last.sex,
        "age_band": spells.age_band(spells.age(interval.spell, given.month_end)),
        "agreement_id": agreement.agreement_id if agreement else None,
        "model": agreement.model if agreement else None,
        "day_zero": one.day_zero,
        "first_liable_date": one.first_liable_date if agreement and agreement.model == "individual" else None,
        "ready_days": len(interval.ready_dates),
        "days_after_day_zero": one.p,
        "is_liable": not one.reasons,
        "reason_codes": "|".join(one.reasons) or None,
        "liable_days": liable_days(one, given.month_end),
    }


def liable_days(one: Assessed, month_end: date) -> int | None:
    """Under the individual model the liable dates through M; under the mean model what is above A in a month ≤ M."""
    if one.agreement is None:
        return None
    if one.agreement.model == "individual":
        return len(one.liable_dates)
    return one.above if one.above and one.interval.ended_by(month_end) else None


def liable_day_rows(one: Assessed, given: InForce) -> list[Row]:
    klass = one.interval.payment_class
    return [
        {
            "region_code": given.region,
            "interval_id": one.interval.notice.message_id,
            "liable_on": on,
            "payer_municipality_code": one.interval.payer,
            "payment_class": klass,
            "sek_per_day": reference.sek_per_day(given.region, klass, on),
            "invoicing_active": reference.invoicing_active(given.region, klass, on),
        }
        for on in one.liable_dates
    ]
