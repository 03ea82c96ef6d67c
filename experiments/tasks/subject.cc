#include "experiments/tasks/subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/errors.h"
#include "core/random.h"
#include "core/subsets.h"
#include "discovery/explain/accent.h"
#include "discovery/explain/any_size.h"
#include "discovery/explain/aopc.h"
#include "discovery/explain/controls.h"
#include "discovery/explain/exhaustive.h"
#include "discovery/explain/graph_first.h"
#include "discovery/explain/greedy_removal.h"
#include "discovery/explain/ranked_sets.h"
#include "discovery/explain/search.h"
#include "discovery/explain/tree_candidates.h"
#include "experiments/attention_graphs.h"
#include "experiments/methods.h"
#include "experiments/report/task_words.h"
#include "experiments/tasks/answer.h"
#include "experiments/tasks/mixing.h"
#include "experiments/tasks/rankings.h"
#include "experiments/tasks/shared_batches.h"

namespace why {
namespace {

// What a set changed, as a record states it. It comes from a pass of its own, as `verify` will make it.
FoundSet describe_set(const Subject& subject, const Proposal& set) {
  const Verdict verdict = judge_alone(*subject.judge, set.members);
  WHY_ASSERT(verdict.changed);
  const auto& top = subject.top;
  FoundSet out;
  out.members = set.members;
  for (const Node i : set.members) out.parts.push_back(subject.sample.parts[static_cast<std::size_t>(i)]);
  out.replacement = subject.output_name(verdict.output);
  if (const auto place = std::find(top.begin(), top.end(), verdict.output); place != top.end())
    out.replacement_rank = static_cast<int>(place - top.begin()) + 1;
  out.margin = rounded(verdict.margin);
  out.depth = set.depth;
  out.heads = set.heads;
  return out;
}

// What a method asked of the model before its search.
struct Preparation {
  std::int64_t calls = 0;
  bool asked_singles = false;
};

constexpr std::size_t kAccentOutputs = 5;

bool runs_cleann(const TaskOptions& options) {
  return std::find(options.methods.begin(), options.methods.end(), "cleann") != options.methods.end();
}

bool reads_graphs(const TaskOptions& options) {
  return std::any_of(options.methods.begin(), options.methods.end(), learns_graphs);
}

// The searches of one subject, on one memo.
class SubjectSearch {
 public:
  SubjectSearch(Model& model, const Subject& subject, const std::vector<MixedGraph>& graphs,
                const TaskOptions& options)
      : model_(model),
        subject_(subject),
        graphs_(graphs),
        options_(options),
        random_(Random(options.seed).child("sample", static_cast<std::uint64_t>(subject.sample.number))),
        memo_(*subject.judge, subject.batch_size) {}

  std::map<std::string, MethodResult> run() {
    std::map<std::string, MethodResult> out;
    if (runs_cleann(options_)) run_cleann(out);
    for (const auto& method : options_.methods)
      if (method != "cleann") out[method] = run_method(method);
    if (wants_exhaustive()) out["exhaustive"] = as_method(search_all());
    return out;
  }

  // Of the methods that were run. After them all, so that what they would have cost stays as it is.
  std::map<std::string, RankingResult> measure_rankings() {
    std::map<std::string, RankingResult> out;
    const auto probability = static_cast<double>(subject_.judge->original().probability);
    for (const auto& [name, scores] : rankings_) {
      RankingResult& measured = out[name];
      for (const double score : scores) measured.scores.push_back(rounded(static_cast<float>(score)));
      const auto measures = aopc(scores, probability, memo_);
      if (!measures) continue;
      measured.comprehensiveness = rounded(static_cast<float>(measures->comprehensiveness));
      measured.sufficiency = rounded(static_cast<float>(measures->sufficiency));
    }
    return out;
  }

 private:
  void run_cleann(std::map<std::string, MethodResult>& out) {
    const MinimalSets cleann = search_graphs(graphs_);
    out["cleann"] = as_method(cleann, graph_passes());
    for (const auto& control : options_.controls) {
      const Preparation before = control == "permuted" ? graph_passes() : Preparation{};
      out[control] = as_method(search_control(control, cleann), before);
    }
  }

  Preparation graph_passes() const {
    return {estimator_passes(options_.explanation.graph, model_.info()), false};
  }

  MethodResult run_method(const std::string& method) {
    const auto [base, way] = parse_method(method);
    if (base == "accent") return run_accent();
    if (base == "random-order") return as_method(search_at_random());
    const auto head = single_head(options_.explanation.sets);
    Ranking ranking = rank_parts(base, {model_, subject_, memo_, head});
    // behind the graphs' sets, whose pairs come before some singles, all calls count
    const Preparation before{ranking.calls + (learns_graphs(method) ? graph_passes().calls : 0),
                             ranking.asked_singles && way != Way::after_graphs};
    if (options_.aopc) rankings_[base] = ranking.scores;
    return as_method(search_ranking(std::move(ranking.scores), way), before);
  }

