// A panel a curve, all on the same axes: where more curves than a reader can tell apart would cross in one
// chart. Each panel shows its own curve thick, and where it ends, and behind it the references, one dashed,
// one dotted, that stand in all of them.
#pragma once

#include <string>
#include <vector>

#include "experiments/report/chart.h"

namespace why {

struct StepCurve {
  std::string title;
  std::string corners;  // lines "calls percent", or empty: then its panel says so
  double end = 0;       // percent at the right end
};

struct SmallMultiples {
  std::vector<StepCurve> curves;        // at least one
  std::vector<std::size_t> references;  // numbers of curves, two at most
  std::string x_tics;                   // "1, 10, 100"
  std::string x_label, y_label;
  std::int64_t last = 2;  // of the logarithmic axis of calls, from 1
};

Chart chart_of(const SmallMultiples& panels);

}  // namespace why
