// What an explanation says, in words: shared by its text and its page.
#pragma once

#include <string>
#include <vector>

#include "experiments/datasets/interactions.h"
#include "experiments/explanation_options.h"
#include "experiments/report/samples.h"
#include "experiments/report/task_words.h"

namespace why {

// How an explanation came about.
struct ExplanationSettings {
  std::string model;  // as the user named it
  ExplanationOptions options;
  int sample_size = 0;  // of the test: the number that options.graph.samples stands for
  std::string method = "cleann";
  std::string instead_of = "";  // the only other answer that counts, as records name it; empty: any
};

// "o->" in words, of a part beside the answer that it is joined to.
std::string edge_in_words(Mark at_part, Mark at_answer);

// Of the heads that had a part in the search: all, or the chosen one.
std::vector<const HeadGraph*> graphs_in_search(const Sample& sample, const SetOptions& options);

class ExplanationWords {
 public:
  // Both must outlive it.
  ExplanationWords(const Sample& sample, const ItemTitles& titles, const ExplanationSettings& settings)
      : sample_(sample),
        titles_(titles),
        words_(words_of(sample)),
        of_graphs_(settings.method == "cleann"),
        instead_of_(settings.instead_of) {}

  const TaskWords& task() const { return words_; }
  std::string title(const std::string& name) const { return titles_.title(name); }

  // What stands at a position; which one it is, where the same stands there more than once.
  std::string part(Node position) const;

  // "negative (probability 0.981)"
  std::string answer() const;
  // "positive, number 2 of the original ten"
  std::string replacement(const FoundSet& set) const;

  // "something else", or what was asked for
  std::string other() const {
    return instead_of_.empty() ? "something else" : title(instead_of_) + " instead";
  }

  // Why there is no set; only of a method without.
  std::string why_not(const MethodResult& found, const SetOptions& options) const;
  std::string status(const MethodResult& found) const;

  // "4 edges among 5 items", the answer among them
  std::string size_of(const MixedGraph& graph) const;

 private:
  const Sample& sample_;
  const ItemTitles& titles_;
  TaskWords words_;
  // "the verdict", or "the verdict to positive"
  std::string change() const {
    return words_.answer + (instead_of_.empty() ? "" : " to " + title(instead_of_));
  }

  bool of_graphs_;  // are the sets proposed by graphs?
  std::string instead_of_;
};

}  // namespace why
