// The smallest sets whose removal changes the output, each verified on the model.
//
// Sets are asked size by size. All sets of one size are asked before the search stops at the smallest size
// with a hit, and all hits of that size are reported. The set of all candidates is none of them: an answer to
// nothing is not explained by everything. Several searches on one input (heads, controls, the
// exhaustive optimum) share a memo, so that a set costs a forward pass once; what a search would have cost
// alone is counted beside it, and decides about its budget, so that a search gives the same result whatever
// was asked before it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "discovery/explain/candidates.h"
#include "discovery/explain/judge.h"

namespace why {

// Verdicts remembered by removed set.
//
// A set's verdict is computed once, in the batch in which it is first asked: sets of one question that are
// not known yet, in the order asked, `batch_size` at a time. A model's scores differ in their last digits
// with the make-up of the batch; a judge whose verdicts must not depend on what was asked before has to
// settle near ties itself.
class VerdictMemo {
 public:
  explicit VerdictMemo(Judge& judge, std::size_t batch_size = 64) : judge_(judge), batch_size_(batch_size) {}

  // One verdict a set, in the order asked. Members ascending, all below num_candidates().
  std::vector<Verdict> ask(std::span<const Proposal> sets);

  int num_candidates() const { return judge_.num_candidates(); }
  std::int64_t passes() const { return static_cast<std::int64_t>(known_.size()); }  // masks judged so far

 private:
  Judge& judge_;
  std::size_t batch_size_;
  std::map<std::vector<Node>, Verdict> known_;
};

struct SearchBounds {
  int max_set_size = 3;
  std::int64_t max_calls = 500;  // model calls of one search
};

// minimal   sets were found, and no smaller set on offer changes the output
// found     a set was found by a search that does not go by size (greedy_removal.h, any_size.h, accent.h):
//           smaller ones may do as well
// none      no set on offer changes the output; all were asked
// budget    nothing was found before a bound was hit
enum class SearchStatus { minimal, found, none, budget };

// The bound that kept sets from being asked. With `minimal`, max_calls says that the size of the hits was not
// asked to its end, so that there may be more hits of that size, but no smaller ones.
enum class SearchBound { none, max_set_size, max_calls };

std::string_view name(SearchStatus status);
std::string_view name(SearchBound bound);

struct Explanation {
  Proposal set;
  Verdict verdict;
};

// By size: entry s - 1 belongs to the sets of size s, s = 1 .. max_set_size.
//
// legal      sets on offer; legal / possible is the coverage
// possible   all sets of candidates but that of all
// calls      sets asked
// first_hit  calls up to the first set that changed the output, with it; 0: none did
// passes     masks that the model really judged; fewer than calls where the memo knew
struct MinimalSets {
  SearchStatus status = SearchStatus::none;
  SearchBound bound = SearchBound::none;
  std::vector<Explanation> sets;  // in the source's order
  std::vector<std::int64_t> legal, possible, calls;
  std::int64_t first_hit = 0;
  std::int64_t passes = 0;

  std::int64_t total_calls() const;
};

// UserError for bounds that allow nothing.
void check(const SearchBounds& bounds);

// The status of a search that asked what its bounds allow; `when_found` if it found something.
SearchStatus status_of(const MinimalSets& result, SearchStatus when_found);

// Sets by size: no set on offer yet, and `possible` filled in.
MinimalSets nothing_asked(int num_candidates, const SearchBounds& bounds);

MinimalSets minimal_sets(Candidates& candidates, VerdictMemo& memo, const SearchBounds& bounds = {});

}  // namespace why
