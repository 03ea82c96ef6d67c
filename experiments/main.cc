// The program: whyformer COMMAND …
//
// Exit codes: 0 success, 2 the caller's mistake, 1 a failure of our own, 130 ended early by Ctrl-C.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/errors.h"
#include "core/printable.h"
#include "experiments/commands/commands.h"
#include "experiments/version.h"

namespace {

constexpr int kCallersMistake = 2, kOwnFailure = 1;

// One line, whatever the caller's own words in it hold.
void say(const std::string& sentence) {
  std::fprintf(stderr, "whyformer: %s\n", why::printable(sentence).c_str());
}

int mistake(const std::string& sentence) {
  say(sentence);
  return kCallersMistake;
}

// CLI11 would only say that a command is missing.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) return;
  const std::string_view first = argv[1];
  if (first.starts_with('-')) {
    const std::vector<std::string> known = {"-h", "--help", "--version"};
    WHY_CHECK(std::ranges::find(known, first) != known.end(), "unknown option \"", first,
              "\"; options stand behind a command, see --help");
    return;
  }
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  why::check_known("command", argv[1], known);
}

// CLI11 only says "Could not convert: --samples = x"; whatever it converts is a number.
std::string complaint_of(const CLI::ParseError& error) {
  constexpr std::string_view kConversion = "Could not convert: ";
  const std::string what = error.what();
  if (!what.starts_with(kConversion)) return what;
  return what.substr(kConversion.size()) + " is no number, or one that is too large";
}

int run(int argc, char** argv) {
  CLI::App app("Answers why a Transformer gave an output, and learns causal graphs from tables.",
               "whyformer");
  app.set_version_flag("--version", why::version() + " (" + why::build_commit() + ")");
  app.require_subcommand(1);
  why::add_discover(app);
  why::add_compare(app);
  why::add_simulate(app);
  why::add_explain(app);
  why::add_run(app);
  why::add_validate(app);
  why::add_verify(app);
  why::add_report(app);
  why::add_import(app);
  why::add_train(app);
  why::add_tokenize(app);
  why::add_attention(app);
  why::add_list(app);
  check_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& asked) {
    return app.exit(asked);
  } catch (const CLI::RuntimeError& ended) {
    return ended.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return mistake(complaint_of(error) + "; see --help");
  }
  return 0;
}

// A full disk, a reader that is gone: the result did not arrive.
void flush_stdout() {
  errno = 0;
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return;
  const std::string reason = errno != 0 ? std::string(": ") + std::strerror(errno) : "";
  throw std::runtime_error("cannot write the result to stdout" + reason);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(argc, argv);
    flush_stdout();
    return code;
  } catch (const why::UserError& error) {
    return mistake(error.what());
  } catch (const std::bad_alloc&) {
    say("there is not enough memory for this");
    return kOwnFailure;
  } catch (const std::exception& error) {
    say(error.what());
    return kOwnFailure;
  }
}
