// The methods that explain, by name: what `methods` of a configuration and `explain --method` take.
//
// A method is a name, or the name of a ranking and, behind a colon, how it becomes sets: "attention:pure".
// Some rankings made into sets in one way are known by a name of their own: "pure-attention".
#pragma once

#include <string>
#include <vector>

namespace why {

// How one score a part becomes sets to ask.
//
//   by_size     ""            singles, pairs, triples, ordered by what was observed (ranked_sets.h)
//   predicted   ":predicted"  the same, ordered by the sum of the scores
//   pure        ":pure"       everything down the ranking stays away until the answer changes
//   smart       ":smart"      the same, of what lowers the margin (greedy_removal.h)
//   any_size    ":any"        whatever is likely to change the answer (any_size.h)
//   legal_first   ":graph"         by size; of the larger sets first what the heads' graphs propose
//   after_graphs  ":after-cleann"  all that the graphs propose, then by size (graph_first.h)
enum class Way { by_size, predicted, pure, smart, any_size, legal_first, after_graphs };

struct MethodChoice {
  std::string base;  // "attention", "cleann", ...
  Way way = Way::by_size;
};

extern const std::vector<std::string> kMethods;  // all names without a colon
extern const std::vector<std::string> kWays;     // "predicted", "pure", "smart", "any", ...

// UserError that lists what is known.
MethodChoice parse_method(const std::string& written);

// Whether it asks for the heads' graphs: "cleann", "rollout:graph". UserError as parse_method.
bool learns_graphs(const std::string& method);

// UserError for none, one that is unknown, or one named twice.
void check_methods(const std::vector<std::string>& methods);

// How a method, a control or the exhaustive search is called where people read it. Of a name that is not
// known (a folder of another version) the name itself.
struct MethodText {
  std::string label;     // "CLEANN"
  std::string sentence;  // what it does, and what comparing with it tells
};
MethodText method_text(const std::string& name);

// The ranking that a method makes its sets of, "attention" of "smart-attention"; empty where there is none.
std::string ranking_of(const std::string& method);

// Where a method stands in a table: CLEANN and its controls first, the exhaustive search last.
int method_place(const std::string& name);

}  // namespace why
