#!/usr/bin/env python3
"""How near to the true PAG do searches come? Simulated tables, `whyformer compare`, means with standard errors.

    bench/accuracy/compare_searches.py --setting 20,2,2,0,1000 --seeds 20

For every setting (observed nodes, degree, latent nodes, selection nodes, samples) and every seed, `whyformer simulate`
draws a linear Gaussian table; `whyformer discover` runs FCI (as it is, without its possible-d-sep stage, and with majority
colliders besides), RFCI and ICD (as it is, and with the reference's choices) on it. Peers are run where they are to be had:
causal-learn's FCI if it is installed in the Python that runs this (`pip install causal-learn`), once more with our
separating sets for its own, and causality-lab's ICD with --causality-lab (a clone of IntelLabs/causality-lab). `whyformer
compare` measures each against the true PAG. A search that takes longer than --time-limit seconds is left out, and a peer
is given the first --peer-seeds tables only; the last column counts the graphs that are in. Tables on stdout, as Markdown.

A ratio that is 0 / 0 in one graph (no tail in it, for instance) leaves that graph out of that mean.
"""
import argparse
import contextlib
import functools
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from means import shown

MEASURES = [("adjacency", ("adjacency",)), ("arrowhead", ("marks", "arrowhead")), ("tail", ("marks", "tail")),
            ("circle", ("marks", "circle"))]


def whyformer(arguments, program, folder, **options):
    return subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True, text=True, **options)


def by_whyformer(algorithm, *choices):
    def search(folder, found, options):
        whyformer(["discover", "data.csv", "--algorithm", algorithm, "--alpha", str(options.alpha), "--output", found,
                   "--threads", "1", *choices], options.program, folder, timeout=options.time_limit)
    return search


def causal_learn_fci(folder, found, options):
    from causallearn.search.ConstraintBased.FCI import fci
    names, data = read_table(folder)
    with contextlib.redirect_stdout(None):  # it prints edges as it orients them
        graph, _ = fci(data, "fisherz", options.alpha, show_progress=False)
    # graph.graph[i, j] is the mark at i: -1 tail, 1 arrowhead, 2 circle; pcalg's [i, j] is the mark at j
    code = {0: 0, 2: 1, 1: 2, -1: 3}
    order = [int(node.get_name()[1:]) - 1 for node in graph.get_nodes()]
    matrix = [[0] * len(names) for _ in names]
    for i, x in enumerate(order):
        for j, y in enumerate(order):
            matrix[x][y] = code[int(graph.graph[j, i])]
    write_pcalg(folder / found, names, matrix)


# The same, given the separating set that our search found first for each pair: causal-learn takes the union of all.
def causal_learn_fci_with_our_sets(folder, found, options):
    from causallearn.search.ConstraintBased import FCI
    names = (folder / "data.csv").open().readline().strip().split(",")
    at = {name: i for i, name in enumerate(names)}
    ours = json.loads(whyformer(["discover", "data.csv", "--no-pds", "--format", "json", "--threads", "1", "--alpha",
                                 str(options.alpha)], options.program, folder).stdout)
    adjacencies = FCI.fas

    def with_our_sets(*arguments, **keywords):
        graph, sets, tests = adjacencies(*arguments, **keywords)
        for pair in ours["separating_sets"]:
            x, y = at[pair["x"]], at[pair["y"]]
            sets[x, y] = sets[y, x] = {at[z] for z in pair["set"]}
        return graph, sets, tests

    FCI.fas = with_our_sets  # in a process of its own
    causal_learn_fci(folder, found, options)


def causality_lab_icd(folder, found, options):
    import numpy
    from causal_discovery_algs import LearnStructICD
    from causal_discovery_utils.cond_indep_tests import CondIndepParCorr
    names, data = read_table(folder)
    nodes = set(range(len(names)))
    search = LearnStructICD(nodes, CondIndepParCorr(dataset=data, threshold=options.alpha, use_cache=True))
    search.learn_structure()
    # its marks, 1 circle, 2 arrowhead, 3 tail at the column's node, are pcalg's
    write_pcalg(folder / found, names, numpy.asarray(search.graph.get_adj_mat()).astype(int).tolist())


def read_table(folder):
    import numpy
    with open(folder / "data.csv") as file:
        return file.readline().strip().split(","), numpy.loadtxt(file, delimiter=",", ndmin=2)


