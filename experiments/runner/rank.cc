#include "experiments/runner/rank.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "core/errors.h"

namespace why {
namespace {

struct Names {
  const char *number, *count, *local;
};
constexpr Names kTorchrun{"RANK", "WORLD_SIZE", "LOCAL_RANK"};
// SLURM_NTASKS is set in a batch script too, where there is only one process
constexpr Names kSlurm{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"};

std::optional<int> number_in(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  const std::string_view word = value;
  int out = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), out);
  WHY_CHECK(failure == std::errc() && end == word.data() + word.size() && out >= 0, "the environment's ",
            name, " must be a whole number of at least 0, not \"", word, "\"");
  return out;
}

std::optional<Rank> rank_by(const Names& names) {
  const auto number = number_in(names.number), count = number_in(names.count);
  if (!count) return std::nullopt;
  WHY_CHECK(number, "the environment holds ", names.count, " and no ", names.number);
  WHY_CHECK(*count >= 1 && *number < *count, "the environment's ", names.number, " is ", *number,
            ", which is no rank of ", names.count, " ", *count);
  return Rank{*number, *count, number_in(names.local).value_or(0)};
}

}  // namespace

Rank rank_of_environment() {
  if (const auto rank = rank_by(kTorchrun)) return *rank;
  return rank_by(kSlurm).value_or(Rank{});
}

void check_shared_folder(const Rank& rank, const std::filesystem::path& named) {
  WHY_CHECK(rank.is_alone() || !named.empty(), "the ", rank.count,
            " ranks need --output, so that all of them work in one folder");
}

std::map<std::string, std::string> environment_of(const Rank& rank) {
  return {{kTorchrun.number, std::to_string(rank.number)},
          {kTorchrun.count, std::to_string(rank.count)},
          {kTorchrun.local, std::to_string(rank.local)}};
}

}  // namespace why
