// The files of a folder of figures: NAME.svg, NAME.png and NAME.pdf.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/chart.h"

namespace why {

class FigureFiles {
 public:
  // Makes the folder. UserError when it cannot be made.
  explicit FigureFiles(std::filesystem::path folder);

  // The files of the drawing; without one, those that an earlier rendering left are removed.
  void keep(const std::string& name, const std::optional<Drawing>& drawing) const;

  // Draws and keeps a chart, if there is anything to draw and gnuplot is there: was it drawn?
  bool chart(const std::string& name, const Chart& chart);

  // Warns, once, that the charts are not drawn because gnuplot is not installed.
  void note_missing(const std::string& tool, const std::string& what);

  std::vector<std::string> warnings;

 private:
  std::filesystem::path folder_;
};

}  // namespace why
