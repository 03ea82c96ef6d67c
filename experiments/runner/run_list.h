// Several runs under one name: one YAML file that lists configurations.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "experiments/runner/run_config.h"
#include "experiments/runner/sweep.h"

namespace why {

// Does the file list runs (load_run_list) in place of configuring one?
bool is_run_list(const std::string& path);

// Several runs under one name: a file with the keys `name` (the file's by default), `runs`, a list of
// configurations, `overrides`, which go to each of them, and `sweep` (parse_sweep), which makes a run of each
// point of a grid over one configuration.
struct RunList {
  std::string name;
  std::string yaml;             // the file again, with the caller's overrides and sweep in it
  std::vector<RunConfig> runs;  // of different names; a point of a sweep has that of name_of_point
  std::vector<SweepKey> grid;   // of a sweep; run i is point i
  std::vector<std::string> overrides;

  bool is_sweep() const { return !grid.empty(); }
};

// With a `sweep`, `path` may also be one configuration. A file that sweeps already takes no other sweep.
RunList load_run_list(const std::string& path, std::span<const std::string> overrides = {},
                      std::span<const std::string> sweep = {});

// Of a sweep that is about to begin: UserError where two points are the same, or an override sets a key that
// is swept.
void check_new_sweep(const RunList& list);

std::vector<ConfigKey> keys_of_run_list();

}  // namespace why