def write_pcalg(path, names, matrix):
    rows = [names] + [[str(cell) for cell in row] for row in matrix]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


# Runs in a process of its own, which can be ended.
def by_peer(peer):
    def search(folder, found, options):
        process = multiprocessing.Process(target=peer, args=(folder, found, options))
        process.start()
        process.join(options.time_limit)
        if process.is_alive():
            process.terminate()
            process.join()
            raise subprocess.TimeoutExpired(peer.__name__, options.time_limit)
        if process.exitcode != 0:
            raise RuntimeError(f"{peer.__name__} failed in {folder}")
    search.is_peer = True
    return search


@functools.cache
def all_searches(causality_lab):
    out = {"FCI": by_whyformer("fci"),
           "FCI, no pds": by_whyformer("fci", "--no-pds"),
           "FCI, majority, no pds": by_whyformer("fci", "--colliders", "majority", "--no-pds"),
           "RFCI": by_whyformer("rfci"),
           "ICD": by_whyformer("icd"),
           "ICD, reference": by_whyformer("icd", "--compat", "reference")}
    try:
        import causallearn.search.ConstraintBased.FCI  # noqa: F401 (here, so that no child's time holds it)
        out["causal-learn FCI"] = by_peer(causal_learn_fci)
        out["causal-learn FCI, our sets"] = by_peer(causal_learn_fci_with_our_sets)
    except ImportError:
        print("causal-learn is not installed in this Python; without it", file=sys.stderr)
    if causality_lab:
        sys.path.insert(0, causality_lab)
        import causal_discovery_algs  # noqa: F401
        out["causality-lab ICD"] = by_peer(causality_lab_icd)
    return out


def searches(options):
    return {name: search for name, search in all_searches(options.causality_lab).items()
            if not options.only or name in options.only}


def measure(setting, options):
    nodes, degree, latent, selection, samples = setting
    found = {name: [] for name in searches(options)}
    seconds = {name: [] for name in found}
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / "sim"
            whyformer(["simulate", "--nodes", nodes, "--degree", degree, "--latent", latent, "--selection", selection,
                       "--samples", samples, "--seed", str(seed), "--output", str(folder)], options.program, work)
            for name, search in searches(options).items():
                if hasattr(search, "is_peer") and seed > options.peer_seeds:
                    continue
                start = time.monotonic()
                try:
                    search(folder, "found", options)
                except subprocess.TimeoutExpired:
                    continue
                seconds[name].append(time.monotonic() - start)
                compared = whyformer(["compare", "true.pag", "found", "--json"], options.program, folder)
                found[name].append(json.loads(compared.stdout))
        print(f"seed {seed} of {options.seeds} done", file=sys.stderr)

    print(f"\n{nodes} observed, degree {degree}, {latent} latent, {selection} selection nodes, {samples} samples, "
          f"alpha {options.alpha}, seeds 1 to {options.seeds}\n")
    print("| F1 of | " + " | ".join(name for name, _ in MEASURES) + " | SHD | seconds | graphs |")
    print("|---" * (len(MEASURES) + 4) + "|")
    for name, results in found.items():
        cells = []
        for _, path in MEASURES:
            values = []
            for result in results:
                for key in path:
                    result = result[key]
                if result["f1"] is not None:
                    values.append(result["f1"])
            cells.append(shown(values, 3))
        distances = [result["structural_hamming_distance"] for result in results]
        mean_time = sum(seconds[name]) / len(seconds[name]) if seconds[name] else float("nan")
        print(f"| {name} | " + " | ".join(cells) + f" | {shown(distances, 3)} | {mean_time:.2f} | {len(results)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "build/whyformer"))
    parser.add_argument("--setting", action="append", required=True, metavar="NODES,DEGREE,LATENT,SELECTION,SAMPLES")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--peer-seeds", type=int, default=10**9, metavar="N")
    parser.add_argument("--causality-lab", metavar="CHECKOUT")
    parser.add_argument("--only", nargs="+", metavar="SEARCH", help="as the tables name them")
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=300, metavar="SECONDS")
    options = parser.parse_args()
    options.program = str(Path(options.program).resolve())
    for setting in options.setting:
        parts = setting.split(",")
        if len(parts) != 5:
            parser.error(f"--setting takes five numbers, not {setting}")
        measure(parts, options)


if __name__ == "__main__":
    main()
