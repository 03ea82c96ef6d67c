#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/errors.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/printable.h"
#include "experiments/commands/commands.h"
#include "experiments/discovery.h"

namespace why {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string input, output;
  bool correlation = false, oracle = false, verify = false;
  int samples = 0, threads = hardware_threads();
  double alpha = 0.01;
  std::string algorithm = "fci", test = "fisher-z", format = "edges";
  std::string max_order = "none", max_pds_order;
};

// The value of --max-order and --max-pds-order: a number of variables or "none", which is -1.
int parse_order(const std::string& option, const std::string& word) {
  if (word == "none") return -1;
  int order = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), order);
  WHY_CHECK(error == std::errc() && end == word.data() + word.size() && order >= 0, option,
            " takes a number of variables, 0 or more, or \"none\", not \"", word, "\"");
  return order;
}

// Options that are known one by one but contradict each other.
void check_arguments(const Arguments& a, const CLI::App& command) {
  check_known("algorithm", a.algorithm, kSearches);
  check_known("test", a.test, kIndependenceTests);
  check_known("format", a.format, kGraphFormats);
  WHY_CHECK(a.threads >= 1, "--threads must be 1 or more, not ", a.threads);

  WHY_CHECK(!(a.oracle && a.correlation), "--oracle and --correlation exclude each other");
  const bool samples = command.count("--samples") > 0;
  WHY_CHECK(!a.correlation || samples,
            "--correlation needs --samples N, the number of rows that the matrix was computed from");
  WHY_CHECK(a.correlation || !samples, "--samples goes with --correlation; a table's rows are counted");
  WHY_CHECK(!samples || a.samples >= 1, "--samples must be 1 or more, not ", a.samples);
  for (const char* option : {"--alpha", "--test"})
    WHY_CHECK(!a.oracle || command.count(option) == 0, option,
              " has no meaning with --oracle, whose answers are exact");
  WHY_CHECK(!a.verify || a.oracle, "--verify needs --oracle: only a known truth can be compared with");
  WHY_CHECK(!a.verify || a.algorithm != "pc",
            "--verify compares with the true PAG, and pc does not give a PAG; use fci or icd");
  WHY_CHECK(command.count("--max-pds-order") == 0 || a.algorithm == "fci",
            "--max-pds-order bounds a stage of fci; ", a.algorithm, " has none");
}

// Found out before the search rather than after it.
void check_writable(const std::string& output, const std::string& input) {
  if (output.empty()) return;
  std::error_code absent;
  WHY_CHECK(!fs::equivalent(output, input, absent), "--output ", output, " is the input file itself");
  const fs::path folder = fs::absolute(output).parent_path();
  WHY_CHECK(!fs::is_directory(output), "--output ", output, " is a folder, not a file");
  WHY_CHECK(fs::is_directory(folder), "cannot write ", output, ": there is no folder ", folder.string());
  WHY_CHECK(::access(folder.c_str(), W_OK) == 0, "cannot write ", output, ": no permission in ",
            folder.string());
}

DiscoveryInput read_input(const Arguments& a) {
  if (a.oracle) return read_oracle_input(a.input);
  if (a.correlation) return read_correlation_input(a.input, a.alpha, a.samples);
  return read_table_input(a.input, a.alpha, a.threads);
}

// The bound of the possible-d-sep stage, which --max-order bounds as well. An oracle needs none.
int pds_order(const Arguments& a) {
  const int order = parse_order("--max-order", a.max_order);
  if (a.max_pds_order.empty()) {
    if (a.oracle) return order;
    return order < 0 ? kPdsOrderOnData : std::min(order, kPdsOrderOnData);
  }
  const int pds = parse_order("--max-pds-order", a.max_pds_order);
  WHY_CHECK(order < 0 || (pds >= 0 && pds <= order), "--max-pds-order ", a.max_pds_order,
            " is above --max-order ", a.max_order, ", which bounds every stage");
  return pds;
}

