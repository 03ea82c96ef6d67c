#include "experiments/discovery_input.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <utility>

#include "core/errors.h"
#include "core/files.h"
#include "core/npy.h"
#include "core/printable.h"
#include "discovery/graph/small_pds.h"
#include "discovery/search/blockwise_test.h"
#include "discovery/search/discrete_test.h"
#include "discovery/search/m_separation_test.h"
#include "discovery/search/testwise_test.h"
#include "experiments/attention_graphs.h"
#include "experiments/tables/correlation_csv.h"
#include "experiments/tables/csv.h"

namespace why {
namespace {

constexpr std::size_t kMostVariables = 20'000;  // their correlations take 3 GB

constexpr int kShownPairs = 3;              // of copies in a warning
constexpr int kMostForDefiniteness = 2000;  // variables; the check costs n^3 / 3

std::string in_quotes(const std::string& name) { return "\"" + printable(name) + "\""; }

// order[i]: the column that becomes variable i.
std::vector<Node> column_order(const std::vector<std::string>& names, bool by_name) {
  std::vector<Node> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  if (by_name)
    std::ranges::sort(order, {},
                      [&](Node x) -> const std::string& { return names[static_cast<std::size_t>(x)]; });
  return order;
}

std::vector<Node> inverse(const std::vector<Node>& order) {
  std::vector<Node> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    out[static_cast<std::size_t>(order[i])] = static_cast<Node>(i);
  return out;
}

// Two copies of one variable: nothing can separate them, and no set that holds both can be tested.
void warn_about_copies(DiscoveryInput& input, const Correlation& correlation) {
  std::vector<std::string> copies;
  for (Node x = 0; x < correlation.num_variables(); ++x)
    for (Node y = x + 1; y < correlation.num_variables(); ++y) {
      const double r = correlation.matrix(x, y);
      if (1 - r * r > kSmallestPivot) continue;
      copies.push_back(text(in_quotes(input.names[static_cast<std::size_t>(x)]), " and ",
                            in_quotes(input.names[static_cast<std::size_t>(y)])));
    }
  if (copies.empty()) return;
  std::string pairs;
  for (std::size_t i = 0; i < std::min<std::size_t>(copies.size(), kShownPairs); ++i)
    pairs += (i ? ", " : "") + copies[i];
  if (copies.size() > kShownPairs) pairs += text(" and ", copies.size() - kShownPairs, " more pairs");
  input.warnings.push_back(text("perfectly correlated: ", pairs,
                                "; such a pair keeps its edge, and sets that hold both answer nothing"));
}

// The variables of the input, numbered as the options say. Returns order[i]: the column that becomes
// variable i.
std::vector<Node> take_names(DiscoveryInput& input, std::vector<std::string> names,
                             const TestOptions& options) {
  WHY_CHECK(names.size() <= kMostVariables, input.file, " has ", names.size(), " variables; at most ",
            kMostVariables, " can be held");
  const std::vector<Node> order = column_order(names, options.by_name);
  input.file_order = inverse(order);
  for (const Node x : order) input.names.push_back(std::move(names[static_cast<std::size_t>(x)]));
  return order;
}

DiscoveryInput start_input(const std::string& file, const char* kind, const TestOptions& options) {
  DiscoveryInput input;
  input.file = file;
  input.kind = kind;
  input.test_name = options.test;
  input.alpha = options.alpha;
  input.testwise = options.testwise;
  input.rows_per_cell = options.rows_per_cell;
  input.device = options.device.name();
  return input;
}

void warn_about_few_samples(DiscoveryInput& input, const TestOptions& options) {
  const int fewest = options.test == "t" ? 3 : 4;
  if (*input.samples >= fewest) return;
  input.warnings.push_back(text(*input.samples, " samples answer no test of independence (", fewest,
                                " is the least), so every edge stays"));
}

std::unique_ptr<CorrelationTest> correlation_test(Correlation correlation, const TestOptions& options) {
  if (options.test == "t")
    return on_device(CorrelationTest::exact(std::move(correlation), options.alpha), options.device);
  return on_device(CorrelationTest(std::move(correlation),
                                   {.alpha = options.alpha, .positive_only = options.positive_only}),
                   options.device);
}

// ---- missing values ----

// The cells of a table, [rows, columns], of which some mean that a value is missing.
template <class Value, class IsMissing>
class Gaps {
 public:
  Gaps(std::vector<Value>& cells, int& rows, int columns, IsMissing is_missing)
      : cells_(cells), rows_(rows), columns_(static_cast<std::size_t>(columns)), is_missing_(is_missing) {}

