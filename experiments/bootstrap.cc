#include "experiments/bootstrap.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/printable.h"
#include "core/progress.h"
#include "core/random.h"
#include "discovery/graph/formats.h"

namespace why {
namespace {

using Pair = std::pair<Node, Node>;

std::vector<int> draw_rows(int rows, Random random) {
  std::vector<int> out(static_cast<std::size_t>(rows));
  for (int& row : out) row = static_cast<int>(random.below(static_cast<std::uint64_t>(rows)));
  return out;
}

void count(MarkCounts& counts, Mark mark) {
  counts.circle += mark == Mark::circle;
  counts.arrow += mark == Mark::arrow;
  counts.tail += mark == Mark::tail;
}

// Sums over samples, in whatever order they come.
class Tally {
 public:
  explicit Tally(const std::vector<std::string>& names) : rank_(names.size()) {
    std::vector<Node> order(names.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {},
                      [&](Node x) -> const std::string& { return names[static_cast<std::size_t>(x)]; });
    for (std::size_t i = 0; i < order.size(); ++i)
      rank_[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  }

  void add(const MixedGraph& graph) {
    const std::lock_guard lock(mutex_);
    for (Node x = 0; x < graph.num_nodes(); ++x)
      for_each_bit(graph.neighbor_bits(x), [&](Node y) {
        if (rank(x) > rank(y)) return;
        PairCounts& counts =
            pairs_.try_emplace({rank(x), rank(y)}, PairCounts{x, y, 0, {}, {}}).first->second;
        ++counts.edge;
        count(counts.at_x, graph.mark(y, x));
        count(counts.at_y, graph.mark(x, y));
      });
    ++done_;
  }

  void leave_out() {
    const std::lock_guard lock(mutex_);
    ++constant_;
  }

  Bootstrap result(const BootstrapOptions& options) const {
    Bootstrap out{options, done_, constant_, {}};
    for (const auto& [pair, counts] : pairs_) out.pairs.push_back(counts);
    return out;
  }

 private:
  int rank(Node x) const { return rank_[static_cast<std::size_t>(x)]; }

  std::vector<int> rank_;  // of each node's name
  std::mutex mutex_;
  std::map<std::pair<int, int>, PairCounts> pairs_;  // by rank
  int done_ = 0, constant_ = 0;
};

// The samples and their searches.
class Resampling {
 public:
  // All must outlive it.
  Resampling(const DiscoveryInput& input, const SearchOptions& search, const BootstrapOptions& options,
             const std::function<bool()>& should_stop)
      : input_(input),
        search_(search),
        options_(options),
        should_stop_(should_stop),
        random_(options.seed),
        tally_(input.names),
        progress_("resampling", samples()) {}

  Bootstrap run() {
    if (input_.resampled_for_launch && is_for_launches(search_)) {
      for (std::size_t first = 0; first < samples() && !is_stopped();) first += search_together(first);
    } else {
      parallel_for(samples(), options_.threads, [&](std::size_t i) { search_alone(i); });
    }
    return tally_.result(options_);
  }

 private:
  static constexpr std::size_t kSamplesTogether = 1024;
  // Whoever stops a bootstrap loses no more than what was drawn since.
  static constexpr std::chrono::seconds kDrawing{2};

  std::size_t samples() const { return static_cast<std::size_t>(options_.samples); }
  bool is_stopped() const { return should_stop_ && should_stop_(); }

  // Nothing when it is left out.
  template <class Test>
  std::unique_ptr<Test> draw(const std::function<std::unique_ptr<Test>(std::span<const int>)>& resampled,
                             std::size_t i) {
    std::unique_ptr<Test> test = resampled(draw_rows(*input_.samples, random_.child("bootstrap", i)));
    if (test)
      test->should_stop = should_stop_;
    else
      tally_.leave_out();
    return test;
  }

  void take(const SearchResult& found) {
    if (!found.stopped) tally_.add(found.graph);
    progress_.add();
  }

  void search_alone(std::size_t i) {
    if (is_stopped()) return;
    if (const auto test = draw(input_.resampled, i)) take(run_search(*test, search_));
  }

  // How many samples that was.
  std::size_t search_together(std::size_t first) {
    constexpr std::size_t kBetweenLooks = 64;
    const auto start = std::chrono::steady_clock::now();
    const std::size_t most = std::min(kSamplesTogether, samples() - first);
    std::vector<CorrelationTest> tests;
    std::size_t drawn = 0;
    while (drawn < most && !is_stopped() && std::chrono::steady_clock::now() - start < kDrawing) {
      const std::size_t more = std::min(kBetweenLooks, most - drawn);
      draw_into(tests, first + drawn, more);
      drawn += more;
    }
    for (const SearchResult& found : run_searches(tests, search_, input_.batch_device, options_.threads))
      take(found);
    return drawn;
  }

  void draw_into(std::vector<CorrelationTest>& tests, std::size_t first, std::size_t count) {
    std::vector<std::unique_ptr<CorrelationTest>> drawn(count);
    parallel_for(count, options_.threads,
                 [&](std::size_t i) { drawn[i] = draw(input_.resampled_for_launch, first + i); });
    for (const auto& test : drawn)
      if (test) tests.push_back(std::move(*test));
  }

