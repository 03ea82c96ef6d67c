#include "experiments/tasks/shared_batches.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "core/errors.h"

namespace why {
namespace {

constexpr std::size_t kMostScores = std::size_t{1} << 24;  // of a batch: 64 MiB
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
thread_local std::size_t asker = kNobody;  // which work(i) this thread does

}  // namespace

void SharedBatches::run(std::size_t count, const std::function<void(std::size_t)>& work) {
  failure_ = nullptr;
  std::vector<std::jthread> threads;
  const auto fail = [this](std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    changed_.notify_all();
  };
  const auto work_and_leave = [&](std::size_t i) {
    asker = i;
    try {
      work(i);
    } catch (...) {
      fail(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    --at_work_;
    changed_.notify_all();
  };
  try {
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back(work_and_leave, i);
      const std::lock_guard lock(mutex_);
      ++at_work_;  // the thread may have left already
    }
    answer_until_done();
  } catch (...) {
    fail(std::current_exception());
  }
  threads.clear();  // whoever still asks is told of the failure
  waiting_.clear();
  if (failure_) std::rethrow_exception(failure_);
}

void SharedBatches::answer_until_done() {
  std::unique_lock lock(mutex_);
  const auto asks_alone = [](const Question* question) { return question->ask_alone != nullptr; };
  while (at_work_ > 0 && !failure_) {
    if (std::ranges::any_of(waiting_, asks_alone))
      answer_alone(lock);
    else if (std::ssize(waiting_) == at_work_)
      answer_together();
    else
      changed_.wait(lock);
  }
}

// Whoever came first; others may come meanwhile.
void SharedBatches::answer_alone(std::unique_lock<std::mutex>& lock) {
  const auto at = std::ranges::find_if(waiting_, [](const Question* q) { return q->ask_alone != nullptr; });
  Question& question = **at;
  waiting_.erase(at);
  question.is_asked = true;
  lock.unlock();
  question.ask_alone();
  lock.lock();
  question.answered = true;
  changed_.notify_all();
}

// Of all who are at work, who wait.
void SharedBatches::answer_together() {
  std::ranges::sort(waiting_, {}, &Question::asker);
  std::vector<Row> rows;
  for (Question* question : waiting_) {
    question->scores = {static_cast<int>(question->ids.size()), info().outputs, {}};
    question->scores.values.resize(question->ids.size() * static_cast<std::size_t>(info().outputs));
    for (std::size_t i = 0; i < question->ids.size(); ++i) rows.push_back({question, i});
  }
  const std::size_t most_rows =
      std::max<std::size_t>(kMostScores / static_cast<std::size_t>(info().outputs), 1);
  const auto length = [](const Row& row) { return row.question->ids[row.number].size(); };
  std::ranges::stable_sort(rows, {}, length);
  for (std::size_t begin = 0, end; begin < rows.size(); begin = end) {
    end = begin + 1;
    while (end < rows.size() && end - begin < most_rows && (end - begin + 1) * length(rows[end]) <= tokens_)
      ++end;
    answer_rows(std::span(rows).subspan(begin, end - begin));
  }
  for (Question* question : waiting_) question->answered = true;
  waiting_.clear();
  changed_.notify_all();
}

void SharedBatches::answer_rows(std::span<const Row> rows) {
  std::vector<Sequence> ids;
  std::vector<TokenFlags> visible;
  bool hides = false;
  for (const auto& [question, number] : rows) {
    ids.push_back(question->ids[number]);
    visible.push_back(question->visible.empty() ? TokenFlags() : question->visible[number]);
    hides |= !visible.back().empty();
  }
  const Scores scores = hides ? model_.predict_visible(ids, visible) : model_.predict(ids);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::ranges::copy(scores.row(static_cast<int>(i)),
                      rows[i].question->scores.values.begin() +
                          static_cast<std::ptrdiff_t>(rows[i].number) * scores.columns);
}

void SharedBatches::wait_for_answer(Question& question) {
  std::unique_lock lock(mutex_);
  if (!failure_) waiting_.push_back(&question);
  changed_.notify_all();
  changed_.wait(lock, [&] { return question.answered || (failure_ && !question.is_asked); });
  if (!question.answered) std::rethrow_exception(failure_);
  if (question.error) std::rethrow_exception(question.error);
}

template <class Ask>
auto SharedBatches::ask_alone(Ask&& ask) {
  if (asker == kNobody) return ask();
  decltype(ask()) out;
  Question question{asker, {}, {}};
  question.ask_alone = [&] {
    try {
      out = ask();
    } catch (...) {
      question.error = std::current_exception();
    }
  };
  wait_for_answer(question);
  return out;
}

Scores SharedBatches::ask(std::span<const Sequence> ids, std::span<const TokenFlags> visible) {
  if (asker == kNobody) return visible.empty() ? model_.predict(ids) : model_.predict_visible(ids, visible);
  Question question{asker, ids, visible};
  wait_for_answer(question);
  return std::move(question.scores);
}

Scores SharedBatches::predict(std::span<const Sequence> batch) { return ask(batch, {}); }

Scores SharedBatches::predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible) {
  WHY_ASSERT(visible.size() == batch.size());
  return ask(batch, visible);
}

Scores SharedBatches::predict_alone(const Sequence& input, const TokenFlags& visible) {
  return ask_alone([&] { return model_.predict_alone(input, visible); });
}

std::vector<std::vector<float>> SharedBatches::states(std::span<const Sequence> batch) {
  return ask_alone([&] { return model_.states(batch); });
}

std::vector<Attention> SharedBatches::attend(std::span<const Sequence> batch, int layer) {
  return ask_alone([&] { return model_.attend(batch, layer); });
}

std::vector<Attention> SharedBatches::attend_on_device(std::span<const Sequence> batch, int layer,
                                                       AttentionPart part, Device device) {
  return ask_alone([&] { return model_.attend_on_device(batch, layer, part, device); });
}

Scores SharedBatches::knock_out(const Sequence& input, std::span<const std::vector<int>> removed) {
  return ask_alone([&] { return model_.knock_out(input, removed); });
}

std::vector<float> SharedBatches::attribute(const Sequence& input, Attribution method, int output, int other,
                                            int steps) {
  return ask_alone([&] { return model_.attribute(input, method, output, other, steps); });
}

}  // namespace why
