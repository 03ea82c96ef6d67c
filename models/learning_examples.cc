#include "models/learning_examples.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace why {
namespace {

// How many items a window ends behind: from 2 to `length`.
std::ptrdiff_t random_end(std::size_t length, double recency, Random& random) {
  const double part = std::pow(random.uniform(), 1 - recency);  // of the ends there are; 1 for recency 1
  const auto ends = length - 1;
  return static_cast<std::ptrdiff_t>(
      2 + std::min(ends - 1, static_cast<std::size_t>(part * static_cast<double>(ends))));
}

// The items up to a random one, at most max_length of them.
Sequence random_window(const Sequence& history, const WindowOptions& options, Random& random) {
  const auto end = random_end(history.size(), options.recency, random);
  const auto begin = std::max<std::ptrdiff_t>(0, end - options.max_length);
  return Sequence(history.begin() + begin, history.begin() + end);
}

// Each item but the last is dropped with a chance that is itself drawn for the window.
Sequence drop_items(const Sequence& window, double drop_share, Random& random) {
  const double chance = drop_share * random.uniform();
  Sequence kept;
  for (std::size_t i = 0; i < window.size(); ++i)
    if (i + 1 == window.size() || random.uniform() >= chance) kept.push_back(window[i]);
  return kept;
}

LearningExample hide_items(const Sequence& window, const ClozeOptions& options, Random& random) {
  LearningExample example{window, Sequence(window.size(), 0)};
  const auto hide = [&](std::size_t i) {
    example.targets[i] = window[i];
    example.inputs[i] = options.mask_id;
  };
  if (random.uniform() < options.last_share) {
    hide(window.size() - 1);
    return example;
  }
  for (std::size_t i = 0; i < window.size(); ++i)
    if (random.uniform() < options.mask_share) hide(i);
  if (example.inputs == window) hide(random.below(window.size()));
  return example;
}

LearningExample ask_next(const Sequence& window) {
  return {Sequence(window.begin(), window.end() - 1), Sequence(window.begin() + 1, window.end())};
}

// ask(window) makes the example of each window.
template <class Ask>
std::vector<LearningExample> epoch(const std::vector<Sequence>& histories, const WindowOptions& options,
                                   Random& random, const Ask& ask) {
  std::vector<LearningExample> examples;
  for (const auto& history : histories) {
    if (history.size() < 2) continue;
    for (int w = 0; w < options.windows; ++w) {
      Sequence window = random_window(history, options, random);
      if (options.drop_share > 0) window = drop_items(window, options.drop_share, random);
      examples.push_back(ask(window));
    }
  }
  random.shuffle(std::span(examples));
  return examples;
}

}  // namespace

std::vector<LearningExample> cloze_epoch(const std::vector<Sequence>& histories, const ClozeOptions& options,
                                         Random& random) {
  return epoch(histories, options, random,
               [&](const Sequence& window) { return hide_items(window, options, random); });
}

std::vector<LearningExample> next_item_epoch(const std::vector<Sequence>& histories,
                                             const WindowOptions& options, Random& random) {
  auto examples = epoch(histories, options, random, ask_next);
  // nothing stands before the last item where all others were dropped
  std::erase_if(examples, [](const LearningExample& example) { return example.inputs.empty(); });
  return examples;
}

}  // namespace why
