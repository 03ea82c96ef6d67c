#include "core/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "core/files.h"

namespace why {
namespace {

constexpr int kMaxDepth = 32;  // of nested maps and lists; a deeper file is refused, not recursed into

std::string join(std::span<const std::string> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i ? ", " : "") + words[i];
  return out;
}

std::string position(const std::string& name, const YAML::Mark& mark) {
  if (mark.is_null()) return name;
  return text(name, ":", mark.line + 1, ":", mark.column + 1);
}

// Refuses what yaml-cpp accepts silently: repeated keys, keys that are no plain words, bottomless nesting.
void check_shape(const YAML::Node& node, const std::string& name, int depth = 0) {
  WHY_CHECK(depth < kMaxDepth, position(name, node.Mark()), ": nested more than ", kMaxDepth, " levels deep");
  if (node.IsSequence()) {
    for (const auto& item : node) check_shape(item, name, depth + 1);
  }
  if (!node.IsMap()) return;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    WHY_CHECK(entry.first.IsScalar(), position(name, entry.first.Mark()), ": a key must be a plain word");
    WHY_CHECK(seen.insert(entry.first.Scalar()).second, position(name, entry.first.Mark()), ": key \"",
              entry.first.Scalar(), "\" is given twice");
    check_shape(entry.second, name, depth + 1);
  }
}

std::string format_double(double value) {
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  if (std::isnan(value)) return ".nan";
  constexpr double kWhole = 1e15;  // below it, whole numbers are written without an exponent
  if (value == std::trunc(value) && std::abs(value) < kWhole) return text(static_cast<std::int64_t>(value));
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value).ptr;  // shortest that reads back equal
  return std::string(buffer, end);
}

std::string in_quotes(const std::string& value) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << value;
  return out.c_str();
}

}  // namespace

Constraint in_range(double low, double high) {
  Constraint constraint;
  constraint.low = low;
  constraint.high = high;
  return constraint;
}

Constraint one_of(std::vector<std::string> choices) {
  Constraint constraint;
  constraint.choices = std::move(choices);
  return constraint;
}

Constraint required() {
  Constraint constraint;
  constraint.required = true;
  return constraint;
}

struct ConfigTree::Impl {
  YAML::Node root;
  std::map<std::string, std::string> override_text;  // path -> the override that set it, for messages
};

namespace {

class Reader : public Fields {
 public:
  Reader(const std::string& name, YAML::Node root, const std::map<std::string, std::string>& overrides)
      : name_(name), overrides_(overrides) {
    levels_.push_back({std::move(root), "", {}});
  }

  void field(std::string_view key, bool& value, std::string_view, const Constraint& c) override {
    const auto node = take(key, c);
    if (!node.IsDefined()) return;
    const std::string word = scalar(node, key, "true or false");
    WHY_CHECK(!node_is_quoted(node) && (word == "true" || word == "false"), where(node, key),
              " must be true or false, not ", show(node));
    value = word == "true";
  }

  void field(std::string_view key, int& value, std::string_view, const Constraint& c) override {
    integer(key, value, c, "a whole number");
  }

  void field(std::string_view key, std::uint64_t& value, std::string_view, const Constraint& c) override {
    integer(key, value, c, "a whole number, 0 or more");
  }

  void field(std::string_view key, double& value, std::string_view, const Constraint& c) override {
    const auto node = take(key, c);
    if (!node.IsDefined()) return;
    const std::string word = scalar(node, key, "a number");
    double parsed = 0;
    bool good = !node_is_quoted(node);
    try {
      parsed = node.as<double>();
    } catch (const YAML::Exception&) {
      good = false;
    }
    WHY_CHECK(good, where(node, key), " must be a number, not ", show(node));
    check_range(node, key, parsed, c);
    value = parsed;
  }

  void field(std::string_view key, std::string& value, std::string_view, const Constraint& c) override {
    const auto node = take(key, c);
    if (!node.IsDefined()) return;
    const std::string word = scalar(node, key, "text");
    if (!c.choices.empty()) {
      try {
        check_known(key, word, c.choices);
      } catch (const UserError& error) {
        throw UserError(text(place(node, key), ": ", error.what()));
      }
    }
    value = word;
  }

  void field(std::string_view key, std::vector<std::string>& value, std::string_view,
             const Constraint& c) override {
    const auto node = take(key, c);
    if (!node.IsDefined()) return;
    WHY_CHECK(node.IsSequence(), where(node, key), " must be a list, not ", show(node));
    std::vector<std::string> items;
    for (const auto& item : node) items.push_back(scalar(item, key, "a list of texts"));
    if (!c.choices.empty())
      for (const auto& item : items) check_known(key, item, c.choices);
    value = std::move(items);
  }

  void finish() const {
    WHY_ASSERT(levels_.size() == 1);
    check_unknown(levels_.back());
  }

 protected:
  bool enter(std::string_view key, std::string_view) override {
    const auto node = take(key, {});
    WHY_CHECK(!node.IsDefined() || node.IsMap() || node.IsNull(), where(node, key),
              " must be a section of keys, not ", show(node));
    levels_.push_back(
        {node.IsDefined() && node.IsMap() ? node : YAML::Node(YAML::NodeType::Map), path(key), {}});
    return true;
  }

