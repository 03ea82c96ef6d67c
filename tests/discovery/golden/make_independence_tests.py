#!/usr/bin/env python3
"""p-values of independence tests by NumPy and SciPy, for independence_tests.json.

    python make_independence_tests.py > independence_tests.json        (made with numpy 2.4.6, scipy 1.17.1)

`numbers`: a small table of correlated integers (null: missing) and, for questions x, y given z, the rows that
are complete, the partial correlation (from the residuals of least squares), and p of Fisher's z and of
Student's t. `categories`: a table of codes and, for questions, G2 and chi-squared summed over strata, their
degrees of freedom and p (scipy.stats.chi2_contingency in each stratum, of the categories that occur there).
"""
import itertools
import json

import numpy as np
from scipy import stats

ROWS, SEED = 60, 7


def number_table(random):
    x = np.empty((ROWS, 5))
    x[:, 0] = random.normal(size=ROWS)
    x[:, 1] = x[:, 0] + random.normal(size=ROWS)
    x[:, 2] = x[:, 1] - 0.5 * x[:, 0] + random.normal(size=ROWS)
    x[:, 3] = 0.4 * x[:, 2] + random.normal(size=ROWS)
    x[:, 4] = random.normal(size=ROWS)
    x = np.round(100 * x)
    x[random.random(x.shape) < 0.08] = np.nan
    return x


def number_answer(table, x, y, z):
    rows = table[~np.isnan(table[:, [x, y, *z]]).any(axis=1)]
    design = np.column_stack([np.ones(len(rows)), rows[:, list(z)]])
    residual = [rows[:, v] - design @ np.linalg.lstsq(design, rows[:, v], rcond=None)[0] for v in (x, y)]
    rho = np.corrcoef(*residual)[0, 1]
    df = len(rows) - len(z) - 2
    return {"x": x, "y": y, "z": list(z), "rows": len(rows), "rho": rho,
            "fisher_z": 2 * stats.norm.sf(np.sqrt(df - 1) * abs(np.arctanh(rho))),
            "t": 2 * stats.t.sf(abs(rho) * np.sqrt(df / (1 - rho ** 2)), df)}


def category_table(random):
    x = np.empty((400, 4), dtype=int)
    x[:, 0] = random.integers(0, 2, 400)
    x[:, 1] = (x[:, 0] + (random.random(400) < 0.4) + 2 * (random.random(400) < 0.2)) % 4
    x[:, 2] = (x[:, 1] + random.integers(0, 2, 400)) % 3
    x[:, 3] = random.integers(0, 3, 400)
    x[random.random(x.shape) < 0.03] = -1
    return x


def category_answer(table, x, y, z):
    rows = table[(table[:, [x, y, *z]] >= 0).all(axis=1)]
    total = {"g2": 0.0, "chi2": 0.0}
    df = cells = 0
    for stratum in strata(rows, x, y, z):
        counts = stats.contingency.crosstab(*stratum)[1]
        cells += counts.size
        if min(counts.shape) < 2:
            continue
        for name, power in (("g2", "log-likelihood"), ("chi2", "pearson")):
            found = stats.chi2_contingency(counts, correction=False, lambda_=power)
            total[name] += found[0]
        df += found[2]
    return {"x": x, "y": y, "z": list(z), "rows": len(rows), "df": int(df), "cells": int(cells),
            **{name: {"statistic": value, "p": float(stats.chi2.sf(value, df))} for name, value in total.items()}}


def strata(rows, x, y, z):
    for key in np.unique(rows[:, list(z)], axis=0) if z else [()]:
        chosen = rows[(rows[:, list(z)] == key).all(axis=1)] if z else rows
        yield chosen[:, x], chosen[:, y]


def questions(n, most):
    for x, y in itertools.combinations(range(n), 2):
        others = [v for v in range(n) if v not in (x, y)]
        for k in range(most + 1):
            for z in itertools.combinations(others, k):
                yield x, y, z


random = np.random.default_rng(SEED)
numbers, categories = number_table(random), category_table(random)
print(json.dumps({
    "numbers": {"table": [[None if np.isnan(v) else int(v) for v in row] for row in numbers],
                "answers": [number_answer(numbers, *q) for q in questions(5, 3)]},
    "categories": {"table": categories.tolist(),
                   "answers": [category_answer(categories, *q) for q in questions(4, 2)]},
}))
