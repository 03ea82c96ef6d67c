// Two kinds of failure, two words.
//
//   UserError      the caller's mistake: bad input, a missing file, an unknown name. One clear sentence that
//                  names the file, line, key or value. The program prints it and exits with 2.
//   InternalError  a bug of ours: an invariant that does not hold. The program exits with 1.
//
//   WHY_CHECK(k <= n, "order ", k, " for ", n, " variables");    throws UserError
//   WHY_ASSERT(graph.adjacent(x, y));                            throws InternalError, in every build type
#pragma once

#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace why {

class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// All arguments, one after the other, as a stream would print them.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// The candidate with the smallest edit distance to `name`; empty when none is closer than half its length.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

// Throws UserError `unknown search "fcii"; did you mean "fci"? known: fci, icd` unless `known` holds `name`.
void check_known(std::string_view what, std::string_view name, std::span<const std::string> known);

namespace detail {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

}  // namespace why

#define WHY_CHECK(condition, ...)                                       \
  do {                                                                  \
    if (!(condition)) throw ::why::UserError(::why::text(__VA_ARGS__)); \
  } while (false)

#define WHY_ASSERT(condition)                                                          \
  do {                                                                                 \
    if (!(condition)) ::why::detail::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
