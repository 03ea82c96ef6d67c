#!/usr/bin/env python3
"""Times Whyformer beside other programs on the same inputs, in one run, in turns, and compares the answers.

    pip install causal-learn networkx
    bench/compare/compare.py --table fci_p50/data.csv --table fci_p100/data.csv --attention heads.npy \\
        --causality-lab CHECKOUT --output runs/compare

Peers are what the Python that runs this can import: causal-learn (PC, FCI), gpucsl (PC, where it finds a CUDA device),
and with --causality-lab (a clone of IntelLabs/causality-lab; needs numpy, scipy, tqdm, networkx) its ICD, FCI and CLEANN;
and where Rscript finds it, pcalg (PC, FCI, RFCI). Who is missing is named. Every search runs in a process of its own, one
thread each, ours as `whyformer discover`, with `--device cuda` on a device. Two times are taken:

    search   the search alone, inside the process: no start, imports, reading or writing
    command  the whole process

Ratios are to Whyformer's default; answers of causality-lab's ICD are compared with those of `--compat reference`.
Medians of --rounds, programs taking turns; one that takes longer than --once-above seconds is run once, one that takes
longer than --time-limit is ended, and its ratio is then a lower bound. Answers are compared by edges and by marks.
The attention's heads are searched one after the other, as correlation matrices of A A^T; --heads says how many.

Writes compare.json and compare.md, with the machine in them; the table goes to stdout as well.
"""
import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from machine import machine  # noqa: E402
WORKER = Path(__file__).with_name("peer_searches.py")
WORKER_IN_R = WORKER.with_suffix(".R")
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Late(Exception):
    pass


class Ours:
    """`whyformer discover`, once a matrix."""

    def __init__(self, options, algorithm, *choices):
        self.options, self.arguments = options, ["--algorithm", algorithm, *choices]
        self.name = "Whyformer" + (" as the reference" if "--compat" in choices else "")

    def run(self, given, folder):
        search, graphs, start = 0.0, [], time.perf_counter()
        for file, kind in inputs_of(given, folder):
            command = [self.options.program, "discover", file, *kind, *self.arguments, "--alpha", str(self.options.alpha),
                       "--threads", str(self.options.threads), "--device", self.options.device, "--format", "json"]
            found = json.loads(run(command, self.options.time_limit))
            search += found["seconds"]
            graphs.append(by_columns(found, first_line(file)))
        return search, time.perf_counter() - start, graphs


class Peer:
    def __init__(self, options, name, search):
        self.options, self.name, self.search = options, name, search

    def run(self, given, folder):
        command = self.command(given, folder)
        start = time.perf_counter()
        found = json.loads(run(command, self.options.time_limit))
        return found["seconds"], time.perf_counter() - start, found["graphs"]

    def command(self, given, folder):
        if self.name == "pcalg":
            return ["Rscript", WORKER_IN_R, self.search, given["table"], given["alpha"]]
        path = folder / "given.json"
        path.write_text(json.dumps(given | {"path": [self.options.causality_lab] if self.options.causality_lab else []}))
        return [sys.executable, WORKER, self.name, self.search, path]


def run(command, limit):
    try:
        return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=limit, env=os.environ | ONE_THREAD).stdout
    except subprocess.TimeoutExpired as late:
        raise Late from late
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, command))}\n{error.stderr}")


def first_line(file):
    with open(file) as lines:
        return lines.readline().strip().split(",")


# Edges as [i, j, mark at i, mark at j] by the columns' numbers, i < j.
def by_columns(found, names):
    at = {name: i for i, name in enumerate(names)}
    edges = []
    for edge in found["edges"]:
        ends = sorted([(at[edge["x"]], edge["mark_x"]), (at[edge["y"]], edge["mark_y"])])
        edges.append([ends[0][0], ends[1][0], ends[0][1], ends[1][1]])
    return sorted(edges)


