#include "experiments/commands/start_ranks.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "core/errors.h"
#include "experiments/runner/rank.h"

namespace why {
namespace {

[[noreturn]] void become(const Rank& rank, const std::vector<std::string>& arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (const auto& [name, value] : environment_of(rank)) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv = {const_cast<char*>("whyformer")};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv("/proc/self/exe", argv.data());
  ::_exit(127);
}

pid_t start(const Rank& rank, const std::vector<std::string>& arguments) {
  const pid_t child = ::fork();
  if (child == 0) become(rank, arguments);
  if (child < 0)
    throw std::runtime_error(text("cannot start rank ", rank.number, ": ", std::strerror(errno)));
  return child;
}

std::string end_in_words(int status) {
  return WIFSIGNALED(status) ? text("was ended by signal ", WTERMSIG(status))
                             : text("ended with exit code ", WEXITSTATUS(status));
}

// The next child that ends, as its place in `children`, and how it ended.
std::pair<std::size_t, int> wait_for_one(const std::vector<pid_t>& children) {
  for (;;) {
    int status = 0;
    const pid_t child = ::wait(&status);
    if (child < 0 && errno == EINTR) continue;
    WHY_ASSERT(child > 0);
    const auto at = std::ranges::find(children, child);
    if (at != children.end()) return {static_cast<std::size_t>(at - children.begin()), status};
  }
}

}  // namespace

int start_ranks(int count, const std::vector<std::string>& arguments) {
  std::vector<pid_t> children;
  for (int number = 0; number < count; ++number)
    children.push_back(start({number, count, number}, arguments));

  std::optional<int> first;  // how rank 0 ended
  for (int ended = 0; ended < count; ++ended) {
    const auto [number, status] = wait_for_one(children);
    children[number] = 0;
    if (number == 0) first = status;
    if (number == 0 && status != 0)
      for (const pid_t child : children)
        if (child > 0) ::kill(child, SIGTERM);
    if (!first && status != 0)
      fmt::print(stderr, "warning: rank {} {}; the others take up its samples\n", number,
                 end_in_words(status));
  }
  if (WIFEXITED(*first)) return WEXITSTATUS(*first);
  throw std::runtime_error("rank 0 " + end_in_words(*first));
}

}  // namespace why
