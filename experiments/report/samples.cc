#include "experiments/report/samples.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/notation.h"
#include "experiments/report/markup.h"
#include "experiments/report/task_words.h"

namespace why {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 60;  // letters of a value in an error

std::vector<std::string> node_names(int num_nodes) {
  std::vector<std::string> out;
  for (int node = 0; node < num_nodes; ++node) out.push_back(std::to_string(node));
  return out;
}

// ---- reading ----

// A JSON value, and how an error calls it: `samples.jsonl:7: methods.cleann.sets[0].members`.
struct Place {
  const Json& json;
  std::string_view where;
  std::string name;

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw UserError(text(where, ": ", name, name.empty() ? "" : " ", parts...));
  }

  std::string shown() const { return printable(json.dump(), kMostShown); }

  bool has(const std::string& key) const { return json.contains(key) && !json[key].is_null(); }

  Place at(const std::string& key) const {
    const std::string path = name.empty() ? key : name + "." + key;
    if (!json.is_object()) fail("is not an object");
    const auto found = json.find(key);
    if (found == json.end()) throw UserError(text(where, ": key \"", path, "\" is missing"));
    return {*found, where, path};
  }

  template <class Value>
  Value as() const {
    if constexpr (std::is_same_v<Value, std::string>) {
      if (!json.is_string()) fail("must be text, not ", shown());
    } else if constexpr (std::is_integral_v<Value>) {
      if (!json.is_number_integer()) fail("must be a whole number, not ", shown());
      const bool fits = json.is_number_unsigned() ? std::in_range<Value>(json.get<std::uint64_t>())
                                                  : std::in_range<Value>(json.get<std::int64_t>());
      if (!fits) fail("is out of range: ", shown());
    } else {
      if (!json.is_number()) fail("must be a number, not ", shown());
    }
    return json.get<Value>();
  }

  template <class Value>
  std::optional<Value> maybe() const {
    if (json.is_null()) return std::nullopt;
    return as<Value>();
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    if (!json.is_array()) fail("must be a list, not ", shown());
    for (std::size_t i = 0; i < json.size(); ++i) visit(Place{json[i], where, text(name, "[", i, "]")});
  }

  template <class Value>
  std::vector<Value> list() const {
    std::vector<Value> out;
    for_each([&](const Place& element) { out.push_back(element.as<Value>()); });
    return out;
  }
};

// The one of `values` whose name stands there.
template <class Values>
typename Values::value_type read_name(const Place& place, const Values& values) {
  const auto given = place.as<std::string>();
  std::string known;
  for (const auto value : values) {
    if (name(value) == given) return value;
    known += (known.empty() ? "" : ", ") + std::string(name(value));
  }
  place.fail("is \"", given, "\"; known: ", known);
}

FoundSet read_set(const Place& place, const Sample& sample) {
  const int num_parts = sample.root();
  FoundSet out;
  const Place members = place.at("members");
  out.members = members.list<int>();
  if (out.members.empty()) members.fail("must name at least one position");
  for (const int position : out.members)
    if (position < 0 || position >= num_parts)
      members.fail("holds position ", position, ", but there are ", num_parts, " parts");
  out.parts = place.at(words_of(sample.task).set_parts_key).list<std::string>();
  out.replacement = place.at("replacement").as<std::string>();
  out.replacement_rank = place.at("replacement_rank").maybe<int>();
  out.margin = place.at("margin").maybe<double>();
  if (place.has("depth")) out.depth = place.at("depth").as<int>();
  if (place.has("heads")) out.heads = place.at("heads").list<int>();
  return out;
}

