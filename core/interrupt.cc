#include "core/interrupt.h"

#include <atomic>
#include <csignal>

namespace why {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // so that a signal handler may set it

void note_interrupt(int) {
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace

InterruptWatch::InterruptWatch() {
  interrupted = false;
  std::signal(SIGINT, note_interrupt);
}

InterruptWatch::~InterruptWatch() {
  std::signal(SIGINT, SIG_DFL);
  interrupted = false;
}

bool InterruptWatch::requested() { return interrupted; }

}  // namespace why