  MinimalSets search_ranking(std::vector<double> scores, Way way) {
    const auto margin = static_cast<double>(subject_.judge->original().margin);
    if (way == Way::pure) return greedy_removal(scores, Walk::pure, margin, memo_, bounds());
    if (way == Way::smart) return greedy_removal(scores, Walk::smart, margin, memo_, bounds());
    if (way == Way::any_size) return first_flip(std::move(scores), margin, memo_, bounds());
    if (way == Way::after_graphs)
      return legal_before_all(of_graphs(graphs_), RankedSets(std::move(scores)), memo_, bounds());
    if (way == Way::legal_first) {
      LegalFirst candidates(of_graphs(graphs_), RankedSets(std::move(scores)));
      return minimal_sets(candidates, memo_, bounds());
    }
    RankedSets candidates(std::move(scores), way == Way::by_size ? SetOrder::observed : SetOrder::predicted);
    return minimal_sets(candidates, memo_, bounds());
  }

  MethodResult run_accent() {
    const auto n = static_cast<std::size_t>(memo_.num_candidates());
    std::vector<KeepMask> masks(n, KeepMask(n, 1));
    for (std::size_t part = 0; part < n; ++part) masks[part][part] = 0;
    LeaveOneOut influences;
    const auto keep_best = [](const std::vector<float>& scores) {
      return std::vector<double>(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                      kAccentOutputs, scores.size())));
    };
    influences.scores = keep_best(subject_.judge->original().top_scores);
    for (std::size_t first = 0; first < n; first += subject_.batch_size) {
      const auto batch = std::span(masks).subspan(first, std::min(subject_.batch_size, n - first));
      for (const auto& scores : subject_.judge->top_scores(batch))
        influences.without.push_back(keep_best(scores));
    }
    return as_method(accent(influences, memo_), {static_cast<std::int64_t>(n), false});
  }

  bool wants_exhaustive() const {
    return options_.exhaustive_calls > 0 &&
           (options_.exhaustive_parts == 0 || memo_.num_candidates() <= options_.exhaustive_parts);
  }

  SearchBounds bounds() const {
    const auto& sets = options_.explanation.sets;
    return {sets.max_set_size, sets.max_calls};
  }

  TreeCandidates of_graphs(std::vector<MixedGraph> graphs) const {
    return TreeCandidates(std::move(graphs), head_choice(options_.explanation.sets));
  }

  MinimalSets search_graphs(std::vector<MixedGraph> graphs) {
    TreeCandidates candidates = of_graphs(std::move(graphs));
    return minimal_sets(candidates, memo_, bounds());
  }

  MinimalSets search_control(const std::string& name, const MinimalSets& cleann) {
    if (name == "permuted") return search_graphs(permute_candidates(graphs_, random_.child(name)));
    WHY_ASSERT(name == "random");
    RandomSets candidates(memo_.num_candidates(), cleann.legal, random_.child(name));
    return minimal_sets(candidates, memo_, bounds());
  }

  MinimalSets search_at_random() {
    const int n = memo_.num_candidates();
    std::vector<std::int64_t> counts;
    for (int size = 1; size <= n; ++size) counts.push_back(binomial(n, size));
    RandomSets candidates(n, std::move(counts), random_.child("random-order"));
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

  MethodResult as_method(const MinimalSets& result, const Preparation& before = {}) const {
    MethodResult out;
    out.status = result.status;
    out.bound = result.bound;
    for (const auto& explanation : result.sets) out.sets.push_back(describe_set(subject_, explanation.set));
    out.legal = result.legal;
    out.possible = result.possible;
    out.calls = result.calls;
    out.passes = result.passes;
    out.ranking_calls = before.calls;
    out.first_hit = result.first_hit;
    if (result.first_hit == 0) return out;
    out.first_hit_with_ranking = before.calls + result.first_hit;
    // of the calls up to the hit those of one part, which come before all others or (any_size) all before it
    if (before.asked_singles) out.first_hit_with_ranking -= std::min(result.first_hit, result.calls.at(0));
    return out;
  }

  Model& model_;
  const Subject& subject_;
  const std::vector<MixedGraph>& graphs_;
  const TaskOptions& options_;
  Random random_;
  VerdictMemo memo_;
  std::map<std::string, std::vector<double>> rankings_;  // scores, by name
};

// [subjects][heads]
std::vector<std::vector<MixedGraph>> learn_graphs(Model& model, std::span<const Subject> subjects,
                                                  const TaskOptions& options) {
  std::vector<Attention> attention;
  for (const Subject& subject : subjects)
    attention.push_back(read_mixing(model, subject, options.explanation.graph, options.device));
  std::vector<HeadOfInput> heads;
  for (std::size_t i = 0; i < subjects.size(); ++i)
    for (int head = 0; head < attention[i].heads; ++head)
      heads.push_back({&attention[i], head, &subjects[i].nodes});
  const int samples = sample_size(options.explanation.graph, model.info());
  std::vector<MixedGraph> graphs =
      why::learn_graphs(heads, options.explanation.graph, samples, options.device, options.threads);

  std::vector<std::vector<MixedGraph>> out;
  auto next = std::make_move_iterator(graphs.begin());
  for (const Attention& each : attention) {
    out.emplace_back(next, next + each.heads);
    next += each.heads;
  }
  return out;
}

}  // namespace

