#include "experiments/datasets/texts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

#include "core/errors.h"
#include "core/files.h"
#include "experiments/datasets/line_reader.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kWhere[] =
    "SST-2 is train.tsv, dev.tsv and test.tsv (text, tab, 0 or 1; as in GLUE, https://gluebenchmark.com, or "
    "with the 6,920 whole sentences), IMDB is the unpacked aclImdb of "
    "https://ai.stanford.edu/~amaas/data/sentiment";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// ---- SST-2

std::string sst2_name(TextPart part) {
  return part == TextPart::train ? "train" : part == TextPart::validation ? "dev" : "test";
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

int label_of(const LineReader& lines, std::string_view written, const TextDataset& data) {
  int label = -1;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), label);
  const bool known = error == std::errc() && end == written.data() + written.size() && label >= 0 &&
                     label < static_cast<int>(data.labels.size());
  if (!known) lines.fail(text("label \"", written, "\" is not known; known: 0 (negative), 1 (positive)"));
  return label;
}

std::vector<LabelledText> read_sst2(const TextDataset& data, TextPart part) {
  const fs::path file = data.folder / (sst2_name(part) + ".tsv");
  std::vector<LabelledText> out;
  if (!is_file(file)) return out;
  LineReader lines(file, Charset::any);
  for (std::string_view line; lines.next(line);) {
    if (lines.number() == 1 && line == "sentence\tlabel") continue;
    if (lines.number() == 1 && line == "index\tsentence") return out;  // GLUE keeps these labels to itself
    const Columns columns = split(line, "\t");
    if (columns.size() != 2) lines.fail(text("wanted text, tab, label, found ", columns.size(), " columns"));
    if (trimmed(columns[0]).empty()) lines.fail("the text is empty");
    out.push_back({text(sst2_name(part), ":", lines.number()), std::string(trimmed(columns[0])),
                   label_of(lines, columns[1], data)});
  }
  return out;
}

// ---- IMDB

// "123_9.txt" -> 123; others sort behind all reviews of the official data.
long long review_number(const fs::path& file) {
  const std::string name = file.filename().string();
  long long number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end != name.data() ? number : std::numeric_limits<long long>::max();
}

std::vector<fs::path> reviews_in(const fs::path& folder) {
  WHY_CHECK(is_folder(folder), "there is no folder ", folder.string(), " of reviews");
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".txt") out.push_back(entry.path());
  std::sort(out.begin(), out.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(review_number(a), a) < std::pair(review_number(b), b);
  });
  return out;
}

std::string with_line_breaks(std::string review) {
  constexpr std::string_view kBreak = "<br />";
  for (std::size_t at = 0; (at = review.find(kBreak, at)) != std::string::npos; ++at)
    review.replace(at, kBreak.size(), "\n");
  return review;
}

std::vector<LabelledText> read_imdb(const TextDataset& data, TextPart part) {
  std::vector<LabelledText> out;
  if (part == TextPart::validation) return out;
  const std::string name = part == TextPart::train ? "train" : "test";
  for (const int label : {0, 1}) {
    const std::string verdict = label ? "pos" : "neg";
    for (const auto& file : reviews_in(data.folder / name / verdict)) {
      out.push_back(
          {name + "/" + verdict + "/" + file.stem().string(), with_line_breaks(read_file(file)), label});
      WHY_CHECK(!out.back().text.empty(), file.string(), " is empty");
    }
  }
  return out;
}

}  // namespace

TextDataset find_texts(const fs::path& folder) {
  WHY_CHECK(!folder.empty(), "no data folder is named (data=DIR); ", kWhere);
  std::error_code ignored;
  WHY_CHECK(fs::exists(folder, ignored), "there is no data folder ", folder.string(), "; ", kWhere);
  if (is_file(folder / "train.tsv") || is_file(folder / "test.tsv") || is_file(folder / "dev.tsv"))
    return {folder, "sst2"};
  if (is_folder(folder / "train" / "pos") || is_folder(folder / "test" / "pos")) return {folder, "imdb"};
  throw UserError(text(folder.string(), " holds no labelled texts; ", kWhere));
}

std::vector<LabelledText> read_texts(const TextDataset& data, TextPart part) {
  return data.format == "sst2" ? read_sst2(data, part) : read_imdb(data, part);
}

std::vector<LabelledText> set_aside(std::vector<LabelledText>& texts, std::size_t count, Random random) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(std::span(order));
  order.resize(std::min(count, order.size()));

  std::vector<bool> taken(texts.size());
  for (const auto i : order) taken[i] = true;
  std::vector<LabelledText> held, kept;
  for (std::size_t i = 0; i < texts.size(); ++i) (taken[i] ? held : kept).push_back(std::move(texts[i]));
  texts = std::move(kept);
  return held;
}

}  // namespace why
