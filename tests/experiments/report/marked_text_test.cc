#include "experiments/report/marked_text.h"

#include <gmock/gmock.h>

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "text[parts]" of each run.
std::vector<std::string> runs(const std::string& text, std::vector<TextSpan> spans) {
  SampleText sample;
  sample.text = text;
  sample.spans = std::move(spans);
  std::vector<std::string> out;
  for (const auto& run : text_runs(sample)) {
    std::string line = run.text + "[";
    for (const int part : run.parts) line += std::to_string(part);
    out.push_back(line + "]");
  }
  return out;
}

TEST(MarkedText, IsCutAlongItsParts) {
  EXPECT_THAT(runs("a big, dog.", {{0, 1}, {2, 6}, {7, 10}}),
              ElementsAre("a[0]", " []", "big,[1]", " []", "dog[2]", ".[]"));
  EXPECT_THAT(runs("...", {}), ElementsAre("...[]"));
  EXPECT_THAT(runs("", {}), IsEmpty());
}

TEST(MarkedText, PiecesThatShareBytesShareARun) {
  // an emoji of three tokens, and one that begins within another
  EXPECT_THAT(runs("x☂y", {{1, 4}, {1, 4}, {1, 4}, {4, 5}}), ElementsAre("x[]", "☂[012]", "y[3]"));
  EXPECT_THAT(runs("abcd", {{0, 2}, {1, 4}}), ElementsAre("ab[01]", "cd[1]"));
}

TEST(MarkedText, IsMarkedWhereAMemberStands) {
  EXPECT_TRUE(is_marked({"x", {1, 2}}, {2}));
  EXPECT_FALSE(is_marked({"x", {1, 2}}, {0, 3}));
  EXPECT_FALSE(is_marked({"x", {}}, {0}));
}

}  // namespace
}  // namespace why
