#include "experiments/tasks/recommendation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/random.h"
#include "discovery/explain/controls.h"
#include "discovery/explain/exhaustive.h"
#include "discovery/explain/search.h"
#include "discovery/explain/tree_candidates.h"
#include "experiments/attention_graphs.h"
#include "experiments/tasks/recommender.h"

namespace why {
namespace {

// Six significant digits: what a float holds, without the last ones, which differ between machines.
double rounded(float value) { return std::stod(fmt::format("{:.6g}", value)); }

// What the model says about one query, before anything is asked without some items.
struct Observation {
  Recommendation recommendation;
  Attention attention;
  std::vector<MixedGraph> graphs;  // one a head; filled in by learn_all
};

Observation observe(Model& model, const RecommendationQuery& query, const RecommendationOptions& options) {
  try {
    Observation out;
    out.recommendation = recommend(model, query.history, options.history_limit);
    out.attention = attention_of(model, out.recommendation);
    return out;
  } catch (const UserError& error) {
    throw UserError(query.user.empty() ? error.what() : text("user ", query.user, ": ", error.what()));
  }
}

void learn_all(std::span<Observation> observations, const RecommendationOptions& options,
               const BundleInfo& model) {
  struct Piece {
    Observation* of;
    int head;
  };
  std::vector<Piece> pieces;
  for (auto& observation : observations) {
    observation.graphs.resize(static_cast<std::size_t>(observation.attention.heads));
    for (int head = 0; head < observation.attention.heads; ++head) pieces.push_back({&observation, head});
  }
  const int samples = sample_size(options.explanation.graph, model);
  parallel_for(pieces.size(), options.threads, [&](std::size_t i) {
    const auto& [observation, head] = pieces[i];
    observation->graphs[static_cast<std::size_t>(head)] =
        learn_graph(observation->attention, head, options.explanation.graph, samples);
  });
}

// The searches of one sample, on one memo.
class SampleSearch {
 public:
  SampleSearch(Model& model, const Observation& observation, const RecommendationOptions& options,
               const RecommendationQuery& query)
      : model_(model),
        of_(observation),
        options_(options),
        random_(Random(options.seed).child("sample", static_cast<std::uint64_t>(query.number))),
        removal_(parse_removal(options.explanation.sets.removal)),
        judge_(model, observation.recommendation, removal_),
        memo_(judge_) {}

  std::map<std::string, MethodResult> run() {
    std::map<std::string, MethodResult> out;
    const MinimalSets cleann = search_graphs(of_.graphs);
    out["cleann"] = as_method(cleann);
    for (const auto& control : options_.controls) out[control] = as_method(search_control(control, cleann));
    if (options_.exhaustive_calls > 0) out["exhaustive"] = as_method(search_all());
    return out;
  }

 private:
  SearchBounds bounds() const {
    const auto& sets = options_.explanation.sets;
    return {sets.max_set_size, sets.max_calls};
  }

  MinimalSets search_graphs(std::vector<MixedGraph> graphs) {
    TreeCandidates candidates(std::move(graphs), head_choice(options_.explanation.sets));
    return minimal_sets(candidates, memo_, bounds());
  }

  MinimalSets search_control(const std::string& name, const MinimalSets& cleann) {
    if (name == "permuted") return search_graphs(permute_candidates(of_.graphs, random_.child(name)));
    WHY_ASSERT(name == "random");
    RandomSets candidates(memo_.num_candidates(), cleann.legal, random_.child(name));
    return minimal_sets(candidates, memo_, bounds());
  }

  MinimalSets search_all() {
    AllSets candidates(memo_.num_candidates());
    // sizes that the calls can reach
    std::int64_t smaller = 0;
    int size = 0;
    while (size < candidates.max_size() && smaller < options_.exhaustive_calls)
      smaller += std::min<std::int64_t>(candidates.count(++size), options_.exhaustive_calls);
    return minimal_sets(candidates, memo_, {std::max(size, 1), options_.exhaustive_calls});
  }

  MethodResult as_method(const MinimalSets& result) {
    MethodResult out;
    out.status = result.status;
    out.bound = result.bound;
    for (const auto& explanation : result.sets) out.sets.push_back(as_found(explanation.set));
    out.legal = result.legal;
    out.possible = result.possible;
    out.calls = result.calls;
    out.passes = result.passes;
    return out;
  }

