"""Makes ``seeds/non_working_days.csv``: the public holidays and the three eves that are no weekday (helgfri vardag).

Run by hand when the table must reach further (``python -m dagster_project.reference.make_non_working_days``); a release
reads the table alone, so that a newer ``holidays`` package never changes a figure. Ordinary Sundays are public holidays
too by lag (1989:253), but are no rows: a weekday is Monday to Friday and not in the table.
"""

from __future__ import annotations

import csv
from datetime import date

from dagster_project.settings import SEEDS_DIR

FIRST_YEAR = 2015
LAST_YEAR = 2040
COLUMNS = ("date_on", "name_sv", "kind", "status", "source")

_HOLIDAYS_ACT = "lag (1989:253) om allmänna helgdagar"
_EVES_ACT = "lag (1990:1404) 3 §: midsommarafton, julafton och nyårsafton räknas inte som vardagar"


def rows(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> list[dict[str, str]]:
    """The table's rows of these years, both included, in order of date; two holidays on one date share a row."""
    import holidays
    from holidays.constants import DE_FACTO, PUBLIC

    years = range(first_year, last_year + 1)
    public: dict[date, str] = holidays.country_holidays("SE", years=years, categories=PUBLIC, language="sv")
    eves: dict[date, str] = holidays.country_holidays("SE", years=years, categories=DE_FACTO, language="sv")
    names = {day: (name, "eve", _EVES_ACT) for day, name in eves.items()}
    names |= {day: (name, "public_holiday", _HOLIDAYS_ACT) for day, name in public.items()}
    return [
        {"date_on": day.isoformat(), "name_sv": name, "kind": kind, "status": "verified", "source": source}
        for day, (name, kind, source) in sorted(names.items())
    ]


def main() -> None:
    with (SEEDS_DIR / "non_working_days.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows())


if __name__ == "__main__":
    main()