MethodResult read_method(const Place& place, const Sample& sample) {
  MethodResult out;
  constexpr std::array kStatuses = {SearchStatus::minimal, SearchStatus::found, SearchStatus::none,
                                    SearchStatus::budget};
  constexpr std::array kBounds = {SearchBound::max_set_size, SearchBound::max_calls};
  out.status = read_name(place.at("status"), kStatuses);
  if (place.has("bound")) out.bound = read_name(place.at("bound"), kBounds);
  place.at("sets").for_each([&](const Place& set) { out.sets.push_back(read_set(set, sample)); });
  const bool found = out.status == SearchStatus::minimal || out.status == SearchStatus::found;
  if (found != out.explained())
    place.fail("has status \"", name(out.status), "\" with ",
               counted(static_cast<std::int64_t>(out.sets.size()), "set"));
  out.legal = place.at("legal").list<std::int64_t>();
  out.possible = place.at("possible").list<std::int64_t>();
  out.calls = place.at("calls").list<std::int64_t>();
  out.passes = place.at("passes").as<std::int64_t>();
  // not in the records of earlier versions: the last call is an upper bound of the first hit
  const auto read = [&](const char* key, std::int64_t otherwise) {
    return place.has(key) ? place.at(key).as<std::int64_t>() : otherwise;
  };
  out.first_hit = read("first_hit", out.explained() ? out.total_calls() : 0);
  out.ranking_calls = read("ranking_calls", 0);
  out.first_hit_with_ranking = read("first_hit_with_ranking", out.first_hit);
  return out;
}

RankingResult read_ranking(const Place& place, int num_parts) {
  RankingResult out;
  const Place scores = place.at("scores");
  out.scores = scores.list<double>();
  if (out.scores.size() != static_cast<std::size_t>(num_parts))
    scores.fail("holds ", out.scores.size(), " numbers for ", num_parts, " parts");
  out.comprehensiveness = place.at("comprehensiveness").maybe<double>();
  out.sufficiency = place.at("sufficiency").maybe<double>();
  return out;
}

HeadGraph read_head(const Place& place, int num_parts) {
  HeadGraph out;
  out.head = place.at("head").as<int>();
  // naming all nodes first gives node i the number i
  std::string lines = "nodes:";
  for (const auto& name : node_names(num_parts + 1)) lines += " " + name;
  const Place edges = place.at("edges");
  for (const auto& edge : edges.list<std::string>()) lines += "\n" + edge;
  NamedGraph named = parse_edges(lines, text(place.where, ": ", edges.name));
  if (named.graph.num_nodes() != num_parts + 1)
    edges.fail("has node \"", named.names.back(), "\", but the nodes are 0 to ", num_parts);
  out.graph = std::move(named.graph);
  return out;
}

std::string read_task(const Place& place) {
  const auto task = place.as<std::string>();
  if (std::find(kTasks.begin(), kTasks.end(), task) == kTasks.end()) place.fail("is unknown: \"", task, "\"");
  return task;
}

SampleText read_text(const Place& place, int num_parts) {
  SampleText out;
  out.text = place.at("text").as<std::string>();
  out.unit = place.at("unit").as<std::string>();
  if (place.has("label")) out.label = place.at("label").as<std::string>();
  out.probability = place.at("probability").as<double>();
  const Place spans = place.at("spans");
  spans.for_each([&](const Place& span) {
    const auto bytes = span.list<std::size_t>();
    if (bytes.size() != 2 || bytes[0] > bytes[1] || bytes[1] > out.text.size())
      span.fail("is no part of the text's ", out.text.size(), " bytes");
    out.spans.push_back({bytes[0], bytes[1]});
  });
  if (out.spans.size() != static_cast<std::size_t>(num_parts))
    spans.fail("holds ", out.spans.size(), " places for ", num_parts, " parts");
  return out;
}

// ---- writing ----

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const FoundSet& set, const TaskWords& words) {
  return {{"members", set.members},
          {words.set_parts_key, set.parts},
          {"replacement", set.replacement},
          {"replacement_rank", or_null(set.replacement_rank)},
          {"margin", or_null(set.margin)},
          {"depth", set.depth},
          {"heads", set.heads}};
}

Json to_json(const HeadGraph& head) {
  const int num_nodes = head.graph.num_nodes();
  Json edges = Json::array();
  for (const auto& edge : written_edges(head.graph, node_names(num_nodes))) edges.push_back(edge.line);
  return {{"head", head.head}, {"edges", edges}, {"root_degree", head.graph.degree(num_nodes - 1)}};
}

Json to_json(const MethodResult& method, const TaskWords& words) {
  Json sets = Json::array();
  for (const auto& set : method.sets) sets.push_back(to_json(set, words));
  return {{"status", name(method.status)},
          {"bound", method.bound == SearchBound::none ? Json() : Json(name(method.bound))},
          {"sets", sets},
          {"legal", method.legal},
          {"possible", method.possible},
          {"calls", method.calls},
          {"passes", method.passes},
          {"first_hit", method.first_hit},
          {"ranking_calls", method.ranking_calls},
          {"first_hit_with_ranking", method.first_hit_with_ranking}};
}

