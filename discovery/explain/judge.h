// What the explanation search asks of a model, without knowing it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace why {

// One flag a candidate (word, item): 1 keeps it, 0 removes it.
using KeepMask = std::vector<std::uint8_t>;

// changed       the output is another than the one explained; where one other was asked for, it is that one
// margin        score of the explained output minus the best other's, or that of the one asked for; negative
//               when the output changed
// output        the class or item that is now first
// probability   of the explained output
struct Verdict {
  bool changed = false;
  float margin = 0;
  int output = -1;
  float probability = 0;
};

class Judge {
 public:
  virtual ~Judge() = default;

  virtual int num_candidates() const = 0;

  // One verdict a mask, in the order asked. Each mask has num_candidates() flags. A mask costs a model call.
  virtual std::vector<Verdict> judge(std::span<const KeepMask> masks) = 0;
};

}  // namespace why
