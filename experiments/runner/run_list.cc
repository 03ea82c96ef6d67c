#include "experiments/runner/run_list.h"

#include <set>

#include "core/errors.h"
#include "experiments/paths.h"

namespace why {
namespace {

// What the file of a list holds.
struct ListFile {
  std::string name;
  std::vector<std::string> runs, overrides;
};

void describe(Fields& fields, ListFile& file) {
  fields.field("name", file.name, "of all runs together; the file's name by default");
  fields.field("runs", file.runs, "configurations", required());
  fields.field("overrides", file.overrides, "key.sub=value, applied to each");
}

}  // namespace

bool is_run_list(const std::string& path) { return ConfigTree::load(path).has("runs"); }

RunList load_run_list(const std::string& path, std::span<const std::string> overrides) {
  ListFile file;
  ConfigTree::load(path).read(file);
  WHY_CHECK(!file.runs.empty(), path, ": runs is empty");
  file.name = folder_name(file.name, path);
  file.overrides.insert(file.overrides.end(), overrides.begin(), overrides.end());
  RunList out;
  out.name = file.name;
  out.yaml = to_yaml(file);
  std::set<std::string> names;
  for (const auto& each : file.runs) {
    const std::string found = find_path(each, "the configuration").string();
    WHY_CHECK(!is_run_list(found), path, ": ", each, " is a list of runs itself");
    out.runs.push_back(load_run_config(found, file.overrides));
    WHY_CHECK(names.insert(out.runs.back().name).second, path, ": two runs are called ",
              out.runs.back().name);
  }
  return out;
}

std::vector<ConfigKey> keys_of_run_list() { return describe_keys(ListFile{}); }

}  // namespace why