  // What is reported of a set comes from a pass of its own, as `verify` will make it.
  FoundSet as_found(const Proposal& set) {
    const Verdict verdict = replay(model_, of_.recommendation, removal_, set.members);
    WHY_ASSERT(verdict.changed);
    const auto& items = model_.info().items;
    const auto& [history, allowed, excluded, item, score, margin, top] = of_.recommendation;
    FoundSet out;
    out.members = set.members;
    for (const Node i : set.members)
      out.items.push_back(
          items[static_cast<std::size_t>(history[static_cast<std::size_t>(i)] - model_.info().first_item)]);
    out.replacement = items[static_cast<std::size_t>(verdict.output)];
    if (const auto place = std::find(top.begin(), top.end(), verdict.output); place != top.end())
      out.replacement_rank = static_cast<int>(place - top.begin()) + 1;
    out.margin = rounded(verdict.margin);
    out.depth = set.depth;
    out.heads = set.heads;
    return out;
  }

  Model& model_;
  const Observation& of_;
  const RecommendationOptions& options_;
  Random random_;
  Removal removal_;
  RecommendationJudge judge_;
  VerdictMemo memo_;
};

Sample describe_sample(const Observation& observation, const RecommendationQuery& query,
                       const BundleInfo& model) {
  const auto& recommendation = observation.recommendation;
  const auto item = [&](std::int64_t output) { return model.items[static_cast<std::size_t>(output)]; };
  Sample out;
  out.number = query.number;
  out.user = query.user;
  for (const auto id : recommendation.history) out.history.push_back(item(id - model.first_item));
  out.excluded = recommendation.excluded;
  out.recommended = item(recommendation.item);
  out.score = rounded(recommendation.score);
  for (const int output : recommendation.top) out.top10.push_back(item(output));
  for (std::size_t head = 0; head < observation.graphs.size(); ++head)
    out.graphs.push_back({static_cast<int>(head), observation.graphs[head]});
  out.warnings = graph_warnings(observation.graphs);
  return out;
}

}  // namespace

std::vector<Sample> explain_recommendations(Model& model, std::span<const RecommendationQuery> queries,
                                            const RecommendationOptions& options) {
  check(options.explanation, model.info());
  std::vector<Observation> observations;
  for (const auto& query : queries) observations.push_back(observe(model, query, options));
  learn_all(observations, options, model.info());

  std::vector<Sample> out;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    Sample sample = describe_sample(observations[i], queries[i], model.info());
    sample.methods = SampleSearch(model, observations[i], options, queries[i]).run();
    out.push_back(std::move(sample));
  }
  return out;
}

namespace {

// Do the fields of a reported set agree with each other?
bool is_consistent(const Sample& sample, const FoundSet& set) {
  if (set.items.size() != set.members.size()) return false;
  for (std::size_t i = 0; i < set.items.size(); ++i) {
    const auto member = static_cast<std::size_t>(set.members[i]);
    if (member >= sample.history.size() || sample.history[member] != set.items[i]) return false;
  }
  const auto at = std::find(sample.top10.begin(), sample.top10.end(), set.replacement);
  if (at == sample.top10.end()) return !set.replacement_rank;
  return set.replacement_rank == static_cast<int>(at - sample.top10.begin()) + 1 &&
         set.margin.value_or(0) <= 0;
}

}  // namespace

Replay replay_sample(Model& model, const Sample& sample, const RecommendationQuery& query,
                     const RecommendationOptions& options) {
  const auto& info = model.info();
  const auto original = recommend(model, query.history, options.history_limit);
  const auto removal = parse_removal(options.explanation.sets.removal);
  const bool same_question = original.history.size() == sample.history.size() &&
                             info.items[static_cast<std::size_t>(original.item)] == sample.recommended;
  Replay out;
  for (const auto& [name, method] : sample.methods)
    for (const auto& set : method.sets) {
      ++out.sets;
      const Verdict verdict = same_question ? replay(model, original, removal, set.members) : Verdict{};
      const bool same_answer = verdict.changed &&
                               info.items[static_cast<std::size_t>(verdict.output)] == set.replacement &&
                               is_consistent(sample, set);
      out.flipped += verdict.changed;
      out.same_answer += same_answer;
      if (!same_answer)
        out.wrong.push_back(fmt::format("user {}, {}: {}", sample.user, name, fmt::join(set.items, " and ")));
    }
  return out;
}

}  // namespace why
