#include "experiments/tasks/rankings.h"

#include <algorithm>
#include <iterator>

#include "core/errors.h"
#include "experiments/methods.h"

namespace why {
namespace {

Ranking rank_by_attention(const RankingQuestion& question) {
  const Subject& subject = question.subject;
  const Attention attention = std::move(question.model.attend(std::span(&subject.asked, 1)).front());
  return {sum_over(subject.tokens, attention_row(attention, subject.reads_at, question.head)), 1};
}

// From the read-out row downwards: a row times the matrix of each layer.
Ranking rank_by_rollout(const RankingQuestion& question) {
  const Subject& subject = question.subject;
  const int layers = question.model.info().layers;
  std::vector<float> row(subject.asked.size(), 0.0f);
  row[static_cast<std::size_t>(subject.reads_at)] = 1;
  for (int layer = layers - 1; layer >= 0; --layer) {
    const Attention attention = std::move(question.model.attend(std::span(&subject.asked, 1), layer).front());
    std::vector<float> below(row.size(), 0.0f);
    for (std::size_t query = 0; query < row.size(); ++query) {
      if (row[query] == 0) continue;
      const auto read = attention_row(attention, static_cast<int>(query), question.head);
      for (std::size_t key = 0; key < row.size(); ++key) below[key] += row[query] * read[key] / 2;
      below[query] += row[query] / 2;
    }
    row = std::move(below);
  }
  return {sum_over(subject.tokens, row), layers};
}

Ranking rank_by_leaving_out(const RankingQuestion& question) {
  std::vector<Proposal> singles;
  for (Node part = 0; part < question.memo.num_candidates(); ++part) singles.push_back({{part}, 0, {}});
  Ranking out;
  for (const auto& verdict : question.memo.ask(singles))
    out.scores.push_back(static_cast<double>(question.subject.judge->original().margin) -
                         static_cast<double>(verdict.margin));
  out.calls = static_cast<std::int64_t>(singles.size());
  out.asked_singles = true;
  return out;
}

Ranking rank_by_knock_out(const RankingQuestion& question) {
  const Subject& subject = question.subject;
  std::vector<std::vector<int>> removed = subject.tokens;
  removed.emplace_back();
  const Scores scores = question.model.knock_out(subject.asked, removed);
  const auto margin = [&](std::size_t row) {
    return static_cast<double>(subject.judge->margin_of(scores.row(static_cast<int>(row))));
  };
  Ranking out{{}, 1};
  for (std::size_t part = 0; part < subject.tokens.size(); ++part)
    out.scores.push_back(margin(subject.tokens.size()) - margin(part));
  return out;
}

template <Attribution method>
Ranking rank_by_attribution(const RankingQuestion& question) {
  const Subject& subject = question.subject;
  const auto values = attribute_margin(question.model, subject, method);
  constexpr int kPasses = method == Attribution::value_norm             ? 1
                          : method == Attribution::integrated_gradients ? 2 * kIntegrationSteps
                                                                        : 2;
  return {sum_over(subject.tokens, values), kPasses};
}

bool always(const Model&) { return true; }
bool knocks_out(const Model& model) { return model.offers_knock_out(); }
template <Attribution method>
bool attributes(const Model& model) {
  return model.offers(method);
}

struct Known {
  const char* name;
  Ranking (*rank)(const RankingQuestion&);
  bool (*is_served)(const Model&);
  const char* needs;  // of the model
};

template <Attribution method>
constexpr Known attribution(const char* name, const char* needs) {
  return {name, rank_by_attribution<method>, attributes<method>, needs};
}

constexpr char kNeedsAttentionGradient[] = "gradients of its last layer's attention";
constexpr char kNeedsValues[] = "the values and the output matrix of its last attention layer";
constexpr char kNeedsEmbeddings[] = "a method forward_embeddings(embeddings, mask)";

constexpr Known kRankings[] = {
    {"attention", rank_by_attention, always, ""},
    {"rollout", rank_by_rollout, always, ""},
    {"leave-one-out", rank_by_leaving_out, always, ""},
    {"knockout", rank_by_knock_out, knocks_out, "a method knock_out(ids, mask, keep)"},
    attribution<Attribution::attention_gradient>("attention-gradient", kNeedsAttentionGradient),
    attribution<Attribution::logit_attribution>("logit-attribution", kNeedsValues),
    attribution<Attribution::value_norm>("value-norm", kNeedsValues),
    attribution<Attribution::gradient_input>("gradient-input", kNeedsEmbeddings),
    attribution<Attribution::integrated_gradients>("integrated-gradients", kNeedsEmbeddings),
};

const Known* find_ranking(const std::string& name) {
  const auto found = std::find_if(std::begin(kRankings), std::end(kRankings),
                                  [&](const Known& known) { return known.name == name; });
  return found == std::end(kRankings) ? nullptr : found;
}

}  // namespace

std::vector<float> attribute_margin(Model& model, const Subject& subject, Attribution method) {
  const int instead = subject.judge->original().instead, other = instead < 0 ? subject.top.at(1) : instead;
  return model.attribute(subject.asked, method, subject.top.at(0), other);
}

Ranking rank_parts(const std::string& ranking, const RankingQuestion& question) {
  const Known* known = find_ranking(ranking);
  WHY_ASSERT(known != nullptr);
  Ranking out = known->rank(question);
  WHY_ASSERT(static_cast<int>(out.scores.size()) == question.memo.num_candidates());
  return out;
}

void check_methods(const std::vector<std::string>& methods, const Model& model) {
  for (const auto& method : methods) {
    const Known* known = find_ranking(parse_method(method).base);
    WHY_CHECK(known == nullptr || known->is_served(model), "method \"", method, "\" needs ", known->needs,
              ", which ", model.info().path,
              " does not offer; attention, rollout and leave-one-out work with any model");
  }
}

std::vector<float> attention_row(const Attention& attention, int row, std::optional<int> head) {
  const auto tokens = static_cast<std::size_t>(attention.tokens);
  const int first = head.value_or(0), end = head ? *head + 1 : attention.heads;
  std::vector<float> out(tokens);
  for (int each = first; each < end; ++each)
    for (std::size_t key = 0; key < tokens; ++key)
      out[key] +=
          attention.probabilities[(static_cast<std::size_t>(each) * tokens + static_cast<std::size_t>(row)) *
                                      tokens +
                                  key] /
          static_cast<float>(end - first);
  return out;
}

std::vector<double> sum_over(const std::vector<std::vector<int>>& parts, std::span<const float> values) {
  std::vector<double> out;
  for (const auto& tokens : parts) {
    double sum = 0;
    for (const int token : tokens) sum += static_cast<double>(values[static_cast<std::size_t>(token)]);
    out.push_back(sum);
  }
  return out;
}

}  // namespace why
