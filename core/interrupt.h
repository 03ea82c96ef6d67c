// Ctrl-C as a wish rather than an end.
#pragma once

namespace why {

// While it lives, the first SIGINT only makes requested() true; the second one ends the program as usual. One
// at a time.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  // Also from other threads, and also when no watch lives (false).
  static bool requested();
};

}  // namespace why
