#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "experiments/discovery.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// An object without its braces.
std::string members(const Json& object) {
  const std::string whole = dumped(object, 2);
  return whole.substr(1, whole.size() - std::string_view("{\n}").size());
}

// A list that is the value of a key of the whole object, as text.
class ListText {
 public:
  explicit ListText(std::string& out) : out_(out) {}

  // `indent` as of Json::dump.
  void add(const Json& entry, int indent) {
    out_ += std::exchange(before_, ",\n    ");
    for (const char letter : dumped(entry, indent)) {
      out_ += letter;
      if (letter == '\n') out_ += "    ";
    }
  }
  void end() { out_ += *before_ == '[' ? "[]" : "\n  ]"; }

 private:
  std::string& out_;
  const char* before_ = "[\n    ";
};

// Nodes written by name.
class Writer {
 public:
  Writer(const DiscoveryInput& input, const SearchResult& result) : names_(input.names), result_(result) {
    for (const MarkReason& reason : result.reasons)
      if (result.graph.mark(reason.x, reason.y) == reason.mark)
        reasons_.try_emplace({reason.x, reason.y}, &reason.because);
  }

  Json nodes() const { return sorted(names_); }

  // Appends them as text: of thousands of variables there are millions, and as JSON values they take a
  // kilobyte each.
  void append_edges(std::string& out) const {
    const MixedGraph& graph = result_.graph;
    ListText list(out);
    for (const WrittenEdge& edge : written_edges(graph, names_))
      list.add(Json{{"x", name(edge.x)},
                    {"y", name(edge.y)},
                    {"mark_x", mark_name(graph.mark(edge.y, edge.x))},
                    {"mark_y", mark_name(graph.mark(edge.x, edge.y))},
                    {"edge", edge.line},
                    {"reason_x", reason(edge.y, edge.x)},
                    {"reason_y", reason(edge.x, edge.y)}},
               2);
    list.end();
  }

  // Likewise, an entry a line.
  void append_separating_sets(std::string& out, const CiTest& test) const {
    const std::vector<Node> order = by_name();
    ListText list(out);
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t j = i + 1; j < order.size(); ++j)
        if (const auto found = result_.sepsets.find(order[i], order[j])) {
          list.add(Json{{"x", name(order[i])},
                        {"y", name(order[j])},
                        {"set", sorted(listed(found->set))},
                        {"order", found->set.size()},
                        {"p_value", found->p_value},
                        {"samples", or_null(test.samples(order[i], order[j], found->set))},
                        {"stage", stage_name(found->stage)}},
                   -1);
        }
    list.end();
  }

  // The graph after each round of icd, as lines of the format `edges`.
  Json snapshots() const {
    Json out = Json::array();
    for (const MixedGraph& graph : result_.snapshots) {
      Json edges = Json::array();
      for (const WrittenEdge& edge : written_edges(graph, names_)) edges.push_back(edge.line);
      out.push_back({{"order", out.size()}, {"edges", std::move(edges)}});
    }
    return out;
  }

  Json frequencies(const Bootstrap& bootstrap) const {
    const auto share = [&](int count) { return static_cast<double>(count) / bootstrap.done; };
    const auto shares = [&](const MarkCounts& counts) -> Json {
      return {{"circle", share(counts.circle)}, {"arrow", share(counts.arrow)}, {"tail", share(counts.tail)}};
    };
    Json pairs = Json::array();
    for (const PairCounts& pair : bootstrap.pairs)
      pairs.push_back({{"x", name(pair.x)},
                       {"y", name(pair.y)},
                       {"edge", share(pair.edge)},
                       {"at_x", shares(pair.at_x)},
                       {"at_y", shares(pair.at_y)}});
    return {{"samples", bootstrap.options.samples},
            {"done", bootstrap.done},
            {"constant", bootstrap.constant},
            {"seed", bootstrap.options.seed},
            {"pairs", std::move(pairs)}};
  }

  Json unsure_triples() const {
    std::vector<std::vector<std::string>> out;
    for (const auto& [x, z, y] : result_.unsure)
      out.push_back({std::min(name(x), name(y)), name(z), std::max(name(x), name(y))});
    std::ranges::sort(out);
    return out;
  }

  std::vector<std::string> listed(std::span<const Node> nodes) const {
    std::vector<std::string> out;
    for (const Node x : nodes) out.push_back(name(x));
    return out;
  }

  Json pairs(const std::vector<std::pair<Node, Node>>& list) const {
    Json out = Json::array();
    for (const auto& [x, y] : list) out.push_back({name(x), name(y)});
    return out;
  }

 private:
  const std::string& name(Node x) const { return names_[static_cast<std::size_t>(x)]; }

  static std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
  }

  std::vector<Node> by_name() const {
    std::vector<Node> order(names_.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](Node x) -> const std::string& { return name(x); });
    return order;
  }

  // Of the mark at y; null for a circle, and for a mark that no rule made.
  Json reason(Node x, Node y) const {
    const auto at = reasons_.find({x, y});
    if (at == reasons_.end()) return nullptr;
    const Because& because = *at->second;
    Json out = {{"rule", because.rule}, {"path", listed(because.path)}};
    if (!because.second.empty()) out["second_path"] = listed(because.second);
    return out;
  }

  const std::vector<std::string>& names_;
  const SearchResult& result_;
  std::map<std::pair<Node, Node>, const Because*> reasons_;
};

