#include "experiments/tasks/subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/parallel.h"
#include "core/random.h"
#include "discovery/explain/controls.h"
#include "discovery/explain/exhaustive.h"
#include "discovery/explain/search.h"
#include "discovery/explain/tree_candidates.h"
#include "experiments/attention_graphs.h"
#include "experiments/report/task_words.h"
#include "experiments/tasks/answer.h"

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

// The searches of one subject, on one memo.
class SubjectSearch {
 public:
  SubjectSearch(const Subject& subject, const std::vector<MixedGraph>& graphs, const TaskOptions& options)
      : subject_(subject),
        graphs_(graphs),
        options_(options),
        random_(Random(options.seed).child("sample", static_cast<std::uint64_t>(subject.sample.number))),
        memo_(*subject.judge, subject.batch_size) {}

  std::map<std::string, MethodResult> run() {
    std::map<std::string, MethodResult> out;
    const MinimalSets cleann = search_graphs(graphs_);
    out["cleann"] = as_method(cleann);
    for (const auto& control : options_.controls) out[control] = as_method(search_control(control, cleann));
    if (wants_exhaustive()) out["exhaustive"] = as_method(search_all());
    return out;
  }

 private:
  bool wants_exhaustive() const {
    return options_.exhaustive_calls > 0 &&
           (options_.exhaustive_parts == 0 || memo_.num_candidates() <= options_.exhaustive_parts);
  }

  SearchBounds bounds() const {
    const auto& sets = options_.explanation.sets;
    return {sets.max_set_size, sets.max_calls};
  }

  MinimalSets search_graphs(std::vector<MixedGraph> graphs) {
    TreeCandidates candidates(std::move(graphs), head_choice(options_.explanation.sets));
    return minimal_sets(candidates, memo_, bounds());
  }

  MinimalSets search_control(const std::string& name, const MinimalSets& cleann) {
    if (name == "permuted") return search_graphs(permute_candidates(graphs_, random_.child(name)));
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

  MethodResult as_method(const MinimalSets& result) const {
    MethodResult out;
    out.status = result.status;
    out.bound = result.bound;
    for (const auto& explanation : result.sets) out.sets.push_back(describe_set(subject_, explanation.set));
    out.legal = result.legal;
    out.possible = result.possible;
    out.calls = result.calls;
    out.passes = result.passes;
    return out;
  }

  const Subject& subject_;
  const std::vector<MixedGraph>& graphs_;
  const TaskOptions& options_;
  Random random_;
  VerdictMemo memo_;
};

// [subjects][heads]
std::vector<std::vector<MixedGraph>> learn_graphs(Model& model, std::span<const Subject> subjects,
                                                  const TaskOptions& options) {
  struct Piece {
    std::size_t subject;
    int head;
  };
  std::vector<Attention> attention;
  std::vector<std::vector<MixedGraph>> out(subjects.size());
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    attention.push_back(std::move(model.attend(std::span(&subjects[i].observed, 1)).front()));
    out[i].resize(static_cast<std::size_t>(attention[i].heads));
    for (int head = 0; head < attention[i].heads; ++head) pieces.push_back({i, head});
  }
  const int samples = sample_size(options.explanation.graph, model.info());
  parallel_for(pieces.size(), options.threads, [&](std::size_t piece) {
    const auto [i, head] = pieces[piece];
    out[i][static_cast<std::size_t>(head)] =
        learn_graph(attention[i], head, options.explanation.graph, samples, subjects[i].nodes);
  });
  return out;
}

}  // namespace

double rounded(float value) { return std::stod(fmt::format("{:.6g}", value)); }

std::vector<Sample> explain(Model& model, std::vector<Subject> subjects, const TaskOptions& options) {
  check(options.explanation, model.info());
  const auto graphs = learn_graphs(model, subjects, options);
  std::vector<Sample> out;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    Sample sample = subjects[i].sample;
    sample.methods = SubjectSearch(subjects[i], graphs[i], options).run();
    for (std::size_t head = 0; head < graphs[i].size(); ++head)
      sample.graphs.push_back({static_cast<int>(head), graphs[i][head]});
    const auto warnings = graph_warnings(graphs[i], options.explanation.sets);
    sample.warnings.insert(sample.warnings.end(), warnings.begin(), warnings.end());
    out.push_back(std::move(sample));
  }
  return out;
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
