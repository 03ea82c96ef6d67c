#include "experiments/report/marked_text.h"

#include <algorithm>

namespace why {

std::vector<TextRun> text_runs(const SampleText& text) {
  std::vector<TextRun> out;
  std::size_t at = 0;
  const auto take = [&](std::size_t end, std::vector<int> parts) {
    if (end > at) out.push_back({text.text.substr(at, end - at), std::move(parts)});
    at = std::max(at, end);
  };
  for (std::size_t part = 0; part < text.spans.size(); ++part) {
    const auto [begin, end] = text.spans[part];
    if (begin < at && !out.empty()) out.back().parts.push_back(static_cast<int>(part));
    take(begin, {});
    take(end, {static_cast<int>(part)});
  }
  take(text.text.size(), {});
  return out;
}

bool is_marked(const TextRun& run, const std::vector<int>& members) {
  return std::any_of(run.parts.begin(), run.parts.end(), [&](int part) {
    return std::find(members.begin(), members.end(), part) != members.end();
  });
}

}  // namespace why
