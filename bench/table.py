#!/usr/bin/env python3
"""bench/table.py DIR: one Markdown table of all that Google Benchmark wrote to DIR/*.json, medians where there were several
runs, with the machine above it, which also goes to DIR/machine.json."""
import collections
import json
import statistics
import sys
from pathlib import Path

from machine import machine

TIMES = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
NO_COUNTERS = {"name", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
               "time_unit", "label", "family_index", "per_family_instance_index"}


def shown(value):
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def seconds(value):
    return f"{value:.3g} s" if value >= 1 else f"{1e3 * value:.3g} ms" if value >= 1e-3 else f"{1e6 * value:.3g} µs"


def runs_of(path):
    runs = collections.defaultdict(list)
    for run in json.loads(path.read_text())["benchmarks"]:
        if run["run_type"] == "iteration":
            runs[run["run_name"].removesuffix("/process_time/real_time").removesuffix("/real_time")].append(run)
    return runs


def lines_of(path):
    for name, runs in runs_of(path).items():
        if any(run.get("error_occurred") for run in runs):
            yield f"| {name} | | | {runs[0].get('error_message')} |"
            continue
        unit = TIMES[runs[0]["time_unit"]]
        median = {which: statistics.median(run[which] for run in runs) * unit for which in ("real_time", "cpu_time")}
        counters = {key: statistics.median(run[key] for run in runs) for key, value in runs[0].items()
                    if key not in NO_COUNTERS and isinstance(value, (int, float))}
        yield (f"| {name} | {seconds(median['real_time'])} | {seconds(median['cpu_time'])} | " +
               ", ".join(f"{key} {shown(value)}" for key, value in counters.items()) + " |")


def main():
    folder = Path(sys.argv[1])
    of = machine()
    files = sorted(path for path in folder.glob("*.json") if path.name != "machine.json")
    if not files:
        sys.exit(f"{folder} holds no timings")
    of["date"] = json.loads(files[0].read_text())["context"]["date"][:10]
    (folder / "machine.json").write_text(json.dumps(of, indent=2) + "\n")
    print(f"{of['processor']}, {of['cores']} cores, {of['system']}, {of['date']}\n")
    print("Real time, processor time of all threads, and per second what is counted per second.")
    for path in files:
        print(f"\n## {path.stem}\n\n| | real | processor | |\n|---|---|---|---|")
        print("\n".join(lines_of(path)))


if __name__ == "__main__":
    main()
