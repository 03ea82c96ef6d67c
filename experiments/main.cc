// The program: whyformer COMMAND …
//
// Exit codes: 0 success, 2 the caller's mistake, 1 a failure of our own.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "core/errors.h"
#include "experiments/commands/commands.h"
#include "experiments/version.h"

namespace {

constexpr int kCallersMistake = 2, kOwnFailure = 1;

int run(int argc, char** argv) {
  CLI::App app("Answers why a Transformer gave an output, and learns causal graphs from tables.",
               "whyformer");
  app.set_version_flag("--version", why::version() + " (" + why::build_commit() + ")");
  app.require_subcommand(1);
  why::add_discover(app);
  why::add_explain(app);
  why::add_run(app);
  why::add_validate(app);
  why::add_verify(app);
  why::add_report(app);
  why::add_train(app);
  why::add_list(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "whyformer: %s; see --help\n", error.what());
    return kCallersMistake;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) throw std::runtime_error("cannot write to stdout");
    return code;
  } catch (const why::UserError& error) {
    std::fprintf(stderr, "whyformer: %s\n", error.what());
    return kCallersMistake;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "whyformer: %s\n", error.what());
    return kOwnFailure;
  }
}
