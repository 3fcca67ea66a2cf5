"""Figures in words, as they stand on the pages of a release: hidden, zero and missing never look the same."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from markupsafe import Markup, escape

from dagster_project.reports import swedish
from dagster_project.reports.figure import SUPPRESSED, Figure

HIDDEN = Markup('<span class="suppressed">skyddas</span>')
NOTHING = Markup('<span class="missing">saknas</span>')


def count(figure: Figure) -> Markup:
    """``1 234``."""
    return _worded(figure, lambda value: swedish.number(value))


def days(figure: Figure) -> Markup:
    """``1 dag``, ``1 234 dagar``."""
    return _worded(figure, lambda value: swedish.counted(int(value), "dag", "dagar"))


def one_decimal(figure: Figure) -> Markup:
    return _worded(figure, lambda value: swedish.number(rounded(value, "0.1")))


def kronor(figure: Figure) -> Markup:
    """``406 000 kr``; with ören where there are some."""
    return _worded(figure, lambda value: f"{swedish.number(_money(value))}{swedish.SPACE}kr")


def percent(figure: Figure) -> Markup:
    """A share of 1 as ``3,8 %``."""
    return _worded(figure, lambda value: f"{_percent(value)}{swedish.SPACE}%")


def percent_up(figure: Figure) -> Markup:
    """A share of 1 rounded up, so that a little is never nothing: ``0,1 %``."""
    return _worded(
        figure,
        lambda value: f"{swedish.number((100 * value).quantize(Decimal('0.1'), ROUND_CEILING))}{swedish.SPACE}%",
    )


def mean(figure: Figure, level: int | None = None) -> Markup:
    """Days with two decimals, with four where two would look as if the mean were at the level."""

    def text(value: Decimal) -> str:
        short = rounded(value, "0.01")
        return swedish.number(value if level is not None and short == level != value else short)

    return _worded(figure, text)


def interval(low: Figure, high: Figure) -> Markup:
    """``3,3–4,5 %``."""
    if low.is_shown and high.is_shown:
        return Markup(f"{_percent(_decimal(low))}–{_percent(_decimal(high))}{swedish.SPACE}%")
    return HIDDEN if SUPPRESSED in (low.status, high.status) else NOTHING


def of(part: Figure, whole: Figure) -> Markup:
    """``4 av 170``."""
    if part.is_shown and whole.is_shown:
        return Markup(f"{count(part)} av {count(whole)}")
    return HIDDEN if SUPPRESSED in (part.status, whole.status) else NOTHING


def change(now: Figure, then: Figure, month: str) -> str:
    """``418 färre än i december 2023 (−6,3 %)``; ``month`` is that of ``then``."""
    if not then.is_shown:
        return f"{month}: {'skyddas' if then.status == SUPPRESSED else 'saknas'}"
    if not now.is_shown:
        return f"{month}: {count(then)}"
    difference = _decimal(now) - _decimal(then)
    if not difference:
        return f"lika många som i {month}"
    share = f" ({signed(rounded(100 * difference / _decimal(then), '0.1'))}{swedish.SPACE}%)" if then.value else ""
    return f"{swedish.number(abs(difference))} {'fler' if difference > 0 else 'färre'} än i {month}{share}"


def difference(old: Figure, new: Figure) -> str:
    """``+12``, ``−3``; empty where one of the two is not shown."""
    return signed(_money(_decimal(new) - _decimal(old))) if old.is_shown and new.is_shown else ""


def valued(figure: Figure, unit: str) -> Markup:
    """A figure in the unit of its indicator (``dim_indicator``): ``16,7 %``, ``1,22``, ``3 804 800 kr``."""
    if unit == "share":
        return percent(figure)
    if unit == "mean_days":
        return mean(figure)
    if unit == "sek":
        return kronor(figure)
    if unit in ("beds", "days_per_1000"):
        return one_decimal(figure)
    return _worded(figure, lambda value: swedish.number(_money(value)))


def moved(figure: Figure, unit: str) -> Markup:
    """A difference in the unit of its indicator, with its sign: ``+1,7 %-enheter``, ``−176``; never 0 unless it is."""

    def text(value: Decimal) -> str:
        if unit == "share":
            return f"{signed(_least(100 * value, ('0.1', '0.01', '0.0001')))}{swedish.SPACE}%-enheter"
        if unit == "sek":
            return f"{signed(_money(value))}{swedish.SPACE}kr"
        places = {"mean_days": ("0.01", "0.0001"), "beds": ("0.1", "0.0001"), "days_per_1000": ("0.1", "0.0001")}
        return signed(_least(value, places.get(unit, ("1",))))

    return _worded(figure, text)


def moves(low: Figure, high: Figure, unit: str) -> Markup:
    """The bounds of a difference: ``−0,3 till +1,0 %-enheter``."""
    if not (low.is_shown and high.is_shown):
        return moved(low, unit)
    return Markup("{} till {}").format(moved(low, unit).split(f"{swedish.SPACE}%")[0], moved(high, unit))


def aimed(target: Decimal, unit: str) -> str:
    """A target with the decimals that it has: ``100 %``."""
    value = 100 * target if unit == "share" else target
    number = value.to_integral_value() if value == value.to_integral_value() else value.normalize()
    return swedish.number(number) + (f"{swedish.SPACE}%" if unit == "share" else "")


def between(low: Figure, high: Figure, unit: str) -> Markup:
    """The bounds of an interval in the unit of its indicator: ``3,9–4,9 %``, ``2,62–2,97``."""
    if unit == "share" or not (low.is_shown and high.is_shown):
        return interval(low, high)
    return Markup(f"{mean(low)}–{mean(high)}")


def signed(number: Decimal) -> str:
    """With its sign: ``+12``, ``−3``, ``0``."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return sign + swedish.number(abs(number))


def rounded(number: Decimal, to: str) -> Decimal:
    return number.quantize(Decimal(to), ROUND_HALF_UP)


def _worded(figure: Figure, text) -> Markup:  # type: ignore[no-untyped-def]
    if figure.is_shown:
        return Markup(escape(text(_decimal(figure))))
    return HIDDEN if figure.status == SUPPRESSED else NOTHING


def _decimal(figure: Figure) -> Decimal:
    return Decimal(figure.value or 0)


def _least(value: Decimal, places: tuple[str, ...]) -> Decimal:
    """Rounded to the first of the places where something is left of it."""
    return next((short for to in places if (short := rounded(value, to))), rounded(value, places[0]))


def _percent(share: Decimal) -> str:
    return swedish.number(rounded(100 * share, "0.1"))


def _money(amount: Decimal) -> Decimal:
    return amount.to_integral_value() if amount == amount.to_integral_value() else rounded(amount, "0.01")
