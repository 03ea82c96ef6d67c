#include "discovery/search/blockwise_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "core/subsets.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "tests/available_devices.h"
#include "tests/discovery/search/separations.h"
#ifdef WHYFORMER_HAS_CUDA
#include "discovery/stats/set_blocks_cuda.h"
#endif

namespace why {
namespace {

constexpr int kVariables = 24;

Correlation sparse_model(std::uint64_t seed, int samples = 300) {
  return correlation_of({kVariables, .15, .7, samples}, seed);
}

struct Scanning {
  Device device;
  Precision precision;
};

// On the CPU the blocks are looked through by the functions that a device runs.
std::unique_ptr<SetScanner> scanner(const SquareMatrix& matrix, const Scanning& scanning) {
#ifdef WHYFORMER_HAS_CUDA
  if (scanning.device.is_cuda()) return cuda::make_scanner(matrix, scanning.device.index, scanning.precision);
#endif
  EXPECT_FALSE(scanning.device.is_cuda());
  return make_host_scanner(matrix, scanning.precision);
}

// Everything in blocks, however little it is.
BlockwiseTest in_blocks(const CorrelationTest& test, const Scanning& scanning) {
  return BlockwiseTest(
      test, [scanning](const SquareMatrix& matrix) { return scanner(matrix, scanning); }, 0);
}

std::vector<Scanning> all_scannings() {
  std::vector<Scanning> out;
  for (const Device& device : available_devices())
    for (const Precision precision : {Precision::float64, Precision::float32})
      out.push_back({device, precision});
  return out;
}

class Blockwise : public testing::TestWithParam<Scanning> {
 protected:
  // All pairs, given pools of up to `size` others.
  std::vector<PoolTask> pool_tasks(int size, int k) {
    pools_.clear();
    std::vector<PoolTask> out;
    Random random(5);
    for (Node x = 0; x < kVariables; ++x)
      for (Node y = x + 1; y < kVariables; ++y) {
        std::vector<Node> others;
        for (Node v = 0; v < kVariables; ++v)
          if (v != x && v != y) others.push_back(v);
        random.shuffle(std::span(others));
        others.resize(static_cast<std::size_t>(size) - random.below(3));
        std::sort(others.begin(), others.end());
        pools_.push_back(others);
      }
    std::size_t at = 0;
    for (Node x = 0; x < kVariables; ++x)
      for (Node y = x + 1; y < kVariables; ++y) out.push_back({x, y, pools_[at++], k});
    return out;
  }

  // The same sets, each pool's listed from its last to its first, members in descending order.
  std::vector<ListTask> list_tasks(const std::vector<PoolTask>& pools) {
    lists_.clear();
    std::vector<ListTask> out;
    for (const PoolTask& task : pools) {
      std::vector<Node> sets;
      const auto size = static_cast<int>(task.pool.size());
      std::vector<int> at = first_subset(task.k);
      for (bool more = task.k <= size; more; more = next_subset(at, size))
        for (const int i : at) sets.push_back(task.pool[static_cast<std::size_t>(i)]);
      std::reverse(sets.begin(), sets.end());
      lists_.push_back(std::move(sets));
    }
    for (std::size_t i = 0; i < pools.size(); ++i)
      out.push_back({pools[i].x, pools[i].y, lists_[i], pools[i].k,
                     binomial(static_cast<int>(pools[i].pool.size()), pools[i].k)});
    return out;
  }

  void expect_the_same(const CorrelationTest& test, int size, int k) {
    BlockwiseTest blockwise = in_blocks(test, GetParam());
    const auto pools = pool_tasks(size, k);
    const auto lists = list_tasks(pools);
    const auto of_pools = test.CiTest::separate(std::span<const PoolTask>(pools));
    const auto of_lists = test.CiTest::separate(std::span<const ListTask>(lists));
    for (const int threads : {1, 3}) {
      blockwise.threads = threads;
      expect_equal(blockwise.separate(std::span<const PoolTask>(pools)), of_pools);
      expect_equal(blockwise.separate(std::span<const ListTask>(lists)), of_lists);
    }
  }

