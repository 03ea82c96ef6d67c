#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/device.h"
#include "core/errors.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "discovery/search/knowledge_file.h"
#include "discovery/search/why_text.h"
#include "experiments/commands/commands.h"
#include "experiments/discovery.h"
#include "experiments/graph_files.h"

namespace why {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string input, output;
  bool correlation = false, attention = false, oracle = false, verify = false;
  AttentionFile head;
  int samples = 0, threads = hardware_threads(), bootstrap = 0;
  std::uint64_t seed = 1;
  double alpha = 0.01;
  std::string algorithm = "fci", test = "fisher-z", format = "edges", missing = "listwise";
  double rows_per_cell = 5, time_limit = 0;
  std::string max_order = "none", max_pds_order;
  std::string colliders = "sepset", compat, knowledge, order, why, device = "cpu";
  bool no_selection_bias = false, no_pds = false, snapshots = false;
  bool columns_in_order = false, node_by_node = false;

  bool reference() const { return !compat.empty(); }
  bool has_no_rows() const { return correlation || attention; }
  const char* input_words() const {
    return attention ? "attention" : correlation ? "a correlation matrix" : "an oracle";
  }
  bool has_knowledge() const { return !knowledge.empty() || !order.empty() || columns_in_order; }
};

constexpr int kInterrupted = 130;  // as shells have it: 128 + SIGINT

const std::vector<std::string> kCompat = {"reference", "reference-2023"};

// The value of --max-order and --max-pds-order: a number of variables or "none", which is -1.
int parse_order(const std::string& option, const std::string& word) {
  if (word == "none") return -1;
  int order = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), order);
  WHY_CHECK(error == std::errc() && end == word.data() + word.size() && order >= 0, option,
            " takes a number of variables, 0 or more, or \"none\", not \"", word, "\"");
  return order;
}

// Options that belong to some of the searches.
void check_search_options(const Arguments& a, const CLI::App& command) {
  struct Belonging {
    const char* option;
    std::vector<std::string> searches;
  };
  static const Belonging kBelongings[] = {
      {"--max-pds-order", {"fci"}},   {"--no-pds", {"fci"}},
      {"--colliders", {"fci", "pc"}}, {"--no-selection-bias", {"fci", "icd", "rfci"}},
      {"--snapshots", {"icd"}},       {"--compat", {"icd"}},
      {"--node-by-node", {"ordicd"}}};
  for (const auto& [option, searches] : kBelongings) {
    if (command.count(option) == 0 || std::ranges::find(searches, a.algorithm) != searches.end()) continue;
    std::string names;
    for (const auto& name : searches) names += (names.empty() ? "" : " or ") + name;
    throw UserError(text(option, " goes with --algorithm ", names, ", not with ", a.algorithm));
  }
  WHY_CHECK(!a.no_pds || a.max_pds_order.empty(), "--no-pds and --max-pds-order exclude each other");
  WHY_CHECK(!a.knowledge.empty() + !a.order.empty() + a.columns_in_order <= 1,
            "--knowledge, --order and --columns-in-order exclude each other; a file of knowledge may hold an "
            "order");
  WHY_CHECK(a.algorithm != "ordicd" || a.has_knowledge(),
            "ordicd needs a causal order of all variables: --order, --columns-in-order or --knowledge");
  WHY_CHECK(!a.reference() || !a.has_knowledge(),
            "--compat repeats the reference's choices, and the reference takes no knowledge");
}

// What is written, and what it is compared with.
void check_output_options(const Arguments& a, const CLI::App& command) {
  WHY_CHECK(!a.snapshots || a.format == "json", "--snapshots needs --format json");
  WHY_CHECK(a.why.empty() || command.count("--format") == 0,
            "--why writes words, so --format has no meaning with it");
  WHY_CHECK(!a.reference() || a.why.empty(),
            "--why has nothing to tell with --compat: the reference keeps no reasons");
  WHY_CHECK(!a.reference() || !a.snapshots, "--snapshots and --compat exclude each other");
  WHY_CHECK(command.count("--bootstrap") == 0 || a.bootstrap >= 1, "--bootstrap must be 1 or more, not ",
            a.bootstrap);
  WHY_CHECK(a.bootstrap == 0 || (!a.oracle && !a.has_no_rows()), "--bootstrap draws rows of a table anew; ",
            a.input_words(), " has none");
  WHY_CHECK(a.bootstrap == 0 || (a.format != "tetrad" && a.format != "pcalg"),
            "--bootstrap needs --format edges, json, dot, svg or graphml, which hold frequencies, not ",
            a.format);
  WHY_CHECK(a.bootstrap == 0 || a.why.empty(), "--why and --bootstrap exclude each other");
  WHY_CHECK(a.bootstrap > 0 || command.count("--seed") == 0, "--seed goes with --bootstrap");
  WHY_CHECK(!a.verify || a.oracle, "--verify needs --oracle: only a known truth can be compared with");
  WHY_CHECK(!a.verify || !a.has_knowledge(),
            "--verify compares with the PAG that separations alone give; knowledge gives more");
  WHY_CHECK(!a.verify || a.algorithm == "fci" || a.algorithm == "icd",
            "--verify compares with the true PAG, and ", a.algorithm, " does not give a PAG; use fci or icd");
}

