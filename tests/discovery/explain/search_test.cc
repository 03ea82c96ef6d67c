#include "discovery/explain/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/random.h"
#include "core/subsets.h"
#include "discovery/explain/exhaustive.h"
#include "tests/discovery/explain/toy_judge.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Sets = std::vector<std::vector<int>>;

Sets members(const MinimalSets& result) {
  Sets out;
  for (const auto& explanation : result.sets) out.push_back(explanation.set.members);
  return out;
}

MinimalSets search_all(ToyJudge& judge, const SearchBounds& bounds = {}, std::size_t batch_size = 64) {
  AllSets sets(judge.num_candidates());
  VerdictMemo memo(judge, batch_size);
  return minimal_sets(sets, memo, bounds);
}

TEST(MinimalSets, StopsAtTheSmallestSizeAndReportsAllOfIt) {
  ToyJudge judge(5, holds_one_of({{1, 3}, {2, 4}, {0, 2, 3}}));
  const auto result = search_all(judge);
  EXPECT_EQ(result.status, SearchStatus::minimal);
  EXPECT_EQ(result.bound, SearchBound::none);
  EXPECT_EQ(members(result), (Sets{{1, 3}, {2, 4}}));
  EXPECT_THAT(result.calls, ElementsAre(5, 10, 0));
  EXPECT_THAT(result.possible, ElementsAre(5, 10, 10));
  EXPECT_EQ(result.passes, 15);
  EXPECT_EQ(result.first_hit, 11);  // 5 singles, 01 02 03 04 12 and then 13
  for (const auto& explanation : result.sets) {
    EXPECT_TRUE(explanation.verdict.changed);
    EXPECT_EQ(explanation.verdict.output, 2);  // the toy's output is the number of removed candidates
  }
}

TEST(MinimalSets, NothingToRemove) {
  ToyJudge judge(0, [](const auto&) { return true; });
  const auto result = search_all(judge);
  EXPECT_EQ(result.status, SearchStatus::none);
  EXPECT_THAT(result.legal, ElementsAre(0, 0, 0));
  EXPECT_EQ(result.total_calls(), 0);
  EXPECT_THAT(judge.batches, IsEmpty());
}

TEST(MinimalSets, AllCandidatesTogetherAreNoSet) {
  ToyJudge one(1, holds_one_of({{0}}));
  const auto nothing = search_all(one);
  EXPECT_EQ(nothing.status, SearchStatus::none);
  EXPECT_EQ(nothing.bound, SearchBound::none);
  EXPECT_THAT(nothing.possible, ElementsAre(0, 0, 0));
  EXPECT_THAT(one.batches, IsEmpty());

  ToyJudge two(2, holds_one_of({{0, 1}}));
  const auto result = search_all(two);
  EXPECT_EQ(result.status, SearchStatus::none);
  EXPECT_EQ(result.bound, SearchBound::none);
  EXPECT_THAT(result.legal, ElementsAre(2, 0, 0));
  EXPECT_THAT(result.calls, ElementsAre(2, 0, 0));
}

TEST(MinimalSets, SaysNoneOnlyWhenNothingLargerIsOnOffer) {
  ToyJudge three(3, holds_one_of({}));
  EXPECT_EQ(search_all(three).status, SearchStatus::none);
  ToyJudge four(4, holds_one_of({{0, 1, 2, 3}}));
  EXPECT_EQ(search_all(four).status, SearchStatus::none);
  ToyJudge five(5, holds_one_of({{0, 1, 2, 3}}));
  const auto result = search_all(five);
  EXPECT_EQ(result.status, SearchStatus::budget);
  EXPECT_EQ(result.bound, SearchBound::max_set_size);
}

TEST(MinimalSets, ACallBudgetMayEndInTheMiddleOfASize) {
  // 5 singles, then 3 of the 10 pairs {0,1} {0,2} {0,3}
  ToyJudge judge(5, holds_one_of({{0, 4}}));
  const auto missed = search_all(judge, {.max_set_size = 3, .max_calls = 8});
  EXPECT_EQ(missed.status, SearchStatus::budget);
  EXPECT_EQ(missed.bound, SearchBound::max_calls);
  EXPECT_THAT(missed.calls, ElementsAre(5, 3, 0));
  EXPECT_EQ(missed.first_hit, 0);

  // one pair more: found, but the size was not asked to its end
  ToyJudge again(5, holds_one_of({{0, 4}, {3, 4}}));
  const auto found = search_all(again, {.max_set_size = 3, .max_calls = 9});
  EXPECT_EQ(found.status, SearchStatus::minimal);
  EXPECT_EQ(found.bound, SearchBound::max_calls);
  EXPECT_EQ(members(found), (Sets{{0, 4}}));
}

TEST(MinimalSets, ABudgetSpentAtTheEndOfASizeIsHitAtTheNext) {
  ToyJudge judge(5, holds_one_of({{0, 1}}));
  const auto result = search_all(judge, {.max_set_size = 3, .max_calls = 5});
  EXPECT_EQ(result.bound, SearchBound::max_calls);
  EXPECT_THAT(result.calls, ElementsAre(5, 0, 0));
  ToyJudge last(2, holds_one_of({}));
  EXPECT_EQ(search_all(last, {.max_set_size = 3, .max_calls = 3}).bound, SearchBound::none);
}

