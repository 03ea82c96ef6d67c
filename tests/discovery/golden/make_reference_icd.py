#!/usr/bin/env python3
"""Runs the reference implementation of ICD on random row-stochastic attention and writes what it found.

    python make_reference_icd.py CAUSALITY_LAB_DIR > reference_icd.jsonl

CAUSALITY_LAB_DIR is a checkout of IntelLabs/causality-lab (made with commit 812235d, numpy 2.4.6, scipy 1.17.1).
One line a matrix: `weights` are integers whose rows, divided by their sums, are the attention A; the test is on
the scaled A A^T. `graph[a][b]` is the mark at b (0 none, 1 circle, 2 arrowhead, 3 tail).

The reference walks over Python sets, whose order is ascending only for integers below 8 in small tables. Its
modules are loaded with sets that always iterate in ascending order, so that the result is one that can be
stated. Up to 7 nodes the script also runs it untouched and insists on the same result.
"""
import ast
import builtins
import importlib.machinery
import json
import sys

import numpy as np

PACKAGES = ("causal_discovery_algs", "causal_discovery_utils", "graphical_models")


class AscendingSet(set):
    def __iter__(self):
        return iter(sorted(set.__iter__(self)))

    def copy(self):
        return AscendingSet(set.copy(self))

    def __and__(self, other):
        return AscendingSet(set.__and__(self, other))

    def __or__(self, other):
        return AscendingSet(set.__or__(self, other))

    def __sub__(self, other):
        return AscendingSet(set.__sub__(self, other))


class MakeAscending(ast.NodeTransformer):
    """set(...), {a, b} and {x for ...} become AscendingSet."""

    @staticmethod
    def call(argument):
        return ast.Call(ast.Name("AscendingSet", ast.Load()), [argument], [])

    def visit_Name(self, node):
        return ast.copy_location(ast.Name("AscendingSet", node.ctx), node) if node.id == "set" else node

    def visit_Set(self, node):
        self.generic_visit(node)
        return ast.copy_location(self.call(ast.List(node.elts, ast.Load())), node)

    def visit_SetComp(self, node):
        self.generic_visit(node)
        return ast.copy_location(self.call(ast.GeneratorExp(node.elt, node.generators)), node)


class AscendingLoader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        tree = MakeAscending().visit(ast.parse(self.get_data(path)))
        return compile(ast.fix_missing_locations(tree), path, "exec")


class AscendingFinder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = AscendingLoader(name, spec.origin)
        return spec


def load(ascending):
    """The reference's search and test, its modules loaded anew."""
    for name in [name for name in sys.modules if name.split(".")[0] in PACKAGES]:
        del sys.modules[name]
    finder = AscendingFinder()
    if ascending:
        builtins.AscendingSet = AscendingSet
        sys.meta_path.insert(0, finder)
    try:
        from causal_discovery_algs.icd import LearnStructICD
        from causal_discovery_utils.cond_indep_tests import CondIndepParCorr
    finally:
        if ascending:
            sys.meta_path.remove(finder)
    return LearnStructICD, CondIndepParCorr, AscendingSet if ascending else set


def correlation_of(weights):
    attention = weights / weights.sum(axis=1, keepdims=True)
    covariance = attention @ attention.T
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1)
    return correlation


def one_sided(test_class):
    """As the reference was from 2023-05 to 2025-01: a correlation that is not positive is independence."""

    class OneSided(test_class):
        def calc_statistic(self, x, y, zz):
            at = [x, y, *zz]
            inverse = np.linalg.inv(self.correlation_matrix[np.ix_(at, at)])
            return np.inf if inverse[0, 1] >= 0 else super().calc_statistic(x, y, zz)

    return OneSided


def learn(classes, weights, samples, alpha, positive_only):
    search_class, test_class, set_class = classes
    n = len(weights)
    test = (one_sided(test_class) if positive_only else test_class)(
        alpha, None, num_records=samples, num_vars=n, count_tests=True, use_cache=True)
    test.correlation_matrix = correlation_of(weights)
    search = search_class(set_class(range(n)), test)
    search.learn_structure()
    graph = search.graph.get_adj_mat()
    sepsets = [[x, y, sorted(search.sepset.get_sepset(x, y))]
               for x in range(n) for y in range(x + 1, n) if graph[x, y] == 0]
    return {"graph": ["".join(map(str, row)) for row in graph.tolist()], "sepsets": sepsets,
            "tests": [int(count) for count in test.test_counter]}


def main():
    sys.path.insert(0, sys.argv[1])
    ascending, untouched = load(True), load(False)
    random = np.random.default_rng(2023)
    for i in range(240):
        n, samples, positive_only = 5 + i % 8, (32, 128, 512)[i % 3], i >= 200
        logits = random.normal(scale=(0.7, 1.2, 2.0)[i // 8 % 3], size=(n, n))
        weights = np.maximum(1, np.round(1000 * np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)))
        setting = {"weights": weights.astype(int).tolist(), "samples": samples, "alpha": 0.01,
                   "positive_only": positive_only}
        found = learn(ascending, weights, samples, 0.01, positive_only)
        assert n > 7 or found == learn(untouched, weights, samples, 0.01, positive_only), i
        print(json.dumps({**setting, **found}, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
