#include "experiments/report/figure_files.h"

#include <algorithm>

#include "core/errors.h"
#include "core/files.h"

namespace why {

namespace fs = std::filesystem;

FigureFiles::FigureFiles(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  WHY_CHECK(!error, "cannot make the folder ", folder_.string(), ": ", error.message());
}

void FigureFiles::keep(const std::string& name, const std::optional<Drawing>& drawing) const {
  const auto write = [&](const char* ending, const std::string& contents) {
    const fs::path file = folder_ / (name + ending);
    contents.empty() ? void(fs::remove(file)) : write_file(file, contents);
  };
  const Drawing none;
  write(".svg", drawing.value_or(none).svg);
  write(".png", drawing.value_or(none).png);
  write(".pdf", drawing.value_or(none).pdf);
}

bool FigureFiles::chart(const std::string& name, const Chart& chart) {
  std::optional<Drawing> drawing;
  if (!chart.script.empty()) {
    drawing = draw_chart(chart);
    if (!drawing) note_missing("gnuplot", "charts");
  }
  keep(name, drawing);
  return drawing.has_value();
}

void FigureFiles::note_missing(const std::string& tool, const std::string& what) {
  const std::string warning = text(tool, " is not installed: the ", what, " are not drawn");
  if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
}

}  // namespace why
