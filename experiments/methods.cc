#include "experiments/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "core/config.h"
#include "core/errors.h"

namespace why {
namespace {

// method    named in `methods`, and no ranking
// ranking   named there, alone or with a way
// beside    named elsewhere: a control, the optimum
enum class Kind { method, ranking, beside };

struct Known {
  const char* name;
  Kind kind;
  const char* label;
  const char* sentence;
};

constexpr Known kKnown[] = {
    {"cleann", Kind::method, "CLEANN",
     "Learns a causal graph from each attention head, roots a tree at the answer and tries the sets that the "
     "tree proposes, smallest and nearest first."},
    {"permuted", Kind::beside, "Permuted nodes",
     "A control: CLEANN on its own graphs with the parts of the input shuffled among the nodes. As good as "
     "CLEANN would mean that the graphs do not tell which parts matter."},
    {"random", Kind::beside, "Random sets",
     "A control: as many sets of each size as CLEANN has, drawn at random. This much is reached by trying "
     "alone."},
    {"knockout", Kind::ranking, "Knock-out",
     "Ranks the parts by how much the margin drops when the last attention layer's read-out row is run again "
     "without them."},
    {"attention-gradient", Kind::ranking, "Attention × gradient",
     "Ranks the parts by the last layer's attention to them times the margin's gradient in it: knock-out to "
     "first order."},
    {"logit-attribution", Kind::ranking, "Direct logit attribution",
     "Ranks the parts by what they add to the margin through the last attention layer along the direct "
     "path."},
    {"value-norm", Kind::ranking, "Attention × value norm",
     "Ranks the parts by the last layer's attention to them times the length of what is read there."},
    {"attention", Kind::ranking, "Attention",
     "Ranks the parts by the last layer's attention to them, where the answer is read."},
    {"rollout", Kind::ranking, "Attention rollout",
     "Ranks the parts by attention followed through all layers, half of each layer passing by it."},
    {"gradient-input", Kind::ranking, "Gradient × input",
     "Ranks the parts by their embeddings times the margin's gradient in them."},
    {"integrated-gradients", Kind::ranking, "Integrated gradients",
     "Ranks the parts by the margin's gradient along the way from an input of masks."},
    {"leave-one-out", Kind::ranking, "Leave one out",
     "Ranks the parts by how much the margin drops without them, which takes a model call each."},
    {"random-order", Kind::method, "Random order",
     "Tries all sets by size, in random order. This much is reached without any knowledge."},
    {"pure-attention", Kind::method, "Pure attention",
     "Takes parts away, the most attended first, until the answer changes."},
    {"smart-attention", Kind::method, "Smart attention",
     "Takes parts away, the most attended first, keeping away those without which the margin is smaller, "
     "until the answer changes."},
    {"accent", Kind::method, "ACCENT-LOO",
     "Leaves each part out once, adds the differences up until one of the next four answers should win, and "
     "tries that one set."},
    {"exhaustive", Kind::beside, "Exhaustive",
     "Tries every set of one, then every pair, and so on: the smallest set there is, where that can be "
     "afforded."},
};

struct WayText {
  const char* name;
  const char* label;
  const char* sentence;
};

// In the order of the enumeration, without the first.
constexpr WayText kWayTexts[] = {
    {"predicted", "sums of scores", "Larger sets go by the sum of the scores."},
    {"pure", "pure", "Takes parts away down the ranking until the answer changes."},
    {"smart", "smart",
     "Takes parts away down the ranking, keeping away those without which the margin is smaller, until the "
     "answer changes."},
    {"any", "any size", "Tries what is most likely to change the answer, whatever its size."},
    {"graph", "legal sets first",
     "Of the pairs and larger sets of one size, those that CLEANN's graphs propose come first."},
    {"after-cleann", "after CLEANN",
     "Tries what CLEANN's graphs propose, in their order; then all other sets by size."},
};

const Known* find_known(const std::string& name) {
  const auto found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                  [&](const Known& known) { return known.name == name; });
  return found == std::end(kKnown) ? nullptr : found;
}

std::optional<Way> find_way(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kWayTexts); ++i)
    if (kWayTexts[i].name == name) return static_cast<Way>(i + 1);
  return std::nullopt;
}

// "attention", ":", "pure"
struct Parts {
  std::string base, way;
  bool has_way;
};
Parts parts_of(const std::string& written) {
  const auto colon = written.find(':');
  if (colon == std::string::npos) return {written, "", false};
  return {written.substr(0, colon), written.substr(colon + 1), true};
}

std::vector<std::string> method_names() {
  std::vector<std::string> out;
  for (const auto& known : kKnown)
    if (known.kind != Kind::beside) out.push_back(known.name);
  return out;
}

std::vector<std::string> way_names() {
  std::vector<std::string> out;
  for (const auto& way : kWayTexts) out.push_back(way.name);
  return out;
}

}  // namespace

const std::vector<std::string> kMethods = method_names();
const std::vector<std::string> kWays = way_names();

MethodChoice parse_method(const std::string& written) {
  const auto [base, way, has_way] = parts_of(written);
  check_known("method", base, kMethods);
  if (base == "pure-attention" && !has_way) return {"attention", Way::pure};
  if (base == "smart-attention" && !has_way) return {"attention", Way::smart};
  if (!has_way) return {base, Way::by_size};
  WHY_CHECK(find_known(base)->kind == Kind::ranking, "method \"", base, "\" is no ranking, so \":", way,
            "\" cannot stand behind it");
  check_known("way to make sets of a ranking", way, kWays);
  return {base, *find_way(way)};
}

bool learns_graphs(const std::string& method) {
  const auto [base, way] = parse_method(method);
  return base == "cleann" || way == Way::legal_first || way == Way::after_graphs;
}

void check_methods(const std::vector<std::string>& methods) {
  WHY_CHECK(!methods.empty(), "methods is empty: nothing would explain");
  std::set<std::string> seen;
  for (const auto& method : methods) {
    parse_method(method);
    WHY_CHECK(seen.insert(method).second, "methods names \"", method, "\" twice");
  }
}

MethodText method_text(const std::string& name) {
  const auto [base, way_name, has_way] = parts_of(name);
  const Known* known = find_known(base);
  const auto way = find_way(way_name);
  if (known == nullptr || has_way != way.has_value()) return {name, ""};
  if (!has_way) return {known->label, known->sentence};
  const WayText& words = kWayTexts[static_cast<std::size_t>(*way) - 1];
  return {fmt::format("{}, {}", known->label, words.label),
          fmt::format("{} {}", known->sentence, words.sentence)};
}

std::string ranking_of(const std::string& method) {
  const Known* known = find_known(parts_of(method).base);
  if (known == nullptr || known->kind == Kind::beside) return "";
  const std::string base = parse_method(method).base;
  return find_known(base)->kind == Kind::ranking ? base : "";
}

int method_place(const std::string& name) {
  const auto [base, way_name, has_way] = parts_of(name);
  const Known* known = find_known(base);
  const auto place = static_cast<int>((known == nullptr ? std::end(kKnown) : known) - std::begin(kKnown));
  const auto way = find_way(way_name);
  return place * static_cast<int>(std::size(kWayTexts) + 1) + (way ? static_cast<int>(*way) : 0);
}

}  // namespace why