double rounded(float value) { return std::stod(fmt::format("{:.6g}", value)); }

void check_served(const TaskOptions& options, const Model& model) {
  check_methods(options.methods, model);
  if (!reads_graphs(options)) return;
  check_search(options.explanation.graph, model.info());
  check_estimator(options.explanation.graph, model);
}

std::string place_of(const std::string& task, const std::string& source) {
  if (source.empty() || words_of(task).of_text) return source;
  return words_of(task).source_key + " " + source;
}

LearnedSubjects learn(Model& model, std::vector<Subject> subjects, const TaskOptions& options) {
  check(options.explanation, model.info());
  check_served(options, model);
  auto graphs = reads_graphs(options) ? learn_graphs(model, subjects, options)
                                      : std::vector<std::vector<MixedGraph>>(subjects.size());
  return {std::move(subjects), std::move(graphs)};
}

namespace {

// for_each(count, work) calls work(i) for every i in [0, count), in this thread or in others.
template <class ForEach>
std::vector<Sample> explain_each(Model& model, const LearnedSubjects& learned, const TaskOptions& options,
                                 ForEach&& for_each) {
  const auto& [subjects, graphs] = learned;
  std::vector<Sample> out(subjects.size());
  for_each(out.size(), [&, &subjects = subjects, &graphs = graphs](std::size_t i) {
    Sample sample = subjects[i].sample;
    told_of(place_of(sample.task, sample.source), [&, &graphs = graphs, &subjects = subjects] {
      SubjectSearch search(model, subjects[i], graphs[i], options);
      sample.methods = search.run();
      sample.rankings = search.measure_rankings();
    });
    for (std::size_t head = 0; head < graphs[i].size(); ++head)
      sample.graphs.push_back({static_cast<int>(head), graphs[i][head]});
    const auto warnings = graph_warnings(graphs[i], options.explanation.sets);
    sample.warnings.insert(sample.warnings.end(), warnings.begin(), warnings.end());
    out[i] = std::move(sample);
  });
  return out;
}

}  // namespace

std::vector<Sample> explain(Model& model, const LearnedSubjects& subjects, const TaskOptions& options) {
  return explain_each(model, subjects, options, [](std::size_t count, const auto& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  });
}

std::vector<Sample> explain(Model& model, std::vector<Subject> subjects, const TaskOptions& options) {
  return explain(model, learn(model, std::move(subjects), options), options);
}

std::vector<Sample> explain_together(SharedBatches& model, const LearnedSubjects& subjects,
                                     const TaskOptions& options) {
  return explain_each(model, subjects, options,
                      [&](std::size_t count, const auto& work) { model.run(count, work); });
}

namespace {

// Do the fields of a reported set agree with each other?
bool is_consistent(const Sample& sample, const FoundSet& set) {
  if (set.parts.size() != set.members.size()) return false;
  for (std::size_t i = 0; i < set.parts.size(); ++i) {
    const auto member = static_cast<std::size_t>(set.members[i]);
    if (member >= sample.parts.size() || sample.parts[member] != set.parts[i]) return false;
  }
  const auto& top = sample.top10;
  // of a text, two tokens may be the same word: one that begins it, and one that goes on
  if (!set.replacement_rank)
    return sample.text || std::find(top.begin(), top.end(), set.replacement) == top.end();
  const auto place = static_cast<std::size_t>(*set.replacement_rank) - 1;
  return place < top.size() && top[place] == set.replacement && set.margin.value_or(0) <= 0;
}

// A record without a margin agrees with any.
bool is_same_margin(const Verdict& verdict, const Sample& sample, const FoundSet& set) {
  const double size = std::max(1.0, std::abs(sample.score.value_or(0)));
  return !set.margin || std::abs(*set.margin - static_cast<double>(verdict.margin)) <= kNearTie * size;
}

}  // namespace

Replay replay(const Subject& subject, const Sample& reported) {
  const bool same_question =
      subject.sample.parts.size() == reported.parts.size() && subject.sample.answer == reported.answer;
  Replay out;
  for (const auto& [name, method] : reported.methods)
    for (const auto& set : method.sets) {
      ++out.sets;
      const Verdict verdict = same_question ? judge_alone(*subject.judge, set.members) : Verdict{};
      const bool same_answer = verdict.changed && subject.output_name(verdict.output) == set.replacement &&
                               is_consistent(reported, set);
      const bool same_margin = same_answer && is_same_margin(verdict, reported, set);
      out.flipped += verdict.changed;
      out.same_answer += same_answer;
      out.same_margin += same_margin;
      if (!same_margin)
        out.wrong.push_back(fmt::format("{} {}, {}: {}", words_of(reported.task).source_key, reported.source,
                                        name, fmt::join(set.parts, " and ")));
    }
  return out;
}

}  // namespace why
