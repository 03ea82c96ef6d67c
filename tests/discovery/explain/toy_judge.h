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

// A judge whose margin is a function of the removed set; negative is a change.
class MarginJudge : public Judge {
 public:
  using Function = std::function<double(const std::vector<int>& removed)>;
  MarginJudge(int n, Function margin) : n_(n), margin_(std::move(margin)) {}

  int num_candidates() const override { return n_; }

  std::vector<Verdict> judge(std::span<const KeepMask> masks) override {
    std::vector<Verdict> out;
    for (const auto& mask : masks) {
      asked.emplace_back();
      for (int i = 0; i < n_; ++i)
        if (!mask[static_cast<std::size_t>(i)]) asked.back().push_back(i);
      const auto margin = static_cast<float>(margin_(asked.back()));
      out.push_back({margin < 0, margin, margin < 0 ? 1 : 0});
    }
    return out;
  }

  std::vector<std::vector<int>> asked;  // removed sets, in the order they came

 private:
  int n_;
  Function margin_;
};

// `margin` less the drops of what is removed.
inline MarginJudge::Function sum_of_drops(double margin, std::vector<double> drops) {
  return [margin, drops = std::move(drops)](const std::vector<int>& removed) {
    double out = margin;
    for (const int x : removed) out -= drops[static_cast<std::size_t>(x)];
    return out;
  };
}

}  // namespace why
