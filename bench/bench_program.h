// What the programs with timings have in common.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

namespace why {

using Arguments = std::vector<std::string>;

// Takes Google Benchmark's options out of the arguments, calls register_all with the rest, and runs what it
// registered. Returns the program's exit code; tells on stderr what went wrong.
int run_benchmarks(int argc, char** argv, const std::function<void(const Arguments&)>& register_all);

// Times work(threads) by wall clock, and by the processor time of all threads, for 1 and 2 threads; `name`
// gets "/threads_1" and "/threads_2" behind it. Before anything is timed, digest(threads) must be the same
// for both and for a repeated run, else the timing is skipped with an error; its first 16 digits are the
// label in the output. set_counters is called behind each timing.
void time_checked(const std::string& name, std::function<void(int threads)> work,
                  std::function<std::string(int threads)> digest,
                  std::function<void(benchmark::State&)> set_counters = {});

}  // namespace why
