#!/usr/bin/env python3
"""Is the true PAG found in attention that was made from it? `whyformer simulate --data attention`, `discover --attention` and
`compare`, for many settings; means with standard errors over seeds, as Markdown on stdout.

    bench/accuracy/known_truth.py                 # every table of docs/study/known-truth.md
    bench/accuracy/known_truth.py --seeds 10 --table rendering

Each row changes one thing of the base: 10 observed and 2 latent tokens, degree 2, exact rendering, A A', N 1000, ICD, alpha
0.01. A ratio that is 0 / 0 in one graph leaves that graph out of that mean. `--csv FILE` keeps every graph's numbers, for
plot_known_truth.py.
"""
import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from means import shown

BASE = {"nodes": 10, "latent": 2, "degree": 2, "width": 1000, "samples": 1000, "algorithm": "icd", "alpha": 0.01,
        "estimator": "attention"}
SOFTMAX = {"floor": 0.001}
TABLES = {
    "rendering": [
        ("exact", {}),
        ("floor .0001", {"floor": 0.0001}), ("floor .001", {"floor": 0.001}), ("floor .01", {"floor": 0.01}),
        ("temperature .5", {"temperature": 0.5}), ("temperature 2", {"temperature": 2}),
        ("temperature 4", {"temperature": 4}),
        ("logit noise .1", {"logit-noise": 0.1}), ("logit noise .3", {"logit-noise": 0.3}),
        ("logit noise 1", {"logit-noise": 1}),
        ("signs lost, clipped", {"negative": "clipped"}), ("signs lost, magnitude", {"negative": "magnitude"}),
        ("floor .01, temperature 2, noise .3, clipped",
         {"floor": 0.01, "temperature": 2, "logit-noise": 0.3, "negative": "clipped"})],
    "samples": [(f"N {n}", {"samples": n}) for n in (64, 128, 384, 768, 1000, 10_000, 1_000_000, 1_000_000_000)],
    "samples, floor .001": [(f"N {n}", {"samples": n, **SOFTMAX}) for n in (64, 128, 768, 10_000, 1_000_000)],
    "alpha": [(f"alpha {alpha}", {"alpha": alpha}) for alpha in (1e-5, 0.01, 0.05)],
    "search": [(name, {"algorithm": name}) for name in ("icd", "fci", "rfci", "pc")],
    "search, N 1e9": [(name, {"algorithm": name, "samples": 1_000_000_000}) for name in ("icd", "fci", "rfci", "pc")],
    "tokens": [(f"{n} observed", {"nodes": n}) for n in (5, 10, 20, 40)],
    "degree": [(f"degree {d}", {"degree": d}) for d in (1, 2, 3, 4)],
    "latent": [(f"{n} latent", {"latent": n}) for n in (0, 2, 5, 10)],
    "estimator": [
        ("attention", {}), ("centered", {"estimator": "centered"}),
        *[(f"outputs of {d} features, N {d}", {"estimator": "outputs", "width": d, "samples": d})
          for d in (32, 64, 256, 1000, 10_000)],
        ("outputs of 64 features, N 768", {"estimator": "outputs", "width": 64, "samples": 768}),
        *[(f"outputs of 1000 features, {c} of their values common", {"estimator": "outputs", "common": c})
          for c in (0.1, 0.5, 0.9)]],
}
MEASURES = [("adjacency", which) for which in ("precision", "recall", "f1")] + [
    (f"marks/{mark}", "f1") for mark in ("arrowhead", "tail", "circle")]
SIMULATION = ("nodes", "latent", "degree", "floor", "temperature", "logit-noise", "negative", "common")


def whyformer(arguments, program, folder):
    done = subprocess.run([program, *map(str, arguments)], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def pairs(options):
    return [word for name, value in options for word in (f"--{name}", value)]


def measured(setting, seed, program, permuted=False):
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "sim"
        chosen = pairs((name, setting[name]) for name in SIMULATION if name in setting)
        whyformer(["simulate", "--data", "attention", *chosen, "--samples", setting["width"], "--seed", seed, "--output",
                   folder], program, work)
        if permuted:  # the same graph with its nodes in another order: half the nodes round
            names = (folder / "tokens.txt").read_text().split("\n")[:setting["nodes"]]
            half = len(names) // 2
            (folder / "tokens.txt").write_text("\n".join(names[half:] + names[:half]) + "\n" * (1 + setting["latent"]))
        file = "outputs.npy" if setting["estimator"] == "outputs" else "attention.npy"
        whyformer(["discover", file, "--attention", "--tokens", "tokens.txt", "--threads", 1, "--output", "found",
                   *pairs((name, setting[name]) for name in ("estimator", "samples", "algorithm", "alpha"))],
                  program, folder)
        return json.loads(whyformer(["compare", "true.pag", "found", "--json"], program, folder))


def value_of(compared, path, which):
    for key in path.split("/"):
        compared = compared[key]
    return compared[which]


def row(name, graphs):
    cells = [shown([value_of(graph, *measure) for graph in graphs]) for measure in MEASURES]
    distances = [graph["structural_hamming_distance"] for graph in graphs]
    return f"| {name} | " + " | ".join(cells) + f" | {shown(distances)} | {distances.count(0)} of {len(graphs)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "build/whyformer"))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--table", action="append", choices=list(TABLES), help="instead of all")
    parser.add_argument("--csv", help="every graph's numbers")
    options = parser.parse_args()
    program = str(Path(options.program).resolve())
    lines = []
    for table in options.table or TABLES:
        print(f"\n## {table}, seeds 1 to {options.seeds}\n\n| | adjacency: precision | recall | F1 | arrowhead F1 | tail F1 "
              f"| circle F1 | SHD | exactly right |\n{'|---' * 9}|")
        rows = [(name, {**BASE, **change}, False) for name, change in TABLES[table]]
        if table == "rendering":
            rows.append(("control: exact, nodes permuted", BASE, True))
        for name, setting, permuted in rows:
            graphs = [measured(setting, seed, program, permuted) for seed in range(1, options.seeds + 1)]
            print(row(name, graphs), flush=True)
            lines += [[table, name, seed, *(value_of(graph, *measure) for measure in MEASURES),
                       graph["structural_hamming_distance"]] for seed, graph in enumerate(graphs, 1)]
        print(f"{table} done", file=sys.stderr)
    if options.csv:
        with open(options.csv, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["table", "setting", "seed", *(f"{path}/{which}" for path, which in MEASURES), "shd"])
            writer.writerows(lines)


if __name__ == "__main__":
    main()