Json to_json(const RankingResult& ranking) {
  return {{"scores", ranking.scores},
          {"comprehensiveness", or_null(ranking.comprehensiveness)},
          {"sufficiency", or_null(ranking.sufficiency)}};
}

void add_text(Json& out, const SampleText& text) {
  out["text"] = text.text;
  out["unit"] = text.unit;
  out["label"] = text.label.empty() ? Json() : Json(text.label);
  out["probability"] = text.probability;
  Json spans = Json::array();
  for (const auto& [begin, end] : text.spans) spans.push_back({begin, end});
  out["spans"] = spans;
}

}  // namespace

std::int64_t MethodResult::total_calls() const {
  return std::accumulate(calls.begin(), calls.end(), std::int64_t{0});
}

std::string to_json_line(const Sample& sample) {
  const TaskWords& words = words_of(sample.task);
  Json graphs = Json::array(), methods = Json::object();
  for (const auto& head : sample.graphs) graphs.push_back(to_json(head));
  for (const auto& [name, method] : sample.methods) methods[name] = to_json(method, words);

  Json out = {{"sample", sample.number}};
  if (sample.text) out["task"] = sample.task;
  out[words.source_key] = sample.source;
  if (sample.text) add_text(out, *sample.text);
  out[words.parts_key] = sample.parts;
  if (!sample.text) out["excluded"] = sample.excluded;
  out[words.answer_key] = sample.answer;
  out["score"] = or_null(sample.score);
  out["top10"] = sample.top10;
  out["graphs"] = graphs;
  out["methods"] = methods;
  for (const auto& [name, ranking] : sample.rankings) out["rankings"][name] = to_json(ranking);
  out["warnings"] = sample.warnings;
  return out.dump();
}

Sample parse_sample(std::string_view line, std::string_view where) {
  const Json json = Json::parse(line, nullptr, false);
  WHY_CHECK(json.is_object(), where, ": no JSON object: ", printable(line, kMostShown));
  const Place place{json, where, ""};
  Sample out;
  out.number = place.at("sample").as<std::int64_t>();
  if (place.has("task")) out.task = read_task(place.at("task"));
  const TaskWords& words = words_of(out.task);
  out.source = place.at(words.source_key).as<std::string>();
  out.parts = place.at(words.parts_key).list<std::string>();
  if (words.of_text)
    out.text = read_text(place, out.root());
  else
    out.excluded = place.at("excluded").as<std::int64_t>();
  out.answer = place.at(words.answer_key).as<std::string>();
  out.score = place.at("score").maybe<double>();
  out.top10 = place.at("top10").list<std::string>();
  place.at("graphs").for_each([&](const Place& head) { out.graphs.push_back(read_head(head, out.root())); });
  const Place methods = place.at("methods");
  if (!methods.json.is_object()) methods.fail("must be an object");
  for (const auto& [name, method] : methods.json.items())
    out.methods[name] = read_method({method, where, "methods." + name}, out);
  if (place.has("rankings")) {
    const Place rankings = place.at("rankings");
    if (!rankings.json.is_object()) rankings.fail("must be an object");
    for (const auto& [name, ranking] : rankings.json.items())
      out.rankings[name] = read_ranking({ranking, where, "rankings." + name}, out.root());
  }
  out.warnings = place.at("warnings").list<std::string>();
  return out;
}

bool for_each_sample(const std::filesystem::path& path, const std::function<void(const Sample&)>& visit) {
  std::ifstream in(path, std::ios::binary);
  WHY_CHECK(in && !std::filesystem::is_directory(path), "cannot read ", path.string());
  std::string line;
  std::optional<std::int64_t> last;
  for (int number = 1; std::getline(in, line); ++number) {
    if (in.eof()) return true;
    const Sample sample = parse_sample(line, text(path.string(), ":", number));
    WHY_CHECK(!last || sample.number > *last, path.string(), ":", number, ": sample ", sample.number,
              " stands behind sample ", last.value_or(0), ": the file is not as the run wrote it");
    last = sample.number;
    visit(sample);
  }
  WHY_CHECK(!in.bad(), "cannot read ", path.string());
  return false;
}

}  // namespace why
