// What only a device without memory, or a broken kernel, would show; and the stand-in itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cuda.h"
#include "discovery/search/blockwise_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/search_batch.h"
#include "discovery/stats/head_correlations_cuda.h"
#include "discovery/stats/set_blocks_cuda.h"
#include "tests/discovery/search/separations.h"

namespace why {
namespace {

using ::testing::HasSubstr;

CorrelationTest some_test() { return CorrelationTest(correlation_of({20, .2, .7, 300}, 3), {.alpha = .01}); }

BlockwiseTest on_stand_in() {
  return BlockwiseTest(
      some_test(),
      [](const SquareMatrix& matrix) { return cuda::make_scanner(matrix, 0, Precision::float64); }, 0);
}

class CudaStandIn : public testing::Test {
 protected:
  ~CudaStandIn() override { cuda_stand_in::limit_memory(SIZE_MAX); }
};

TEST_F(CudaStandIn, ABatchThatDoesNotFitIsHalvedUntilItDoes) {
  const SearchResult wanted = fci(some_test(), {.max_pds_order = 2});
  const auto search = [&](std::size_t bytes) {
    const BlockwiseTest test = on_stand_in();  // its matrix takes 3,200
    cuda_stand_in::limit_memory(bytes);
    const int before = cuda_stand_in::launches();
    const SearchResult found = fci(test, {.max_pds_order = 2});
    EXPECT_EQ(found.graph, wanted.graph);
    EXPECT_EQ(found.tests, wanted.tests);
    return cuda_stand_in::launches() - before;
  };
  const int launches = search(SIZE_MAX);
  EXPECT_GT(launches, 0);
  EXPECT_GT(search(6'000), launches);
  EXPECT_EQ(cuda_stand_in::memory_in_use(), 0u);
}

TEST_F(CudaStandIn, WithoutRoomForABlockTheSearchEndsInAnError) {
  const BlockwiseTest test = on_stand_in();
  cuda_stand_in::limit_memory(cuda_stand_in::memory_in_use() + 10);
  try {
    fci(test);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("CUDA: out of memory"));
  }
}

TEST_F(CudaStandIn, ADeviceWithoutRoomForTheMatrixIsAnError) {
  cuda_stand_in::limit_memory(100);
  EXPECT_THROW(on_stand_in(), cuda::OutOfMemory);
  EXPECT_EQ(cuda_stand_in::memory_in_use(), 0u);
}

// Launches of a batch of nine in so much memory.
template <class OfEach, class Options>
int launches_of_nine(std::size_t bytes, OfEach of_each, const Options& options, const SearchResult& wanted) {
  const std::vector<CorrelationTest> tests(9, some_test());
  cuda_stand_in::limit_memory(bytes);
  const int before = cuda_stand_in::launches();
  for (const SearchResult& found : of_each(tests, options, {Device::Kind::cuda, 0}, 2)) {
    EXPECT_EQ(found.graph, wanted.graph);
    EXPECT_EQ(found.tests, wanted.tests);
  }
  EXPECT_EQ(cuda_stand_in::memory_in_use(), 0u);
  return cuda_stand_in::launches() - before;
}

TEST_F(CudaStandIn, ABatchOfSearchesIsHalvedToo) {
  const auto launches = [wanted = icd(some_test())](std::size_t bytes) {
    return launches_of_nine(bytes, icd_of_each, IcdOptions{}, wanted);
  };
  EXPECT_EQ(launches(SIZE_MAX), 1);
  EXPECT_EQ(launches(1'500'000), 3);  // 4 of them, 2, and 3
  EXPECT_EQ(launches(100'000), 0);    // the CPU does them
}

TEST_F(CudaStandIn, ABatchOfFcisIsHalvedToo) {
  const FciOptions options{.max_pds_order = 2};
  const auto launches = [&, wanted = fci(some_test(), options)](std::size_t bytes) {
    return launches_of_nine(bytes, fci_of_each, options, wanted);
  };
  EXPECT_EQ(launches(SIZE_MAX), 1);
  EXPECT_EQ(launches(60'000), 3);
  EXPECT_EQ(launches(10'000), 0);
}

// Three kernels for as many of nine heads as memory has room for; the matrices of all stay there.
TEST_F(CudaStandIn, ABatchOfHeadsIsHalvedToo) {
  std::vector<float> values;
  Random random(1);
  for (int i = 0; i < 12 * 12; ++i) values.push_back(static_cast<float>(random.uniform()));
  const HeadValues on_host{values.data(), 12, 12};
  const auto wanted = correlate_heads({&on_host, 1}, Estimator::attention, 64, {}, 1).front();
  const auto copy = cuda::copy_of(values, 0);
  const std::size_t taken = cuda_stand_in::memory_in_use();
  const auto launches = [&](std::size_t bytes) {
    cuda_stand_in::limit_memory(bytes);
    const int before = cuda_stand_in::launches();
    const std::vector<HeadValues> heads(9, {copy.get(), 12, 12});
    for (const auto& found : correlate_heads(heads, Estimator::attention, 64, {Device::Kind::cuda, 0}, 2))
      EXPECT_EQ(found.matrix.values, wanted.matrix.values);
    EXPECT_EQ(cuda_stand_in::memory_in_use(), taken);
    return cuda_stand_in::launches() - before;
  };
  constexpr std::size_t kMatrix = 12 * 12 * sizeof(double);
  EXPECT_EQ(launches(SIZE_MAX), 3);
  EXPECT_EQ(launches(taken + 9 * kMatrix + 5 * 2 * kMatrix), 9);  // 4, 4 and 1
  EXPECT_GT(launches(taken + 9 * kMatrix + 2 * kMatrix), 9);
  EXPECT_EQ(launches(taken + 2 * kMatrix), 0);  // the CPU's
}

// What `discover --device cuda` does with a batch that is worth it.
TEST_F(CudaStandIn, OnDeviceTakesLargeBatches) {
  const CorrelationTest on_cpu = some_test();
  const auto test = on_device(some_test(), {Device::Kind::cuda, 0});
  std::vector<std::vector<Node>> pools;
  std::vector<PoolTask> tasks;
  for (Node x = 0; x < 20; ++x)
    for (Node y = x + 1; y < 20; ++y) {
      pools.emplace_back();
      for (Node z = 0; z < 20; ++z)
        if (z != x && z != y) pools.back().push_back(z);
    }
  for (Node x = 0, at = 0; x < 20; ++x)
    for (Node y = x + 1; y < 20; ++y, ++at) tasks.push_back({x, y, pools[static_cast<std::size_t>(at)], 4});
  const int before = cuda_stand_in::launches();
  const auto found = test->separate(std::span<const PoolTask>(tasks));
  EXPECT_GT(cuda_stand_in::launches(), before);
  expect_equal(found, on_cpu.separate(std::span<const PoolTask>(tasks)));
}

// ---- the stand-in itself ----

void number_threads(int* out) {
  const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
  out[thread] = static_cast<int>(thread + 1000 * gridDim.x);
}

void smallest_of_warp(int* out) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int first = __reduce_min_sync(0xffffffffu, 100 - lane);
  const int second = __reduce_min_sync(0xffffffffu, first + static_cast<int>(threadIdx.x));
  out[threadIdx.x] = second;
}

void parts_at_a_barrier(int* out) {
  if (threadIdx.x == 7) return;
  out[threadIdx.x] = __reduce_min_sync(0xffffffffu, 1);
}

template <class Kernel>
std::vector<int> launched(Kernel kernel, unsigned blocks, unsigned threads) {
  const cuda::Stream stream(0);
  const cuda::Buffer<int> out(blocks * threads, stream.get());
  cuda::launch(kernel, blocks, threads, stream.get(), out.data());
  return cuda::to_host(out, stream.get());
}

TEST_F(CudaStandIn, RunsEveryThreadOfEveryBlock) {
  const auto numbers = launched(number_threads, 3, 64);
  for (int i = 0; i < 192; ++i) EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i + 3000);
}

TEST_F(CudaStandIn, LanesOfAWarpExchangeValues) {
  const auto smallest = launched(smallest_of_warp, 1, 64);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(smallest[i], 69 + (i < 32 ? 0 : 32)) << i;
}

TEST_F(CudaStandIn, AWarpThatPartsIsAnError) {
  EXPECT_THROW(launched(parts_at_a_barrier, 1, 32), std::runtime_error);
  EXPECT_EQ(launched(number_threads, 1, 32).size(), 32u);  // and the next launch works
}

TEST_F(CudaStandIn, RefusesWhatCudaRefuses) {
  EXPECT_THROW(launched(number_threads, 0, 32), std::runtime_error);
  EXPECT_THROW(launched(number_threads, 1, 2048), std::runtime_error);
  EXPECT_THROW(cuda::Stream(1), std::runtime_error);
  const cuda::Stream stream(0);
  const cuda::Buffer<int> three(3, stream.get());
  std::vector<int> four(4);
  const auto copy = [&](void* to, const void* from, std::size_t size, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, size * sizeof(int), kind, stream.get());
  };
  EXPECT_EQ(copy(three.data(), four.data(), 3, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(copy(three.data() + 1, four.data(), 3, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(four.data(), four.data(), 1, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(four.data(), three.data(), 4, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace why
