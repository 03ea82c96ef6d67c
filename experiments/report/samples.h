// samples.jsonl: what a run leaves of each sample, one JSON object a line. The runner writes it, the report,
// the metrics and `verify` read it; this is the one place that spells its keys.
//
// A sample is an input of n parts (the items of a history, the words of a text) and what the model answers.
// Positions count the parts, 0 .. n - 1; in a graph, node i is part i and node n, the root, is what is
// explained.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/explain/search.h"
#include "discovery/graph/mixed_graph.h"
#include "models/formats/tokenizer.h"

namespace why {

// A set whose removal was seen to change the answer.
struct FoundSet {
  std::vector<int> members;             // positions, ascending
  std::vector<std::string> parts;       // what stands there
  std::string replacement;              // the answer without them
  std::optional<int> replacement_rank;  // its place in the original top 10, from 1; none: further down
  std::optional<double> margin;         // score of the answer minus its replacement's, negative
  int depth = 0;                        // summed depth in the tree
  std::vector<int> heads;               // that proposed it
};

// What one method found. The vectors count sets by size: element k - 1 is about sets of size k.
struct MethodResult {
  SearchStatus status = SearchStatus::none;
  SearchBound bound = SearchBound::none;
  std::vector<FoundSet> sets;          // all of the smallest size with a hit, or one; the first is shown
  std::vector<std::int64_t> legal;     // sets on offer
  std::vector<std::int64_t> possible;  // sets that there are
  std::vector<std::int64_t> calls;     // sets asked
  std::int64_t passes = 0;             // sets that the model really judged; the others were remembered
  std::int64_t first_hit = 0;          // calls up to the first set that changed the answer, with it; 0: none
  std::int64_t ranking_calls = 0;  // passes through the model before the search; a backward one counts too
  // The two together; a set of one part that the ranking asked counts once.
  std::int64_t first_hit_with_ranking = 0;

  bool explained() const { return !sets.empty(); }
  std::int64_t total_calls() const;
  std::size_t set_size() const { return sets.front().members.size(); }  // of an explained one
};

// A ranking of the parts, where the run measures them (discovery/explain/aopc.h): the same for all methods
// that make sets of it.
struct RankingResult {
  std::vector<double> scores;                            // [parts], of any scale
  std::optional<double> comprehensiveness, sufficiency;  // none of an input of one part
};

struct HeadGraph {
  int head = 0;
  MixedGraph graph;  // n + 1 nodes; written as its edges, "3 o-> 7", and the root's degree
};

// Of an input that is text.
struct SampleText {
  std::string text;             // as given
  std::string unit = "word";    // what a part is: word, piece, sentence
  std::vector<TextSpan> spans;  // [parts] bytes of the text
  std::string label;            // the right answer, where the data know it
  double probability = 0;       // of the answer
};

struct Sample {
  std::string task = "recommendation";  // see task_words.h
  std::int64_t number = 0;
  std::string source;              // the user; the file and line of a text
  std::vector<std::string> parts;  // item ids as the model saw them, oldest first; the words of a text
  std::int64_t excluded = 0;       // items that are no answer: the whole history, also what the model cut
  std::string answer;              // the recommended item's id, the verdict, the predicted word
  std::optional<double> score;
  std::vector<std::string> top10;  // answers, the best first
  std::vector<HeadGraph> graphs;
  std::map<std::string, MethodResult> methods;    // "cleann", "permuted", ...
  std::map<std::string, RankingResult> rankings;  // "attention", ...; empty unless the run measures them
  std::vector<std::string> warnings;
  std::optional<SampleText> text;  // absent for a history

  int root() const { return static_cast<int>(parts.size()); }
};

// The line without its line break; keys in a fixed order, numbers as short as they read back the same.
std::string to_json_line(const Sample& sample);

// UserError `samples.jsonl:7: …` (with `where` in place of `samples.jsonl:7`) for a line that is not JSON,
// lacks a key, holds a value of another kind, or points at a position or node that is not there.
Sample parse_sample(std::string_view line, std::string_view where);

// Reads a file line by line. A last line without a line break is what a killed run left: it is not visited,
// and the answer is true. UserError when the file cannot be read, and where a sample's number is not above
// the one before.
bool for_each_sample(const std::filesystem::path& path, const std::function<void(const Sample&)>& visit);

}  // namespace why
