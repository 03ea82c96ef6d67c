#!/usr/bin/env python3
"""bench/plot_growth.py DIR IMAGE.svg: how the time of a search grows with what it is given, from DIR of scripts/bench.

Two plots of medians of processor time on one thread, both axes logarithmic: searches on sparse tables by the number of
variables, and the graphs of 12 heads by the number of tokens; with the exponent of a straight line through each search's
points (least squares), which go to stdout too. Needs gnuplot.
"""
import collections
import json
import math
import re
import statistics
import subprocess
import sys
from pathlib import Path

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"]  # told apart by the colour-blind


def points(path, pattern):
    """{search: {size: median seconds}} of the timings whose name the pattern matches."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for run in json.loads(path.read_text())["benchmarks"]:
        match = re.match(pattern, run["name"])
        if match and run["run_type"] == "iteration" and not run.get("error_occurred"):
            found[match["search"]][int(match["size"])].append(run["cpu_time"] / 1e3)
    return {search: {size: statistics.median(times) for size, times in sorted(sizes.items())}
            for search, sizes in found.items()}


def exponent(sizes):
    x, y = [math.log(size) for size in sizes], [math.log(time) for time in sizes.values()]
    mean_x, mean_y = statistics.mean(x), statistics.mean(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def plot(title, label, searches):
    lines, data = [], ""
    for (search, sizes), colour in zip(searches.items(), COLOURS):
        lines.append(f"'-' with linespoints lw 2 pt 7 ps 0.6 lc rgb '{colour}' title '{search}: exponent {exponent(sizes):.2f}'")
        data += "".join(f"{size} {time}\n" for size, time in sizes.items()) + "e\n"
    given = sorted({size for sizes in searches.values() for size in sizes})
    ticks = ", ".join(map(str, given))
    return f"set title '{title}'\nset xlabel '{label}'\nset xtics ({ticks})\nset xrange [{given[0] * 0.8}:{given[-1] * 1.25}]\nplot {', '.join(lines)}\n{data}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, image = Path(sys.argv[1]), sys.argv[2]
    tables = points(folder / "growing_tables.json", r"(?P<search>pc|rfci|icd-3)/sparse_p(?P<size>\d+)/threads_1/")
    heads = points(folder / "attention_graphs.json", r"(?P<search>icd|fci)/order_3/tokens_(?P<size>\d+)/threads_1/")
    for what, searches in (("variables", tables), ("tokens", heads)):
        for search, sizes in searches.items():
            print(f"{search}: {what} to the power of {exponent(sizes):.2f}; " +
                  ", ".join(f"{size}: {time:.3g} s" for size, time in sizes.items()))
    script = (f"set terminal svg size 900,380 font 'DejaVu Sans,11' background 'white'\nset output '{image}'\n"
              "set multiplot layout 1,2\nset logscale xy\nset ylabel 'processor seconds'\nset format y '10^{%L}'\n"
              "set key left top\nset grid lc rgb '#dddddd'\n" +
              plot("Sparse tables (degree 2, 500 rows)", "variables", tables) +
              plot("Graphs of 12 heads, sets of up to 3", "tokens", heads) + "unset multiplot\n")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


if __name__ == "__main__":
    main()
