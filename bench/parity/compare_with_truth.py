#!/usr/bin/env python3
"""Other programs' searches with a perfect oracle, beside ours: do they give the true PAG?

    pip install causal-learn
    bench/parity/compare_with_truth.py --graphs 500 --nodes 5 6 7
    bench/parity/compare_with_truth.py --graphs 500 --nodes 5 6 7 --causality-lab CHECKOUT

`whyformer simulate` draws DAGs with 0 to 3 latent nodes and, in half of them, 1 or 2 selection nodes. `whyformer discover
--oracle --verify` gives the true PAG, compared there with all graphs that have the same separations. causal-learn's FCI and
causality-lab's FCI and ICD (CHECKOUT: a clone of IntelLabs/causality-lab; needs numpy, scipy, tqdm, networkx) are asked with
m-separation in the same DAG for their test, and their graphs compared with it, edge by edge and mark by mark:

    extra, missing   edges that are too many, or not there
    wrong            an arrowhead or a tail where the true PAG has another mark
    incomplete       a circle where the true PAG has an arrowhead or a tail

Peers are imported where they are installed. Their searches run as they are; only the test is handed in.
"""
import argparse
import collections
import contextlib
import io
import itertools
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Separation:
    """m-separation of the observed nodes 0, 1, ... of a DAG; latent nodes never given, selection nodes always."""

    def __init__(self, dag_text):
        kinds, edges = {}, []
        for line in dag_text.splitlines():
            words = line.split()
            if words and words[0].endswith(":"):
                kinds[words[0][:-1]] = words[1:]
            elif len(words) == 3:
                edges.append((words[0], words[2]) if words[1] == "-->" else (words[2], words[0]))
        self.names = kinds["observed"]
        self.selected = kinds.get("selection", [])
        self.parents, self.children = collections.defaultdict(list), collections.defaultdict(list)
        for cause, effect in edges:
            self.parents[effect].append(cause)
            self.children[cause].append(effect)
        self.known = {}

    def holds(self, x, y, given):
        key = (min(x, y), max(x, y), tuple(sorted(given)))
        if key not in self.known:
            self.known[key] = self._search(key[0], key[1], key[2])
        return self.known[key]

    def _search(self, x, y, given):
        start, goal = self.names[x], self.names[y]
        given = {self.names[z] for z in given} | set(self.selected)
        above, queue = set(), list(given)  # the given nodes and their ancestors
        while queue:
            node = queue.pop()
            if node not in above:
                above.add(node)
                queue += self.parents[node]
        # a trail arrives at a node from one of its children (up) or of its parents (down)
        seen, queue = set(), [(start, "up")]
        while queue:
            state = queue.pop()
            if state in seen:
                continue
            seen.add(state)
            node, way = state
            if node == goal:
                return False
            if way == "up" and node not in given:
                queue += [(parent, "up") for parent in self.parents[node]]
                queue += [(child, "down") for child in self.children[node]]
            if way == "down":
                if node not in given:
                    queue += [(child, "down") for child in self.children[node]]
                if node in above:
                    queue += [(parent, "up") for parent in self.parents[node]]
        return True


def by_causal_learn():
    import numpy
    from causallearn.search.ConstraintBased.FCI import fci
    from causallearn.utils import cit

    class Oracle(cit.CIT_Base):
        separation, method = None, "m-separation"

        def __call__(self, x, y, given=None):
            return float(Oracle.separation.holds(int(x), int(y), tuple(map(int, given or ()))))

    cit.register_ci_test("m-separation", Oracle)
    mark = {1: "arrow", -1: "tail", 2: "circle"}

    def search(separation):
        Oracle.separation = separation
        n = len(separation.names)
        with contextlib.redirect_stdout(io.StringIO()):
            graph, _ = fci(numpy.zeros((n + 1, n)), "m-separation", 0.5, show_progress=False)
        at = [int(node.get_name()[1:]) - 1 for node in graph.get_nodes()]
        return {(at[j], at[i]): mark[int(graph.graph[i, j])]
                for i in range(n) for j in range(n) if graph.graph[i, j] != 0}
    return {"causal-learn FCI": search}


def by_causality_lab(checkout):
    sys.path.insert(0, checkout)
    from causal_discovery_algs import LearnStructFCI, LearnStructICD

    class Oracle:
        def __init__(self, separation):
            self.separation = separation

        def cond_indep(self, x, y, given):
            return self.separation.holds(x, y, tuple(given))

    mark = {1: "circle", 2: "arrow", 3: "tail"}

    def search_by(learner):
        def search(separation):
            nodes = set(range(len(separation.names)))
            found = learner(nodes, Oracle(separation))
            found.learn_structure()
            matrix = found.graph.get_adj_mat()
            return {(x, y): mark[int(matrix[x][y])] for x, y in itertools.permutations(nodes, 2) if matrix[x][y]}
        return search
    return {"causality-lab FCI": search_by(LearnStructFCI), "causality-lab ICD": search_by(LearnStructICD)}


def by_whyformer(options, algorithm):
    def search(separation):
        found = whyformer(options, ["discover", "true.dag", "--oracle", "--algorithm", algorithm, "--format", "json"],
                          separation.folder)
        return marks_of(json.loads(found), separation.names)
    return search


