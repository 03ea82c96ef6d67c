// The kept corpus, run through the fuzzing targets as an ordinary test: tests/fuzz/corpus/TARGET/*.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/errors.h"
#include "core/files.h"
#include "tests/fuzz/targets.h"

namespace why {
namespace {

TEST(Fuzz, EveryKeptInputIsAnsweredWithoutACrash) {
  const auto corpus = std::filesystem::path(std::getenv("WHYFORMER_SOURCE")) / "tests/fuzz/corpus";
  for (const auto& target : fuzz_targets()) {
    std::vector<std::filesystem::path> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(corpus / target.name))
      inputs.push_back(entry.path());
    std::sort(inputs.begin(), inputs.end());
    EXPECT_GE(inputs.size(), 2u) << target.name;
    for (const auto& input : inputs) {
      SCOPED_TRACE(input);
      const std::string bytes = read_file(input);
      try {
        target.run(bytes);
      } catch (const UserError& error) {
        EXPECT_STRNE(error.what(), "");
      }
    }
  }
}

}  // namespace
}  // namespace why
