"""Counts in, the share they stand for and its 95 % interval out."""

from math import sqrt

Bounds = tuple[float, float]
"""The lower and the upper end of a 95 % interval."""

_Z = 1.959964
"""The quantile of the normal distribution that leaves 2.5 % on either side."""


def share(part: int, whole: int) -> float | None:
    """Return `part` of `whole`; None for nothing."""
    return round(part / whole, 4) if whole else None


def wilson(part: int, whole: int) -> Bounds | None:
    """Return the interval of `part` of `whole`, if each came out by itself; None for nothing.

    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927), 209-212. It is right also for few
    and for all, where the usual plus or minus is not.
    """
    if not whole:
        return None
    p, z = part / whole, _Z**2 / whole
    middle, reach = p + z / 2, _Z * sqrt(p * (1 - p) / whole + z / (4 * whole))
    low, high = (middle - reach) / (1 + z), (middle + reach) / (1 + z)
    return round(max(low, 0), 4), round(min(high, 1), 4)


def of_f1(right: int, wrong: int) -> Bounds | None:
    """Return the interval of F1; `wrong` are false and missed together, None for nothing.

    F1 is no share, but rises with one: with s = right / (right + wrong), it is 2s / (1 + s) (D. J. Hand,
    P. Christen, N. Kirielle, "F*: an interpretable transformation of the F-measure", Machine Learning 110
    (2021), 451-456). So the ends of the interval of s give those of F1.
    """
    found = wilson(right, right + wrong)
    if found is None:
        return None
    low, high = (round(2 * end / (1 + end), 4) for end in found)
    return low, high