# What `discover` reads, with its options: the table, or a file a head, written once.
def inputs_of(given, folder):
    if "table" in given:
        return [(given["table"], [])]
    import numpy
    files = []
    for h, head in enumerate(numpy.load(given["attention"])[:given["heads"]].astype(float)):
        file = folder / f"head_{h}.csv"
        if not file.exists():
            covariance = head @ head.T
            scale = 1 / numpy.sqrt(numpy.diag(covariance))
            rows = covariance * scale * scale[:, None]
            rows = (rows + rows.T) / 2
            numpy.fill_diagonal(rows, 1)
            file.write_text(",".join(f"T{i}" for i in range(len(rows))) + "\n" +
                            "\n".join(",".join(map(repr, map(float, row))) for row in rows) + "\n")
        files.append((file, ["--correlation", "--samples", str(given["samples"])]))
    return files


def rivals(options, search, of_attention):
    bound = ["--max-pds-order", "none" if of_attention else "3"] if search == "fci" else []
    out = [Ours(options, search, *bound)]
    if search == "icd" and options.causality_lab:
        out.append(Ours(options, search, "--compat", "reference"))
    if options.causal_learn and search in ("pc", "fci") and not of_attention:
        out.append(Peer(options, "causal-learn", search))
    if options.pcalg and search in ("pc", "fci", "rfci") and not of_attention:
        out.append(Peer(options, "pcalg", search))
    if options.gpucsl and search == "pc" and not of_attention:
        out.append(Peer(options, "gpucsl", search))
    if options.causality_lab and search in ("icd", "fci"):
        out.append(Peer(options, "causality-lab", search))
    return out


def has_pcalg():
    if not shutil.which("Rscript"):
        return False
    asked = ["Rscript", "-e", 'quit(status = !requireNamespace("pcalg", quietly = TRUE))']
    return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def has_gpucsl():
    if importlib.util.find_spec("gpucsl") is None:
        return False
    asked = [sys.executable, "-c", "import cupy, sys; sys.exit(cupy.cuda.runtime.getDeviceCount() == 0)"]
    return subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def take_turns(programs, given, options):
    times = {program.name: [] for program in programs}
    graphs = {}
    with tempfile.TemporaryDirectory() as work:
        for turn in range(options.rounds):
            for program in programs:
                taken = times[program.name]
                if turn > 0 and (not taken or taken[0] is None or taken[0][1] > options.once_above):
                    continue
                print(f"{describe(given)}: {program.name}, round {turn + 1}", file=sys.stderr, flush=True)
                try:
                    search, command, found = program.run(given, Path(work))
                    taken.append((search, command))
                    graphs[program.name] = found
                except Late:
                    taken.append(None)
    return times, graphs


def describe(given):
    if "attention" in given:
        return f"{Path(given['attention']).stem}, {given['heads']} heads"
    path = Path(given["table"])
    return path.parent.name if path.stem == "data" else path.stem


def median_of(taken, which):
    values = [pair[which] for pair in taken if pair is not None]
    return statistics.median(values) if values else None


# How many edges only one of the two has, and how many that both have differ in a mark.
def differences(ours, theirs):
    edges = marks = total = 0
    for mine, other in zip(ours, theirs):
        mine, other = ({(e[0], e[1]): tuple(e[2:]) for e in graph} for graph in (mine, other))
        total += len(mine)
        edges += len(mine.keys() ^ other.keys())
        marks += sum(mine[pair] != other[pair] for pair in mine.keys() & other.keys())
    return {"edges_of_ours": total, "edges_differ": edges, "marks_differ": marks}


def compare(search, given, options):
    programs = rivals(options, search, "attention" in given)
    times, graphs = take_turns(programs, given, options)
    rows = []
    for program in programs:
        taken = times[program.name]
        row = {"input": describe(given), "search": search, "program": program.name, "runs": len(taken),
               "seconds_search": median_of(taken, 0), "seconds_command": median_of(taken, 1)}
        if isinstance(program, Peer):
            like = next((p.name for p in programs if p.name.endswith("reference")), programs[0].name)
            if program.name in graphs and like in graphs:
                row |= differences(graphs[like], graphs[program.name])
            for which in ("search", "command"):
                ours = median_of(times[programs[0].name], 0 if which == "search" else 1)
                theirs = row[f"seconds_{which}"] or options.time_limit
                row[f"ratio_{which}"] = theirs / ours if ours else None
        rows.append(row)
    return rows


