#include <cstdio>

#include "experiments/commands/commands.h"

namespace why {

void add_list(CLI::App& app) {
  auto* command = app.add_subcommand("list", "names of tasks, searches, tests and formats");
  command->callback([] {
    std::puts("searches  pc, fci, icd");
    std::puts("tests     fisher-z");
    std::puts("formats   edges, json, dot");
  });
}

}  // namespace why
