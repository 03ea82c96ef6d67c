#!/usr/bin/env python3
"""Does a small Transformer's attention hold the graph of the data that it was trained on?

    bench/accuracy/known_truth_models.py --setting 2,32,2000 --seeds 3

A setting is layers, width and rows. For each seed `whyformer simulate` draws a linear Gaussian table of 6 observed and 1 latent
node, degree 2. A row becomes a history, its variables in random order, each an item "variable, quartile"; `whyformer train` trains
a BERT4Rec of 2 heads on that, the last two items of each history held out. Then `whyformer explain` completes rows (the first 5 of
a new order) and learns each head's graph, item recommended included, with ICD on A A'. Where that item is of the variable that was
left out, the graph is one over all 6 variables and is measured against the true PAG by `whyformer compare`. Means over graphs,
then over seeds, with standard errors over seeds. Beside them: ICD on the rows as numbers. Controls: the same graph with nodes permuted, and the same model after one epoch
at a learning rate of 1e-9, that is untrained.
"""
import argparse
import collections
import csv
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from means import shown

NODES = 6
LEVELS = 4
MEASURES = [("adjacency", ("adjacency", "f1")), ("precision", ("adjacency", "precision")), ("recall", ("adjacency", "recall")),
            ("arrowhead", ("marks", "arrowhead", "f1")), ("SHD", ("structural_hamming_distance",))]


def whyformer(arguments, options, folder):
    return subprocess.run([options.program, *map(str, arguments)], cwd=folder, check=True, capture_output=True, text=True).stdout


def quartiles(table):
    """Each column's rank in four parts, 0 to 3: items `variable * 10 + level`, from 10."""
    items = [[0] * NODES for _ in table]
    for x in range(NODES):
        order = sorted(range(len(table)), key=lambda row: table[row][x])
        for place, row in enumerate(order):
            items[row][x] = 10 * (x + 1) + LEVELS * place // len(table)
    return items


def write_interactions(folder, rows, draw):
    folder.mkdir()
    with open(folder / "rows.inter", "w") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        for user, row in enumerate(rows, 1):
            for time, item in enumerate(draw.sample(row, NODES), 1):
                file.write(f"{user}\t{item}\t{time}\n")


def train(work, name, setting, seed, options, *keys):
    layers, width, _ = setting
    (work / f"{name}.yaml").write_text(
        f"architecture: bert4rec\ndata: rows\noutput: {name}\ndevice: cpu\nthreads: 1\nseed: {seed}\nlayers: {layers}\nheads: 2\n"
        f"hidden: {width}\ninner: {4 * width}\nmax_history: {NODES}\ndropout: 0.1\nwindows: 1\nmask_share: 0.3\n"
        f"averaging: 0.99\nbatch_size: 64\n" + "".join(f"{key}\n" for key in keys))
    return whyformer(["train", f"{name}.yaml"], options, work)


def graphs(work, model, rows, draw, options):
    """Edges over variables, per row and head; and how often the recommended item was of the variable left out."""
    asked = [draw.sample(row, NODES) for row in rows]
    (work / "asked.jsonl").write_text("".join(json.dumps({"items": [str(item) for item in row[:-1]]}) + "\n" for row in asked))
    lines = whyformer(["explain", "--model", model, "--data", "rows", "--input", "asked.jsonl", "--json", "--max-calls", 1,
                       "--alpha", options.alpha, "--samples", options.samples, "--threads", 1], options, work).splitlines()
    fitting, out = 0, []
    for row, line in zip(asked, lines):
        record = json.loads(line)
        if int(record["recommended"]) // 10 != row[-1] // 10:
            continue
        fitting += 1
        variables = [item // 10 for item in row]
        for graph in record["graphs"]:
            edges = [edge.split() for edge in graph["edges"]]
            out.append([(variables[int(x)], marks, variables[int(y)]) for x, marks, y in edges])
    return out, fitting / len(asked)


def learned_from_table(work, options):
    """What the same search finds in the rows themselves, as numbers."""
    whyformer(["discover", "sim/data.csv", "--algorithm", "icd", "--alpha", options.alpha, "--threads", 1, "--output", "found"],
              options, work)
    return compare(work, options)


def compare(work, options):
    compared = json.loads(whyformer(["compare", "sim/true.pag", "found", "--json"], options, work))
    values = []
    for _, path in MEASURES:
        value = compared
        for key in path:
            value = value[key]
        values.append(value)
    return values


def measured(found, work, options, permutation=None):
    """Means over graphs; equal graphs are compared once."""
    counted = collections.Counter()
    for edges in found:
        name = (lambda x: permutation[x - 1]) if permutation else (lambda x: x)
        counted["".join(sorted(f"X{name(x)} {marks} X{name(y)}\n" for x, marks, y in edges))] += 1
    sums, weights = [0.0] * len(MEASURES), [0] * len(MEASURES)
    for edges, count in counted.items():
        (work / "found").write_text("nodes: " + " ".join(f"X{x}" for x in range(1, NODES + 1)) + "\n" + edges)
        for i, value in enumerate(compare(work, options)):
            if value is not None:
                sums[i] += count * value
                weights[i] += count
    return [total / weight if weight else None for total, weight in zip(sums, weights)]


def run(setting, seed, options):
    _, _, rows_wanted = setting
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        whyformer(["simulate", "--nodes", NODES, "--latent", 1, "--degree", 2, "--samples", rows_wanted + options.asked, "--seed",
                   seed, "--output", "sim"], options, work)
        with open(work / "sim/data.csv") as file:
            table = [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]
        rows = quartiles(table)
        write_interactions(work / "rows", rows[:rows_wanted], draw)
        out = {"ICD on the rows themselves": [*learned_from_table(work, options), None]}
        trained = train(work, "trained", setting, seed, options, "learning_rate: 3e-3", f"max_epochs: {options.epochs}",
                        f"patience: {options.patience or options.epochs}")
        print(trained, file=sys.stderr)
        train(work, "untrained", setting, seed, options, "learning_rate: 1e-9", "max_epochs: 1")
        permutation = draw.sample(range(1, NODES + 1), NODES)
        for model in ("trained", "untrained"):
            found, fitting = graphs(work, model, rows[rows_wanted:], random.Random(seed), options)
            out[model] = [*measured(found, work, options), fitting]
            if model == "trained":
                out["trained, nodes permuted"] = [*measured(found, work, options, permutation), fitting]
        out["difference"] = [None if a is None or b is None else a - b
                             for a, b in zip(out["trained"], out["trained, nodes permuted"])]
        return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(Path(__file__).resolve().parents[2] / "build/whyformer"))
    parser.add_argument("--setting", action="append", required=True, metavar="LAYERS,WIDTH,ROWS")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--asked", type=int, default=100, metavar="N", help="rows that graphs are learned from")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--patience", type=int, help="epochs without a better validation; unless given, none are too many")
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--samples", default="hidden", help="of the test, as `explain` takes it")
    options = parser.parse_args()
    options.program = str(Path(options.program).resolve())
    print(f"alpha {options.alpha}, N {options.samples}, seeds 1 to {options.seeds}\n")
    print("| layers, width, rows | graph | " + " | ".join(name for name, _ in MEASURES) + " | right variable |\n" + "|---" * 8 + "|")
    for text in options.setting:
        setting = tuple(map(int, text.split(",")))
        runs = [run(setting, seed, options) for seed in range(1, options.seeds + 1)]
        for name in runs[0]:
            print(f"| {text} | {name} | " + " | ".join(shown(column) for column in zip(*(r[name] for r in runs))) + " |", flush=True)


if __name__ == "__main__":
    main()
