// Rules by which it is decided whether z is a collider in an unshielded x *-* z *-* y.
//
//   sepset        iff z is not in the set that separated x and y
//   conservative  many sets are asked about; iff z is in none of those that separate; it is no collider if it
//                 is in all of them, else the triple stays unsure        Ramsey, Zhang, Spirtes 2006
//   majority      the same with "in less than half" and "in more than half"   Colombo, Maathuis 2014
//   max-p         iff z is not in the set with the largest p-value           Ramsey 2016
//
// On data, the set that happens to separate first depends on the order of the columns, so the first rule's
// colliders may, too; those of the other three do not (max-p: unless two p-values are exactly equal). A
// triple none of whose sets separates is unsure under the conservative and the majority rule.
#pragma once

#include <string_view>

#include "discovery/search/skeleton.h"
#include "discovery/search/triple_rulings.h"

namespace why {

enum class ColliderRule : std::uint8_t { sepset, conservative, majority, max_p };

std::string_view collider_rule_name(ColliderRule rule);  // "max-p"

// Where sets are taken from: the subsets of the candidates at x and at y with up to max_order nodes (-1:
// any).
struct SetSource {
  const Pools& pools;
  int max_order = -1;
};

// Rules on every unshielded triple of found.graph by one of the last three rules. Every set is asked once a
// pair; questions are added to found's counts. Exponential in the size of the pools, unless bounded.
TripleRulings rule_on_triples(SearchResult& found, const CiTest& test, ColliderRule rule,
                              std::span<const SetSource> sources, const Knowledge& knowledge = kNothingKnown);

}  // namespace why