  std::vector<std::vector<Node>> pools_, lists_;
};

INSTANTIATE_TEST_SUITE_P(Devices, Blockwise, testing::ValuesIn(all_scannings()), [](const auto& scanning) {
  return std::string(scanning.param.device.is_cuda() ? "cuda" : "cpu") +
         (scanning.param.precision == Precision::float32 ? "_float32" : "_float64");
});

TEST_P(Blockwise, AnswersAsOneQuestionAtATimeDoes) {
  const CorrelationTest test(sparse_model(1), {.alpha = .01});
  expect_the_same(test, 22, 1);
  expect_the_same(test, 16, 2);
  expect_the_same(test, 14, 4);
  expect_the_same(test, 11, 8);
}

// Hundreds of blocks a pair, so that rounds of several blocks are needed.
TEST_P(Blockwise, GoesThroughManyBlocks) {
  const CorrelationTest test(sparse_model(2), {.alpha = .3});
  expect_the_same(test, 20, 5);
}

TEST_P(Blockwise, LeavesToTheCpuWhatIsNotForBlocks) {
  const CorrelationTest test(sparse_model(3));
  expect_the_same(test, 12, 0);
  expect_the_same(test, 3, 4);  // no such subset
}

TEST_P(Blockwise, TakesLargeSets) {
  expect_the_same(CorrelationTest(sparse_model(3)), 12, 9);
  expect_the_same(CorrelationTest(sparse_model(3)), 22, 20);

  const CorrelationTest test(correlation_of({36, .1, .7, 300}, 4));
  const BlockwiseTest blockwise = in_blocks(test, GetParam());
  std::vector<Node> pool(34);
  std::iota(pool.begin(), pool.end(), 2);
  for (const int k : {31, 32, 33, 34}) {  // those behind kLargestBlockSet on the CPU
    const PoolTask task{0, 1, pool, k};
    expect_equal(blockwise.separate({&task, 1}), test.CiTest::separate({&task, 1}));
  }
}

TEST_P(Blockwise, KnowsTheOtherTests) {
  expect_the_same(CorrelationTest(sparse_model(4), {.alpha = .05, .positive_only = true}), 14, 3);
  expect_the_same(CorrelationTest::exact(sparse_model(5, 30), .01), 14, 3);
  expect_the_same(CorrelationTest(sparse_model(6, 10)), 10, 7);  // too few samples
}

TEST_P(Blockwise, SearchesFindTheSame) {
  for (const std::uint64_t seed : {7, 8, 9}) {
    const CorrelationTest test(sparse_model(seed), {.alpha = .01});
    const BlockwiseTest blockwise = in_blocks(test, GetParam());
    for (const bool with_icd : {false, true}) {
      const auto search = [with_icd](const CiTest& ci) {
        return with_icd ? icd(ci) : fci(ci, {.max_pds_order = 3});
      };
      const SearchResult wanted = search(test), found = search(blockwise);
      EXPECT_EQ(found.graph, wanted.graph);
      EXPECT_EQ(found.tests, wanted.tests);
      EXPECT_EQ(found.degenerate, wanted.degenerate);
    }
  }
}

TEST_P(Blockwise, StopsWhenTold) {
  BlockwiseTest blockwise = in_blocks(CorrelationTest(sparse_model(1)), GetParam());
  blockwise.should_stop = [] { return true; };
  const auto tasks = pool_tasks(14, 3);
  for (const Separation& each : blockwise.separate(std::span<const PoolTask>(tasks)))
    EXPECT_EQ(each.rank, -1);
}

TEST(SetBlocks, PlacesAndAdvancesSubsets) {
  const int m = 9, k = 4, row = 6;
  const auto binomials = binomials_up_to(m, row);
  std::vector<int> wanted = first_subset(k), moved = wanted;
  std::int64_t rank = 0;
  do {
    std::vector<int> at(k);
    place_subset(at.data(), m, k, rank, binomials.data(), row);
    EXPECT_EQ(at, wanted) << rank;
    EXPECT_EQ(moved, wanted) << rank;
    if (rank + 1 < binomial(m, k)) {
      const auto before = moved;
      const int changed = advance_subset(moved.data(), m, k);
      EXPECT_TRUE(std::equal(before.begin(), before.begin() + changed, moved.begin()));
      EXPECT_NE(before[static_cast<std::size_t>(changed)], moved[static_cast<std::size_t>(changed)]);
    }
    ++rank;
  } while (next_subset(wanted, m));
  EXPECT_EQ(rank, binomial(m, k));
}

// C(400, 8) does not fit into an int64 together with its neighbours' sums; ranks near 2^62 do.
TEST(SetBlocks, PlacesSubsetsOfLargePools) {
  const int m = 400, k = 8;
  const auto binomials = binomials_up_to(m, k);
  std::vector<int> pool(m);
  std::iota(pool.begin(), pool.end(), 0);
  for (const std::int64_t rank : {std::int64_t{0}, std::int64_t{1} << 40, (std::int64_t{1} << 53) + 12345}) {
    std::vector<int> at(k);
    place_subset(at.data(), m, k, rank, binomials.data(), k);
    EXPECT_EQ(at, subset_at(pool, k, rank)) << rank;
  }
}

TEST(OnDevice, NeedsCudaKernelsForACudaDevice) {
  if (has_cuda_kernels()) GTEST_SKIP() << "this program has CUDA kernels";
  EXPECT_THROW(on_device(CorrelationTest(sparse_model(1)), {Device::Kind::cuda, 0}), UserError);
}

}  // namespace
}  // namespace why
