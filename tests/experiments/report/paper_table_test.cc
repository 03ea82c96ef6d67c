#include "experiments/report/paper_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// CLEANN explains both by its 2nd call, a method of another version with a wild name neither.
RunSummary two_users() {
  SummaryBuilder builder;
  for (int user = 0; user < 2; ++user) {
    Sample sample = made_up_sample(user);
    sample.methods.erase("permuted");
    sample.methods["a_b|50%<&\\{"] = sample.methods["random"];
    builder.add(sample);
  }
  return builder.finish();
}

TEST(PaperTable, OfMarkdownHasARowAMethod) {
  const std::string table = paper_table_markdown(two_users());
  EXPECT_THAT(
      table,
      StartsWith("| Method | Samples | Explained, % | 95 % interval | Mean size | Calls, first set |"));
  EXPECT_THAT(table, HasSubstr("\n| --- | ---: | ---: |"));
  EXPECT_THAT(
      table,
      HasSubstr("\n| CLEANN | 2 | 100.0 | 34.2 to 100.0 | 1.00 | 2.0 | 0.990 ± 0.000 | 0.980 ± 0.000 |\n"));
  EXPECT_THAT(
      table,
      HasSubstr("\n| Random sets | 2 | 0.0 | 0.0 to 65.8 | – | – | 0.000 ± 0.000 | 0.000 ± 0.000 |\n"));
  EXPECT_THAT(table, HasSubstr("\n| a\\_b\\|50%&lt;&amp;\\\\{ | 2 |"));
  EXPECT_THAT(table, HasSubstr("\n\nOf users; interval: Wilson;"));
}

TEST(PaperTable, OfLatexIsEscaped) {
  const std::string table = paper_table_latex(two_users());
  EXPECT_THAT(table, StartsWith("% Of users;"));
  EXPECT_THAT(table, HasSubstr("\n\\begin{tabular}{lrrrrrrr}\n\\hline\nMethod & n & Expl., \\% &"));
  EXPECT_THAT(table, HasSubstr("\nCLEANN & 2 & 100.0 & 34.2 to 100.0 & 1.00 & 2.0 & 0.990 $\\pm$ 0.000 & "
                               "0.980 $\\pm$ 0.000 \\\\\n"));
  EXPECT_THAT(
      table,
      HasSubstr("\na\\_b|50\\%\\textless{}\\&\\textbackslash{}\\{ & 2 & 0.0 & 0.0 to 65.8 & -- & -- &"));
  EXPECT_THAT(table, EndsWith("\\hline\n\\end{tabular}}\n"));
}

TEST(PaperTable, OfNothingIsASentence) {
  EXPECT_EQ(paper_table_markdown(RunSummary()), "The run has no sample yet.\n");
  EXPECT_EQ(paper_table_latex(RunSummary()), "% The run has no sample yet.\n");
}

}  // namespace
}  // namespace why
