#include "bench/bench_program.h"

#include <cstdio>
#include <exception>
#include <memory>

namespace why {

int run_benchmarks(int argc, char** argv, const std::function<void(const Arguments&)>& register_all) {
  try {
    benchmark::Initialize(&argc, argv);
    register_all(Arguments(argv + 1, argv + argc));
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

void time_checked(const std::string& name, std::function<void(int threads)> work,
                  std::function<std::string(int threads)> digest,
                  std::function<void(benchmark::State&)> set_counters) {
  // asked for when the first of the two is timed, so that what a filter leaves out costs nothing
  const auto agreed = std::make_shared<std::string>();
  const auto agree = [agreed, digest = std::move(digest)] {
    if (!agreed->empty()) return;
    *agreed = digest(1);
    for (const int threads : {2, 2})
      if (digest(threads) != *agreed) *agreed = "differs";
  };
  for (const int threads : {1, 2})
    benchmark::RegisterBenchmark((name + "/threads_" + std::to_string(threads)).c_str(),
                                 [=](benchmark::State& state) {
                                   agree();
                                   if (*agreed == "differs")
                                     return state.SkipWithError("the result differs from run to run");
                                   for (auto _ : state) work(threads);
                                   state.SetLabel(agreed->substr(0, 16));
                                   if (set_counters) set_counters(state);
                                 })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
}

}  // namespace why
