#include "experiments/discovery.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <utility>

#include "core/errors.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "discovery/graph/node_set.h"

namespace why {
namespace {

using Clock = std::chrono::steady_clock;

std::function<bool()> stop_check(const DiscoveryOptions& options, Clock::time_point start) {
  return [limit = options.time_limit, start] {
    return InterruptWatch::requested() ||
           (limit > 0 && std::chrono::duration<double>(Clock::now() - start).count() >= limit);
  };
}

// Passes questions on in blocks, shows how far the search is, and ends it when time is up or Ctrl-C was
// pressed.
class WatchedTest : public CiTest {
 public:
  WatchedTest(CiTest& test, const DiscoveryOptions& options, Clock::time_point start)
      : test_(test), progress_("pairs asked about", 0), separated_(test.num_nodes()) {
    threads = test_.threads = options.threads;
    should_stop = test_.should_stop = stop_check(options, start);
    const auto n = static_cast<std::int64_t>(test.num_nodes());
    edges_left_ = n * (n - 1) / 2;
  }

  int num_nodes() const override { return test_.num_nodes(); }
  int max_order() const override { return test_.max_order(); }
  // Questions given nothing are asked one by one from several threads before all others.
  CiAnswer ask(Node x, Node y, std::span<const Node> z) const override {
    const CiAnswer answer = test_.ask(x, y, z);
    if (z.empty() && !asks_batches_) count_marginal(x, answer.independent);
    return answer;
  }
  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override { return watched(tasks); }
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override { return watched(tasks); }

 private:
  // A pair may have one set or millions: blocks begin small, and the next is larger when the last was quick.
  template <class Task>
  std::vector<Separation> watched(std::span<const Task> tasks) const {
    constexpr auto kQuick = std::chrono::milliseconds(50), kSlow = std::chrono::milliseconds(200);
    if (!std::exchange(asks_batches_, true)) add_marginals();
    const std::size_t least = kLeastBlock * static_cast<std::size_t>(threads);
    std::size_t size = least;
    std::vector<Separation> out;
    out.reserve(tasks.size());
    while (out.size() < tasks.size()) {
      const auto block = tasks.subspan(out.size(), std::min(size, tasks.size() - out.size()));
      const auto start = Clock::now();
      const auto answers = test_.separate(block);
      const auto took = Clock::now() - start;
      if (took < kQuick) size *= 2;
      if (took > kSlow) size = std::max(least, size / 2);
      out.insert(out.end(), answers.begin(), answers.end());
      show(block, answers);
    }
    return out;
  }

  // Threads ask about rows of their own.
  void count_marginal(Node x, bool independent) const {
    constexpr std::int64_t kAtOnce = 1024;
    Marginals& mine = marginals_[static_cast<std::size_t>(x) % marginals_.size()];
    if (independent) ++mine.separated;
    if (++mine.tests % kAtOnce == 0) progress_.add(kAtOnce, "(with sets of 0)");
  }

  void add_marginals() const {
    for (const Marginals& each : marginals_) {
      tests_ += each.tests;
      edges_left_ -= each.separated;
    }
  }

  template <class Task>
  void show(std::span<const Task> tasks, const std::vector<Separation>& answers) const {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      tests_ += answers[i].tests;
      const auto [x, y] = std::minmax(tasks[i].x, tasks[i].y);
      if (!answers[i] || separated_.has(x, y)) continue;
      separated_.set(x, y);
      --edges_left_;
    }
    progress_.add(tasks.size(), text("(", tests_, " tests, now with sets of ", tasks.front().k, "; ",
                                     edges_left_, " edges left)"));
  }

  struct alignas(64) Marginals {  // a cache line each
    std::atomic<std::int64_t> tests = 0, separated = 0;
  };

  static constexpr std::size_t kLeastBlock = 4;  // pairs a thread, or threads would wait for each other

  CiTest& test_;
  // searches ask one batch at a time
  mutable Progress progress_;
  mutable BitMatrix separated_;
  mutable std::int64_t tests_ = 0, edges_left_ = 0;
  mutable std::array<Marginals, 64> marginals_;
  mutable bool asks_batches_ = false;
};

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::string stopped_by() { return InterruptWatch::requested() ? "interrupt" : "time-limit"; }

std::string stop_warning(const Discovery& found, const DiscoveryOptions& options) {
  const std::string& search = options.search.algorithm;
  const bool in_rounds = (search == "icd" && !options.search.reference) || search == "ordicd";
  return text(
      found.stopped_by == "time-limit" ? text("the time limit of ", options.time_limit, " s was reached")
                                       : "interrupted",
      " after ", total(found.result.tests),
      " tests: every edge that is gone was separated, but some may be left over; ",
      in_rounds ? "arrowheads and tails are those of the last complete round"
                : text("and ", search, " stopped early claims no arrowhead or tail but what is known"));
}

std::vector<std::string> warnings_of(const SearchResult& result) {
  std::vector<std::string> out;
  for (const auto& bound : result.bounds_hit)
    out.push_back(
        text("a bound was hit: ", bound, "; larger sets were not asked, so edges may be left over"));
  if (result.degenerate > 0)
    out.push_back(
        text(result.degenerate, " of ", total(result.tests),
             " tests were degenerate (singular correlations or too few samples) and kept their edge"));
  if (!result.unsure.empty())
    out.push_back(text("unshielded triples about which the collider rule cannot decide: ",
                       result.unsure.size(), "; rules that need a noncollider leave them out"));
  if (result.conflicts > 0)
    out.push_back(text("orientations contradict each other at ", result.conflicts,
                       " ends of edges: no graph gives exactly these answers"));
  return out;
}

void add_bootstrap(Discovery& found, const DiscoveryInput& input, const SearchOptions& search,
                   const DiscoveryOptions& options, Clock::time_point start) {
  found.bootstrap = run_bootstrap(input, search, {options.bootstrap, options.seed, options.threads},
                                  stop_check(options, start));
  const Bootstrap& bootstrap = *found.bootstrap;
  if (bootstrap.constant > 0)
    found.warnings.push_back(text(bootstrap.constant, " of ", options.bootstrap,
                                  " resampled tables had a constant column and were left out"));
  const int unfinished = options.bootstrap - bootstrap.done - bootstrap.constant;
  if (unfinished == 0) return;
  found.stopped_by = stopped_by();
  found.warnings.push_back(
      bootstrap.done == 0 ? text("ended early (", found.stopped_by, ") before any of the ", options.bootstrap,
                                 " resampled tables was searched: there are no frequencies")
                          : text("ended early (", found.stopped_by, "): frequencies are those of ",
                                 bootstrap.done, " of ", options.bootstrap, " resampled tables"));
}

}  // namespace

Discovery discover(const DiscoveryInput& input, const DiscoveryOptions& options) {
  const auto start = Clock::now();
  SearchOptions search = options.search;
  if (options.knowledge) search.knowledge = &*options.knowledge;
  Discovery found;
  found.result = run_search(WatchedTest(*input.test, options, start), search);
  found.warnings = input.warnings;
  if (found.result.stopped) {
    found.stopped_by = stopped_by();
    found.warnings.push_back(stop_warning(found, options));
  }
  for (auto& warning : warnings_of(found.result)) found.warnings.push_back(std::move(warning));
  if (options.bootstrap > 0) add_bootstrap(found, input, search, options, start);
  found.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (options.verify && !found.result.stopped)
    found.verdict = verify_pag(found.result.graph, Separations(input.truth->dag));
  return found;
}

}  // namespace why