  int rows() const { return rows_; }

  int incomplete_rows() const {
    int count = 0;
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows_); ++row) count += in_row(row);
    return count;
  }

  void leave_out_incomplete_rows() {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows_); ++row)
      if (!in_row(row)) {
        if (kept != row) std::copy(cell(row), cell(row + 1), cell(kept));
        ++kept;
      }
    cells_.resize(kept * columns_);
    rows_ = static_cast<int>(kept);
  }

 private:
  auto cell(std::size_t row) const { return cells_.begin() + static_cast<std::ptrdiff_t>(row * columns_); }
  bool in_row(std::size_t row) const { return std::any_of(cell(row), cell(row + 1), is_missing_); }

  std::vector<Value>& cells_;
  int& rows_;
  std::size_t columns_;
  IsMissing is_missing_;
};

// Applies the rule for missing values; true if some are left.
template <class Value, class IsMissing>
bool handle_gaps(DiscoveryInput& input, Gaps<Value, IsMissing> gaps, const TestOptions& options) {
  const int rows = gaps.rows(), incomplete = gaps.incomplete_rows();
  if (incomplete == 0) return false;
  if (options.testwise) return true;
  gaps.leave_out_incomplete_rows();
  input.rows_left_out = incomplete;
  WHY_CHECK(gaps.rows() >= 2, input.file, ": ", gaps.rows() == 0 ? "every row has" : "all rows but one have",
            " a missing value; --missing testwise leaves out fewer rows");
  input.warnings.push_back(
      text(incomplete, " of ", rows,
           " rows have a missing value and were left out; --missing testwise leaves them "
           "out only of the tests of what they lack"));
  return false;
}

// ---- numbers ----

const char* where_constant(const DiscoveryInput& input) {
  return input.rows_left_out > 0 ? " in the rows without a missing value: each of them is "
                                 : ": every row is ";
}

// Of the values of a column that are there: is one of them `first`, and does another differ?
struct Variation {
  std::optional<double> first;
  bool varies = false;
};

Variation variation(const Table& table, std::size_t column) {
  Variation out;
  const auto columns = static_cast<std::size_t>(table.columns());
  for (std::size_t at = column; at < table.values.size() && !out.varies; at += columns) {
    const double value = table.values[at];
    if (std::isnan(value)) continue;
    if (out.first) out.varies = value != *out.first;
    out.first = value;
  }
  return out;
}

bool varies(const Table& table) {
  for (std::size_t column = 0; column < table.names.size(); ++column)
    if (!variation(table, column).varies) return false;
  return true;
}

void check_variation(const DiscoveryInput& input, const Table& table) {
  for (std::size_t column = 0; column < table.names.size(); ++column) {
    const Variation found = variation(table, column);
    const std::string name = in_quotes(table.names[column]);
    WHY_CHECK(found.first, input.file, ": variable ", name, " has no value in any row");
    WHY_CHECK(found.varies, input.file, ": variable ", name, " is constant", where_constant(input),
              *found.first);
  }
}

// The columns in another order.
template <class Value>
void reorder_columns(std::vector<Value>& cells, const std::vector<Node>& order) {
  std::vector<Value> row(order.size());
  for (auto at = cells.begin(); at != cells.end(); at += static_cast<std::ptrdiff_t>(order.size())) {
    for (std::size_t i = 0; i < order.size(); ++i) row[i] = at[order[i]];
    std::copy(row.begin(), row.end(), at);
  }
}

// Some rows of cells, [rows, columns].
template <class Value>
std::vector<Value> chosen_rows(const std::vector<Value>& cells, std::size_t columns,
                               std::span<const int> rows) {
  std::vector<Value> out;
  out.reserve(columns * rows.size());
  for (const int row : rows) {
    const auto at = cells.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * columns);
    out.insert(out.end(), at, at + static_cast<std::ptrdiff_t>(columns));
  }
  return out;
}

