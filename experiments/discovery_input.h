// What `discover` reads: something to ask about independence, and what its variables are called.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/device.h"
#include "discovery/graph/notation.h"
#include "discovery/search/ci_test.h"
#include "discovery/search/correlation_test.h"

namespace why {

inline const std::vector<std::string> kIndependenceTests = {"fisher-z", "t", "g2", "chi2"};
inline const std::vector<std::string> kMissingRules = {"listwise", "testwise"};

inline bool is_discrete(std::string_view test) { return test == "g2" || test == "chi2"; }

struct TestOptions {
  std::string test = "fisher-z";  // one of kIndependenceTests
  double alpha = 0.01;
  // Rows with a missing value are left out of the table, or only of the tests of the variables that they
  // lack.
  bool testwise = false;
  double rows_per_cell = 5;    // fewer keep the edge, in g2 and chi2 (discrete_test.h)
  bool positive_only = false;  // the reference implementation's one-sided test of 2023
  // Variables are numbered by name, so that the order of the columns shows nowhere; if false, as in the file.
  bool by_name = true;
  int threads = 1;
  Device device;  // of fisher-z and t without gaps
};

struct DiscoveryInput {
  std::string file;
  std::string kind;  // "table", "correlation", "attention", "oracle"
  std::vector<std::string> names;
  std::vector<Node> file_order;  // the variables as they stand in the file
  std::unique_ptr<CiTest> test;
  // The same test on some of the rows that `samples` counts, each as often as it is named; nothing when a
  // column does not vary in them. Of a table only.
  std::function<std::unique_ptr<CiTest>(std::span<const int> rows)> resampled;
  // The same without a device of its own, to be searched with many others in one launch on batch_device
  // (search_batch.h). Only where that is a CUDA device and the table has no more than kMostInWord columns.
  std::function<std::unique_ptr<CorrelationTest>(std::span<const int> rows)> resampled_for_launch;
  Device batch_device;
  std::string test_name;          // one of kIndependenceTests, or "m-separation"
  bool testwise = false;          // as in TestOptions
  double rows_per_cell = 0;       // likewise
  std::string device = "cpu";     // where its sets are looked through
  std::optional<int> samples;     // rows used; none for an oracle
  int rows_left_out = 0;          // of a table, for missing values
  std::optional<double> alpha;    // likewise
  std::optional<NamedDag> truth;  // of an oracle
  std::vector<std::string> warnings;
};

// A CSV table of numbers, or of categories for g2 and chi2. Warns of rows that missing values leave out,
// copies of columns, and columns with so many categories that no test can be answered. UserError when a
// column does not vary or fewer than 2 rows are left.
DiscoveryInput read_table_input(const std::string& file, const TestOptions& options);
// A correlation matrix of `samples` rows, for fisher-z and t.
DiscoveryInput read_correlation_input(const std::string& file, int samples, const TestOptions& options);

// One head of attention, as `whyformer attention` and `simulate --data attention` write it.
struct AttentionFile {
  std::string file;                     // NumPy, float32: [H, T, T], or [H, T, width] for "outputs"
  std::string estimator = "attention";  // one of kEstimators
  int head = 0;
  std::string tokens;  // a text file: a line a token, its name, or nothing where it is no node; "": 1 to T
};
// For fisher-z and t of `samples` samples. Tokens that are no nodes count as latent: their columns stay.
DiscoveryInput read_attention_input(const AttentionFile& attention, int samples, const TestOptions& options);
// m-separation in a DAG (parse_dag in notation.h).
DiscoveryInput read_oracle_input(const std::string& file);

}  // namespace why
