// Graphs a second: the causal graphs of all heads of one input in one call, covariance, correlation and
// search.
//
//   bench_attention_graphs [ATTENTION.npy …] [--benchmark_…]
//
// ATTENTION.npy: [H, T, T] float32, rows summing to 1, without padding. Without a file: made-up heads, 12 of
// 16 to 256 tokens, and 1 to 96 of 24. N = 384, alpha = 0.01; sizes of sets without bound (files only) and up
// to 3. Heads are shared among the threads. Not timed: reading the file.
#include <memory>

#include "bench/attention_heads.h"
#include "bench/bench_program.h"
#include "bench/search_digest.h"
#include "core/errors.h"
#include "core/parallel.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/fci.h"
#include "discovery/search/icd.h"
#include "discovery/search/search_batch.h"

namespace why {
namespace {

constexpr int kSamples = 384;  // the width of the 6-layer MiniLM, as the reference chooses N
constexpr double kAlpha = 0.01;

SearchResult graph_of_head(const AttentionHeads& heads, std::size_t h, const std::string& search,
                           int max_order) {
  const CorrelationTest test(heads.correlation(h, kSamples), {.alpha = kAlpha});
  if (search == "icd") return icd(test, {.max_order = max_order});
  return fci(test, {.max_pds_order = max_order});
}

std::vector<SearchResult> graphs(const AttentionHeads& heads, const std::string& search, int max_order,
                                 int threads) {
  std::vector<SearchResult> out(static_cast<std::size_t>(heads.count()));
  parallel_for(out.size(), threads,
               [&](std::size_t h) { out[h] = graph_of_head(heads, h, search, max_order); });
  return out;
}

void time_heads(const std::string& name, AttentionHeads made, const std::string& search, int max_order) {
  const auto heads = std::make_shared<const AttentionHeads>(std::move(made));
  time_checked(
      text(search, "/", max_order < 0 ? "unbounded" : text("order_", max_order), "/", name),
      [=](int threads) { benchmark::DoNotOptimize(graphs(*heads, search, max_order, threads)); },
      [=](int threads) { return digest(graphs(*heads, search, max_order, threads)); },
      [=](benchmark::State& state) {
        const double count = heads->count();
        state.counters["heads"] = count;
        state.counters["tokens"] = heads->tokens();
        state.counters["graphs"] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
      });
}

std::vector<CorrelationTest> tests_of(const AttentionHeads& heads) {
  std::vector<CorrelationTest> out;
  for (int h = 0; h < heads.count(); ++h)
    out.emplace_back(heads.correlation(static_cast<std::size_t>(h), kSamples),
                     FisherZOptions{.alpha = kAlpha});
  return out;
}

void time_batch(const std::shared_ptr<std::vector<CorrelationTest>>& tests, const std::string& search,
                Device device) {
  const auto found = [=](int threads) {
    if (tests->empty()) *tests = tests_of(made_up_heads(10'000, 24, 1));  // not before it is asked for
    return search == "icd" ? icd_of_each(*tests, {.max_order = 3}, device, threads)
                           : fci_of_each(*tests, {.max_pds_order = 3}, device, threads);
  };
  time_checked(
      text("batch/", search, "/order_3/", device.name()),
      [=](int threads) { benchmark::DoNotOptimize(found(threads)); },
      [=](int threads) { return digest(found(threads)); },
      [=](benchmark::State& state) {
        state.counters["graphs"] = benchmark::Counter(static_cast<double>(tests->size()),
                                                      benchmark::Counter::kIsIterationInvariantRate);
      });
}

void register_all(const Arguments& files) {
  for (const std::string& file : files) {
    const AttentionHeads heads = read_heads(file);
    const std::string name = std::filesystem::path(file).stem().string();
    for (const int max_order : {-1, 3}) time_heads(name, heads, "icd", max_order);
    for (const int max_order : {-1, 3}) time_heads(name, heads, "fci", max_order);
  }
  if (!files.empty()) return;
  for (const std::string search : {"icd", "fci"}) {
    for (const int tokens : {16, 24, 32, 48, 64, 96, 128, 192, 256})
      time_heads(text("tokens_", tokens), made_up_heads(12, tokens, 1), search, 3);
    for (const int heads : {1, 4, 48, 96})
      time_heads(text("heads_", heads), made_up_heads(heads, 24, 1), search, 3);
  }
  const auto tests = std::make_shared<std::vector<CorrelationTest>>();
  for (const std::string search : {"icd", "fci"}) {
    time_batch(tests, search, {});
    if (has_cuda_kernels() && cuda_device_count() > 0) time_batch(tests, search, {Device::Kind::cuda, 0});
  }
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) { return why::run_benchmarks(argc, argv, why::register_all); }
