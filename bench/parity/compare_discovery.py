#!/usr/bin/env python3
"""Compares `whyformer discover` with causal-learn on tables and correlation matrices.

    pip install causal-learn
    bench/parity/compare_discovery.py data.csv --test fisher-z
    bench/parity/compare_discovery.py codes.csv --test g2
    bench/parity/compare_discovery.py corr.csv --samples 1000         # a table is made that has these correlations

PC: the skeletons, which must be the same (both are PC-stable; exit code 1 if they differ). Marks may differ:
causal-learn takes the union of all sets that separate a pair for its separating set, and resolves colliders that
contradict each other by their order. FCI: edges that only causal-learn has were separated here by sets of its
possible-d-sep stage (`stage` in JSON), which takes fewer nodes there. --rows-per-cell is 0 for g2 and chi2, because
causal-learn asks however few rows there are.
"""
import argparse
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from causallearn.search.ConstraintBased.FCI import fci
from causallearn.search.ConstraintBased.PC import pc

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = {"fisher-z": "fisherz", "g2": "gsq", "chi2": "chisq"}
MARKS = {1: "arrow", -1: "tail", 2: "circle"}


def table_with(correlation, rows):
    """Columns with exactly these sample correlations."""
    noise = np.random.default_rng(1).normal(size=(rows, len(correlation)))
    orthonormal = np.linalg.svd(noise - noise.mean(axis=0), full_matrices=False)[0]
    return orthonormal @ np.linalg.cholesky(correlation + 1e-13 * np.eye(len(correlation))).T * np.sqrt(rows)


def ours(arguments, algorithm, file):
    command = [arguments.whyformer, "discover", file, "--algorithm", algorithm, "--alpha", str(arguments.alpha),
               "--format", "json", "--test", arguments.test]
    if arguments.samples:
        command += ["--correlation", "--samples", str(arguments.samples)]
    if arguments.test != "fisher-z":
        command += ["--rows-per-cell", "0"]
    if algorithm == "fci":
        command += ["--max-pds-order", "none"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {frozenset((e["x"], e["y"])): {e["x"]: e["mark_x"], e["y"]: e["mark_y"]} for e in found["edges"]}, found


def theirs(graph, names):
    matrix = graph.graph
    nodes = [int(node.get_name()[1:]) - 1 for node in graph.get_nodes()]
    edges = {}
    for i, x in enumerate(nodes):
        for j, y in enumerate(nodes[:i]):
            if matrix[i, j] != 0:
                edges[frozenset((names[x], names[y]))] = {names[x]: MARKS[matrix[i, j]], names[y]: MARKS[matrix[j, i]]}
    return edges


def quietly(search, *arguments, **options):
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = search(*arguments, **options)
    return found, time.perf_counter() - start


def report(algorithm, mine, other, found, seconds):
    both = mine.keys() & other.keys()
    marks = [pair for pair in both if mine[pair] != other[pair]]
    print(f"{algorithm}: {len(mine)} edges here, {len(other)} there, {len(mine.keys() ^ other.keys())} differ; "
          f"marks differ on {len(marks)} of {len(both)}; {found['seconds']:.3f} s here, {seconds:.2f} s there")
    for pair in sorted(map(sorted, mine.keys() ^ other.keys())):
        print("   only", "here:" if frozenset(pair) in mine else "there:", *pair)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--samples", type=int, help="the file is a correlation matrix of so many rows")
    parser.add_argument("--test", choices=TESTS, default="fisher-z")
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--algorithms", nargs="+", choices=("pc", "fci"), default=["pc", "fci"])
    parser.add_argument("--whyformer", default=ROOT / "build/whyformer")
    arguments = parser.parse_args()

    names = open(arguments.file, encoding="utf-8").readline().strip().split(",")
    values = np.loadtxt(arguments.file, delimiter=",", skiprows=1)
    table = table_with(values, arguments.samples) if arguments.samples else values
    if arguments.test != "fisher-z":
        table = table.astype(int)

    same = True
    for algorithm in arguments.algorithms:
        mine, found = ours(arguments, algorithm, arguments.file)
        if algorithm == "pc":
            result, seconds = quietly(pc, table, arguments.alpha, TESTS[arguments.test], show_progress=False)
            other = theirs(result.G, names)
            same = mine.keys() == other.keys()
        else:
            result, seconds = quietly(fci, table, TESTS[arguments.test], arguments.alpha, show_progress=False)
            other = theirs(result[0], names)
        report(algorithm, mine, other, found, seconds)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