  void leave() override {
    check_unknown(levels_.back());
    levels_.pop_back();
  }

 private:
  struct Level {
    YAML::Node node;
    std::string path;
    std::vector<std::string> known;
  };

  YAML::Node take(std::string_view key, const Constraint& constraint) {
    Level& level = levels_.back();
    level.known.emplace_back(key);
    const YAML::Node& map = level.node;
    const YAML::Node node = map.IsMap() ? map[std::string(key)] : YAML::Node(YAML::NodeType::Undefined);
    WHY_CHECK(node.IsDefined() || !constraint.required, position(name_, map.Mark()), ": key \"", path(key),
              "\" is missing");
    return node;
  }

  std::string path(std::string_view key) const {
    const auto& above = levels_.back().path;
    return above.empty() ? std::string(key) : above + "." + std::string(key);
  }

  // "configs/a.yaml:7:3", or the override that set the value.
  std::string place(const YAML::Node& node, std::string_view key) const {
    for (const auto& [overridden, source] : overrides_)
      if (overridden == path(key)) return text("override \"", source, "\"");
    return position(name_, node.Mark());
  }

  std::string where(const YAML::Node& node, std::string_view key) const {
    return text(place(node, key), ": \"", path(key), "\"");
  }

  static bool node_is_quoted(const YAML::Node& node) { return node.Tag() == "!"; }

  static std::string show(const YAML::Node& node) {
    if (node.IsScalar()) return text("\"", node.Scalar(), "\"");
    return node.IsSequence() ? "a list" : node.IsMap() ? "a section" : "nothing";
  }

  std::string scalar(const YAML::Node& node, std::string_view key, const char* wanted) const {
    WHY_CHECK(node.IsScalar(), where(node, key), " must be ", wanted, ", not ", show(node));
    return node.Scalar();
  }

  template <class Integer>
  void integer(std::string_view key, Integer& value, const Constraint& c, const char* wanted) {
    const auto node = take(key, c);
    if (!node.IsDefined()) return;
    const std::string word = scalar(node, key, wanted);
    Integer parsed{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), parsed);
    WHY_CHECK(error == std::errc() && end == word.data() + word.size() && !node_is_quoted(node),
              where(node, key), " must be ", wanted, ", not ", show(node));
    check_range(node, key, static_cast<double>(parsed), c);
    value = parsed;
  }

  void check_range(const YAML::Node& node, std::string_view key, double value, const Constraint& c) const {
    if (value >= c.low && value <= c.high) return;
    const std::string low = format_double(c.low), high = format_double(c.high);
    const std::string range =
        std::isinf(c.high) ? text("at least ", low) : text("between ", low, " and ", high);
    throw UserError(text(where(node, key), " must be ", range, ", not ", node.Scalar()));
  }

  void check_unknown(const Level& level) const {
    if (!level.node.IsMap()) return;
    for (const auto& entry : level.node) {
      const std::string key = entry.first.Scalar();
      if (std::find(level.known.begin(), level.known.end(), key) != level.known.end()) continue;
      const std::string full = level.path.empty() ? key : level.path + "." + key;
      std::string source = position(name_, entry.first.Mark());
      for (const auto& [overridden, written] : overrides_)
        if (overridden == full || overridden.starts_with(full + "."))
          source = text("override \"", written, "\"");
      std::string message = text(source, ": unknown key \"", key, "\"");
      if (!level.path.empty()) message += " in " + level.path;
      if (const auto nearest = nearest_name(key, level.known); !nearest.empty())
        message += text("; did you mean \"", nearest, "\"?");
      throw UserError(text(message, "; known: ", join(level.known)));
    }
  }

  std::string name_;
  std::map<std::string, std::string> overrides_;
  std::vector<Level> levels_;
};

class Writer : public Fields {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void field(std::string_view key, bool& v, std::string_view, const Constraint&) override {
    line(key, v ? "true" : "false");
  }
  void field(std::string_view key, int& v, std::string_view, const Constraint&) override {
    line(key, std::to_string(v));
  }
  void field(std::string_view key, std::uint64_t& v, std::string_view, const Constraint&) override {
    line(key, std::to_string(v));
  }
  void field(std::string_view key, double& v, std::string_view, const Constraint&) override {
    line(key, format_double(v));
  }
  void field(std::string_view key, std::string& v, std::string_view, const Constraint&) override {
    line(key, in_quotes(v));
  }
  void field(std::string_view key, std::vector<std::string>& v, std::string_view,
             const Constraint&) override {
    std::string list = "[";
    for (std::size_t i = 0; i < v.size(); ++i) list += (i ? ", " : "") + in_quotes(v[i]);
    line(key, list + "]");
  }

 protected:
  bool enter(std::string_view key, std::string_view) override {
    out_ += std::string(2 * depth_++, ' ') + std::string(key) + ":\n";
    return true;
  }
  void leave() override { --depth_; }

