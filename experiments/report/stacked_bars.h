// A bar a row, of 100 % at most, its parts from left to right in the order of their number: as many rows as
// there are methods stay readable. Parts differ in luminance, those that are no number in pattern, and each
// says its percent where there is room.
#pragma once

#include <string>
#include <vector>

#include "experiments/report/chart.h"

namespace why {

struct StackedBars {
  struct Row {
    std::string name;
    std::vector<double> percents;  // [parts + others]
  };
  std::vector<std::string> parts;   // ascending, seven at most: the first is the darkest
  std::vector<std::string> others;  // behind them, two at most
  std::vector<Row> rows;            // at least one
  std::string title, axis;
};

Chart chart_of(const StackedBars& bars);

}  // namespace why
