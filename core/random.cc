#include "core/random.h"

#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "core/errors.h"

namespace why {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): spreads neighbouring seeds apart.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed), engine_(mix(seed)) {}

Random Random::child(std::string_view name, std::uint64_t index) const {
  std::uint64_t hash = mix(seed_);
  for (const char letter : name) hash = mix(hash ^ static_cast<unsigned char>(letter));
  return Random(mix(hash ^ mix(index)));
}

std::uint64_t Random::below(std::uint64_t bound) {
  WHY_ASSERT(bound > 0);
  return boost::random::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
}

double Random::uniform() { return boost::random::uniform_01<double>()(engine_); }

double Random::normal() { return boost::random::normal_distribution<double>()(engine_); }

}  // namespace why
