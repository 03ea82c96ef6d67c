// Seconds for the causal graphs of all heads of one input, in one call: covariance, correlation, ICD.
//
//   bench_attention_graphs ATTENTION.npy [--benchmark_…]
//
// ATTENTION.npy: [H, T, T] float32, rows summing to 1, without padding. N = 384 and alpha = 0.01. Not timed:
// reading the file. Before anything is timed, the graphs and separating sets of all heads must have one
// digest for repeated runs and for 1 and 2 threads.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "core/npy.h"
#include "core/parallel.h"
#include "discovery/graph/notation.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/icd.h"
#include "discovery/stats/covariance.h"

namespace why {
namespace {

constexpr int kSamples = 384;  // the width of the 6-layer MiniLM, as the reference chooses N
constexpr double kAlpha = 0.01;

struct Heads {
  NpyArray attention;

  int count() const { return static_cast<int>(attention.shape[0]); }
  int tokens() const { return static_cast<int>(attention.shape[1]); }
  std::span<const float> head(std::size_t h) const {
    const auto size = static_cast<std::size_t>(tokens()) * static_cast<std::size_t>(tokens());
    return std::span(attention.values).subspan(h * size, size);
  }
};

Heads read_heads(const std::string& path) {
  Heads heads{read_npy(path)};
  const auto& shape = heads.attention.shape;
  WHY_CHECK(shape.size() == 3 && shape[1] == shape[2], path, " must hold an array [H, T, T]");
  return heads;
}

SearchResult graph_of_head(const Heads& heads, std::size_t h, int max_order) {
  const CorrelationTest test(
      correlation_from_covariance(attention_covariance(heads.head(h), heads.tokens()), kSamples),
      {.alpha = kAlpha});
  IcdOptions options;
  options.max_order = max_order;
  return icd(test, options);
}

// Heads are shared among the threads.
std::vector<SearchResult> graphs(const Heads& heads, int max_order, int threads) {
  std::vector<SearchResult> out(static_cast<std::size_t>(heads.count()));
  parallel_for(out.size(), threads, [&](std::size_t h) { out[h] = graph_of_head(heads, h, max_order); });
  return out;
}

// Of all marks, separating sets and counts.
std::string digest(const std::vector<SearchResult>& results) {
  std::string all;
  for (const SearchResult& result : results) {
    const int n = result.graph.num_nodes();
    for (Node x = 0; x < n; ++x)
      for (Node y = 0; y < n; ++y) {
        all += text(static_cast<int>(result.graph.mark(x, y)), ":");
        if (const auto sepset = result.sepsets.find(x, y))
          for (const Node z : sepset->set) all += text(z, ",");
      }
    for (const auto count : result.tests) all += text(count, ";");
  }
  return sha256(all);
}

std::string checked_digest(const Heads& heads, int max_order) {
  const std::string wanted = digest(graphs(heads, max_order, 1));
  for (const int threads : {1, 2, 2})
    if (digest(graphs(heads, max_order, threads)) != wanted)
      throw std::runtime_error(text("the graphs on ", threads, " threads differ"));
  return wanted;
}

void time_graphs(benchmark::State& state, const Heads& heads, int max_order, int threads) {
  std::int64_t tests = 0;
  for (auto _ : state)
    for (const SearchResult& result : graphs(heads, max_order, threads))
      for (const auto count : result.tests) tests += count;
  state.counters["tests"] =
      benchmark::Counter(static_cast<double>(tests), benchmark::Counter::kAvgIterations);
}

void run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  WHY_CHECK(argc == 2, "usage: bench_attention_graphs ATTENTION.npy [--benchmark_…]");
  const Heads heads = read_heads(argv[1]);
  std::printf("%d heads, %d tokens, N = %d, alpha = %g, ICD\n", heads.count(), heads.tokens(), kSamples,
              kAlpha);
  for (const int max_order : {-1, 3}) {
    const std::string bound = max_order < 0 ? "unbounded" : text("max_order_", max_order);
    std::printf("digest %s: %s\n", bound.c_str(), checked_digest(heads, max_order).c_str());
    for (const int threads : {1, 2})
      benchmark::RegisterBenchmark(text("graphs/", bound, "/threads_", threads).c_str(),
                                   [&heads, max_order, threads](benchmark::State& state) {
                                     time_graphs(state, heads, max_order, threads);
                                   })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) {
  try {
    why::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_attention_graphs: %s\n", error.what());
    return 1;
  }
}
