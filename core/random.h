// Seeded randomness that is handed down, never global.
//
// A stream is made from a seed and a path of names, so that adding a consumer does not disturb the others:
//
//   Random random(config.seed);
//   Random shuffle = random.child("shuffle"), users = random.child("user", 17);
//
// The engine is boost::random::mt19937_64 and the distributions are Boost's, whose output, unlike that of the
// standard library's, is the same on every platform.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace why {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  Random child(std::string_view name, std::uint64_t index = 0) const;
  std::uint64_t seed() const { return seed_; }

  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), bound > 0
  double uniform();                          // uniform in [0, 1)
  double normal();                           // standard normal

  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::uint64_t seed_;
  boost::random::mt19937_64 engine_;
};

}  // namespace why
