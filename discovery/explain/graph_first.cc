#include "discovery/explain/graph_first.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/errors.h"

namespace why {
namespace {

std::set<std::vector<Node>> members_of(std::span<const Proposal> sets) {
  std::set<std::vector<Node>> out;
  for (const auto& set : sets) out.insert(set.members);
  return out;
}

// The first `limit` sets of a ranking that are not among these.
std::vector<Proposal> first_without(RankedSets& all, int size, std::int64_t limit,
                                    std::span<const Proposal> these) {
  std::vector<Proposal> out = all.first(size, limit + static_cast<std::int64_t>(these.size()));
  const auto known = members_of(these);
  std::erase_if(out, [&](const Proposal& set) { return known.contains(set.members); });
  if (static_cast<std::int64_t>(out.size()) > limit) out.resize(static_cast<std::size_t>(limit));
  return out;
}

// All sets but those asked before, whose verdicts the ranking learns from, too.
class Others : public Candidates {
 public:
  Others(RankedSets all, std::map<int, std::vector<Proposal>> asked, VerdictMemo& memo)
      : all_(std::move(all)), asked_(std::move(asked)), memo_(memo) {}

  int num_candidates() const override { return all_.num_candidates(); }
  int max_size() const override { return all_.max_size(); }
  std::int64_t count(int size) override {
    return all_.count(size) - static_cast<std::int64_t>(asked_[size].size());
  }
  std::vector<Proposal> first(int size, std::int64_t limit) override {
    size_ = size;
    return first_without(all_, size, limit, asked_[size]);
  }
  void observe(std::span<const Proposal> sets, std::span<const Verdict> verdicts) override {
    std::vector<Proposal> both = asked_[size_];
    std::vector<Verdict> answers = memo_.ask(both);  // remembered: no pass
    both.insert(both.end(), sets.begin(), sets.end());
    answers.insert(answers.end(), verdicts.begin(), verdicts.end());
    all_.observe(both, answers);
  }

 private:
  RankedSets all_;
  std::map<int, std::vector<Proposal>> asked_;
  VerdictMemo& memo_;
  int size_ = 0;
};

}  // namespace

LegalFirst::LegalFirst(TreeCandidates legal, RankedSets all)
    : legal_(std::move(legal)), all_(std::move(all)) {
  WHY_ASSERT(legal_.num_candidates() == all_.num_candidates());
}

std::vector<Proposal> LegalFirst::first(int size, std::int64_t limit) {
  if (size == 1) return all_.first(size, limit);
  std::vector<Proposal> out = legal_.first(size, legal_.count(size));
  all_.sort(out);
  const auto room = limit - static_cast<std::int64_t>(out.size());
  if (room <= 0) {
    out.resize(static_cast<std::size_t>(std::max<std::int64_t>(limit, 0)));
    return out;
  }
  const auto others = first_without(all_, size, room, out);
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

MinimalSets legal_before_all(TreeCandidates legal, RankedSets all, VerdictMemo& memo,
                             const SearchBounds& bounds) {
  MinimalSets result = minimal_sets(legal, memo, bounds);
  const auto of_graphs = result.total_calls();
  if (result.sets.empty() && of_graphs == bounds.max_calls) result.bound = SearchBound::max_calls;
  if (result.sets.empty() && of_graphs < bounds.max_calls) {
    std::map<int, std::vector<Proposal>> asked;
    for (int size = 1; size <= static_cast<int>(result.calls.size()); ++size)
      asked[size] = legal.first(size, result.calls[static_cast<std::size_t>(size - 1)]);
    Others others(std::move(all), std::move(asked), memo);
    const MinimalSets rest = minimal_sets(others, memo, {bounds.max_set_size, bounds.max_calls - of_graphs});
    result.sets = rest.sets;
    result.bound = rest.bound;
    for (std::size_t i = 0; i < rest.calls.size(); ++i) result.calls[i] += rest.calls[i];
    if (rest.first_hit > 0) result.first_hit = of_graphs + rest.first_hit;
    result.passes += rest.passes;
  }
  result.legal = result.possible;
  result.status = status_of(result, SearchStatus::found);
  return result;
}

}  // namespace why
