// report.html: the template in page/ with its places filled.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiments/report/pag_drawing.h"
#include "experiments/report/run_summary.h"

namespace why {

struct PageFigure {
  enum class Kind { chart, graph } kind = Kind::chart;
  std::string name;  // of its files, without the ending
  std::string title;
  std::string caption;
  std::string svg;       // empty when it was not drawn
  std::string sentence;  // then: why
};

// The samples as the page's script reads them; items and words are numbers into one list of titles, edges
// triples of numbers. About 6 kB a sample with 50 items of history and two heads.
class PageData {
 public:
  explicit PageData(TitleOf title_of) : title_of_(std::move(title_of)) {}

  void add(const Sample& sample);
  nlohmann::ordered_json finish(const RunSummary& summary);

 private:
  std::size_t number_of(const std::string& item);

  TitleOf title_of_;
  std::map<std::string, std::size_t> numbers_;
  nlohmann::ordered_json titles_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json samples_ = nlohmann::ordered_json::array();
};

struct Page {
  std::string run_name;
  std::string config;                  // YAML
  nlohmann::ordered_json environment;  // an object
  RunSummary summary;
  std::vector<PageFigure> figures;
  std::string note_on_graphs;        // which ones were chosen
  std::vector<std::string> notices;  // what the reader should know about the run
  nlohmann::ordered_json data;       // of PageData
};

std::string to_html(const Page& page);

}  // namespace why
