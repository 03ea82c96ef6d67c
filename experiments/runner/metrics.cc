#include "experiments/runner/metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

#include "experiments/methods.h"
#include "experiments/report/task_words.h"

namespace why {
namespace {

std::int64_t sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

// size to heads of the first set
std::string first_set(const MethodResult& method) {
  if (!method.explained()) return "0,,,,,,";
  const FoundSet& set = method.sets.front();
  return fmt::format("{},{},{},{},{},{},{}", set.members.size(),
                     csv_field(fmt::format("{}", fmt::join(set.parts, " "))), csv_field(set.replacement),
                     set.replacement_rank ? std::to_string(*set.replacement_rank) : ">10",
                     set.margin ? fmt::format("{}", *set.margin) : "", set.depth, fmt::join(set.heads, " "));
}

// comprehensiveness and sufficiency
std::string measures_of_ranking(const Sample& sample, const std::string& method) {
  const auto ranking = sample.rankings.find(ranking_of(method));
  if (ranking == sample.rankings.end() || !ranking->second.comprehensiveness) return ",";
  return fmt::format("{},{}", *ranking->second.comprehensiveness, ranking->second.sufficiency.value_or(0));
}

}  // namespace

std::string csv_field(const std::string& value) {
  if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
  std::string out = "\"";
  for (const char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string metrics_header(const std::string& task) {
  const TaskWords& words = words_of(task);
  return fmt::format(
      "sample,{},{},{},method,status,bound,sets,size,{},replacement,rank,margin,depth,heads,calls,passes,"
      "legal,possible,first_hit,ranking_calls,first_hit_with_ranking,"
      "comprehensiveness,sufficiency\n",
      words.source_key, words.length_key, words.answer_key, words.set_parts_key);
}

std::string metrics_rows(const Sample& sample) {
  std::string out;
  for (const auto& [method_name, method] : sample.methods) {
    const std::string_view bound = method.bound == SearchBound::none ? "" : name(method.bound);
    const auto hit = [&](std::int64_t calls) { return method.explained() ? std::to_string(calls) : ""; };
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", sample.number,
                       csv_field(sample.source), sample.parts.size(), csv_field(sample.answer),
                       csv_field(method_name), name(method.status), bound, method.sets.size(),
                       first_set(method), method.total_calls(), method.passes, sum(method.legal),
                       sum(method.possible), hit(method.first_hit), method.ranking_calls,
                       hit(method.first_hit_with_ranking), measures_of_ranking(sample, method_name));
  }
  return out;
}

}  // namespace why
