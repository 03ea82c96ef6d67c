#include "discovery/search/ci_test.h"

#include "discovery/search/first_separating.h"

namespace why {
namespace {

template <class Task>
std::vector<Separation> separate_all(const CiTest& test, std::span<const Task> tasks) {
  return each_task(tasks, test, test.threads, [&](const Task& task) {
    double p_value = 0;
    Separation out = first_separating(task, test, [&](std::span<const Node> z) {
      const CiAnswer answer = test.ask(task.x, task.y, z);
      p_value = answer.p_value;
      return answer;
    });
    out.p_value = p_value;
    return out;
  });
}

}  // namespace

std::vector<Separation> CiTest::separate(std::span<const PoolTask> tasks) const {
  return separate_all(*this, tasks);
}

std::vector<Separation> CiTest::separate(std::span<const ListTask> tasks) const {
  return separate_all(*this, tasks);
}

}  // namespace why
