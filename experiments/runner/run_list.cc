#include "experiments/runner/run_list.h"

#include <map>
#include <set>
#include <utility>

#include "core/errors.h"
#include "experiments/paths.h"

namespace why {
namespace {

// What the file of a list holds.
struct ListFile {
  std::string name;
  std::vector<std::string> runs, overrides, sweep;
};

void describe(Fields& fields, ListFile& file) {
  fields.field("name", file.name, "of all runs together; the file's name by default");
  fields.field("runs", file.runs, "configurations, looked for from the working folder", required());
  fields.field("overrides", file.overrides, "key.sub=value, applied to each");
  fields.field("sweep", file.sweep, "key.sub=value,value: of one configuration, a run a point of the grid");
}

ListFile read_list(const std::string& path, std::span<const std::string> overrides,
                   std::span<const std::string> sweep) {
  ListFile file;
  if (is_run_list(path)) {
    ConfigTree::load(path).read(file);
    file.name = folder_name(file.name, path);
  } else {
    file.runs.push_back(path);
    file.name = load_run_config(path, overrides).name;
  }
  WHY_CHECK(!file.runs.empty(), path, ": runs is empty");
  WHY_CHECK(file.sweep.empty() || sweep.empty(), path, " is a sweep already");
  file.overrides.insert(file.overrides.end(), overrides.begin(), overrides.end());
  file.sweep.insert(file.sweep.end(), sweep.begin(), sweep.end());
  return file;
}

std::vector<RunConfig> runs_of(const ListFile& file, const std::string& path) {
  std::vector<RunConfig> out;
  std::set<std::string> names;
  for (const auto& each : file.runs) {
    const std::string found = find_path(each, "the configuration").string();
    WHY_CHECK(!is_run_list(found), path, ": ", each, " is a list of runs itself");
    out.push_back(load_run_config(found, file.overrides));
    WHY_CHECK(names.insert(out.back().name).second, path, ": two runs are called ", out.back().name);
  }
  return out;
}

std::vector<RunConfig> runs_of_grid(const std::vector<SweepKey>& grid, const ListFile& file) {
  const std::string found = find_path(file.runs.front(), "the configuration").string();
  std::vector<RunConfig> out;
  for (std::size_t i = 0; i < num_points(grid); ++i) {
    auto overrides = file.overrides;
    const auto values = values_at(grid, i);
    for (std::size_t k = 0; k < grid.size(); ++k) overrides.push_back(text(grid[k].path, "=", values[k]));
    try {
      out.push_back(load_run_config(found, overrides));
    } catch (const UserError& error) {
      throw UserError(text("point ", name_of_point(grid, i), ": ", error.what()));
    }
    out.back().name = name_of_point(grid, i);
  }
  return out;
}

}  // namespace

bool is_run_list(const std::string& path) { return ConfigTree::load(path).has("runs"); }

RunList load_run_list(const std::string& path, std::span<const std::string> overrides,
                      std::span<const std::string> sweep) {
  const ListFile file = read_list(path, overrides, sweep);
  RunList out{file.name, to_yaml(file), runs_of(file, path), {}, file.overrides};
  if (file.sweep.empty()) return out;
  WHY_CHECK(out.runs.size() == 1, path, ": a sweep is of one configuration, and runs names ",
            out.runs.size());
  out.grid = parse_sweep(file.sweep, describe_keys(out.runs.front()));
  out.runs = runs_of_grid(out.grid, file);
  return out;
}

void check_new_sweep(const RunList& list) {
  for (const auto& override : list.overrides) {
    std::string path = override.substr(0, override.find('='));
    while (path.ends_with('.')) path.pop_back();  // as overrides are read
    for (const auto& key : list.grid)
      WHY_CHECK(path != key.path && !key.path.starts_with(path + "."), "the sweep is over ", key.path,
                ", and \"", override, "\" sets it for all points; leave out one of them");
  }
  std::map<std::string, std::string> points;  // by their settings
  for (RunConfig config : list.is_sweep() ? list.runs : std::vector<RunConfig>{}) {
    const std::string name = std::exchange(config.name, "");
    const auto [found, added] = points.emplace(to_yaml(config), name);
    WHY_CHECK(added, "the points ", found->second, " and ", name, " of the sweep are the same");
  }
}

std::vector<ConfigKey> keys_of_run_list() { return describe_keys(ListFile{}); }

}  // namespace why
