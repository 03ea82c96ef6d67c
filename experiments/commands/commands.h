// The commands of the program. Each file of this folder adds one: it declares its options and calls a
// function of the layers below; results go to stdout, everything else to stderr.
#pragma once

#include <CLI/CLI.hpp>

namespace why {

void add_discover(CLI::App& app);
void add_explain(CLI::App& app);
void add_list(CLI::App& app);
void add_report(CLI::App& app);
void add_run(CLI::App& app);
void add_train(CLI::App& app);
void add_validate(CLI::App& app);
void add_verify(CLI::App& app);

}  // namespace why
