#include "core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace why {
namespace {

constexpr std::size_t kBarWidth = 24;

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(std::string_view label, std::size_t total)
    : label_(label),
      total_(total),
      visible_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()) {
  if (visible_) draw();
}

Progress::~Progress() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void Progress::add(std::size_t done, std::string_view note) {
  if (!visible_) return;
  const std::lock_guard lock(mutex_);
  done_ += done;
  note_ = note;
  const bool last = total_ > 0 && done_ >= total_;
  if (!last && std::chrono::steady_clock::now() - drawn_ < std::chrono::milliseconds(100)) return;
  draw();
}

void Progress::draw() {
  drawn_ = std::chrono::steady_clock::now();
  const double elapsed = std::chrono::duration<double>(drawn_ - start_).count();
  std::string state = fmt::format("{}, {}", done_, clock_text(elapsed));
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const auto filled = static_cast<std::size_t>(share * kBarWidth);
    const std::string left = done_ ? clock_text(elapsed / share - elapsed) + " left" : "";
    state = fmt::format("[{}{}] {}/{} {}", std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                        done_, total_, left);
  }
  fmt::print(stderr, "\r\x1b[K{} {} {}", label_, state, note_);
  std::fflush(stderr);
}

}  // namespace why
