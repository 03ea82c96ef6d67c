// Files of knowledge (knowledge.h says what the statements mean), in two formats.
//
// Ours, a statement a line; names as in notation.h, `#` starts a comment:
//
//   tier: age sex            # a line a tier, earliest first; a variable in none is free
//   tier: smoking
//   order: a b c             # instead of tiers
//   forbidden: cancer --> smoking
//   required: smoking --> tar
//
// Tetrad's, whose first line is /knowledge: sections addtemporal (lines `1 a b`, `2* c`; the star forbids
// causes within the tier), forbiddirect and requiredirect (lines `a b`), forbiddengroup and requiredgroup
// (pairs of lines, causes and then effects: each of the ones with each of the others); `//` starts a comment.
//
// UserError, naming source and line, for a line that is none of these, a variable that is not among `names`,
// and statements that contradict each other: all of them are named.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "discovery/search/knowledge.h"

namespace why {

Knowledge parse_knowledge(std::string_view text, std::string_view source, std::span<const std::string> names);

}  // namespace why
