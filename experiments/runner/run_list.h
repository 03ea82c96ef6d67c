// Several runs under one name: one YAML file that lists configurations.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "experiments/runner/run_config.h"

namespace why {

// Does the file list runs (load_run_list) in place of configuring one?
bool is_run_list(const std::string& path);

// Several runs under one name: a file with the keys `name` (the file's by default), `runs`, a list of
// configurations, and `overrides`, which go to each of them.
struct RunList {
  std::string name;
  std::string yaml;             // the file again, with the caller's overrides in it
  std::vector<RunConfig> runs;  // of different names
};
RunList load_run_list(const std::string& path, std::span<const std::string> overrides = {});
std::vector<ConfigKey> keys_of_run_list();

}  // namespace why