def whyformer(options, arguments, folder):
    return subprocess.run([options.whyformer, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def marks_of(found, names):
    """(x, y) -> the mark at y, for both directions of every edge."""
    at = {name: i for i, name in enumerate(names)}
    out = {}
    for edge in found["edges"]:
        x, y = at[edge["x"]], at[edge["y"]]
        out[x, y], out[y, x] = edge["mark_y"], edge["mark_x"]
    return out


def graphs(options):
    draw = random.Random(options.seed)
    for i in range(options.graphs):
        nodes = draw.choice(options.nodes)
        latent, selection = draw.randrange(4), draw.choice([0, 0, 1, 2])
        degree = draw.uniform(0.2, 0.6) * (nodes + latent - 1)
        with tempfile.TemporaryDirectory() as work:
            whyformer(options, ["simulate", "--nodes", str(nodes), "--latent", str(latent), "--degree", f"{degree:.3f}",
                                "--selection", str(selection), "--samples", "2", "--seed", str(options.seed * 1000003 + i),
                                "--output", "sim"], work)
            folder = Path(work) / "sim"
            truth = json.loads(whyformer(options, ["discover", "true.dag", "--oracle", "--verify", "--format", "json"],
                                         folder))
            separation = Separation((folder / "true.dag").read_text())
            separation.folder = folder
            yield separation, marks_of(truth, separation.names)


def differences(found, truth):
    out = collections.Counter()
    for end in found.keys() | truth.keys():
        if end not in truth:
            out["extra"] += 1
        elif end not in found:
            out["missing"] += 1
        elif found[end] != truth[end]:
            out["incomplete" if found[end] == "circle" else "wrong"] += 1
    return out


class Child:
    """Runs searches in a process of its own, which can be ended when one takes too long."""

    def __init__(self, search, limit):
        self.search, self.limit, self.process = search, limit, None

    def _serve(self, pipe):
        while True:
            try:
                answer = self.search(pipe.recv())
            except EOFError:
                return
            except Exception as error:  # what a peer throws counts against it and is shown
                answer = f"{type(error).__name__}: {error}"
            pipe.send(answer)

    def ask(self, separation):
        if self.process is None:
            self.pipe, theirs = multiprocessing.Pipe()
            self.process = multiprocessing.get_context("fork").Process(target=self._serve, args=(theirs,), daemon=True)
            self.process.start()
        self.pipe.send(separation)
        if self.pipe.poll(self.limit):
            return self.pipe.recv()
        self.process.kill()
        self.process.join()
        self.process = None
        return f"no answer in {self.limit} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", type=int, default=500)
    parser.add_argument("--nodes", type=int, nargs="+", default=[5, 6, 7], help="observed; at most 8")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=20, metavar="SECONDS", help="for each search of a peer")
    parser.add_argument("--causality-lab", metavar="CHECKOUT")
    parser.add_argument("--whyformer", default=str(ROOT / "build/whyformer"))
    parser.add_argument("--show", action="store_true", help="the DAG and the edges of each peer's first wrong graph")
    options = parser.parse_args()

    searches = {f"ours {name}": by_whyformer(options, name) for name in ("fci", "icd")}
    try:
        searches |= by_causal_learn()
    except ImportError:
        print("causal-learn is not installed in this Python; without it", file=sys.stderr)
    if options.causality_lab:
        searches |= by_causality_lab(options.causality_lab)
    searches = {name: Child(search, options.time_limit) for name, search in searches.items()}

    tallies = {name: collections.Counter() for name in searches}
    failures, selected = collections.defaultdict(collections.Counter), 0
    for i, (separation, truth) in enumerate(graphs(options)):
        kind = "selection" if separation.selected else "no selection"
        selected += bool(separation.selected)
        for name, child in searches.items():
            found = child.ask(separation)
            tally = tallies[name]
            if isinstance(found, str):
                tally["failed"] += 1
                failures[name][found[:60]] += 1
                continue
            wrong = differences(found, truth)
            for key in wrong:
                tally[key] += 1
            tally["right"] += not wrong
            tally["right", kind] += not wrong
            if wrong and options.show and tally["shown"] == 0:
                tally["shown"] = 1
                print(f"\n{name} of\n{(separation.folder / 'true.dag').read_text()}", file=sys.stderr)
                for x, y in sorted(end for end in found.keys() | truth.keys() if found.get(end) != truth.get(end)):
                    print(f"  at {separation.names[y]} of {separation.names[x]} - {separation.names[y]}: "
                          f"{found.get((x, y))}, true {truth.get((x, y))}", file=sys.stderr)
        if (i + 1) % 100 == 0:
            print(f"{i + 1} of {options.graphs} graphs", file=sys.stderr)

    print(f"{options.graphs} graphs of {options.nodes} observed nodes, seed {options.seed}; {selected} with selection nodes\n")
    print("| search | right | of them without selection | with | extra edge | missing edge | wrong mark | incomplete | failed |")
    print("|---" * 9 + "|")
    for name, tally in tallies.items():
        print(f"| {name} | {tally['right']} | {tally['right', 'no selection']} of {options.graphs - selected} | "
              f"{tally['right', 'selection']} of {selected} | "
              + " | ".join(str(tally[key]) for key in ("extra", "missing", "wrong", "incomplete", "failed")) + " |")
    for name, reasons in failures.items():
        for reason, count in reasons.most_common(3):
            print(f"\n{name} failed {count} times: {reason}")


if __name__ == "__main__":
    main()
