// What `explain` is asked about: from the command line, or from a file of JSON lines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace why {

struct ExplainInput {
  std::string place;               // for errors: "reviews.jsonl:3", or empty
  std::string source;              // names it in its record: "id", or the place
  std::string text;                // for a model of texts
  std::vector<std::string> items;  // for a recommender: titles or ids, oldest first
  std::string label;               // the right answer to a text, where it is given
  std::string instead_of;          // the other answer that is asked about; empty: any
};

// "Toy Story (1995); Heat (1995)"
std::vector<std::string> split_items(const std::string& list);

// A line an input, each an object:
//
//   {"text": "…"}                 a text
//   {"items": ["…", "…"]}         a history; or one string, separated by ';'
//
// with "id" (text or whole number) and "instead_of" (a title, an id or a label, not empty) on request, and of
// a text "label" (text); null is as good as none, blank lines are left alone. UserError that names file and
// line for one that is no such object or has another key, and for a file without any.
std::vector<ExplainInput> read_explain_inputs(const std::filesystem::path& file, bool of_text);

// Whether its first object has a "text"; false too for a file that has none.
bool holds_texts(const std::filesystem::path& file);

}  // namespace why