std::unique_ptr<CiTest> number_test(const Table& table, bool gaps, const TestOptions& options, int threads) {
  WHY_CHECK(!gaps || !options.device.is_cuda(), "test-wise deletion does not run on ", options.device.name(),
            ": take --device cpu, or --missing listwise");
  if (gaps)
    return std::make_unique<TestwiseTest>(
        table.values, table.rows, table.columns(),
        TestwiseOptions{.alpha = options.alpha, .exact = options.test == "t"});
  return correlation_test(
      correlation_from_table(table.values, table.rows, table.columns(), table.names, threads), options);
}

DiscoveryInput read_numbers(const std::string& file, const TestOptions& options) {
  DiscoveryInput input = start_input(file, "table", options);
  const auto table = std::make_shared<Table>(read_table(file, Missing::kept));
  WHY_CHECK(table->rows >= 2, file, ": a correlation needs at least 2 rows; the table has ", table->rows);
  check_variation(input, *table);  // first, because no rule for missing values helps here
  const auto is_missing = [](double value) { return std::isnan(value); };
  const bool gaps =
      handle_gaps(input, Gaps(table->values, table->rows, table->columns(), is_missing), options);
  if (input.rows_left_out > 0) check_variation(input, *table);
  reorder_columns(table->values, take_names(input, table->names, options));
  table->names = input.names;

  input.samples = table->rows;
  warn_about_few_samples(input, options);
  try {
    input.test = number_test(*table, gaps, options, options.threads);
  } catch (const UserError& error) {
    throw UserError(text(file, ": ", error.what()));
  }
  if (const auto* test = dynamic_cast<const CorrelationTest*>(input.test.get()))
    warn_about_copies(input, test->correlation());
  const auto sampled = [table](std::span<const int> rows) {
    return Table{table->names, static_cast<int>(rows.size()),
                 chosen_rows(table->values, table->names.size(), rows)};
  };
  input.resampled = [=](std::span<const int> rows) -> std::unique_ptr<CiTest> {
    const Table sample = sampled(rows);
    return varies(sample) ? number_test(sample, gaps, options, 1) : nullptr;
  };
  if (options.device.is_cuda() && table->columns() <= kMostInWord) {
    input.batch_device = options.device;
    TestOptions of_samples = options;
    of_samples.device = {};
    input.resampled_for_launch = [=](std::span<const int> rows) -> std::unique_ptr<CorrelationTest> {
      const Table sample = sampled(rows);
      if (!varies(sample)) return nullptr;
      return correlation_test(
          correlation_from_table(sample.values, sample.rows, sample.columns(), sample.names), of_samples);
    };
  }
  return input;
}

// ---- categories ----

// A column whose every table with another has too few rows for its cells.
void warn_about_categories(DiscoveryInput& input, const Categories& data, double rows_per_cell) {
  for (int x = 0; x < data.num_variables(); ++x) {
    const int levels = data.levels[static_cast<std::size_t>(x)];
    if (2 * levels * rows_per_cell <= data.rows) continue;
    input.warnings.push_back(text("variable ", in_quotes(input.names[static_cast<std::size_t>(x)]), " has ",
                                  levels, " categories in ", data.rows,
                                  " rows: too few for any test, so all its edges stay"));
  }
}

// Every category of the file, and a column of codes each.
Categories categories(const CategoryTable& table) {
  Categories out;
  out.rows = table.rows;
  out.codes.resize(table.codes.size());
  const auto columns = table.names.size(), rows = static_cast<std::size_t>(table.rows);
  for (std::size_t column = 0; column < columns; ++column) {
    out.levels.push_back(static_cast<int>(table.levels[column].size()));
    for (std::size_t row = 0; row < rows; ++row)
      out.codes[column * rows + row] = table.codes[row * columns + column];
  }
  return out;
}

