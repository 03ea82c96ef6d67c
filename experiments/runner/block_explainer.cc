#include "experiments/runner/block_explainer.h"

#include "experiments/report/samples.h"

namespace why {

BlockExplainer::Learned BlockExplainer::learned(const Block& block) const {
  Learned out{run_.together ? std::make_unique<SharedBatches>(model_) : nullptr, {}};
  Model& asked = out.together ? *out.together : model_;
  std::vector<Subject> subjects;
  for (std::size_t i = 0; i < block.count; ++i) subjects.push_back(run_.subject(asked, block.first + i));
  out.samples = learn(asked, std::move(subjects), run_.options);
  return out;
}

BlockExplainer::Learned BlockExplainer::take(const Block& block) {
  if (!ahead_.valid()) return learned(block);
  std::future<Learned> ahead = std::move(ahead_);
  if (begun_ == block.first) return ahead.get();
  ahead.wait();  // another rank did that one
  return learned(block);
}

void BlockExplainer::begin(const std::optional<Block>& block) {
  if (!run_.ahead || !block) return;
  begun_ = block->first;
  ahead_ = std::async(std::launch::async, [this, block = *block] {
    Learned out;
    model_.on_own_stream([&] { out = learned(block); });
    return out;
  });
}

std::vector<std::string> BlockExplainer::explain(const Block& block, const std::optional<Block>& then) {
  const Learned known = take(block);
  begin(then);
  const std::vector<Sample> samples = known.together
                                          ? explain_together(*known.together, known.samples, run_.options)
                                          : why::explain(model_, known.samples, run_.options);
  std::vector<std::string> lines;
  for (const auto& sample : samples) lines.push_back(to_json_line(sample));
  return lines;
}

}  // namespace why