// Options that are known one by one but contradict each other.
void check_arguments(const Arguments& a, const CLI::App& command) {
  check_known("algorithm", a.algorithm, kSearches);
  check_known("test", a.test, kIndependenceTests);
  check_known("format", a.format, kGraphFormats);
  check_known("collider rule", a.colliders, kColliderRules);
  if (a.reference()) check_known("compat", a.compat, kCompat);
  WHY_CHECK(command.count("--time-limit") == 0 || (a.time_limit > 0 && std::isfinite(a.time_limit)),
            "--time-limit must be a number of seconds above 0, not ", a.time_limit);
  WHY_CHECK(a.threads >= 1, "--threads must be 1 or more, not ", a.threads);
  WHY_CHECK(a.threads <= kMostThreads, "--threads must be ", kMostThreads, " at most, not ", a.threads);

  WHY_CHECK(a.oracle + a.correlation + a.attention <= 1,
            "--oracle, --correlation and --attention exclude each other");
  const bool samples = command.count("--samples") > 0;
  WHY_CHECK(!a.correlation || samples,
            "--correlation needs --samples N, the number of rows that the matrix was computed from");
  WHY_CHECK(!a.attention || samples,
            "--attention needs --samples N, what the test takes for the number of samples");
  WHY_CHECK(a.correlation || a.attention || !samples,
            "--samples goes with --correlation or --attention; a table's rows are counted");
  for (const char* option : {"--head", "--estimator", "--tokens"})
    WHY_CHECK(a.attention || command.count(option) == 0, option, " goes with --attention");
  check_known("rule for missing values", a.missing, kMissingRules);
  WHY_CHECK(!a.has_no_rows() || command.count("--missing") == 0, "--missing is about the rows of a table; ",
            a.input_words(), " has none");
  WHY_CHECK(!a.has_no_rows() || !is_discrete(a.test), "--test ", a.test, " counts the rows of a table; with ",
            a.input_words(), " use fisher-z or t");
  WHY_CHECK(is_discrete(a.test) || command.count("--rows-per-cell") == 0,
            "--rows-per-cell goes with --test g2 or chi2, not with ", a.test);
  WHY_CHECK(a.rows_per_cell >= 0 && std::isfinite(a.rows_per_cell), "--rows-per-cell must be 0 or more, not ",
            a.rows_per_cell);
  WHY_CHECK(!samples || a.samples >= 1, "--samples must be 1 or more, not ", a.samples);
  for (const char* option : {"--alpha", "--test", "--missing", "--rows-per-cell"})
    WHY_CHECK(!a.oracle || command.count(option) == 0, option,
              " has no meaning with --oracle, whose answers are exact");
  WHY_CHECK(!a.oracle || a.compat != "reference-2023",
            "--compat reference-2023 changes a test of data; with --oracle use --compat reference");
  WHY_CHECK(!parse_device(a.device).is_cuda() || (!a.oracle && !is_discrete(a.test)), "--device ", a.device,
            " is for correlations, tested by fisher-z or t");
  WHY_CHECK(a.compat != "reference-2023" || a.test == "fisher-z",
            "--compat reference-2023 makes fisher-z one-sided; it has no meaning with --test ", a.test);
  check_search_options(a, command);
  check_output_options(a, command);
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
  const TestOptions options{.test = a.test,
                            .alpha = a.alpha,
                            .testwise = a.missing == "testwise",
                            .rows_per_cell = a.rows_per_cell,
                            .positive_only = a.compat == "reference-2023",
                            .by_name = !a.reference(),
                            .threads = a.threads,
                            .device = parse_device(a.device)};
  if (a.attention) {
    AttentionFile head = a.head;
    head.file = a.input;
    return read_attention_input(head, a.samples, options);
  }
  if (a.correlation) return read_correlation_input(a.input, a.samples, options);
  return read_table_input(a.input, options);
}

