#include <fmt/format.h>

#include <memory>

#include "experiments/commands/commands.h"
#include "experiments/paths.h"
#include "experiments/runner/run.h"
#include "experiments/runner/run_list.h"

namespace why {

void add_validate(CLI::App& app) {
  auto* command =
      app.add_subcommand("validate", "checks a configuration and what it names, without the model");
  struct Options {
    std::string config;
    std::vector<std::string> overrides;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("CONFIG", options->config, "a YAML file")->required();
  command->add_option("OVERRIDES", options->overrides, "key.sub=value, applied after the file");
  command->callback([options] {
    const auto path = find_path(options->config, "the configuration").string();
    if (!is_run_list(path)) {
      fmt::print("{}: {}\n", path, validate_experiment(load_run_config(path, options->overrides)));
      return;
    }
    const RunList list = load_run_list(path, options->overrides);
    check_new_sweep(list);
    for (const auto& config : list.runs)
      fmt::print("{}: {}: {}\n", path, config.name, validate_experiment(config));
  });
}

}  // namespace why
