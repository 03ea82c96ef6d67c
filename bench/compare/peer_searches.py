"""Searches of other programs, each run in a process of its own: `peer_searches.py PEER SEARCH INPUT.json` prints, as JSON,
the seconds of the search alone (with its test's preparation, without imports and reading) and the graph of each matrix.

INPUT.json: {"alpha": .01, "max_order": 3 or null, "table": "data.csv"}, or in the table's place {"attention": "A.npy",
"heads": 2, "samples": 384}. A graph is a list of [i, j, mark at i, mark at j], i < j, marks "tail", "arrow", "circle".
"""
import contextlib
import json
import sys
import time


def read_table(path):
    import numpy
    with open(path) as file:
        file.readline()
        return numpy.loadtxt(file, delimiter=",", ndmin=2)


def from_causal_learn(graph):
    # graph.graph[i, j] is the mark at i
    mark = {1: "arrow", -1: "tail", 2: "circle"}
    matrix = graph.graph
    number = [int(node.get_name()[1:]) - 1 for node in graph.get_nodes()]
    at = {n: i for i, n in enumerate(number)}
    return [[x, y, mark[int(matrix[at[x], at[y]])], mark[int(matrix[at[y], at[x]])]]
            for x in sorted(number) for y in sorted(number) if x < y and matrix[at[x], at[y]] != 0]


def causal_learn(search, given):
    from causallearn.search.ConstraintBased.FCI import fci
    from causallearn.search.ConstraintBased.PC import pc
    data = read_table(given["table"])
    start = time.perf_counter()
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        if search == "pc":
            graph = pc(data, given["alpha"], "fisherz", show_progress=False).G
        else:
            graph, _ = fci(data, "fisherz", given["alpha"], show_progress=False)
    return time.perf_counter() - start, [from_causal_learn(graph)]


def gpucsl(search, given):
    from gpucsl.pc.pc import GaussianPC
    data = read_table(given["table"])
    start = time.perf_counter()
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        found = GaussianPC(data, data.shape[1], given["alpha"]).set_distribution_specific_options().execute()
    seconds = time.perf_counter() - start
    directed = found.result.directed_graph  # i --- j goes both ways
    pairs = {(min(edge), max(edge)) for edge in directed.edges}

    def mark(x, y):  # at y
        return "arrow" if directed.has_edge(x, y) and not directed.has_edge(y, x) else "tail"
    return seconds, [[[int(x), int(y), mark(y, x), mark(x, y)] for x, y in sorted(pairs)]]


def causality_lab(search, given):
    import numpy
    from causal_discovery_algs import LearnStructFCI, LearnStructICD, LearnStructPC
    from causal_discovery_utils.cond_indep_tests import CondIndepParCorr
    learner = {"pc": LearnStructPC, "fci": LearnStructFCI, "icd": LearnStructICD}[search]
    mark = {1: "circle", 2: "arrow", 3: "tail"}
    total, graphs = 0.0, []
    for test in tests_of_causality_lab(CondIndepParCorr, given):
        start = time.perf_counter()
        found = learner(set(range(test.correlation_matrix.shape[0])), test)
        found.learn_structure()
        total += time.perf_counter() - start
        matrix = numpy.asarray(found.graph.get_adj_mat()).astype(int)
        # matrix[i, j] is the mark at j
        graphs.append([[i, j, mark[matrix[j, i]], mark[matrix[i, j]]]
                       for i in range(len(matrix)) for j in range(i + 1, len(matrix)) if matrix[i, j]])
    return total, graphs


def tests_of_causality_lab(test_class, given):
    import numpy
    from causal_discovery_utils.stat_utils import cov_to_corr
    if "table" in given:
        yield test_class(dataset=read_table(given["table"]), threshold=given["alpha"], use_cache=True)
        return
    for head in numpy.load(given["attention"])[:given["heads"]].astype(float):
        test = test_class(threshold=given["alpha"], dataset=None, num_records=given["samples"],
                          num_vars=len(head), use_cache=True)
        test.correlation_matrix = cov_to_corr(head @ head.T)
        yield test


# CLEANN's graph of each head and the sets that it would ask the model about, for the first token; no model.
def causality_lab_sets(given):
    import numpy
    from causal_reasoning import CLEANN
    total, counts = 0.0, []
    for head in numpy.load(given["attention"])[:given["heads"]].astype(float):
        asked = []
        start = time.perf_counter()
        CLEANN(head, given["samples"], given["alpha"],
               lambda members, target: asked.append(members)).explain(0, max_set_size=3)
        total += time.perf_counter() - start
        counts.append(len(asked))
    return total, counts


def main():
    peer, search, path = sys.argv[1:]
    with open(path) as file:
        given = json.load(file)
    sys.path[:0] = given.get("path", [])
    if search == "sets":
        seconds, graphs = causality_lab_sets(given)
    else:
        searches = {"causal-learn": causal_learn, "causality-lab": causality_lab, "gpucsl": gpucsl}
        seconds, graphs = searches[peer](search, given)
    json.dump({"seconds": seconds, "graphs": graphs}, sys.stdout)


if __name__ == "__main__":
    main()
