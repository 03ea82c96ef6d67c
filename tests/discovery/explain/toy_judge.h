// A judge that is a boolean function of the removed set, for tests.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "discovery/explain/judge.h"

namespace why {

class ToyJudge : public Judge {
 public:
  using Function = std::function<bool(const std::set<int>& removed)>;
  ToyJudge(int n, Function changed) : n_(n), changed_(std::move(changed)) {}

  int num_candidates() const override { return n_; }

  std::vector<Verdict> judge(std::span<const KeepMask> masks) override {
    batches.push_back(static_cast<int>(masks.size()));
    std::vector<Verdict> out;
    for (const auto& mask : masks) {
      std::set<int> removed;
      for (int i = 0; i < n_; ++i)
        if (!mask[static_cast<std::size_t>(i)]) removed.insert(i);
      asked.push_back(removed);
      const bool changed = changed_(removed);
      out.push_back({changed, changed ? -1.0f : 1.0f, static_cast<int>(removed.size())});
    }
    return out;
  }

  std::vector<int> batches;          // sizes, in the order they came
  std::vector<std::set<int>> asked;  // removed sets, in the order they came

 private:
  int n_;
  Function changed_;
};

// True when everything in one of these sets is removed: monotone, its minimal sets are known.
inline ToyJudge::Function holds_one_of(std::vector<std::set<int>> causes) {
  return [causes = std::move(causes)](const std::set<int>& removed) {
    for (const auto& cause : causes)
      if (std::includes(removed.begin(), removed.end(), cause.begin(), cause.end())) return true;
    return false;
  };
}

}  // namespace why
