#!/usr/bin/env python3
"""Compares `whyformer discover` with causal-learn on tables and correlation matrices.

    pip install causal-learn
    bench/parity/compare_discovery.py data.csv --test fisher-z
    bench/parity/compare_discovery.py codes.csv --test g2
    bench/parity/compare_discovery.py corr.csv --samples 1000         # a table is made that has these correlations
    bench/parity/compare_discovery.py --simulate 8,200 40,10000 --seeds 5

PC: the skeletons, which must be the same (both are PC-stable; exit code 1 if they differ). Marks may differ:
causal-learn takes the union of all sets that separate a pair for its separating set, and resolves colliders that
contradict each other by their order. FCI: edges that only causal-learn has were separated here by sets of its
possible-d-sep stage (`stage` in JSON), which takes fewer nodes there. --rows-per-cell is 0 for g2 and chi2, because
causal-learn asks however few rows there are.

--simulate VARIABLES,ROWS: PC on linear Gaussian tables of `whyformer simulate` (degree 3). Where marks differ, causal-learn
orients again, given our separating sets and told to show contradictory colliders as <-> (its uc_priority 1), as PC does
here; the last column counts the edges whose marks still differ.
"""
import argparse
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
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


def oriented_as_here(table, alpha, names, found):
    from causallearn.utils.cit import CIT
    from causallearn.utils.PCUtils import Meek, SkeletonDiscovery, UCSepset
    graph = SkeletonDiscovery.skeleton_discovery(table, alpha, CIT(table, "fisherz"), True, show_progress=False)
    at = {name: i for i, name in enumerate(names)}
    graph.sepset.fill(None)
    for pair in found["separating_sets"]:
        x, y, given = at[pair["x"]], at[pair["y"]], tuple(at[z] for z in pair["set"])
        graph.sepset[x, y] = graph.sepset[y, x] = [given]
    return Meek.meek(UCSepset.uc_sepset(graph, 1))


def compare_simulated(arguments, setting):
    variables, rows = setting.split(",")
    edges = one_only = other_marks = left = 0
    for seed in range(1, arguments.seeds + 1):
        with tempfile.TemporaryDirectory() as work:
            folder = pathlib.Path(work) / "sim"
            subprocess.run([arguments.whyformer, "simulate", "--nodes", variables, "--degree", "3", "--samples", rows,
                            "--seed", str(seed), "--output", str(folder)], check=True, capture_output=True)
            file = folder / "data.csv"
            names = file.open().readline().strip().split(",")
            table = np.loadtxt(file, delimiter=",", skiprows=1)
            mine, found = ours(arguments, "pc", str(file))
        other = theirs(quietly(pc, table, arguments.alpha, "fisherz", show_progress=False)[0].G, names)
        again = theirs(quietly(oriented_as_here, table, arguments.alpha, names, found)[0].G, names)
        edges += len(mine)
        one_only += len(mine.keys() ^ other.keys())
        other_marks += sum(mine[pair] != other[pair] for pair in mine.keys() & other.keys())
        left += sum(mine[pair] != again[pair] for pair in mine.keys() & again.keys())
    print(f"| {variables} | {rows} | {arguments.seeds} | {edges} | {one_only} | {other_marks} | {left} |", flush=True)
    return one_only == 0


def simulated(arguments):
    print("| variables | rows | tables | edges | of one program only | with other marks | left |\n" + "|---" * 7 + "|")
    return 0 if all([compare_simulated(arguments, setting) for setting in arguments.simulate]) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--simulate", nargs="+", metavar="VARIABLES,ROWS")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--samples", type=int, help="the file is a correlation matrix of so many rows")
    parser.add_argument("--test", choices=TESTS, default="fisher-z")
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--algorithms", nargs="+", choices=("pc", "fci"), default=["pc", "fci"])
    parser.add_argument("--whyformer", default=ROOT / "build/whyformer")
    arguments = parser.parse_args()
    if (arguments.file is None) == (arguments.simulate is None):
        parser.error("either a file or --simulate")
    if arguments.simulate:
        return simulated(arguments)

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