// The bound of the possible-d-sep stage, which --max-order bounds as well. An oracle needs none.
int pds_order(const Arguments& a) {
  const int order = parse_order("--max-order", a.max_order);
  if (a.no_pds) return 0;
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
  SearchOptions& search = options.search;
  search.algorithm = a.algorithm;
  search.max_order = parse_order("--max-order", a.max_order);
  if (a.algorithm == "fci") search.max_pds_order = pds_order(a);
  search.colliders = parse_collider_rule(a.colliders);
  search.selection_bias = !a.no_selection_bias;
  search.keep_snapshots = a.snapshots;
  search.reference = a.reference();
  search.node_by_node = a.node_by_node;
  options.threads = a.threads;
  options.time_limit = a.time_limit;
  options.bootstrap = a.bootstrap;
  options.seed = a.seed;
  options.verify = a.verify;
  return options;
}

// From a file or an option, if any.
void take_knowledge(DiscoveryOptions& options, const Arguments& a, const DiscoveryInput& input) {
  if (a.columns_in_order) {
    options.knowledge = knowledge_of_order(input.file_order, static_cast<int>(input.names.size()));
    options.knowledge_source = "--columns-in-order";
  } else if (!a.order.empty()) {
    options.knowledge = parse_knowledge("order: " + a.order, "--order", input.names);
    options.knowledge_source = "--order";
  } else if (!a.knowledge.empty()) {
    options.knowledge = parse_knowledge(read_file(a.knowledge), a.knowledge, input.names);
    options.knowledge_source = a.knowledge;
  }
  WHY_CHECK(
      !options.knowledge || !options.knowledge->empty(), options.knowledge_source,
      " states nothing; known are lines such as `tier: A B`, `forbidden: A --> B` or `required: A --> B`");
  WHY_CHECK(a.algorithm != "ordicd" || options.knowledge->total_order(), options.knowledge_source,
            " does not put all variables in an order, which ordicd needs");
  WHY_CHECK(!options.knowledge || !input.truth || input.truth->dag.nodes_of(NodeKind::selection).empty(),
            "knowledge excludes selection, but ", a.input, " has selection nodes");
  if (options.knowledge && (a.algorithm == "fci" || a.algorithm == "icd" || a.algorithm == "rfci") &&
      !a.no_selection_bias)
    std::fprintf(stderr, "knowledge excludes selection, so rules R5-R7 are left out\n");
}

std::string formatted(const std::string& format, const DiscoveryInput& input, const DiscoveryOptions& options,
                      const Discovery& found) {
  const MixedGraph& graph = found.result.graph;
  if (format == "json") return to_json(input, options, found);
  if (found.bootstrap && found.bootstrap->done > 0) {
    const Bootstrap& frequencies = *found.bootstrap;
    if (format == "dot") return to_dot(graph, input.names, frequencies);
    if (format == "svg") return drawn(to_dot(graph, input.names, frequencies));
    if (format == "graphml") return to_graphml(graph, input.names, frequencies);
    return to_edges(graph, input.names, frequencies);
  }
  if (format == "svg") return to_svg(graph, input.names);
  return write_graph(format, graph, input.names);
}

void run(const Arguments& a, const CLI::App& command) {
  const InterruptWatch watch;
  check_arguments(a, command);
  check_writable(a.output, a.input);
  WHY_CHECK(a.format != "svg" || have_graphviz(),
            "--format svg needs Graphviz, whose program `dot` is not on the PATH; --format dot does not");
  DiscoveryOptions options = search_options(a);
  const DiscoveryInput input = read_input(a);
  if (a.format == "graphml")  // names that it cannot hold
    write_graph(a.format, MixedGraph(static_cast<int>(input.names.size())), input.names);
  take_knowledge(options, a, input);
  std::optional<std::pair<Node, Node>> pair;
  if (!a.why.empty()) pair = parse_pair(a.why, input.names);
  WHY_CHECK(!a.verify || input.test->num_nodes() <= kMaxSmallNodes, "--verify goes up to ", kMaxSmallNodes,
            " observed nodes; ", a.input, " has ", input.test->num_nodes());

  if (a.algorithm == "fci" && !a.oracle && !a.no_pds && a.max_pds_order.empty() &&
      options.search.max_pds_order == kPdsOrderOnData)
    std::fprintf(stderr, "possible-d-sep sets hold at most %d variables here; --max-pds-order changes that\n",
                 kPdsOrderOnData);
  const Discovery found = discover(input, options);
  print_warnings(found.warnings);
  const std::string result = pair ? why_text(found.result, input.names, pair->first, pair->second)
                                  : formatted(a.format, input, options, found);
  if (a.output.empty())
    std::fwrite(result.data(), 1, result.size(), stdout);
  else
    write_file(a.output, result);

  if (found.stopped_by == "interrupt") throw CLI::RuntimeError(kInterrupted);
  if (!found.verdict) return;
  const std::string verdict = to_text(*found.verdict, input.names);
  if (!found.verdict->right()) throw std::runtime_error(verdict);
  std::fprintf(stderr, "%s\n", verdict.c_str());
}

}  // namespace

