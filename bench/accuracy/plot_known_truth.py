#!/usr/bin/env python3
"""bench/accuracy/plot_known_truth.py CSV IMAGE.svg: how near to the true PAG the graphs of made-up attention come.

CSV is what `known_truth.py --csv` keeps of its tables "rendering", "samples" and "degree". Three plots of means over seeds with
standard errors: F1 of adjacencies, arrowheads and tails by the N of the test, by the noise of the logits, by the degree. Needs
gnuplot.
"""
import collections
import csv
import re
import subprocess
import sys

from means import mean_and_error

LINES = [("adjacency/f1", "adjacencies", "#0072b2"), ("marks/arrowhead/f1", "arrowheads", "#d55e00"),
         ("marks/tail/f1", "tails", "#009e73")]  # told apart by the colour-blind


def points(rows, table, pattern, zero=None):
    """{measure: {x: [values]}} of the settings that the pattern matches; `zero` names the setting at 0."""
    found = {name: collections.defaultdict(list) for name, _, _ in LINES}
    for row in rows:
        match = re.fullmatch(pattern, row["setting"])
        if row["table"] != table or not (match or row["setting"] == zero):
            continue
        for name, values in found.items():
            values[float(match[1]) if match else 0].append(float(row[name]) if row[name] else None)
    return found


def plot(label, found, setup=""):
    lines, data = [], ""
    for number, (name, title, colour) in enumerate(LINES):
        if not found[name]:
            sys.exit(f"plot_known_truth.py: no row of the CSV is for the plot by {label}")
        lines.append(f"'-' with yerrorlines lw 2 pt {(7, 9, 5)[number]} ps 0.6 lc rgb '{colour}' title '{title}'")
        for x, values in sorted(found[name].items()):
            mean, error = mean_and_error(values)
            if mean is not None:
                data += f"{x:g} {mean} {error or 0}\n"
        data += "e\n"
    return f"set xlabel '{label}'\n{setup}\nplot {', '.join(lines)}\n{data}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], newline="") as file:
        rows = list(csv.DictReader(file))
    script = (f"set terminal svg size 960,330 font 'DejaVu Sans,11' background 'white'\nset output '{sys.argv[2]}'\n"
              "set multiplot layout 1,3\nset yrange [0:1.05]\nset ylabel 'F1'\nset grid lc rgb '#dddddd'\nset key bottom right\n" +
              plot("N of the test", points(rows, "samples", r"N (\d+)"),
                   "set logscale x\nset xrange [40:2e9]\nset xtics (100, 1000, '10^4' 1e4, '10^6' 1e6, '10^9' 1e9)") +
              "unset logscale x\nunset key\n" +
              plot("noise of the logits, N 1000", points(rows, "rendering", r"logit noise (\.?\d+)", zero="exact"),
                   "set xrange [-0.05:1.05]\nset xtics (0, 0.1, 0.3, 1)") +
              plot("degree, N 1000", points(rows, "degree", r"degree (\d+)"), "set xrange [0.8:4.2]\nset xtics (1, 2, 3, 4)") +
              "unset multiplot\n")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


if __name__ == "__main__":
    main()
