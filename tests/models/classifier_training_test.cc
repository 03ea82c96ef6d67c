#include "models/classifier_training.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace why {
namespace {

using ::testing::ElementsAre;

std::vector<TextExample> of_lengths(const std::vector<std::size_t>& lengths) {
  std::vector<TextExample> out;
  for (const auto length : lengths) out.push_back({Sequence(length, 1), 0, false});
  return out;
}

TEST(LengthBatches, HoldEveryExampleOnceAndLikeLengthsTogether) {
  std::vector<std::size_t> lengths;
  Random random(3);
  for (int i = 0; i < 1003; ++i) lengths.push_back(5 + random.below(200));
  const auto examples = of_lengths(lengths);
  const auto batches = length_batches(examples, 16, Random(1));
  EXPECT_EQ(batches.size(), 63u);
  std::set<std::size_t> seen;
  std::size_t padded = 0, real = 0;
  for (const auto& batch : batches) {
    std::size_t longest = 0;
    for (const auto i : batch) {
      EXPECT_TRUE(seen.insert(i).second);
      longest = std::max(longest, lengths[i]);
      real += lengths[i];
    }
    padded += longest * batch.size();
  }
  EXPECT_EQ(seen.size(), lengths.size());
  EXPECT_LT(static_cast<double>(padded), 1.1 * static_cast<double>(real));
}

TEST(LengthBatches, ChangeWithTheSeedAlone) {
  const auto examples = of_lengths({9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(length_batches(examples, 2, Random(1)), length_batches(examples, 2, Random(1)));
  EXPECT_NE(length_batches(examples, 2, Random(1)), length_batches(examples, 2, Random(2)));
  EXPECT_TRUE(length_batches({}, 2, Random(1)).empty());
}

TEST(TestResult, CountsByLength) {
  TextTestSet test{"mine", of_lengths({1, 16, 17, 40, 64, 65})};
  test.examples[3].cut = true;
  test.examples[5].label = 1;
  const TestResult result = test_result(test, {0, 1, 0, 0, 1, 1});
  EXPECT_EQ(result.texts, 6u);
  EXPECT_EQ(result.right, 4u);
  EXPECT_EQ(result.cut, 1u);
  std::vector<std::string> bins;
  for (const auto& bin : result.by_length)
    bins.push_back(std::to_string(bin.low) + "-" + std::to_string(bin.high) + ": " +
                   std::to_string(bin.right) + "/" + std::to_string(bin.texts));
  EXPECT_THAT(bins, ElementsAre("1-16: 1/2", "17-32: 1/1", "33-64: 1/2", "65-128: 1/1"));
}

}  // namespace
}  // namespace why
