#include "discovery/explain/accent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Scores 10, 8, 5. Without 0, 1, 2, 3 the first is 10 - {1, 0, 2, 1}, the second 8 - {0, 1, 1, 0}, the third
// 5 - {-1, 0, -3, 0}: the gap to the second (2) loses 1, -1, 1, 1 and that to the third (5) loses 2, 0, 5, 1.
LeaveOneOut by_hand() { return {{10, 8, 5}, {{9, 8, 6}, {10, 7, 5}, {8, 7, 8}, {9, 8, 5}}}; }

TEST(Accent, TakesWhatHelpsUntilTheRivalPasses) {
  // Second: 0, 2, 3 leave 2 - 3 = -1. Third: 2 leaves 0, which is no pass, and 0 leaves -2: the smaller set.
  EXPECT_THAT(accent_set(by_hand()), ElementsAre(0, 2));
  auto two = by_hand();
  two.scores.resize(2);
  EXPECT_THAT(accent_set(two), ElementsAre(0, 2, 3));
}

TEST(Accent, OfEqualSizesTheSmallerGap) {
  // one candidate passes either rival: to -1 and to -2
  EXPECT_THAT(accent_set({{3, 2, 2}, {{3, 2, 5}, {3, 4, 2}, {3, 2, 2}}}), ElementsAre(0));
  // equal gaps: the better placed rival
  EXPECT_THAT(accent_set({{3, 2, 2}, {{3, 2, 4}, {3, 4, 2}, {3, 2, 2}}}), ElementsAre(1));
}

TEST(Accent, WhatHarmsIsNotTakenAndNotEverythingMayGo) {
  EXPECT_THAT(accent_set({{3, 2}, {{4, 2}, {3, 1}, {3, 2}}}), IsEmpty());  // gains -1, -1, 0
  EXPECT_THAT(accent_set({{3, 2}, {{2, 2}, {2.5, 2}}}), IsEmpty());        // both together would pass
  EXPECT_THAT(accent_set({{3, 2}, {}}), IsEmpty());
}

TEST(Accent, OneCallVerifies) {
  ToyJudge agrees(4, holds_one_of({{0, 2}})), differs(4, holds_one_of({{1, 2}}));
  VerdictMemo memo(agrees), other(differs);
  const auto found = accent(by_hand(), memo);
  EXPECT_EQ(found.status, SearchStatus::found);
  EXPECT_EQ(found.first_hit, 1);
  EXPECT_THAT(found.calls, ElementsAre(0, 1));
  EXPECT_EQ(found.passes, 1);
  ASSERT_EQ(found.sets.size(), 1u);
  EXPECT_THAT(found.sets[0].set.members, ElementsAre(0, 2));

  const auto missed = accent(by_hand(), other);
  EXPECT_EQ(missed.status, SearchStatus::none);
  EXPECT_EQ(missed.total_calls(), 1);
  EXPECT_THAT(missed.sets, IsEmpty());
}

}  // namespace
}  // namespace why
