#include "discovery/search/knowledge_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "core/printable.h"
#include "discovery/graph/statements.h"

namespace why {
namespace {

using Pair = std::pair<Node, Node>;

std::string place(const Statement& statement) {
  return statement.line > 0 ? text(statement.source, ":", statement.line) : std::string(statement.source);
}

std::string content(const Statement& statement) {
  constexpr std::size_t kShown = 100;
  const std::size_t start = statement.content.find_first_not_of(kWhiteSpace);
  return text("`", printable(statement.content.substr(start), kShown), "`");
}

// "k.txt:7: `required: B --> A` contradicts k.txt:3: `tier: B`: B comes after A"
[[noreturn]] void contradict(const Statement& statement, const std::vector<const Statement*>& others,
                             const std::string& why) {
  std::string out = text(place(statement), ": ", content(statement), " contradicts ");
  for (std::size_t i = 0; i < others.size(); ++i)
    out += text(i ? " and " : "", place(*others[i]), ": ", content(*others[i]));
  throw UserError(out + ": " + why);
}

// Gathers statements and knows which said what.
class Gatherer {
 public:
  explicit Gatherer(std::span<const std::string> names)
      : names_(names), known_(static_cast<int>(names.size())), tier_said_by_(names.size()) {
    for (std::size_t i = 0; i < names.size(); ++i) number_.emplace(names[i], static_cast<Node>(i));
  }

  void check_names(const Statement& statement, const std::vector<std::string>& names) const {
    for (const auto& name : names) node(statement, name);
  }

  void set_tier(const Statement& statement, const std::string& name, int tier) {
    const Node x = node(statement, name);
    const Statement* before = tier_said_by_[static_cast<std::size_t>(x)];
    if (before && known_.tier(x) != tier) contradict(statement, {before}, text(shown(x), " is in two tiers"));
    tier_said_by_[static_cast<std::size_t>(x)] = &statement;
    known_.set_tier(x, tier);
  }

  void forbid(const Statement& statement, const std::string& cause, const std::string& effect) {
    const Pair pair = two_nodes(statement, cause, effect);
    known_.forbid(pair.first, pair.second);
    forbidden_.emplace(pair, &statement);
  }

  void require(const Statement& statement, const std::string& cause, const std::string& effect) {
    const Pair pair = two_nodes(statement, cause, effect);
    known_.require(pair.first, pair.second);
    required_.emplace(pair, &statement);
  }

  void call_tiers_order() { known_.call_tiers_order(); }

  Knowledge finish() const {
    std::map<Node, std::vector<Node>> effects;
    for (const auto& [pair, statement] : required_) effects[pair.first].push_back(pair.second);
    for (const auto& [cause, direct] : effects) check_effects(cause, effects);
    return known_;
  }

 private:
  std::string shown(Node x) const { return text('"', printable(names_[static_cast<std::size_t>(x)]), '"'); }

  Node node(const Statement& statement, const std::string& name) const {
    const auto at = number_.find(name);
    if (at != number_.end()) return at->second;
    const std::string nearest = nearest_name(name, names_);
    statement.fail("unknown variable \"", printable(name), "\"",
                   nearest.empty() ? "" : text(" (did you mean \"", printable(nearest), "\"?)"));
  }

  Pair two_nodes(const Statement& statement, const std::string& cause, const std::string& effect) const {
    const Pair pair(node(statement, cause), node(statement, effect));
    if (pair.first == pair.second) statement.fail("a variable and itself");
    return pair;
  }

  // Follows the required edges from one cause: it must not come back, nor to what it is known not to cause.
  void check_effects(Node cause, const std::map<Node, std::vector<Node>>& effects) const {
    std::map<Node, Node> before;  // on the way from the cause
    std::vector<Node> queue = {cause};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const auto direct = effects.find(queue[i]);
      if (direct == effects.end()) continue;
      for (const Node x : direct->second) {
        if (!before.emplace(x, queue[i]).second) continue;
        check_effect(cause, x, before);
        queue.push_back(x);
      }
    }
  }

