// Explains a run's samples block by block.
//
//   BlockExplainer explainer(run, model);
//   lines = explainer.explain({0, 16}, {{16, 16}});   // and then probably the next 16
//
// With TaskRun::ahead the block that probably comes next is begun meanwhile, in another thread: its attention
// is read and its graphs are learned, on a GPU in a stream of its own, while the sets of this one are asked.
// Each block is computed in the same passes either way, so the lines are the same bytes.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/runner/shared_blocks.h"
#include "experiments/runner/task_run.h"
#include "experiments/tasks/shared_batches.h"

namespace why {

class BlockExplainer {
 public:
  using Block = SharedBlocks::Block;

  // Both must outlive it.
  BlockExplainer(const TaskRun& run, Model& model) : run_(run), model_(model) {}

  // A line a sample. Exceptions are those of this block; what `then` met is thrown when its turn comes.
  std::vector<std::string> explain(const Block& block, const std::optional<Block>& then);

 private:
  // A block whose graphs are known.
  struct Learned {
    std::unique_ptr<SharedBatches> together;  // what its subjects ask; null: the model
    LearnedSubjects samples;
  };

  Learned learned(const Block& block) const;
  Learned take(const Block& block);
  void begin(const std::optional<Block>& block);

  const TaskRun& run_;
  Model& model_;
  std::size_t begun_ = 0;       // the first sample ...
  std::future<Learned> ahead_;  // ... of the block that is worked on ahead, if there is one
};

}  // namespace why
