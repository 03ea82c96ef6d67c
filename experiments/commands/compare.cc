#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/compare_pags.h"
#include "discovery/search/true_pag.h"
#include "experiments/commands/commands.h"
#include "experiments/graph_files.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string truth, found, format;
  bool json = false, differences = false, legal = false;
};

struct Compared {
  std::vector<std::string> names;
  MixedGraph truth, found;  // the same numbering
  PagComparison result;
};

Compared compare_files(const Arguments& a) {
  NamedGraph truth = read_graph_file(a.truth, a.format);
  const NamedGraph found = read_graph_file(a.found, a.format);
  Compared out{truth.names, std::move(truth.graph), renumbered(found, truth.names, a.found, a.truth), {}};
  out.result = compare_pags(out.truth, out.found);
  return out;
}

std::string edge_text(const MixedGraph& graph, std::span<const std::string> names, Node x, Node y) {
  if (!graph.adjacent(x, y)) return "no edge";
  MixedGraph alone(graph.num_nodes());
  alone.connect(x, y, graph.mark(y, x), graph.mark(x, y));
  return written_edges(alone, names).front().line;
}

// ---- text ----

std::string shown(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }

std::string row(const char* name, const Agreement& agreement) {
  return fmt::format("{:<14}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", name, shown(agreement.precision()),
                     shown(agreement.recall()), shown(agreement.f1()), agreement.right, agreement.extra,
                     agreement.missing);
}

std::string rows(const MarkAgreement& marks) {
  return row("  arrowhead", marks.arrowhead) + row("  tail", marks.tail) + row("  circle", marks.circle);
}

std::string table(const PagComparison& result) {
  return fmt::format("{:<14}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", "precision", "recall", "F1", "right",
                     "extra", "missing") +
         row("adjacency", result.adjacency) + "marks\n" + rows(result.marks) + "marks on common edges\n" +
         rows(result.on_common) +
         fmt::format("\nstructural Hamming distance {} (edges that differ), {} (marks that differ)\n",
                     result.structural_hamming, result.mark_hamming);
}

std::string legality_text(const std::string& file, const Legality& legal) {
  return file + (legal ? " is a PAG\n" : " is no PAG: " + legal.why + "\n");
}

std::string to_text(const Arguments& a, const Compared& compared) {
  std::string out = table(compared.result);
  if (a.differences && !compared.result.different.empty()) {
    std::size_t width = 0;
    for (const auto& [x, y] : compared.result.different)
      width = std::max(width, edge_text(compared.truth, compared.names, x, y).size());
    out += fmt::format("\n{:<{}}   found\n", "true", width);
    for (const auto& [x, y] : compared.result.different)
      out += fmt::format("{:<{}}   {}\n", edge_text(compared.truth, compared.names, x, y), width,
                         edge_text(compared.found, compared.names, x, y));
  }
  if (a.legal)
    out += "\n" + legality_text(a.truth, is_pag(compared.truth, compared.names)) +
           legality_text(a.found, is_pag(compared.found, compared.names));
  return out;
}

// ---- JSON ----

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json to_json(const Agreement& agreement) {
  return {{"precision", or_null(agreement.precision())},
          {"recall", or_null(agreement.recall())},
          {"f1", or_null(agreement.f1())},
          {"right", agreement.right},
          {"extra", agreement.extra},
          {"missing", agreement.missing}};
}

Json to_json(const MarkAgreement& marks) {
  return {{"arrowhead", to_json(marks.arrowhead)},
          {"tail", to_json(marks.tail)},
          {"circle", to_json(marks.circle)}};
}

Json to_json(const Legality& legal) {
  return {{"pag", static_cast<bool>(legal)}, {"why", legal ? Json(nullptr) : Json(legal.why)}};
}

std::string to_json(const Arguments& a, const Compared& compared) {
  const PagComparison& result = compared.result;
  Json out = {{"true", a.truth},
              {"found", a.found},
              {"nodes", result.nodes},
              {"adjacency", to_json(result.adjacency)},
              {"marks", to_json(result.marks)},
              {"marks_on_common_edges", to_json(result.on_common)},
              {"structural_hamming_distance", result.structural_hamming},
              {"mark_hamming_distance", result.mark_hamming}};
  if (a.differences) {
    Json& list = out["differences"] = Json::array();
    for (const auto& [x, y] : result.different)
      list.push_back({{"true", edge_text(compared.truth, compared.names, x, y)},
                      {"found", edge_text(compared.found, compared.names, x, y)}});
  }
  if (a.legal)
    out["legal"] = {{"true", to_json(is_pag(compared.truth, compared.names))},
                    {"found", to_json(is_pag(compared.found, compared.names))}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void add_compare(CLI::App& app) {
  auto* command =
      app.add_subcommand("compare", "measures how far a graph that was found is from the true one");
  const auto a = std::make_shared<Arguments>();
  command
      ->add_option("TRUE", a->truth,
                   "the true graph: a PAG in any format that discover writes, svg apart, or a DAG as "
                   "discover --oracle reads it, which stands for its PAG")
      ->type_name("FILE")
      ->required()
      ->check(not_empty());
  command->add_option("FOUND", a->found, "the graph that was found, likewise")
      ->type_name("FILE")
      ->required()
      ->check(not_empty());
  command
      ->add_option(
          "--format", a->format,
          "of both files: edges, json, dot, tetrad, graphml, pcalg or dag; unless given, each is found out")
      ->type_name("NAME")
      ->check(not_empty());
  command->add_flag("--differences", a->differences, "lists the edges that differ as well");
  command->add_flag("--legal", a->legal,
                    "says as well whether each graph is a PAG: the PAG of some MAG, mark by mark");
  command->add_flag("--json", a->json, "one JSON object");
  command->callback([a] {
    const Compared compared = compare_files(*a);
    fmt::print("{}", a->json ? to_json(*a, compared) : to_text(*a, compared));
  });
}

}  // namespace why
