"""Means over seeds with their standard errors, for the scripts beside this file."""
import math


def mean_and_error(values):
    """(mean, standard error) of the values that are not None; None for none of them, no error for a single one."""
    values = [value for value in values if value is not None]
    if not values:
        return None, None
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def shown(values, digits=2):
    """".95 ± .01" with leading zeros, "-" without a value."""
    mean, error = mean_and_error(values)
    if mean is None:
        return "-"
    return f"{mean:.{digits}f}" + ("" if error is None else f" ± {error:.{digits}f}")