void add_discover(CLI::App& app) {
  auto* command = app.add_subcommand(
      "discover", "learns a causal graph from a table, a correlation matrix, attention or a known DAG");
  const auto a = std::make_shared<Arguments>();
  const auto option = [&](const char* name, auto& value, const char* type, const char* help) {
    return command->add_option(name, value, help)->type_name(type)->capture_default_str()->check(not_empty());
  };
  command->add_option("INPUT", a->input, "a table of numbers or categories: CSV with a header row")
      ->type_name("FILE")
      ->required()
      ->check(not_empty());
  command->add_flag("--correlation", a->correlation, "INPUT is a correlation matrix, CSV with a header row");
  command->add_flag(
      "--attention", a->attention,
      "INPUT is attention, a NumPy file [heads, tokens, tokens] as the command attention writes it");
  option("--head", a->head.head, "N", "of the attention, from 0");
  option(
      "--estimator", a->head.estimator, "NAME",
      "attention: A A', the paper's; centered: the same of A minus its column means; outputs: the covariance "
      "of A V, for INPUT [heads, tokens, features]");
  option("--tokens", a->head.tokens, "FILE",
         "names of the tokens, a line each; a token with an empty line is no node");
  option("--samples", a->samples, "N",
         "rows that the correlation matrix was computed from; with attention, what the test takes for them");
  command->add_flag("--oracle", a->oracle,
                    "INPUT is a true DAG: lines `observed: A B`, `latent: L`, `selection: S`, then edges "
                    "`A --> B`; independence is m-separation in it");
  option("--algorithm", a->algorithm, "NAME",
         "pc, fci, rfci, icd, or ordicd, which needs a causal order of all variables");
  option("--alpha", a->alpha, "P", "independent iff p > alpha")->check(between_zero_and_one());
  option("--test", a->test, "NAME",
         "for numbers fisher-z or t (exact for small samples); for categories g2 or chi2");
  option(
      "--missing", a->missing, "RULE",
      "rows with an empty cell, NA, NaN or ? are left out: listwise of everything, testwise of the tests of "
      "what they lack");
  option("--rows-per-cell", a->rows_per_cell, "R", "g2 and chi2 keep an edge where there are fewer");
  option("--max-order", a->max_order, "K", "largest conditioning set of any stage");
  option("--max-pds-order", a->max_pds_order, "K",
         "largest set of the possible-d-sep stage of fci; unless given, 3 on data and none with --oracle");
  command->add_flag("--no-pds", a->no_pds, "leaves out the possible-d-sep stage of fci");
  option("--colliders", a->colliders, "RULE",
         "how pc and fci decide on unshielded triples: sepset, conservative, majority or max-p");
  command->add_flag("--no-selection-bias", a->no_selection_bias,
                    "nobody was selected: fci, rfci and icd leave out rules R5-R7");
  option("--knowledge", a->knowledge, "FILE",
         "what is known: lines `tier: A B`, `forbidden: A --> B`, `required: A --> B`, `order: A B C`; or "
         "Tetrad's format");
  option("--order", a->order, "NAMES", "a known causal order, causes first: \"A B C\"");
  command->add_flag("--columns-in-order", a->columns_in_order,
                    "that order is the one of the columns, or of the observed nodes");
  command->add_flag("--node-by-node", a->node_by_node,
                    "ordicd finishes a node before it begins the next one");
  option("--compat", a->compat, "NAME",
         "icd with the choices of its reference implementation: reference, or reference-2023, whose test is "
         "one-sided");
  option("--why", a->why, "A,B", "tells in words why A and B are joined or apart, instead of the graph");
  command->add_flag("--snapshots", a->snapshots, "with icd and JSON: the graph after each round too");
  option("--threads", a->threads, "N", "they do not change the result");
  option("--device", a->device, "NAME",
         "cpu, cuda, cuda:1 or auto: where sets are looked through, which does not change it either");
  command
      ->add_option(
          "--time-limit", a->time_limit,
          "ends the search early, with a sound graph that may have edges too many; so does Ctrl-C, with "
          "exit code 130")
      ->type_name("SECONDS");
  command
      ->add_option("--bootstrap", a->bootstrap,
                   "the same on N resampled tables: how often each edge and mark comes out")
      ->type_name("N");
  option("--seed", a->seed, "S", "of the resampling")->check(seed_number());
  option("--output", a->output, "FILE", "written instead of stdout");
  option("--format", a->format, "NAME",
         "edges, json, dot, svg (by Graphviz), tetrad, graphml or pcalg (its amat.pag as CSV)");
  command->add_flag(
      "--verify", a->verify,
      "with --oracle, up to 8 observed nodes: compares every mark with all graphs that have the "
      "same separations; exit code 1 if one is wrong");
  command->callback([a, command] { run(*a, *command); });
}

}  // namespace why
