// Strict configuration: plain structs, each of which lists its keys once.
//
//   struct SearchOptions { std::string algorithm = "icd"; double alpha = 1e-5; };
//
//   void describe(Fields& f, SearchOptions& o) {
//     f.field("algorithm", o.algorithm, "how the graph is learned", one_of({"icd", "fci", "pc"}));
//     f.field("alpha", o.alpha, "independent iff p > alpha", in_range(0, 1));
//   }
//
// That one list reads YAML (ConfigTree::read), writes the resolved form (to_yaml) and the table of keys for
// the documentation (describe_keys). An unknown key, a value of the wrong type or one out of range is a
// UserError `configs/a.yaml:7:3: unknown key "alhpa" in search; did you mean "alpha"? known: algorithm,
// alpha`.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.h"

namespace why {

// What a value must satisfy; the default accepts everything.
struct Constraint {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;
  bool required = false;  // the key must be given
};

Constraint in_range(double low, double high = std::numeric_limits<double>::infinity());
Constraint one_of(std::vector<std::string> choices);
Constraint required();

// The visitor behind `describe`. Values keep their defaults when the key is absent.
class Fields {
 public:
  virtual ~Fields() = default;

  virtual void field(std::string_view key, bool& value, std::string_view help, const Constraint& = {}) = 0;
  virtual void field(std::string_view key, int& value, std::string_view help, const Constraint& = {}) = 0;
  virtual void field(std::string_view key, std::uint64_t& value, std::string_view help,
                     const Constraint& = {}) = 0;
  virtual void field(std::string_view key, double& value, std::string_view help, const Constraint& = {}) = 0;
  virtual void field(std::string_view key, std::string& value, std::string_view help,
                     const Constraint& = {}) = 0;
  virtual void field(std::string_view key, std::vector<std::string>& value, std::string_view help,
                     const Constraint& = {}) = 0;

  // A nested struct with a `describe` of its own.
  template <class Struct>
  void section(std::string_view key, Struct& value, std::string_view help) {
    if (!enter(key, help)) return;
    describe(*this, value);
    leave();
  }

 protected:
  virtual bool enter(std::string_view key, std::string_view help) = 0;  // false: nothing to visit in there
  virtual void leave() = 0;
};

// A parsed YAML document that remembers where each value stood.
class ConfigTree {
 public:
  // `overrides` are `a.b=value`, applied after the file, each value parsed as YAML.
  static ConfigTree load(const std::string& path, std::span<const std::string> overrides = {});
  static ConfigTree parse(const std::string& yaml, const std::string& name,
                          std::span<const std::string> overrides = {});

  // Fills `value` and rejects every key that its `describe` did not ask for.
  template <class Struct>
  void read(Struct& value) const {
    auto reader = make_reader();
    describe(*reader, value);
    finish(*reader);
  }

  // The scalar at a top-level key, e.g. to choose which struct to read; empty when absent.
  std::string scalar(std::string_view key) const;
  bool has(std::string_view key) const;  // a top-level key, whatever it holds
  const std::string& name() const { return name_; }

 private:
  struct Impl;
  std::unique_ptr<Fields> make_reader() const;
  static void finish(Fields& reader);

  std::string name_;
  std::shared_ptr<const Impl> impl_;
};

// One key as documentation shows it.
struct ConfigKey {
  std::string path;   // "search.alpha"
  std::string type;   // "number", "text", ...
  std::string value;  // the default, as YAML
  std::string help;
  Constraint allowed;
};

namespace detail {
std::unique_ptr<Fields> make_writer(std::string& out);
std::unique_ptr<Fields> make_lister(std::vector<ConfigKey>& out);
}  // namespace detail

// The resolved form: every key with its effective value; reading it gives the same struct again.
template <class Struct>
std::string to_yaml(const Struct& value) {
  std::string out;
  auto writer = detail::make_writer(out);
  Struct copy = value;
  describe(*writer, copy);
  writer.reset();  // the writer flushes at its end
  return out;
}

template <class Struct>
std::vector<ConfigKey> describe_keys(const Struct& defaults) {
  std::vector<ConfigKey> out;
  auto lister = detail::make_lister(out);
  Struct copy = defaults;
  describe(*lister, copy);
  return out;
}

}  // namespace why