  const DiscoveryInput& input_;
  const SearchOptions& search_;
  const BootstrapOptions& options_;
  const std::function<bool()>& should_stop_;
  const Random random_;
  Tally tally_;
  Progress progress_;
};

std::string share(int count, int done) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", static_cast<double>(count) / done);
  return number;
}

// "circle 0.9, tail 0.03"
std::string shares(const MarkCounts& counts, int done) {
  std::string out;
  for (const auto& [mark, count] :
       {std::pair("circle", counts.circle), std::pair("arrow", counts.arrow), std::pair("tail", counts.tail)})
    if (count > 0) out += text(out.empty() ? "" : ", ", mark, " ", share(count, done));
  return out;
}

// How often there is an edge, and how often its two marks are those of the graph.
struct EdgeShares {
  std::string edge = "0", at_x = "0", at_y = "0";
};

std::map<Pair, EdgeShares> shares_of_edges(const MixedGraph& graph, const Bootstrap& bootstrap) {
  std::map<Pair, EdgeShares> out;
  for (const PairCounts& pair : bootstrap.pairs)
    if (graph.adjacent(pair.x, pair.y))
      out[{pair.x, pair.y}] = {share(pair.edge, bootstrap.done),
                               share(pair.at_x.of(graph.mark(pair.y, pair.x)), bootstrap.done),
                               share(pair.at_y.of(graph.mark(pair.x, pair.y)), bootstrap.done)};
  return out;
}

// A graph written with its edges as the last lines, in the order of written_edges: `written(shares)` before
// what each of these lines ends with.
template <class Written>
std::string with_shares(std::string out, std::string_view line_end, const MixedGraph& graph,
                        const std::vector<std::string>& names, const Bootstrap& bootstrap,
                        Written&& written) {
  if (bootstrap.done == 0) return out;
  std::map<Pair, EdgeShares> shares = shares_of_edges(graph, bootstrap);
  const std::vector<WrittenEdge> edges = written_edges(graph, names);
  std::size_t end = out.size();
  for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) {
    const std::size_t behind = out.rfind(line_end, end - 1);
    out.insert(behind, written(shares[{edge->x, edge->y}]));
    end = behind;
  }
  return out;
}

}  // namespace

Bootstrap run_bootstrap(const DiscoveryInput& input, const SearchOptions& search,
                        const BootstrapOptions& options, const std::function<bool()>& should_stop) {
  WHY_ASSERT(input.resampled && input.samples && options.samples >= 0);
  return Resampling(input, search, options, should_stop).run();
}

std::string to_edges(const MixedGraph& graph, const std::vector<std::string>& names,
                     const Bootstrap& bootstrap) {
  const std::string plain = to_edges(graph, names);
  if (bootstrap.done == 0) return plain;
  const auto name = [&](Node x) { return printable(names[static_cast<std::size_t>(x)]); };
  std::map<Pair, std::string> comments;
  std::string others;
  for (const PairCounts& pair : bootstrap.pairs) {
    const std::string ends = text("; ", name(pair.x), ": ", shares(pair.at_x, bootstrap.done), "; ",
                                  name(pair.y), ": ", shares(pair.at_y, bootstrap.done));
    if (graph.adjacent(pair.x, pair.y))
      comments[{pair.x, pair.y}] = share(pair.edge, bootstrap.done) + ends;
    else
      others +=
          text("# ", share(pair.edge, bootstrap.done), " ", name(pair.x), " ", name(pair.y), ends, "\n");
  }
  std::string out = plain.starts_with("nodes:") ? plain.substr(0, plain.find('\n') + 1) : "";
  for (const WrittenEdge& edge : written_edges(graph, names)) {
    const auto at = comments.find({edge.x, edge.y});
    out += text(edge.line, "  # ", at == comments.end() ? "0" : at->second, "\n");
  }
  return out + others;
}

std::string to_dot(const MixedGraph& graph, const std::vector<std::string>& names,
                   const Bootstrap& bootstrap) {
  return with_shares(to_dot(graph, names), "];\n", graph, names, bootstrap, [](const EdgeShares& shares) {
    return text(", label=\"", shares.edge, "\", taillabel=\"", shares.at_x, "\", headlabel=\"", shares.at_y,
                "\"");
  });
}

std::string to_graphml(const MixedGraph& graph, const std::vector<std::string>& names,
                       const Bootstrap& bootstrap) {
  std::string keys;
  for (const char* key : {"frequency", "frequency_source", "frequency_target"})
    keys += text("  <key id=\"", key, "\" for=\"edge\" attr.name=\"", key, "\" attr.type=\"double\"/>\n");
  std::string out = to_graphml(graph, names);
  out.insert(out.find("  <graph "), keys);
  return with_shares(std::move(out), "</edge>\n", graph, names, bootstrap, [](const EdgeShares& shares) {
    return text("<data key=\"frequency\">", shares.edge, "</data><data key=\"frequency_source\">",
                shares.at_x, "</data><data key=\"frequency_target\">", shares.at_y, "</data>");
  });
}

}  // namespace why