 private:
  void line(std::string_view key, const std::string& value) {
    out_ += std::string(2 * depth_, ' ') + std::string(key) + ": " + value + "\n";
  }

  std::string& out_;
  std::size_t depth_ = 0;
};

class Lister : public Fields {
 public:
  explicit Lister(std::vector<ConfigKey>& out) : out_(out) {}

  void field(std::string_view k, bool& v, std::string_view h, const Constraint& c) override {
    add(k, "true or false", v ? "true" : "false", h, c);
  }
  void field(std::string_view k, int& v, std::string_view h, const Constraint& c) override {
    add(k, "whole number", std::to_string(v), h, c);
  }
  void field(std::string_view k, std::uint64_t& v, std::string_view h, const Constraint& c) override {
    add(k, "whole number", std::to_string(v), h, c);
  }
  void field(std::string_view k, double& v, std::string_view h, const Constraint& c) override {
    add(k, "number", format_double(v), h, c);
  }
  void field(std::string_view k, std::string& v, std::string_view h, const Constraint& c) override {
    add(k, "text", in_quotes(v), h, c);
  }
  void field(std::string_view k, std::vector<std::string>& v, std::string_view h,
             const Constraint& c) override {
    add(k, "list", "[" + join(v) + "]", h, c);
  }

 protected:
  bool enter(std::string_view key, std::string_view) override {
    prefixes_.push_back((prefixes_.empty() ? "" : prefixes_.back()) + std::string(key) + ".");
    return true;
  }
  void leave() override { prefixes_.pop_back(); }

 private:
  void add(std::string_view key, const char* type, const std::string& value, std::string_view help,
           const Constraint& c) {
    out_.push_back(
        {(prefixes_.empty() ? "" : prefixes_.back()) + std::string(key), type, value, std::string(help), c});
  }

  std::vector<ConfigKey>& out_;
  std::vector<std::string> prefixes_;
};

// Sets root[a][b] = value for the override `a.b=value`.
void apply_override(YAML::Node root, const std::string& entry, std::map<std::string, std::string>& sources) {
  const auto equals = entry.find('=');
  WHY_CHECK(equals != std::string::npos && equals > 0, "override \"", entry,
            "\" is not of the form key.sub=value");
  const std::string path = entry.substr(0, equals);
  YAML::Node value;
  try {
    value = YAML::Load(entry.substr(equals + 1));
  } catch (const YAML::Exception& error) {
    throw UserError(text("override \"", entry, "\": ", error.msg));
  }
  check_shape(value, text("override \"", entry, "\""));

  YAML::Node node = root;
  std::istringstream keys(path);
  std::vector<std::string> parts;
  for (std::string key; std::getline(keys, key, '.');) {
    WHY_CHECK(!key.empty(), "override \"", entry, "\": a part of the key is empty");
    parts.push_back(key);
  }
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    YAML::Node child = node[parts[i]];
    WHY_CHECK(!child.IsDefined() || child.IsNull() || child.IsMap(), "override \"", entry, "\": \"", parts[i],
              "\" is not a section");
    if (!child.IsDefined() || child.IsNull()) child = node[parts[i]] = YAML::Node(YAML::NodeType::Map);
    node.reset(child);
  }
  node[parts.back()] = value;
  sources[path] = entry;
}

}  // namespace

ConfigTree ConfigTree::parse(const std::string& yaml, const std::string& name,
                             std::span<const std::string> overrides) {
  auto impl = std::make_shared<Impl>();
  try {
    impl->root = YAML::Load(yaml);
  } catch (const YAML::Exception& error) {
    throw UserError(text(position(name, error.mark), ": ", error.msg));
  }
  if (impl->root.IsNull()) impl->root = YAML::Node(YAML::NodeType::Map);
  WHY_CHECK(impl->root.IsMap(), name, ": a configuration is a list of `key: value` lines");
  check_shape(impl->root, name);
  for (const auto& entry : overrides) apply_override(impl->root, entry, impl->override_text);

  ConfigTree tree;
  tree.name_ = name;
  tree.impl_ = std::move(impl);
  return tree;
}

ConfigTree ConfigTree::load(const std::string& path, std::span<const std::string> overrides) {
  return parse(read_file(path), path, overrides);
}

std::string ConfigTree::scalar(std::string_view key) const {
  const YAML::Node& root = impl_->root;
  const YAML::Node node = root[std::string(key)];
  return node.IsDefined() && node.IsScalar() ? node.Scalar() : "";
}

bool ConfigTree::has(std::string_view key) const {
  const YAML::Node& root = impl_->root;
  return root[std::string(key)].IsDefined();
}

std::unique_ptr<Fields> ConfigTree::make_reader() const {
  return std::make_unique<Reader>(name_, impl_->root, impl_->override_text);
}

void ConfigTree::finish(Fields& reader) { static_cast<Reader&>(reader).finish(); }

namespace detail {
std::unique_ptr<Fields> make_writer(std::string& out) { return std::make_unique<Writer>(out); }
std::unique_ptr<Fields> make_lister(std::vector<ConfigKey>& out) { return std::make_unique<Lister>(out); }
}  // namespace detail

}  // namespace why
