// A progress bar on stderr while stderr is a terminal; nothing otherwise.
//
//   Progress progress("explaining", samples.size());
//   for (...) progress.add(1, "0.412 explained");
//
// Redraws at most ten times a second. Safe to call from several threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace why {

class Progress {
 public:
  // With total 0, which says that it is not known, there is a count and the time instead of a bar.
  Progress(std::string_view label, std::size_t total);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(std::size_t done = 1, std::string_view note = {});

 private:
  void draw();

  std::string label_, note_;
  std::size_t total_, done_ = 0;
  bool visible_;
  std::chrono::steady_clock::time_point start_, drawn_;
  std::mutex mutex_;
};

}  // namespace why