  void check_effect(Node cause, Node x, const std::map<Node, Node>& before) const {
    // the required edges from the cause to x, the last first
    std::vector<const Statement*> way;
    for (Node at = x;;) {
      const Node from = before.at(at);
      way.push_back(required_.at({from, at}));
      at = from;
      if (at == cause) break;
    }
    if (x == cause) {
      const Statement& last = *way.front();
      std::reverse(way.begin() + 1, way.end());
      way.erase(way.begin());
      contradict(last, way, text(shown(x), " would be a cause of itself"));
    }
    std::reverse(way.begin(), way.end());
    const auto forbidden = forbidden_.find({cause, x});
    if (forbidden != forbidden_.end())
      contradict(*forbidden->second, way, text(shown(cause), " is required to be a cause of ", shown(x)));
    if (known_.comes_after(cause, x)) {
      const Statement& last = *way.back();
      way.pop_back();
      for (const Node end : {cause, x}) way.push_back(tier_said_by_[static_cast<std::size_t>(end)]);
      way.erase(std::unique(way.begin(), way.end()), way.end());
      contradict(last, way, text(shown(cause), " comes after ", shown(x)));
    }
  }

  std::span<const std::string> names_;
  std::map<std::string, Node> number_;
  Knowledge known_;
  std::vector<const Statement*> tier_said_by_;  // [n], null where no tier is known
  std::map<Pair, const Statement*> forbidden_, required_;
};

std::vector<std::string> texts(std::vector<Word> words) {
  std::vector<std::string> out;
  for (Word& word : words) out.push_back(std::move(word.text));
  return out;
}

// ---- our format ----

const std::vector<std::string> kLists = {"tier:", "order:", "forbidden:", "required:"};

class OwnReader {
 public:
  explicit OwnReader(Gatherer& gatherer) : gatherer_(gatherer) {}

  void finish() const {}

  void read(const Statement& statement) {
    const std::size_t start = statement.content.find_first_not_of(kWhiteSpace);
    const auto list = std::ranges::find_if(
        kLists, [&](const auto& each) { return statement.content.substr(start).starts_with(each); });
    if (list == kLists.end()) fail_unknown(statement);
    const std::size_t behind = start + list->size();
    if (*list == "tier:" || *list == "order:")
      read_names(statement, *list, texts(read_words(statement, behind, text(kWhiteSpace, ","))));
    else
      read_edge(statement, *list, read_words(statement, behind, kWhiteSpace));
  }

 private:
  [[noreturn]] static void fail_unknown(const Statement& statement) {
    const std::vector<Word> words = read_words(statement, 0, kWhiteSpace);
    const std::string nearest = words.empty() ? "" : nearest_name(words[0].text, kLists);
    statement.fail(
        "no statement such as `tier: A B`, `order: A B C`, `forbidden: A --> B` or `required: A --> B`",
        nearest.empty() ? "" : text(" (did you mean \"", nearest, "\"?)"));
  }

  void read_names(const Statement& statement, const std::string& list,
                  const std::vector<std::string>& names) {
    const Statement*& others = list == "order:" ? tiers_ : order_;
    if (others) contradict(statement, {others}, "an order is a list of tiers, so there is one or the other");
    if (list == "order:") {
      if (order_) statement.fail("a second order");
      order_ = &statement;
      gatherer_.call_tiers_order();
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) > 0)
          statement.fail("the variable \"", printable(names[i]), "\" is named twice");
        gatherer_.set_tier(statement, names[i], static_cast<int>(i));
      }
    } else {
      tiers_ = &statement;
      for (const auto& name : names) gatherer_.set_tier(statement, name, next_tier_);
      ++next_tier_;
    }
  }

  void read_edge(const Statement& statement, const std::string& list, const std::vector<Word>& words) {
    const auto marks = words.size() == 3 && !words[1].quoted ? read_symbol(words[1].text) : std::nullopt;
    const bool forward = marks && marks->at_left == Mark::tail && marks->at_right == Mark::arrow;
    const bool backward = marks && marks->at_left == Mark::arrow && marks->at_right == Mark::tail;
    if (!forward && !backward) statement.fail("no edge such as `A --> B`");
    const std::string &cause = words[forward ? 0 : 2].text, &effect = words[forward ? 2 : 0].text;
    if (list == "forbidden:")
      gatherer_.forbid(statement, cause, effect);
    else
      gatherer_.require(statement, cause, effect);
  }

  Gatherer& gatherer_;
  const Statement *order_ = nullptr, *tiers_ = nullptr;
  int next_tier_ = 0;
};