TEST(MinimalSets, AsksInBatchesOfTheGivenSize) {
  ToyJudge judge(5, holds_one_of({}));
  search_all(judge, {.max_set_size = 2, .max_calls = 500}, 4);
  EXPECT_THAT(judge.batches, ElementsAre(4, 1, 4, 4, 2));
}

TEST(MinimalSets, RefusesBoundsThatAllowNothing) {
  ToyJudge judge(2, holds_one_of({}));
  EXPECT_THROW(search_all(judge, {.max_set_size = 0, .max_calls = 500}), UserError);
  EXPECT_THROW(search_all(judge, {.max_set_size = 3, .max_calls = 0}), UserError);
}

// The same 3 sets of 4 candidates under two heads, some of them twice.
class ListedSets : public Candidates {
 public:
  explicit ListedSets(Sets sets) : sets_(std::move(sets)) {}
  int num_candidates() const override { return 4; }
  int max_size() const override { return 2; }
  std::int64_t count(int size) override { return static_cast<std::int64_t>(first(size, 100).size()); }
  std::vector<Proposal> first(int size, std::int64_t limit) override {
    std::vector<Proposal> out;
    for (const auto& set : sets_)
      if (static_cast<int>(set.size()) == size && static_cast<std::int64_t>(out.size()) < limit)
        out.push_back({set, 0, {}});
    return out;
  }

 private:
  Sets sets_;
};

TEST(VerdictMemo, PassesAreSharedAndCallsAreNot) {
  ToyJudge judge(4, holds_one_of({{2, 3}}));
  VerdictMemo memo(judge, 64);
  ListedSets first({{1}, {3}, {1, 3}, {2, 3}});
  ListedSets second({{3}, {2}, {2, 3}});
  const auto a = minimal_sets(first, memo), b = minimal_sets(second, memo);
  EXPECT_EQ(a.total_calls(), 4);
  EXPECT_EQ(a.passes, 4);
  EXPECT_EQ(b.total_calls(), 3);
  EXPECT_EQ(b.passes, 1);  // only {2} is new
  EXPECT_EQ(memo.passes(), 5);
  EXPECT_EQ(members(a), members(b));
}

TEST(VerdictMemo, GivesTheSameResultWhateverWasAskedBefore) {
  ToyJudge judge(4, holds_one_of({{2, 3}}));
  VerdictMemo memo(judge, 64);
  AllSets all(4);
  minimal_sets(all, memo);
  ListedSets sets({{3}, {2}, {2, 3}});
  const auto later = minimal_sets(sets, memo, {.max_set_size = 3, .max_calls = 2});
  VerdictMemo fresh(judge, 64);
  const auto alone = minimal_sets(sets, fresh, {.max_set_size = 3, .max_calls = 2});
  EXPECT_EQ(later.status, SearchStatus::budget);  // known answers count against the budget all the same
  EXPECT_EQ(alone.status, later.status);
  EXPECT_EQ(alone.calls, later.calls);
}

TEST(VerdictMemo, ASetAskedTwiceInOneQuestionIsJudgedOnce) {
  ToyJudge judge(4, holds_one_of({}));
  VerdictMemo memo(judge, 64);
  const std::vector<Proposal> sets{{{1}, 0, {}}, {{1}, 0, {}}, {{2}, 0, {}}};
  EXPECT_EQ(memo.ask(sets).size(), 3u);
  EXPECT_THAT(judge.batches, ElementsAre(2));
}

// Every subset, by definition: the smallest removed sets with f = true.
Sets smallest_by_brute_force(int n, const ToyJudge::Function& f) {
  Sets best;
  for (int size = 1; size < n && best.empty(); ++size) {
    auto at = first_subset(size);
    do
      if (f(std::set<int>(at.begin(), at.end()))) best.push_back(at);
    while (next_subset(at, n));
  }
  return best;
}

TEST(MinimalSets, AgreesWithBruteForceOnRandomFunctions) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const int n = static_cast<int>(random.below(8));
    ToyJudge::Function f;
    if (seed % 2 == 0) {  // monotone: a few causes
      std::vector<std::set<int>> causes(random.below(4));
      for (auto& cause : causes)
        for (int i = 0; i < n; ++i)
          if (random.uniform() < 0.4) cause.insert(i);
      std::erase_if(causes, [](const auto& cause) { return cause.empty(); });
      f = holds_one_of(causes);
    } else {  // any table of truth values: removing more may change it back
      std::vector<bool> table(std::size_t{1} << n);
      for (std::size_t i = 1; i < table.size(); ++i) table[i] = random.uniform() < 0.03;
      f = [table](const std::set<int>& removed) {
        std::size_t index = 0;
        for (const int i : removed) index |= std::size_t{1} << i;
        return static_cast<bool>(table[index]);
      };
    }
    ToyJudge judge(n, f);
    const auto result = search_all(judge, {.max_set_size = 8, .max_calls = 1000}, 1 + random.below(9));
    const auto expected = smallest_by_brute_force(n, f);
    EXPECT_EQ(members(result), expected) << "seed " << seed;
    EXPECT_EQ(result.status, expected.empty() ? SearchStatus::none : SearchStatus::minimal);
  }
}

}  // namespace
}  // namespace why
