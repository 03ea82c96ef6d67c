// The commands of the program. Each file of this folder adds one: it declares its options and calls a
// function of the layers below; results go to stdout, everything else to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/printable.h"

namespace why {

// A line each, on stderr.
inline void print_warnings(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) std::fprintf(stderr, "warning: %s\n", printable(warning).c_str());
}

// CLI11's own PositiveNumber prints its upper bound with 309 digits.
inline CLI::Validator at_least_one() {
  return CLI::Validator(
      [](const std::string& word) {
        int value = 0;
        const bool good = CLI::detail::lexical_cast(word, value) && value >= 1;
        return good ? std::string() : "must be a whole number, 1 or more, not " + word;
      },
      "INT >= 1");
}

// CLI11 reads -1 as the largest number there is.
inline CLI::Validator seed_number() {
  return CLI::Validator(
      [](const std::string& word) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        const bool good = error == std::errc() && end == word.data() + word.size();
        return good ? std::string() : "must be a whole number, 0 or more, not \"" + word + "\"";
      },
      "");
}

inline CLI::Validator one_to(int most) {
  return CLI::Validator(
      [most](const std::string& word) {
        int value = 0;
        const bool good = CLI::detail::lexical_cast(word, value) && value >= 1 && value <= most;
        return good ? std::string()
                    : "must be a whole number from 1 to " + std::to_string(most) + ", not " + word;
      },
      "1 <= INT <= " + std::to_string(most));
}

// CLI11 reads an empty word as 0.
inline CLI::Validator between_zero_and_one() {
  return CLI::Validator(
      [](const std::string& word) {
        double value = 0;
        const bool good = !word.empty() && CLI::detail::lexical_cast(word, value) && value > 0 && value < 1;
        return good ? std::string() : "must lie between 0 and 1, not be \"" + word + "\"";
      },
      "0 < P < 1");
}

// UserError where a file cannot be written because it is a folder, or its folder is missing: said before the
// work begins. `option` is what named it: "--output".
inline void check_can_hold_file(const std::string& option, const std::string& name) {
  std::error_code ignored;
  const std::filesystem::path file(name);
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  WHY_CHECK(!std::filesystem::is_directory(file, ignored), option, " ", name, " is a folder, not a file");
  WHY_CHECK(std::filesystem::is_directory(folder, ignored), option, " ", name, ": there is no folder ",
            folder.string());
}

inline CLI::Validator not_empty() {
  return CLI::Validator([](const std::string& word) { return word.empty() ? "must not be empty" : ""; }, "");
}

void add_attention(CLI::App& app);
void add_compare(CLI::App& app);
void add_discover(CLI::App& app);
void add_explain(CLI::App& app);
void add_import(CLI::App& app);
void add_list(CLI::App& app);
void add_report(CLI::App& app);
void add_run(CLI::App& app);
void add_simulate(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_train(CLI::App& app);
void add_validate(CLI::App& app);
void add_verify(CLI::App& app);

}  // namespace why