DiscoveryOptions search_options(const Arguments& a) {
  DiscoveryOptions options;
  options.search.algorithm = a.algorithm;
  options.search.max_order = parse_order("--max-order", a.max_order);
  if (a.algorithm == "fci") options.search.max_pds_order = pds_order(a);
  options.threads = a.threads;
  options.verify = a.verify;
  return options;
}

std::string formatted(const std::string& format, const DiscoveryInput& input, const DiscoveryOptions& options,
                      const Discovery& found) {
  if (format == "json") return to_json(input, options, found);
  if (format == "dot") return to_dot(found.result.graph, input.names);
  return to_edges(found.result.graph, input.names);
}

void run(const Arguments& a, const CLI::App& command) {
  check_arguments(a, command);
  check_writable(a.output, a.input);
  const DiscoveryOptions options = search_options(a);
  const DiscoveryInput input = read_input(a);
  WHY_CHECK(!a.verify || input.test->num_nodes() <= kMaxSmallNodes, "--verify goes up to ", kMaxSmallNodes,
            " observed nodes; ", a.input, " has ", input.test->num_nodes());

  if (a.algorithm == "fci" && !a.oracle && a.max_pds_order.empty() &&
      options.search.max_pds_order == kPdsOrderOnData)
    std::fprintf(stderr, "possible-d-sep sets hold at most %d variables here; --max-pds-order changes that\n",
                 kPdsOrderOnData);
  const Discovery found = discover(input, options);
  for (const auto& warning : found.warnings)
    std::fprintf(stderr, "warning: %s\n", printable(warning).c_str());
  const std::string result = formatted(a.format, input, options, found);
  if (a.output.empty())
    std::fwrite(result.data(), 1, result.size(), stdout);
  else
    write_file(a.output, result);

  if (!found.verdict) return;
  const std::string verdict = to_text(*found.verdict, input.names);
  if (!found.verdict->right()) throw std::runtime_error(verdict);
  std::fprintf(stderr, "%s\n", verdict.c_str());
}

}  // namespace

void add_discover(CLI::App& app) {
  auto* command = app.add_subcommand(
      "discover", "learns a causal graph from a table, a correlation matrix or a known DAG");
  const auto a = std::make_shared<Arguments>();
  const auto option = [&](const char* name, auto& value, const char* type, const char* help) {
    return command->add_option(name, value, help)->type_name(type)->capture_default_str()->check(not_empty());
  };
  command->add_option("INPUT", a->input, "a table of numbers: CSV with a header row")
      ->type_name("FILE")
      ->required();
  command->add_flag("--correlation", a->correlation, "INPUT is a correlation matrix, CSV with a header row");
  option("--samples", a->samples, "N", "rows that the correlation matrix was computed from");
  command->add_flag("--oracle", a->oracle,
                    "INPUT is a true DAG: lines `observed: A B`, `latent: L`, `selection: S`, then edges "
                    "`A --> B`; independence is m-separation in it");
  option("--algorithm", a->algorithm, "NAME", "pc, fci or icd");
  option("--alpha", a->alpha, "P", "independent iff p > alpha")->check(between_zero_and_one());
  option("--test", a->test, "NAME", "fisher-z");
  option("--max-order", a->max_order, "K", "largest conditioning set of any stage");
  option("--max-pds-order", a->max_pds_order, "K",
         "largest set of the possible-d-sep stage of fci; unless given, 3 on data and none with --oracle");
  option("--threads", a->threads, "N", "they do not change the result");
  option("--output", a->output, "FILE", "written instead of stdout");
  option("--format", a->format, "NAME", "edges, json or dot");
  command->add_flag(
      "--verify", a->verify,
      "with --oracle, up to 8 observed nodes: compares every mark with all graphs that have the "
      "same separations; exit code 1 if one is wrong");
  command->callback([a, command] { run(*a, *command); });
}

}  // namespace why