def table_of(rows, options):
    def shown(seconds):
        return f"> {options.time_limit:g} s" if seconds is None else f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"

    def ratio(row, which):
        if row.get(f"ratio_{which}") is None:
            return ""
        return ("> " if row["seconds_search"] is None else "") + f"{row[f'ratio_{which}']:,.0f}"

    lines = ["| input | search | program | search alone | whole command | ratio, search | ratio, command | answers |", "|---" * 8 + "|"]
    for row in rows:
        answers = ""
        if "edges_differ" in row:
            answers = (f"the same {row['edges_of_ours']} edges" if not row["edges_differ"] else
                       f"{row['edges_differ']} of {row['edges_of_ours']} edges differ")
            answers += f", {row['marks_differ']} in marks"
        lines.append(f"| {row['input']} | {row['search']} | {row['program']} | {shown(row['seconds_search'])} | "
                     f"{shown(row['seconds_command'])} | {ratio(row, 'search')} | {ratio(row, 'command')} | {answers} |")
    return "\n".join(lines) + "\n"


def cleann(options):
    if not options.causality_lab:
        return None
    given = {"attention": options.attention, "heads": options.heads, "samples": options.samples, "alpha": options.alpha,
             "path": [options.causality_lab]}
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "given.json"
        path.write_text(json.dumps(given))
        try:
            found = json.loads(run([sys.executable, WORKER, "causality-lab", "sets", path], options.time_limit))
        except Late:
            return {"cleann_seconds": None}
    return {"cleann_seconds": found["seconds"], "cleann_sets": found["graphs"]}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="append", default=[], metavar="CSV", help="with a header row; may be given again")
    parser.add_argument("--searches", default="pc,fci,icd", help="of tables: pc, fci, rfci, icd; pc,fci,icd by default")
    parser.add_argument("--attention", metavar="NPY", help="[H,T,T] float32: ICD and FCI of its heads")
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=384, help="N of the attention's test")
    parser.add_argument("--alpha", type=float, default=0.01)
    parser.add_argument("--threads", type=int, default=1, help="of ours")
    parser.add_argument("--device", default="cpu", help="of ours: cpu, or cuda")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once-above", type=float, default=10, metavar="SECONDS")
    parser.add_argument("--time-limit", type=float, default=120, metavar="SECONDS")
    parser.add_argument("--causality-lab", metavar="CHECKOUT")
    parser.add_argument("--program", default=str(ROOT / "build" / "whyformer"))
    parser.add_argument("--output", default="runs/compare", metavar="DIR")
    options = parser.parse_args()
    if not options.table and not options.attention:
        parser.error("nothing to search in: give --table or --attention")
    for name in [*options.table, *filter(None, [options.attention, options.causality_lab]), options.program]:
        if not Path(name).exists():
            parser.error(f"there is no {name}")
    options.causal_learn = importlib.util.find_spec("causallearn") is not None
    options.pcalg, options.gpucsl = has_pcalg(), has_gpucsl()
    return options


def main():
    options = parse()
    for peer, there in (("causal-learn", options.causal_learn), ("causality-lab", options.causality_lab),
                        ("pcalg", options.pcalg), ("gpucsl", options.gpucsl)):
        if not there:
            print(f"without {peer}, which is not to be had here", file=sys.stderr)
    rows = []
    for table in options.table:
        for search in options.searches.split(","):
            rows += compare(search, {"table": table, "alpha": options.alpha}, options)
    if options.attention:
        given = {"attention": options.attention, "heads": options.heads, "samples": options.samples, "alpha": options.alpha}
        for search in ("icd", "fci"):
            rows += compare(search, given, options)
    out = {"machine": machine() | {"date": time.strftime("%Y-%m-%d")}, "options": vars(options), "rows": rows}
    if options.attention:
        out |= cleann(options) or {}
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compare.json").write_text(json.dumps(out, indent=2) + "\n")
    text = f"{out['machine']['processor']}, {out['machine']['cores']} cores, {out['machine']['date']}\n\n" + table_of(rows, options)
    if out.get("cleann_seconds") is not None:
        text += (f"\nCLEANN's graphs (ICD) of {options.heads} heads and their sets of up to 3 of the first token, no model: "
                 f"{out['cleann_seconds']:.3g} s; sets: {out['cleann_sets']}\n")
    (folder / "compare.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