Json bound_json(int order) { return order < 0 ? Json(nullptr) : Json(order); }

Json options_json(const DiscoveryInput& input, const DiscoveryOptions& options, const Writer& writer) {
  const SearchOptions& search = options.search;
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::ranges::find(names, search.algorithm) != names.end();
  };
  Json out = {{"test", input.test_name},
              {"alpha", or_null(input.alpha)},
              {"max_order", bound_json(search.max_order)}};
  if (input.kind == "table") out["missing"] = input.testwise ? "testwise" : "listwise";
  if (is_discrete(input.test_name)) out["rows_per_cell"] = input.rows_per_cell;
  if (search.algorithm == "fci") out["max_pds_order"] = bound_json(search.max_pds_order);
  if (is_one_of({"pc", "fci"})) out["colliders"] = collider_rule_name(search.colliders);
  if (is_one_of({"fci", "rfci", "icd"})) out["selection_bias"] = search.selection_bias && !options.knowledge;
  if (search.algorithm == "icd") out["compat"] = search.reference ? Json("reference") : Json(nullptr);
  if (search.algorithm == "ordicd") out["node_by_node"] = search.node_by_node;
  out["knowledge"] = options.knowledge ? Json(options.knowledge_source) : Json(nullptr);
  if (const auto order = knowledge_or_none(options.knowledge ? &*options.knowledge : nullptr).total_order())
    out["order"] = writer.listed(*order);
  out["threads"] = options.threads;
  out["device"] = input.device;
  out["time_limit"] = options.time_limit > 0 ? Json(options.time_limit) : Json(nullptr);
  return out;
}

Json verdict_json(const PagVerdict& verdict, const Writer& writer) {
  return {{"right", verdict.right()},
          {"marks", verdict.marks.size()},
          {"unsound", verdict.count(Verdict::unsound)},
          {"incomplete", verdict.count(Verdict::incomplete)},
          {"undecided", verdict.count(Verdict::undecided)},
          {"missing_edges", writer.pairs(verdict.missing)},
          {"extra_edges", writer.pairs(verdict.extra)}};
}

}  // namespace

std::string to_json(const DiscoveryInput& input, const DiscoveryOptions& options, const Discovery& found) {
  const SearchResult& result = found.result;
  const Writer writer(input, result);
  const Json before_edges = {
      {"algorithm", options.search.algorithm},
      {"input",
       {{"file", input.file},
        {"kind", input.kind},
        {"samples", or_null(input.samples)},
        {"rows_left_out", input.rows_left_out}}},
      {"options", options_json(input, options, writer)},
      {"nodes", writer.nodes()},
  };
  Json behind_edges = {
      {"unsure_triples", writer.unsure_triples()},
      {"tests",
       {{"total", std::accumulate(result.tests.begin(), result.tests.end(), std::int64_t{0})},
        {"by_order", result.tests},
        {"degenerate", result.degenerate}}},
      {"bounds_hit", result.bounds_hit},
      {"stopped_by", found.stopped_by.empty() ? Json(nullptr) : Json(found.stopped_by)},
      {"orientation_conflicts", result.conflicts},
      {"warnings", found.warnings},
  };
  if (!result.snapshots.empty()) behind_edges["rounds"] = writer.snapshots();
  if (found.bootstrap) behind_edges["bootstrap"] = writer.frequencies(*found.bootstrap);
  if (found.verdict) behind_edges["verification"] = verdict_json(*found.verdict, writer);
  behind_edges["seconds"] = found.seconds;

  constexpr std::size_t kAnEdge = 256, kASet = 160;  // bytes; a text of gigabytes is not to be copied
  std::string out;
  out.reserve(kAnEdge * static_cast<std::size_t>(result.graph.num_edges()) +
              kASet * static_cast<std::size_t>(result.sepsets.count()));
  out += "{" + members(before_edges) + ",\n  \"edges\": ";
  writer.append_edges(out);
  out += "," + members(behind_edges) + ",\n  \"separating_sets\": ";
  writer.append_separating_sets(out, *input.test);
  out += "\n}\n";
  return out;
}

}  // namespace why
