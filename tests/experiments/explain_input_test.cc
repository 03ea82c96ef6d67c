#include "experiments/commands/explain_input.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ExplainInputs : public ::testing::Test {
 protected:
  ~ExplainInputs() override { std::filesystem::remove(file_); }

  std::vector<ExplainInput> read(const std::string& lines, bool of_text = true) {
    write_file(file_, lines);
    return read_explain_inputs(file_, of_text);
  }

  std::string error(const std::string& lines, bool of_text = true) {
    try {
      read(lines, of_text);
    } catch (const UserError& problem) {
      return problem.what();
    }
    return "no error";
  }

  std::string at(int line, const std::string& rest) const {
    return text(file_.string(), ":", line, ": ", rest);
  }

  std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / text("explain_input_", ::getpid());
};

TEST_F(ExplainInputs, TextsWithTheirNamesAndLabels) {
  const auto inputs = read(R"({"text": "good \"film\"\n", "id": "a", "label": "positive"}

{"id": 17, "text": "bad"}
{"text": ""})");
  ASSERT_THAT(inputs, SizeIs(3));
  EXPECT_EQ(inputs[0].text, "good \"film\"\n");
  EXPECT_EQ(inputs[0].source, "a");
  EXPECT_EQ(inputs[0].label, "positive");
  EXPECT_EQ(inputs[1].source, "17");
  EXPECT_EQ(inputs[1].place, file_.string() + ":3");
  EXPECT_EQ(inputs[2].source, file_.string() + ":4");
}

TEST_F(ExplainInputs, HistoriesAsListsOrAsOneString) {
  const auto inputs =
      read("{\"items\": [\"Heat (1995)\", 50]}\n{\"items\": \"Toy Story (1995); Heat (1995);\"}\n", false);
  EXPECT_THAT(inputs[0].items, ElementsAre("Heat (1995)", "50"));
  EXPECT_THAT(inputs[1].items, ElementsAre("Toy Story (1995)", "Heat (1995)"));
  EXPECT_EQ(read("{\"items\": [1, 2], \"instead_of\": 3}", false)[0].instead_of, "3");
  EXPECT_EQ(read("{\"items\": [1, 2], \"instead_of\": null}", false)[0].instead_of, "");
}

TEST_F(ExplainInputs, ABadLineNamesFileLineAndWhatIsWrong) {
  const std::string good = "{\"text\": \"a b\"}\n";
  EXPECT_THAT(error(good + "{\"text\": "), testing::StartsWith(at(2, "")));
  EXPECT_EQ(error(good + "[1]"), at(2, "no JSON object: \"[1]\""));
  EXPECT_EQ(
      error(good + "{\"txt\": \"a\"}"),
      at(2,
         R"(unknown key "txt"; did you mean "text"?; known: text, id, label, instead_of: "{"txt": "a"}")"));
  EXPECT_EQ(error(good + "{\"id\": \"a\"}"), at(2, R"(key "text" is missing: "{"id": "a"}")"));
  EXPECT_THAT(error("{\"text\": \"a\"}", false),
              HasSubstr("\"text\" is for a model of texts, and this one is a recommender"));
  EXPECT_THAT(error("{\"text\": \"a\", \"items\": []}"), HasSubstr("unknown key \"items\""));
  EXPECT_THAT(error("{\"items\": [1], \"label\": \"x\"}", false),
              HasSubstr("unknown key \"label\"; known: items, id, instead_of"));
  EXPECT_EQ(error("{\"text\": 5}"), at(1, R"("text" must be text, not 5: "{"text": 5}")"));
  EXPECT_EQ(error("{\"text\": \"a\", \"id\": [1]}"),
            at(1, R"("id" must be text, not [1]: "{"text": "a", "id": [1]}")"));
  EXPECT_THAT(error("{\"text\": \"a\xff\"}"), testing::StartsWith(at(1, "the line is not UTF-8")));
  EXPECT_THAT(error("{\"text\": " + std::string(5000, '[')), testing::StartsWith(at(1, "")));
  EXPECT_THAT(error("{\"items\": [1.5]}", false), HasSubstr("\"items\" must be titles or ids, not 1.5"));
  EXPECT_EQ(
      error("{\"text\": \"a\", \"instead_of\": \"\"}"),
      at(1,
         R"("instead_of" is empty; without it, any other answer counts: "{"text": "a", "instead_of": ""}")"));
  EXPECT_EQ(error("\n \n"), file_.string() + " holds no line to explain");
}

TEST_F(ExplainInputs, WhetherTheyAreTextsIsSeenInTheFirst) {
  const auto texts = [&](const std::string& lines) {
    write_file(file_, lines);
    return holds_texts(file_);
  };
  EXPECT_TRUE(texts("\n{\"text\": \"a\"}\n{\"items\": [1]}\n"));
  EXPECT_FALSE(texts("{\"items\": [1]}\n{\"text\": \"a\"}\n"));
  EXPECT_FALSE(texts("oops\n"));
  EXPECT_FALSE(texts(""));
}

TEST_F(ExplainInputs, AFolderOrNothingInThePlaceOfAFile) {
  EXPECT_THAT([&] { read_explain_inputs(testing::TempDir(), true); },
              testing::ThrowsMessage<UserError>(HasSubstr("is a folder, not a file")));
  EXPECT_THAT([&] { read_explain_inputs("/nowhere", true); },
              testing::ThrowsMessage<UserError>(HasSubstr("there is no file /nowhere")));
}

}  // namespace
}  // namespace why
