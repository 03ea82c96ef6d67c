#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/config.h"
#include "core/errors.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/npy.h"
#include "core/progress.h"
#include "discovery/graph/formats.h"
#include "discovery/graph/m_separation.h"
#include "discovery/search/true_pag.h"
#include "discovery/simulate/random_dags.h"
#include "discovery/simulate/render_attention.h"
#include "discovery/simulate/simulate_data.h"
#include "experiments/commands/commands.h"
#include "experiments/tables/csv.h"
#include "experiments/version.h"

namespace why {
namespace {

namespace fs = std::filesystem;

inline const std::vector<std::string> kDataKinds = {"gaussian", "discrete", "attention"};

// What simulation.yaml holds.
struct Simulation {
  std::string dag;  // a file; or else a random one:
  DagFamily graph;
  std::string data = "gaussian";
  int samples = 1000;
  GaussianModel gaussian;
  DiscreteModel discrete;
  AttentionModel attention;
  std::uint64_t seed = 1;
};

void describe(Fields& fields, Simulation& s) {
  std::string version = why::version();
  fields.field("version", version, "of Whyformer");
  if (!s.dag.empty()) {
    fields.field("dag", s.dag, "the true DAG that was given");
  } else {
    fields.field("graph", s.graph.family, "");
    fields.field("nodes", s.graph.nodes, "");
    fields.field("degree", s.graph.degree, "");
    fields.field("latent", s.graph.latent, "");
    fields.field("selection", s.graph.selection, "");
    fields.field("selection_parents", s.graph.selection_parents, "");
  }
  fields.field("data", s.data, "");
  fields.field("samples", s.samples, "");
  if (s.data == "discrete") {
    fields.field("levels", s.discrete.levels, "");
  } else {
    fields.field("least_weight", s.gaussian.least_weight, "");
    fields.field("most_weight", s.gaussian.most_weight, "");
    fields.field("least_noise", s.gaussian.least_noise, "");
    fields.field("most_noise", s.gaussian.most_noise, "");
  }
  if (s.data == "attention") {
    fields.field("heads", s.attention.heads, "");
    fields.field("negative", s.attention.negative, "");
    fields.field("floor", s.attention.floor, "");
    fields.field("temperature", s.attention.temperature, "");
    fields.field("logit_noise", s.attention.noise, "");
    fields.field("common", s.attention.common, "");
  }
  fields.field("seed", s.seed, "");
}

constexpr const char* kReadme =
    R"(A simulated data set: `whyformer simulate`, with the parameters in simulation.yaml.

true.dag         the DAG that the data come from, latent and selection nodes included; as
                 `whyformer discover true.dag --oracle` reads it
true.mag         its MAG: latent nodes marginalised out, selection nodes conditioned on
true.pag         its PAG: what a search with perfect answers finds. `whyformer compare true.pag FOUND`
simulation.yaml  the parameters; the same ones give the same files
)";
constexpr const char* kTableReadme = "data.csv         a column an observed node, a row a sample\n";
constexpr const char* kAttentionReadme =
    R"(attention.npy    [heads, tokens, tokens] float32, a token a node, latent ones too. `whyformer discover
                 attention.npy --attention --tokens tokens.txt --samples N`
outputs.npy      [heads, tokens, features] float32: attention times random values; `--estimator outputs`
tokens.txt       a line a token: the name of an observed node, or nothing
)";

constexpr int kInterrupted = 130;  // as shells have it: 128 + SIGINT

// Row after row, so that the table may be larger than memory. False when Ctrl-C ended it.
bool write_csv(const fs::path& path, const std::vector<std::string>& names, SimulatedRows& rows,
               int samples) {
  std::ofstream out(path, std::ios::binary);
  std::string line;
  for (std::size_t x = 0; x < names.size(); ++x) line += (x > 0 ? "," : "") + csv_cell(names[x]);
  out << line << '\n';
  Progress progress("drawing rows", static_cast<std::size_t>(samples));
  for (int row = 0; row < samples && out && !InterruptWatch::requested(); ++row) {
    line.clear();
    for (const double value : rows.next()) {
      char digits[32];
      const auto written = std::to_chars(digits, digits + sizeof digits, value);
      line.append(digits, written.ptr) += ',';
    }
    line.back() = '\n';
    out << line;
    progress.add();
  }
  out.flush();
  WHY_CHECK(out, "cannot write ", path.string(), ": ", std::strerror(errno));
  return !InterruptWatch::requested();
}

NamedDag true_dag(const Simulation& s, const Random& random) {
  if (s.dag.empty()) {
    Random stream = random.child("graph");
    return with_names(draw_dag(s.graph, stream));
  }
  NamedDag dag = parse_dag(read_file(s.dag), s.dag);
  WHY_CHECK(!observed_names(dag).empty(), s.dag, " names no observed node; a line `observed: A B` does");
  return dag;
}

// A folder that was empty or not there, and is so again unless everything could be written.
class FreshFolder {
 public:
  // UserError when something is in the folder already.
  explicit FreshFolder(fs::path path) : path_(std::move(path)), made_(!fs::exists(path_)) {
    std::error_code error;
    WHY_CHECK(made_ || (fs::is_directory(path_) && fs::is_empty(path_, error)), "--output ", path_.string(),
              " exists and is not an empty folder; nothing was written");
    fs::create_directories(path_, error);
    WHY_CHECK(!error, "cannot make the folder ", path_.string(), ": ", error.message());
  }
  FreshFolder(const FreshFolder&) = delete;
  ~FreshFolder() {
    if (kept_) return;
    std::error_code ignored;
    for (const fs::path& file : files_) fs::remove(file, ignored);
    if (made_) fs::remove(path_, ignored);
  }

  fs::path file(const char* name) { return files_.emplace_back(path_ / name); }
  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool made_, kept_ = false;
  std::vector<fs::path> files_;
};

void write_attention(const Simulation& s, const NamedDag& truth, const Random& random, FreshFolder& folder) {
  const RenderedAttention made = render_attention(truth.dag, s.gaussian, s.attention, s.samples, random);
  write_npy(folder.file("attention.npy"), {{made.heads, made.tokens, made.tokens}, made.probabilities});
  write_npy(folder.file("outputs.npy"), {{made.heads, made.tokens, made.width}, made.outputs});
  std::string names;
  for (Node x = 0; x < truth.dag.num_nodes(); ++x) {
    if (truth.dag.kind(x) == NodeKind::observed) names += truth.names[static_cast<std::size_t>(x)];
    names += '\n';
  }
  write_file(folder.file("tokens.txt"), names);
  std::fprintf(stderr, "%s: %d heads, %d tokens, %d features\n", folder.path().c_str(), made.heads,
               made.tokens, made.width);
}

void write_table(const Simulation& s, const NamedDag& truth, const Random& data, FreshFolder& folder) {
  const auto rows = s.data == "discrete" ? discrete_rows(truth.dag, s.discrete, data)
                                         : gaussian_rows(truth.dag, s.gaussian, data);
  const std::vector<std::string> names = observed_names(truth);
  const fs::path unfinished = folder.file("data.csv.tmp");
  if (!write_csv(unfinished, names, *rows, s.samples)) {
    std::fprintf(stderr, "interrupted; nothing was written\n");
    throw CLI::RuntimeError(kInterrupted);
  }
  fs::rename(unfinished, folder.file("data.csv"));
  std::fprintf(stderr, "%s: %d samples of %zu variables\n", folder.path().c_str(), s.samples, names.size());
}

void simulate(const Simulation& s, const fs::path& path) {
  const Random random(s.seed), data = random.child("data");
  const NamedDag truth = true_dag(s, random);
  const std::vector<std::string> names = observed_names(truth);
  const MixedGraph mag = dag_to_mag(truth.dag), pag = mag_to_pag(mag);

  const InterruptWatch watch;
  FreshFolder folder(path);
  const bool attention = s.data == "attention";
  (attention ? write_attention : write_table)(s, truth, data, folder);
  write_file(folder.file("true.dag"), to_text(truth));
  write_file(folder.file("true.mag"), to_edges(mag, names));
  write_file(folder.file("true.pag"), to_edges(pag, names));
  write_file(folder.file("simulation.yaml"), to_yaml(s));
  write_file(folder.file("README.txt"), std::string(kReadme) + (attention ? kAttentionReadme : kTableReadme));
  folder.keep();
}

constexpr int kMostNodes = 5000;
constexpr double kMostSize = 1000;  // of a weight or a deviation; products along long paths stay finite

// Few nodes have no room for the default.
void fit_degree(DagFamily& graph, const CLI::App& command) {
  const double most = std::max(0, graph.nodes + graph.latent - 1);
  if (command.count("--degree") == 0) graph.degree = std::min(graph.degree, most);
}

// Values that drown every other, and options that would change nothing.
void check_arguments(const Simulation& s, const CLI::App& command) {
  check_known("kind of data", s.data, kDataKinds);
  const auto refuse = [&](std::initializer_list<const char*> options, const std::string& reason) {
    for (const char* option : options)
      WHY_CHECK(command.count(option) == 0, option, " has no meaning with ", reason);
  };
  WHY_CHECK(s.samples >= 1, "--samples is ", s.samples, "; a simulation needs at least 1 sample");
  for (const auto& [option, number] : {std::pair{"--nodes", s.graph.nodes},
                                       {"--latent", s.graph.latent},
                                       {"--selection", s.graph.selection}})
    WHY_CHECK(number <= kMostNodes, option, " is ", number, "; at most ", kMostNodes,
              " can be simulated with their PAG");
  WHY_CHECK(s.graph.selection > 0 || command.count("--selection-parents") == 0,
            "--selection-parents has no meaning without --selection");
  for (const auto& [option, value] :
       {std::pair{"--most-weight", s.gaussian.most_weight}, {"--most-noise", s.gaussian.most_noise}})
    WHY_CHECK(value <= kMostSize, option, " is ", value, "; at most ", kMostSize, " is allowed");
  if (!s.dag.empty())
    refuse({"--nodes", "--degree", "--latent", "--selection", "--selection-parents", "--graph"},
           "--dag, which gives the graph");
  if (s.data != "discrete") refuse({"--levels"}, "--data " + s.data);
  if (s.data != "attention")
    refuse({"--heads", "--negative", "--floor", "--temperature", "--logit-noise", "--common"},
           "--data " + s.data);
  WHY_CHECK(s.data != "attention" || s.graph.selection == 0,
            "--selection has no meaning with --data attention");
  if (s.data == "discrete")
    refuse({"--least-weight", "--most-weight", "--least-noise", "--most-noise"}, "--data discrete");
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto* command = app.add_subcommand(
      "simulate",
      "draws a random DAG with latent and selection nodes, and data from it, for trying searches");
  struct Arguments {
    Simulation simulation;
    std::string output;
  };
  const auto a = std::make_shared<Arguments>();
  Simulation& s = a->simulation;
  const auto option = [&](const char* name, auto& value, const char* type, const char* help) {
    return command->add_option(name, value, help)->type_name(type)->capture_default_str()->check(not_empty());
  };
  option("--output", a->output, "DIR", "a new or empty folder for the graphs, the data and their parameters")
      ->required();
  option("--graph", s.graph.family, "NAME", "erdos-renyi or scale-free");
  option("--nodes", s.graph.nodes, "N", "observed nodes");
  option("--degree", s.graph.degree, "D",
         "expected number of edges at a node; by default fewer where there are too few nodes");
  option("--latent", s.graph.latent, "N", "latent nodes");
  option("--selection", s.graph.selection, "N", "selection nodes");
  option("--selection-parents", s.graph.selection_parents, "N", "parents of each selection node");
  option("--dag", s.dag, "FILE",
         "draws data from this DAG, as discover --oracle reads it, not from a random one");
  option(
      "--data", s.data, "NAME",
      "gaussian: linear, selection nodes held at their mean; discrete: random tables of probabilities, "
      "rows kept whose selection nodes are 1; attention: the linear model's total effects, a token a node");
  option("--samples", s.samples, "N", "rows; features of the outputs (attention)");
  option("--least-weight", s.gaussian.least_weight, "W", "of an edge, either sign (gaussian, attention)");
  option("--most-weight", s.gaussian.most_weight, "W", "likewise");
  option("--least-noise", s.gaussian.least_noise, "SD", "standard deviation of a node's noise (likewise)");
  option("--most-noise", s.gaussian.most_noise, "SD", "likewise");
  option("--heads", s.attention.heads, "H", "that differ by their noise (attention)");
  option("--negative", s.attention.negative, "NAME",
         "weights below 0: none, or of half the edges, and effects below 0 count as 0 (clipped) or by their "
         "size "
         "(magnitude)");
  option("--floor", s.attention.floor, "SHARE", "least attention before temperature and noise (attention)");
  option("--temperature", s.attention.temperature, "T", "of the softmax (attention)");
  option("--logit-noise", s.attention.noise, "SD", "standard deviation, added to each logit (attention)");
  option("--common", s.attention.common, "SHARE",
         "of the variance of the values, the same in all tokens (attention)");
  option("--levels", s.discrete.levels, "N", "values of a variable (discrete)");
  option("--seed", s.seed, "N", "the same seed and options give the same files")->check(seed_number());
  command->callback([a, command] {
    check_arguments(a->simulation, *command);
    fit_degree(a->simulation.graph, *command);
    simulate(a->simulation, a->output);
  });
}

}  // namespace why
