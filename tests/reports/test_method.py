"""The page on method says what the reference tables say, and its examples are right."""

from __future__ import annotations

from math import sqrt

from dagster_project.reports.annual import method

Z = 1.959964


def test_the_indicators_are_those_of_the_reference_tables() -> None:
    text = method.PAGE.read_text(encoding="utf-8")
    assert method.page(text) == text, "Run 'python -m dagster_project.reports.annual.method'."


def wilson(part: int, of: int) -> tuple[float, float]:
    share, spread = part / of, Z * Z / of
    reach = Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return (share + spread / 2 - reach) / (1 + spread), (share + spread / 2 + reach) / (1 + spread)


def percent(value: float) -> str:
    return f"{100 * value:.2f}".replace(".", ",")


def test_the_examples_of_intervals_are_right() -> None:
    text = " ".join(method.PAGE.read_text(encoding="utf-8").split())
    low, high = wilson(89, 4390)
    assert f"{percent(89 / 4390)} %, intervall {percent(low)}–{percent(high)} %" in text
    one, other = 734 / 4390, 644 / 4281
    (one_low, one_high), (other_low, other_high) = wilson(734, 4390), wilson(644, 4281)
    below = one - other - sqrt((one - one_low) ** 2 + (other_high - other) ** 2)
    above = one - other + sqrt((one_high - one) ** 2 + (other - other_low) ** 2)
    assert (
        f"skillnad +{percent(one - other)} procentenheter, intervall +{percent(below)} till +{percent(above)}" in text
    )
