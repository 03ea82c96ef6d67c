// Samples written in the test, and run folders that hold them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "discovery/graph/notation.h"
#include "experiments/report/samples.h"

namespace why {

// A graph whose nodes are called by their numbers: edges "0 o-> 4, 1 --> 4".
inline MixedGraph graph_of_numbers(int num_nodes, const std::string& edges) {
  std::string literal = "nodes:";
  for (int node = 0; node < num_nodes; ++node) literal += " " + std::to_string(node);
  return parse_graph(literal + ", " + edges).graph;
}

inline FoundSet found_set(std::vector<int> members, std::optional<int> rank) {
  FoundSet out;
  out.members = std::move(members);
  for (const int member : out.members) out.parts.push_back("i" + std::to_string(member));
  out.replacement = "r";
  out.replacement_rank = rank;
  out.margin = -0.25;
  out.depth = 1;
  out.heads = {0};
  return out;
}

inline MethodResult explained_by(FoundSet set, std::vector<std::int64_t> calls) {
  MethodResult out;
  out.status = SearchStatus::minimal;
  out.sets = {std::move(set)};
  out.legal = {2, 1, 0};
  out.possible = {4, 6, 4};
  out.passes = 2;
  out.calls = std::move(calls);
  return out;
}

inline MethodResult unexplained(SearchStatus status, SearchBound bound, std::vector<std::int64_t> calls) {
  MethodResult out;
  out.status = status;
  out.bound = bound;
  out.legal = {2, 1, 0};
  out.possible = {4, 6, 4};
  out.passes = 3;
  out.calls = std::move(calls);
  return out;
}

// Four items i0 .. i3 of history; the recommendation, node 4, is "top".
inline Sample made_up_sample(std::int64_t number) {
  Sample out;
  out.number = number;
  out.source = "u" + std::to_string(number);
  out.parts = {"i0", "i1", "i2", "i3"};
  out.excluded = 4;
  out.answer = "top";
  out.score = 1.5;
  out.top10 = {"top", "r", "i9"};
  out.graphs = {{0, graph_of_numbers(5, "0 o-> 1, 1 <-> 2, 2 --> 4, 3 o-o 4")}};
  MethodResult& cleann = out.methods["cleann"] = explained_by(found_set({2}, 2), {2, 0, 0});
  cleann.first_hit = 2;
  cleann.ranking_calls = 1;
  cleann.first_hit_with_ranking = 3;
  out.methods["permuted"] = unexplained(SearchStatus::none, SearchBound::none, {2, 1, 0});
  out.methods["random"] = unexplained(SearchStatus::budget, SearchBound::max_calls, {2, 0, 0});
  return out;
}

// A text of six words, two of them the same, with markup in it; the verdict is "negative" for its words 1
// and 3.
inline Sample made_up_text(std::int64_t number) {
  Sample out;
  out.task = "sentiment";
  out.number = number;
  out.source = "test:" + std::to_string(number);
  SampleText& text = out.text.emplace();
  text.text = "A <b>dull</b> film,\ndull & <script>alert(1)</script> \"long\".";
  const std::string words[] = {"A", "<b>dull</b>", "film,", "dull", "<script>alert(1)</script>", "\"long\"."};
  std::size_t at = 0;
  for (const auto& word : words) {
    at = text.text.find(word, at);
    text.spans.push_back({at, at + word.size()});
    at += word.size();
    out.parts.push_back(word);
  }
  text.label = number % 2 ? "positive" : "negative";
  text.probability = 0.875;
  out.answer = "negative";
  out.score = 2.5;
  out.top10 = {"negative", "positive"};
  out.graphs = {{3, graph_of_numbers(7, "1 o-> 6, 3 o-o 6, 1 <-> 2, 0 --> 1, 2 --> 4")}};
  FoundSet set = found_set({1, 3}, 2);
  set.parts = {words[1], words[3]};
  set.replacement = "positive";
  set.heads = {3};
  out.methods["cleann"] = explained_by(set, {2, 1, 0});
  out.methods["random"] = unexplained(SearchStatus::none, SearchBound::none, {2, 1, 0});
  return out;
}

// A place of this process's own, removed at its end.
class TestFolder {
 public:
  TestFolder() : path_(std::filesystem::path(testing::TempDir()) / text("whyformer-report-", getpid())) {}
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A run folder with these samples; `name` is given once in a test program.
inline std::filesystem::path made_up_run(const std::string& name, const std::vector<Sample>& samples,
                                         const std::string& task = "recommendation") {
  static const TestFolder all;
  const auto folder = all.path() / name;
  std::filesystem::create_directories(folder);
  std::string lines;
  for (const auto& sample : samples) lines += to_json_line(sample) + "\n";
  write_file(folder / "samples.jsonl", lines);
  write_file(folder / "config.yaml", "task: " + task + "\nname: \"<b>&\"\n");
  write_file(folder / "environment.json",
             R"({"commit": "abc", "seed": 1, "seconds": 2.5, "inputs": {"a": "b"}})");
  return folder;
}

}  // namespace why
