#include <gmock/gmock.h>

#include "models/training.h"

namespace why {
namespace {

using ::testing::ElementsAre;

TEST(HoldOut, TestIsTheLastItemAndValidationTheOneBefore) {
  const Sequence whole = {5, 6, 7, 8, 9};
  EXPECT_THAT(hold_out(whole, Fold::test, 50).history, ElementsAre(5, 6, 7, 8));
  EXPECT_EQ(hold_out(whole, Fold::test, 50).target, 9);
  EXPECT_THAT(hold_out(whole, Fold::validation, 50).history, ElementsAre(5, 6, 7));
  EXPECT_EQ(hold_out(whole, Fold::validation, 50).target, 8);
}

TEST(HoldOut, KeepsTheLatestItemsOfALongHistory) {
  EXPECT_THAT(hold_out({1, 2, 3, 4, 5}, Fold::test, 2).history, ElementsAre(3, 4));
}

TEST(HoldOut, NeedsThreeItems) {
  EXPECT_FALSE(can_hold_out({1, 2}));
  EXPECT_TRUE(can_hold_out({1, 2, 3}));
}

}  // namespace
}  // namespace why