// Every column has two categories in the rows that are left.
void check_categories(const DiscoveryInput& input, const CategoryTable& table) {
  const std::size_t columns = table.names.size();
  std::vector<int> first(columns, -1);
  std::vector<bool> varies(columns, false);
  for (std::size_t i = 0; i < table.codes.size(); ++i) {
    const int code = table.codes[i];
    if (code < 0) continue;
    int& seen = first[i % columns];
    if (seen >= 0 && code != seen) varies[i % columns] = true;
    seen = code;
  }
  for (std::size_t column = 0; column < columns; ++column) {
    const std::string name = in_quotes(table.names[column]);
    WHY_CHECK(first[column] >= 0, input.file, ": variable ", name, " has no value in any row");
    WHY_CHECK(varies[column], input.file, ": variable ", name, " is constant", where_constant(input),
              in_quotes(table.levels[column][static_cast<std::size_t>(first[column])]));
  }
}

DiscoveryInput read_categorical(const std::string& file, const TestOptions& options) {
  DiscoveryInput input = start_input(file, "table", options);
  const auto table = std::make_shared<CategoryTable>(read_categories(file));
  WHY_CHECK(table->rows >= 2, file, ": a test of independence needs at least 2 rows; the table has ",
            table->rows);
  check_categories(input, *table);  // first, because no rule for missing values helps here
  handle_gaps(input, Gaps(table->codes, table->rows, table->columns(), [](int code) { return code < 0; }),
              options);
  if (input.rows_left_out > 0) check_categories(input, *table);
  const std::vector<Node> order = take_names(input, table->names, options);
  reorder_columns(table->codes, order);
  std::vector<std::vector<std::string>> levels;
  for (const Node x : order) levels.push_back(std::move(table->levels[static_cast<std::size_t>(x)]));
  table->levels = std::move(levels);
  table->names = input.names;

  Categories data = categories(*table);
  input.samples = data.rows;
  warn_about_categories(input, data, options.rows_per_cell);
  const DiscreteOptions discrete{
      .alpha = options.alpha,
      .statistic = options.test == "g2" ? ContingencyStatistic::g2 : ContingencyStatistic::chi2,
      .rows_per_cell = options.rows_per_cell};
  input.test = std::make_unique<DiscreteTest>(std::move(data), discrete);
  input.resampled = [table, discrete](std::span<const int> rows) -> std::unique_ptr<CiTest> {
    CategoryTable sample = *table;
    sample.rows = static_cast<int>(rows.size());
    sample.codes = chosen_rows(table->codes, table->names.size(), rows);
    return std::make_unique<DiscreteTest>(categories(sample), discrete);
  };
  return input;
}

// ---- correlations ----

DiscoveryInput correlation_input(const std::string& file, const char* kind, std::vector<std::string> names,
                                 Correlation correlation, const TestOptions& options) {
  WHY_CHECK(!is_discrete(options.test), "test ", options.test,
            " counts the rows of a table, not a correlation");
  DiscoveryInput input = start_input(file, kind, options);
  const std::vector<Node> order = take_names(input, std::move(names), options);
  if (options.by_name) correlation = select_variables(correlation, order);
  input.samples = correlation.sample_size;
  warn_about_few_samples(input, options);
  warn_about_copies(input, correlation);
  input.test = correlation_test(std::move(correlation), options);
  return input;
}

// ---- attention ----

void check_attention(const NpyArray& array, const AttentionFile& attention) {
  check_known("estimator", attention.estimator, kEstimators);
  WHY_CHECK(array.shape.size() == 3, attention.file, " has ", array.shape.size(),
            array.shape.size() == 1 ? " axis" : " axes",
            "; attention has heads, tokens and tokens, outputs have heads, tokens and features");
  WHY_CHECK(attention.estimator == "outputs" || array.shape[1] == array.shape[2], attention.file, " holds ",
            array.shape[1], " tokens that attend to ", array.shape[2],
            ": not attention; outputs need the estimator outputs");
  WHY_CHECK(array.shape[0] >= 1, attention.file, " holds no head");
  WHY_CHECK(attention.head >= 0 && attention.head < array.shape[0], attention.file, " holds heads 0 to ",
            array.shape[0] - 1, ", not ", attention.head);
  WHY_CHECK(array.shape[1] >= 1 && array.shape[2] >= 1, attention.file, " holds no tokens");
}

std::vector<std::string> numbers_to(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i <= count; ++i) out.push_back(std::to_string(i));
  return out;
}

