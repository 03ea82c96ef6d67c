#include "experiments/tasks/answer.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"

namespace why {
namespace {

constexpr std::size_t kTop = 10;
constexpr char kNoScore[] = " answers with a score that is NaN or infinite: its weights are damaged";

float probability_of(int output, std::span<const float> scores, const std::vector<std::uint8_t>& allowed) {
  const float own = scores[static_cast<std::size_t>(output)];
  double sum = 0;
  for (std::size_t j = 0; j < allowed.size(); ++j)
    if (allowed[j]) sum += static_cast<double>(std::exp(scores[j] - own));
  return static_cast<float>(1 / sum);
}

std::vector<int> best_outputs(std::span<const float> scores, const std::vector<std::uint8_t>& allowed) {
  std::vector<int> order;
  for (std::size_t j = 0; j < allowed.size(); ++j)
    if (allowed[j]) order.push_back(static_cast<int>(j));
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(kTop, order.size()));
  std::partial_sort(order.begin(), middle, order.end(), [&](int a, int b) {
    const float at_a = scores[static_cast<std::size_t>(a)], at_b = scores[static_cast<std::size_t>(b)];
    return at_a != at_b ? at_a > at_b : a < b;
  });
  order.erase(middle, order.end());
  return order;
}

}  // namespace

Answer best_answer(std::span<const float> scores, std::vector<std::uint8_t> allowed, const std::string& model,
                   int instead) {
  WHY_ASSERT(instead < 0 || allowed.at(static_cast<std::size_t>(instead)));
  WHY_ASSERT(allowed.size() == scores.size());
  WHY_CHECK(std::all_of(scores.begin(), scores.end(), [](float s) { return std::isfinite(s); }), model,
            kNoScore);
  Answer out;
  out.top = best_outputs(scores, allowed);
  out.allowed = std::move(allowed);
  WHY_ASSERT(out.top.size() >= 2);
  out.output = out.top[0];
  for (const int output : out.top) out.top_scores.push_back(scores[static_cast<std::size_t>(output)]);
  out.score = out.top_scores[0];
  out.probability = probability_of(out.output, scores, out.allowed);
  out.instead = instead;
  out.margin = out.score - scores[static_cast<std::size_t>(instead < 0 ? out.top[1] : instead)];
  return out;
}

Scores ModelJudge::predict(std::span<const ReducedInput> batch) {
  std::vector<Sequence> ids;
  std::vector<TokenFlags> visible;
  bool hides = false;
  for (const auto& input : batch) {
    ids.push_back(input.ids);
    visible.push_back(input.visible);
    hides |= !input.visible.empty();
  }
  return hides ? model_.predict_visible(ids, visible) : model_.predict(ids);
}

// The best-scored of the allowed outputs without this one; of equal ones the first.
int ModelJudge::best_but(int output, std::span<const float> scores) const {
  int best = -1;
  for (int j = 0; j < static_cast<int>(scores.size()); ++j) {
    if (!original_.allowed[static_cast<std::size_t>(j)] || j == output) continue;
    if (best < 0 || scores[static_cast<std::size_t>(j)] > scores[static_cast<std::size_t>(best)]) best = j;
  }
  return best;
}

Verdict ModelJudge::verdict(std::span<const float> scores) const {
  const auto score = [&](int output) { return scores[static_cast<std::size_t>(output)]; };
  const int other = original_.instead < 0 ? best_but(original_.output, scores) : original_.instead;
  Verdict out;
  out.margin = score(original_.output) - score(other);
  WHY_CHECK(std::isfinite(out.margin), model_.info().path, kNoScore);
  out.changed = score(other) > score(original_.instead < 0 ? original_.output : best_but(other, scores));
  out.output = out.changed ? other : original_.output;
  out.probability = probability_of(original_.output, scores, original_.allowed);
  return out;
}

// Would rounding decide?
bool ModelJudge::near_tie(std::span<const float> scores) const {
  const int one = original_.instead < 0 ? original_.output : original_.instead;
  const float lead =
      scores[static_cast<std::size_t>(one)] - scores[static_cast<std::size_t>(best_but(one, scores))];
  return std::abs(lead) < kNearTie * std::max(1.0f, std::abs(original_.score));
}

ModelJudge::Askable ModelJudge::askable(std::span<const KeepMask> masks) const {
  Askable out;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    WHY_ASSERT(static_cast<int>(masks[i].size()) == num_candidates());
    ReducedInput input = reduced(masks[i]);
    if (input.ids.empty()) continue;
    out.batch.push_back(std::move(input));
    out.of_mask.push_back(i);
  }
  return out;
}

std::vector<Verdict> ModelJudge::judge(std::span<const KeepMask> masks) {
  std::vector<Verdict> out(masks.size(), unasked());

  const auto [batch, of_mask] = askable(masks);
  if (batch.empty()) return out;

  const Scores scores = predict(batch);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    Verdict& answer = out[of_mask[row]];
    const auto of_row = scores.row(static_cast<int>(row));
    answer = verdict(of_row);
    const bool shared = batch.size() > 1 || model_.shares_passes();
    if (shared && near_tie(of_row)) answer = verdict_alone(batch[row]);
  }
  return out;
}

Verdict ModelJudge::verdict_alone(const ReducedInput& input) {
  return verdict(model_.predict_alone(input.ids, input.visible).row(0));
}

Verdict ModelJudge::judge_alone(const KeepMask& keep) {
  const ReducedInput input = reduced(keep);
  return input.ids.empty() ? unasked() : verdict_alone(input);
}

std::vector<std::vector<float>> ModelJudge::top_scores(std::span<const KeepMask> masks) {
  std::vector<std::vector<float>> out(masks.size(), original_.top_scores);
  const auto [batch, of_mask] = askable(masks);
  if (batch.empty()) return out;
  const Scores scores = predict(batch);
  for (std::size_t row = 0; row < batch.size(); ++row)
    for (std::size_t k = 0; k < original_.top.size(); ++k)
      out[of_mask[row]][k] = scores.row(static_cast<int>(row))[static_cast<std::size_t>(original_.top[k])];
  return out;
}

Verdict judge_alone(ModelJudge& judge, const std::vector<int>& removed) {
  KeepMask keep(static_cast<std::size_t>(judge.num_candidates()), 1);
  for (const int i : removed) keep.at(static_cast<std::size_t>(i)) = 0;
  return judge.judge_alone(keep);
}

}  // namespace why