// ---- Tetrad's format ----

constexpr std::string_view kTetradHead = "/knowledge";

class TetradReader {
 public:
  explicit TetradReader(Gatherer& gatherer) : gatherer_(gatherer) {}

  void read(const Statement& statement) {
    const std::vector<std::string> words = texts(read_words(statement, 0, text(kWhiteSpace, ",")));
    if (words.empty() || words[0] == kTetradHead || words[0].starts_with("//")) return;
    if (words.size() == 1 && std::ranges::find(kSections, words[0]) != kSections.end()) {
      finish();
      section_ = words[0];
      return;
    }
    if (section_ == "addtemporal") return read_tier(statement, words);
    if (section_ == "forbiddengroup" || section_ == "requiredgroup") return read_group(statement, words);
    if (words.size() == 1)
      statement.fail("unknown section \"", printable(words[0]),
                     "\" (known: addtemporal, forbiddirect, requiredirect, forbiddengroup, requiredgroup)");
    if (section_.empty()) statement.fail("no section yet, such as addtemporal");
    if (words.size() != 2) statement.fail("not two variables");
    add_edge(statement, words[0], words[1]);
  }

  void finish() {
    if (causes_) causes_->fail("the causes of a group, without a line of effects behind it,");
  }

 private:
  inline static const std::vector<std::string> kSections = {"addtemporal", "forbiddirect", "requiredirect",
                                                            "forbiddengroup", "requiredgroup"};

  void add_edge(const Statement& statement, const std::string& cause, const std::string& effect) {
    if (section_.starts_with("forbid"))
      gatherer_.forbid(statement, cause, effect);
    else
      gatherer_.require(statement, cause, effect);
  }

  // Groups come as pairs of lines: the causes, then the effects. Each cause is paired with each effect.
  void read_group(const Statement& statement, const std::vector<std::string>& words) {
    gatherer_.check_names(statement, words);
    if (!causes_) {
      causes_ = &statement;
      cause_names_ = words;
      return;
    }
    for (const auto& cause : cause_names_)
      for (const auto& effect : words) {
        if (cause == effect)
          statement.fail("the variable \"", printable(cause), "\" on both sides of a group");
        add_edge(statement, cause, effect);
      }
    causes_ = nullptr;
  }

  void read_tier(const Statement& statement, const std::vector<std::string>& words) {
    std::string_view number = words[0];
    const bool forbidden_within = number.ends_with('*');
    if (forbidden_within) number.remove_suffix(1);
    int tier = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), tier);
    if (error != std::errc() || end != number.data() + number.size() || tier < 0)
      statement.fail("no tier such as `1 A B` or `2* C D`");
    for (std::size_t i = 1; i < words.size(); ++i) gatherer_.set_tier(statement, words[i], tier);
    if (!forbidden_within) return;
    const std::set<std::string> names(words.begin() + 1, words.end());
    for (const auto& cause : names)
      for (const auto& effect : names)
        if (cause != effect) gatherer_.forbid(statement, cause, effect);
  }

  Gatherer& gatherer_;
  std::string section_;
  const Statement* causes_ = nullptr;  // of a group whose effects are to come
  std::vector<std::string> cause_names_;
};

}  // namespace

Knowledge parse_knowledge(std::string_view text, std::string_view source,
                          std::span<const std::string> names) {
  std::vector<Statement> statements;  // referred to until the end
  for_each_line(text, source, [&](const Statement& statement) {
    if (!is_blank(statement)) statements.push_back(statement);
  });
  Gatherer gatherer(names);
  const auto read_all = [&](auto reader) {
    for (const Statement& statement : statements) reader.read(statement);
    reader.finish();
  };
  const bool tetrad = !statements.empty() && statements.front().content.starts_with(kTetradHead);
  tetrad ? read_all(TetradReader(gatherer)) : read_all(OwnReader(gatherer));
  return gatherer.finish();
}

}  // namespace why
