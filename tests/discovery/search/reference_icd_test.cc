// The reference implementation's own results (tests/discovery/golden/make_reference_icd.py): marks,
// separating sets and test counts by order must be the same, bit for bit of the graph.
#include "discovery/search/reference_icd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.h"
#include "core/files.h"
#include "discovery/graph/notation.h"
#include "discovery/search/correlation_test.h"
#include "discovery/search/icd.h"
#include "discovery/search/m_separation_test.h"
#include "tests/discovery/literature.h"

namespace why {
namespace {

using Json = nlohmann::json;

std::vector<Json> golden_cases() {
  std::vector<Json> out;
  const std::string source = std::getenv("WHYFORMER_SOURCE");
  std::istringstream lines(read_file(source + "/tests/discovery/golden/reference_icd.jsonl"));
  for (std::string line; std::getline(lines, line);) out.push_back(Json::parse(line));
  return out;
}

// A A^T of the attention whose rows are the weights divided by their sums, scaled.
Correlation correlation_of(const Json& weights, int samples) {
  const std::size_t n = weights.size();
  std::vector<double> attention(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += weights[i][j].get<double>();
    for (std::size_t j = 0; j < n; ++j) attention[i * n + j] = weights[i][j].get<double>() / sum;
  }
  Correlation out;
  out.sample_size = samples;
  out.matrix = SquareMatrix(static_cast<int>(n));
  const auto product = [&](std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += attention[i * n + k] * attention[j * n + k];
    return sum;
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      out.matrix(static_cast<int>(i), static_cast<int>(j)) =
          i == j ? 1 : product(i, j) / std::sqrt(product(i, i) * product(j, j));
  return out;
}

Json marks_of(const MixedGraph& graph) {
  Json rows = Json::array();
  for (Node x = 0; x < graph.num_nodes(); ++x) {
    std::string row;
    for (Node y = 0; y < graph.num_nodes(); ++y)
      row += static_cast<char>('0' + static_cast<int>(graph.mark(x, y)));
    rows.push_back(row);
  }
  return rows;
}

Json sepsets_of(const SearchResult& found) {
  Json out = Json::array();
  for (Node x = 0; x < found.graph.num_nodes(); ++x)
    for (Node y = x + 1; y < found.graph.num_nodes(); ++y)
      if (const auto sepset = found.sepsets.find(x, y))
        out.push_back({x, y, std::vector<Node>(sepset->set.begin(), sepset->set.end())});
  return out;
}

TEST(ReferenceIcd, RepeatsTheReferencesResults) {
  int cases = 0, one_sided = 0, not_ours = 0;
  for (const Json& golden : golden_cases()) {
    SCOPED_TRACE(cases);
    const bool positive_only = golden["positive_only"];
    const CorrelationTest test(correlation_of(golden["weights"], golden["samples"]),
                               {.alpha = golden["alpha"], .positive_only = positive_only});
    const SearchResult found = reference_icd(test);
    ASSERT_EQ(marks_of(found.graph), golden["graph"]);
    ASSERT_EQ(sepsets_of(found), golden["sepsets"]);
    std::vector<std::int64_t> tests = found.tests;
    tests.resize(golden["tests"].size());
    ASSERT_EQ(Json(tests), golden["tests"]);
    ++cases;
    one_sided += positive_only;
    not_ours += icd(test).graph != found.graph;
  }
  EXPECT_GE(cases - one_sided, 200);
  EXPECT_GE(one_sided, 20);
  EXPECT_GT(not_ours, 0);  // the strict search is another
}

// Where no rule beyond R9 has anything to do the reference is right.
TEST(ReferenceIcd, FindsTheKnownGraphsThatNeedNoR10) {
  for (const KnownPag& known : known_pags()) {
    if (known.source.find("R10") != std::string::npos) continue;
    const NamedDag truth = parse_dag(known.dag, known.source);
    EXPECT_EQ(to_literal({observed_names(truth), reference_icd(MSeparationTest(truth.dag)).graph}),
              to_literal(parse_graph(known.pag)))
        << known.source;
  }
}

}  // namespace
}  // namespace why
