"""Shares, means and bounds, with halves rounded up as the rules say."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

Z = Decimal("1.959964")


def rounded(value: Decimal, decimals: int) -> Decimal:
    result = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def ratio(numerator: int | Decimal, denominator: int, decimals: int) -> Decimal | None:
    if not denominator:
        return None
    with localcontext() as context:
        context.prec = 50
        return rounded(Decimal(numerator) / Decimal(denominator), decimals)


def wilson(numerator: int, denominator: int) -> tuple[Decimal, Decimal]:
    """The bounds of a share at 95 per cent, six decimals."""
    low, high = wilson_bounds(numerator, denominator)
    return rounded(low, 6), rounded(high, 6)


def wilson_bounds(numerator: int, denominator: int) -> tuple[Decimal, Decimal]:
    """The bounds of a share at 95 per cent, as they are."""
    with localcontext() as context:
        context.prec = 50
        n, p = Decimal(denominator), Decimal(numerator) / Decimal(denominator)
        middle = p + Z * Z / (2 * n)
        width = Z * (p * (1 - p) / n + Z * Z / (4 * n * n)).sqrt()
        whole = 1 + Z * Z / n
        return (middle - width) / whole, (middle + width) / whole