std::vector<std::string> token_names(const std::string& file, std::size_t tokens) {
  std::vector<std::string> names;
  const std::string contents = read_file(file);
  WHY_CHECK(is_utf8(contents), file, " is not UTF-8");
  std::istringstream lines(contents);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    WHY_CHECK(line.empty() || std::ranges::find(names, line) == names.end(), file, ": line ",
              names.size() + 1, " names ", in_quotes(line), " a second time");
    names.push_back(std::move(line));
  }
  WHY_CHECK(names.size() == tokens, file, " has ", names.size(), " lines for ", tokens, " tokens");
  WHY_CHECK(std::ranges::any_of(names, [](const std::string& name) { return !name.empty(); }), file,
            " names no token");
  return names;
}

// Of the first row that is none of attention.
std::vector<std::string> warnings_of_rows(std::span<const float> values, std::size_t tokens,
                                          const AttentionFile& attention) {
  constexpr double kNear = 0.01;  // attention of half precision, say
  for (std::size_t row = 0; row < tokens; ++row) {
    const auto weights = values.subspan(row * tokens, tokens);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (std::abs(sum - 1) < kNear && std::ranges::all_of(weights, [](float weight) { return weight >= 0; }))
      continue;
    return {text("head ", attention.head, " of ", attention.file, " is no attention: row ", row + 1,
                 " sums to ", sum, std::abs(sum - 1) < kNear ? ", but has weights below 0" : ", not to 1")};
  }
  return {};
}

}  // namespace

DiscoveryInput read_table_input(const std::string& file, const TestOptions& options) {
  check_known("test", options.test, kIndependenceTests);
  return is_discrete(options.test) ? read_categorical(file, options) : read_numbers(file, options);
}

DiscoveryInput read_correlation_input(const std::string& file, int samples, const TestOptions& options) {
  auto [names, correlation] = read_correlation(file, samples);
  const bool indefinite = correlation.num_variables() <= kMostForDefiniteness && is_indefinite(correlation);
  DiscoveryInput input =
      correlation_input(file, "correlation", std::move(names), std::move(correlation), options);
  if (indefinite)
    input.warnings.push_back(
        "the matrix is indefinite, so no table has these correlations, and tests may contradict each other");
  return input;
}

DiscoveryInput read_attention_input(const AttentionFile& attention, int samples, const TestOptions& options) {
  const NpyArray array = read_npy(attention.file);
  check_attention(array, attention);
  const auto tokens = static_cast<std::size_t>(array.shape[1]);
  const std::size_t size = tokens * static_cast<std::size_t>(array.shape[2]);
  const std::vector<std::string> names =
      attention.tokens.empty() ? numbers_to(tokens) : token_names(attention.tokens, tokens);
  std::vector<int> nodes;
  std::vector<std::string> node_names;
  for (std::size_t token = 0; token < tokens; ++token) {
    if (names[token].empty()) continue;
    nodes.push_back(static_cast<int>(token));
    node_names.push_back(names[token]);
  }
  try {
    const auto of_head =
        std::span(array.values).subspan(static_cast<std::size_t>(attention.head) * size, size);
    Correlation correlation = select_variables(
        correlation_from_covariance(
            estimated_covariance(of_head, static_cast<int>(tokens), attention.estimator), samples),
        nodes);
    DiscoveryInput input = correlation_input(attention.file, "attention", std::move(node_names),
                                             std::move(correlation), options);
    if (attention.estimator != "outputs") {
      const auto warnings = warnings_of_rows(of_head, tokens, attention);
      input.warnings.insert(input.warnings.end(), warnings.begin(), warnings.end());
    }
    return input;
  } catch (const UserError& error) {
    throw UserError(text(attention.file, ": head ", attention.head, ": ", error.what()));
  }
}

DiscoveryInput read_oracle_input(const std::string& file) {
  DiscoveryInput input;
  input.file = file;
  input.kind = "oracle";
  input.test_name = "m-separation";
  input.truth = parse_dag(read_file(file), file);
  input.names = observed_names(*input.truth);
  WHY_CHECK(!input.names.empty(), file, " names no observed node; a line `observed: A B` does");
  input.file_order = column_order(input.names, false);
  input.test = std::make_unique<MSeparationTest>(input.truth->dag);
  return input;
}

}  // namespace why
