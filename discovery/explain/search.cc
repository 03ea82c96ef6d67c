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
    case SearchStatus::found:
      return "found";
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

void check(const SearchBounds& bounds) {
  WHY_CHECK(bounds.max_set_size >= 1, "the largest set must have a member, not ", bounds.max_set_size);
  WHY_CHECK(bounds.max_calls >= 1, "a search needs at least one model call, not ", bounds.max_calls);
}

SearchStatus status_of(const MinimalSets& result, SearchStatus when_found) {
  if (!result.sets.empty()) return when_found;
  return result.bound == SearchBound::none ? SearchStatus::none : SearchStatus::budget;
}

MinimalSets nothing_asked(int num_candidates, const SearchBounds& bounds) {
  MinimalSets out;
  for (int size = 1; size <= bounds.max_set_size; ++size)
    out.possible.push_back(size < num_candidates ? binomial(num_candidates, size) : 0);
  out.calls.assign(out.possible.size(), 0);
  out.legal = out.calls;
  return out;
}

MinimalSets minimal_sets(Candidates& candidates, VerdictMemo& memo, const SearchBounds& bounds) {
  check(bounds);
  const int most = candidates.num_candidates() - 1;  // something must be left to answer from
  const int largest = std::min(candidates.max_size(), most);
  MinimalSets result = nothing_asked(candidates.num_candidates(), bounds);
  for (int size = 1; size <= std::min(bounds.max_set_size, most); ++size)
    result.legal[static_cast<std::size_t>(size - 1)] = candidates.count(size);
  const auto passes_before = memo.passes();

  bool wanted = true;
  for (int size = 1; wanted && size <= std::min(bounds.max_set_size, largest); ++size) {
    const std::int64_t on_offer = candidates.count(size);
    const auto proposals = candidates.first(size, bounds.max_calls - result.total_calls());
    const auto verdicts = memo.ask(proposals);
    const std::int64_t asked_before = result.total_calls();
    result.calls[static_cast<std::size_t>(size - 1)] = static_cast<std::int64_t>(proposals.size());

    std::vector<Proposal> hits;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      if (!verdicts[i].changed) continue;
      if (result.first_hit == 0) result.first_hit = asked_before + static_cast<std::int64_t>(i) + 1;
      hits.push_back(proposals[i]);
      result.sets.push_back({proposals[i], verdicts[i]});
    }
    candidates.observe(proposals, verdicts);
    if (static_cast<std::int64_t>(proposals.size()) < on_offer) {
      result.bound = SearchBound::max_calls;
      wanted = false;
    } else {
      wanted = candidates.wants_larger(hits);
    }
  }
  if (wanted && largest > bounds.max_set_size) result.bound = SearchBound::max_set_size;

  result.passes = memo.passes() - passes_before;
  result.status = status_of(result, SearchStatus::minimal);
  return result;
}

}  // namespace why
