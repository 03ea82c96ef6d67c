#include "discovery/explain/search.h"

#include <algorithm>
#include <numeric>

#include "core/errors.h"
#include "core/subsets.h"

namespace why {
namespace {

KeepMask keep_all_but(int num_candidates, std::span<const Node> removed) {
  KeepMask mask(static_cast<std::size_t>(num_candidates), 1);
  for (const Node x : removed) mask.at(static_cast<std::size_t>(x)) = 0;
  return mask;
}

}  // namespace

std::vector<Verdict> VerdictMemo::ask(std::span<const Proposal> sets) {
  // what is not known yet, each set once
  std::vector<KeepMask> masks;
  std::vector<Verdict*> answers;
  for (const auto& [members, depth, heads] : sets) {
    const auto [entry, is_new] = known_.try_emplace(members);
    if (!is_new) continue;
    masks.push_back(keep_all_but(num_candidates(), members));
    answers.push_back(&entry->second);
  }

  for (std::size_t start = 0; start < masks.size(); start += batch_size_) {
    const auto batch = std::span(masks).subspan(start, std::min(batch_size_, masks.size() - start));
    const auto verdicts = judge_.judge(batch);
    WHY_ASSERT(verdicts.size() == batch.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) *answers[start + i] = verdicts[i];
  }

  std::vector<Verdict> out;
  for (const auto& set : sets) out.push_back(known_.at(set.members));
  return out;
}

std::string_view name(SearchStatus status) {
  switch (status) {
    case SearchStatus::minimal:
      return "minimal";
    case SearchStatus::none:
      return "none";
    case SearchStatus::budget:
      return "budget";
  }
  return "";
}

std::string_view name(SearchBound bound) {
  switch (bound) {
    case SearchBound::none:
      return "none";
    case SearchBound::max_set_size:
      return "max_set_size";
    case SearchBound::max_calls:
      return "max_calls";
  }
  return "";
}

std::int64_t MinimalSets::total_calls() const {
  return std::accumulate(calls.begin(), calls.end(), std::int64_t{0});
}

MinimalSets minimal_sets(Candidates& candidates, VerdictMemo& memo, const SearchBounds& bounds) {
  WHY_CHECK(bounds.max_set_size >= 1, "the largest set must have a member, not ", bounds.max_set_size);
  WHY_CHECK(bounds.max_calls >= 1, "a search needs at least one model call, not ", bounds.max_calls);
  const int most = candidates.num_candidates() - 1;  // something must be left to answer from
  const int largest = std::min(candidates.max_size(), most);
  MinimalSets result;
  for (int size = 1; size <= bounds.max_set_size; ++size) {
    result.legal.push_back(size <= most ? candidates.count(size) : 0);
    result.possible.push_back(size <= most ? binomial(candidates.num_candidates(), size) : 0);
  }
  result.calls.assign(result.legal.size(), 0);
  const auto passes_before = memo.passes();

  bool wanted = true;
  for (int size = 1; wanted && size <= std::min(bounds.max_set_size, largest); ++size) {
    const std::int64_t on_offer = candidates.count(size);
    const auto proposals = candidates.first(size, bounds.max_calls - result.total_calls());
    const auto verdicts = memo.ask(proposals);
    result.calls[static_cast<std::size_t>(size - 1)] = static_cast<std::int64_t>(proposals.size());

    std::vector<Proposal> hits;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      if (!verdicts[i].changed) continue;
      hits.push_back(proposals[i]);
      result.sets.push_back({proposals[i], verdicts[i]});
    }
    if (static_cast<std::int64_t>(proposals.size()) < on_offer) {
      result.bound = SearchBound::max_calls;
      wanted = false;
    } else {
      wanted = candidates.wants_larger(hits);
    }
  }
  if (wanted && largest > bounds.max_set_size) result.bound = SearchBound::max_set_size;

  result.passes = memo.passes() - passes_before;
  result.status = !result.sets.empty()                ? SearchStatus::minimal
                  : result.bound == SearchBound::none ? SearchStatus::none
                                                      : SearchStatus::budget;
  return result;
}

}  // namespace why
