// `whyformer explain` on texts, as a user runs it.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/experiments/small_text_models.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ExplainText = SmallTextModels;

std::vector<std::string> explain(const std::string& text, const std::vector<std::string>& more = {}) {
  std::vector<std::string> out{"explain",   "--model", "classifier", "--alpha", "0.5",
                               "--samples", "1000",    "--text",     text};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST_F(ExplainText, SaysVerdictTextAndGraphs) {
  const auto run = program(explain("The film was NOT good,\nit is long."));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("The model says\n\n    "), HasSubstr(" (probability 0."), HasSubstr("NOT"),
                    HasSubstr("The causal graphs around the verdict (icd, alpha 0.5, 1000 samples)"),
                    HasSubstr("among 8 words and the verdict"), HasSubstr("Status: ")));
}

TEST_F(ExplainText, JsonIsTheRecordAndEverySetWasVerified) {
  auto arguments = explain("the film was not good , a boring story", {"--json", "--heads", "each"});
  const auto run = program(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["task"], "sentiment");
  EXPECT_EQ(json["parts"].size(), 8u);
  EXPECT_EQ(json["graphs"].size(), 4u);
  for (const auto& set : json["methods"]["cleann"]["sets"]) {
    EXPECT_NE(set["replacement"], json["answer"]);
    EXPECT_LT(set["margin"], 0);
  }
}

TEST_F(ExplainText, InsteadOfAnotherLabel) {
  const std::string text = "the film was not good , a boring story";
  const auto any = nlohmann::json::parse(program(explain(text, {"--json"})).out);
  const std::string answer = any["answer"], other = any["top10"][1];
  std::string shouted = other;
  std::transform(other.begin(), other.end(), shouted.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  const auto run = program(explain(text, {"--instead-of", shouted, "--json"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["settings"]["instead_of"], other);
  for (const auto& set : json["methods"]["cleann"]["sets"]) EXPECT_EQ(set["replacement"], other);

  EXPECT_THAT(mistake(explain(text, {"--instead-of", answer})),
              HasSubstr("--instead-of: \"" + answer + "\" is what the model answers"));
  EXPECT_THAT(mistake(explain(text, {"--instead-of", "sideways"})), HasSubstr("--instead-of: unknown label"));
  EXPECT_THAT(mistake(explain(text, {"--instead-of", ""})), HasSubstr("--instead-of: the label is empty"));
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--input", "many.jsonl", "--instead-of", other}),
              HasSubstr("--instead-of asks about one answer"));
  EXPECT_THAT(mistake({"explain", "--model", "filler", "--text", "a [MASK] film", "--instead-of", "good"}),
              HasSubstr("--instead-of: it takes an item or a label, and filler is a masked-lm"));
}

TEST_F(ExplainText, EveryOptionDoesSomethingOrIsRefused) {
  for (const auto& options : std::vector<std::vector<std::string>>{{"--removal", "mask"},
                                                                   {"--removal", "pad"},
                                                                   {"--removal", "delete"},
                                                                   {"--removal", "attention-mask"},
                                                                   {"--unit", "piece"},
                                                                   {"--search", "fci", "--heads", "2"}}) {
    const auto run = program(explain("good music, not a boring film", options));
    EXPECT_EQ(run.exit_code, 0) << options[0] << run.err;
  }
  // the graphs of heads that were not asked had no part in the search
  const auto one_head = program(explain("good music, not a boring film", {"--heads", "2"}));
  EXPECT_THAT(one_head.out, HasSubstr("head 2: "));
  EXPECT_THAT(one_head.out, Not(HasSubstr("head 1: ")));
  const auto words = program(explain("good musics", {"--json"}));
  EXPECT_EQ(nlohmann::json::parse(words.out)["parts"].size(), 2u);
  const auto pieces = program(explain("good musics", {"--json", "--unit", "piece"}));
  EXPECT_EQ(nlohmann::json::parse(pieces.out)["parts"].size(), 3u);
  const auto sentences = program(explain("A good film. A boring story.", {"--json", "--unit", "sentence"}));
  EXPECT_EQ(nlohmann::json::parse(sentences.out)["parts"],
            nlohmann::json({"A good film.", "A boring story."}));
  EXPECT_THAT(mistake(explain("good film", {"--unit", "paragraph"})), HasSubstr("paragraph"));
  EXPECT_THAT(mistake(explain("good film", {"--heads", "4"})), HasSubstr("there is no head 4"));
}

TEST_F(ExplainText, AnotherMethodIsToldInItsOwnWords) {
  const std::string sentence = "The film was NOT good, it is long.";
  const auto by_size = program(explain(sentence, {"--method", "leave-one-out"}));
  ASSERT_EQ(by_size.exit_code, 0) << by_size.err;
  EXPECT_THAT(
      by_size.out,
      AllOf(HasSubstr("Leave one out: Ranks the parts by"), HasSubstr("sets there are  on offer  asked"),
            HasSubstr(", and 8 model calls for the ranking before"), Not(HasSubstr("graph"))));
  for (const char* method : {"rollout:any", "pure-attention", "smart-attention", "accent", "random-order",
                             "knockout", "logit-attribution", "value-norm", "gradient-input"}) {
    const auto run = program(explain(sentence, {"--method", method, "--html", "method.html"}));
    EXPECT_EQ(run.exit_code, 0) << method << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("Status: "), Not(HasSubstr("graph")))) << method;
    EXPECT_THAT(contents("method.html"), HasSubstr(method)) << method;
  }
  const auto json =
      nlohmann::json::parse(program(explain(sentence, {"--method", "attention", "--json"})).out);
  EXPECT_EQ(json["methods"].size(), 1u);
  EXPECT_TRUE(json["methods"].contains("attention"));
  EXPECT_EQ(json["settings"]["method"], "attention");
  EXPECT_THAT(mistake(explain(sentence, {"--method", "exhaustive"})),
              HasSubstr("unknown method \"exhaustive\"; known: cleann, knockout,"));
}

TEST_F(ExplainText, AMaskedWord) {
  const auto run =
      program({"explain", "--model", "filler", "--text", "the [MASK] was very good", "--alpha", "0.5"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("The model predicts\n\n    "), HasSubstr("at the mask in\n\n    ")));
  EXPECT_THAT(mistake({"explain", "--model", "filler", "--text", "the film was very good"}),
              HasSubstr("the text has no [MASK]"));
  EXPECT_THAT(mistake({"explain", "--model", "filler", "--text", "the [MASK] was", "--removal", "mask"}),
              HasSubstr("would add masks"));
}

TEST_F(ExplainText, TextsThatCannotBeExplained) {
  EXPECT_THAT(mistake(explain("")), HasSubstr("the text is empty"));
  EXPECT_THAT(mistake(explain("?! ...")), HasSubstr("holds no word with a letter or a digit"));
  EXPECT_THAT(mistake(explain("boring!")), HasSubstr("the text \"boring!\" holds one word"));
  EXPECT_THAT(mistake(explain("good \xff film")), HasSubstr("the text is not UTF-8: \"good \\xff film\""));
}

TEST_F(ExplainText, AHundredThousandWordsAreCutAndTold) {
  std::string text = "not good";
  for (int i = 0; i < 99'998; ++i) text += " a";
  write_file(root_ / "long.jsonl", nlohmann::json{{"text", text}}.dump() + "\n");
  const auto run = program({"explain", "--model", "classifier", "--input", "long.jsonl", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(nlohmann::json::parse(run.out)["warnings"][0],
              HasSubstr("has 100002 tokens and the model takes 17: the last 99985 of its 100000 words"));
}

TEST_F(ExplainText, ManyInOneStart) {
  write_file(root_ / "many.jsonl",
             "{\"id\": \"first\", \"text\": \"good film\", \"label\": \"Positive\"}\n"
             "{\"text\": \"not a good film\"}\n");
  const auto lines = program({"explain", "--model", "classifier", "--input", "many.jsonl", "--json"});
  ASSERT_EQ(lines.exit_code, 0) << lines.err;
  std::istringstream in(lines.out);
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(in, line);) records.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0]["source"], "first");
  EXPECT_EQ(records[0]["label"], "positive");
  EXPECT_EQ(records[0]["settings"]["model"], "classifier");
  EXPECT_EQ(records[0]["settings"]["samples"], 32);
  EXPECT_EQ(records[0]["settings"]["removal"], "mask");
  EXPECT_EQ(records[1]["source"], "many.jsonl:2");
  EXPECT_EQ(records[1]["text"], "not a good film");

  const auto blocks = program({"explain", "--model", "classifier", "--input", "many.jsonl"});
  EXPECT_THAT(blocks.out,
              AllOf(HasSubstr("== first\n\nThe model says"), HasSubstr("== many.jsonl:2\n\nThe model says")));

  write_file(root_ / "bad.jsonl", "{\"text\": \"good film\"}\n{\"text\": \"good\"}\n");
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--input", "bad.jsonl"}),
              HasSubstr("bad.jsonl:2: the text \"good\" holds one word"));
  write_file(root_ / "bad.jsonl", "{\"text\": \"good film\"}\nnot JSON\n");
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--input", "bad.jsonl"}),
              HasSubstr("bad.jsonl:2: "));
  write_file(root_ / "bad.jsonl", "{\"text\": \"good film\", \"label\": \"postive\"}\n");
  EXPECT_THAT(
      mistake({"explain", "--model", "classifier", "--input", "bad.jsonl"}),
      HasSubstr("bad.jsonl:1: unknown label \"postive\"; did you mean \"positive\"?; known: negative"));
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--input", "data"}),
              HasSubstr("data is a folder"));
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--input", "nowhere"}),
              HasSubstr("no file nowhere"));
}

TEST_F(ExplainText, APageOfItsOwn) {
  const auto run = program(explain("A <b>good</b> film, not boring", {"--html", "page.html"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(contents("page.html"), AllOf(HasSubstr("&lt;b&gt;good&lt;/b&gt;"), Not(HasSubstr("<b>")),
                                           HasSubstr("The causal graph"), HasSubstr("classifier")));
  EXPECT_THAT(mistake(explain("good film", {"--html", "data"})), HasSubstr("--html data is a folder"));
  EXPECT_THAT(mistake(explain("good film", {"--html", "nowhere/page.html"})),
              HasSubstr("there is no folder nowhere"));
  EXPECT_THAT(
      mistake({"explain", "--model", "classifier", "--input", "data/test.tsv", "--html", "page.html"}),
      HasSubstr("--html is a page of one answer"));
}

TEST_F(ExplainText, OptionsThatDoNotFitTheModel) {
  EXPECT_THAT(mistake({"explain", "--model", "classifier", "--items", "1;2"}),
              HasSubstr("classifier is a classifier, which takes --text, not --items"));
  EXPECT_THAT(mistake({"explain", "--model", "classifier"}),
              HasSubstr("one of --text, --items and --input, not none"));
  EXPECT_THAT(mistake(explain("good film", {"--input", "x"})), HasSubstr("--input, not several"));
  EXPECT_THAT(mistake(explain("good film", {"--data", "data"})), HasSubstr("--data is for titles of items"));
}

TEST_F(ExplainText, ADamagedBundleIsNamedInOneSentence) {
  fs::copy(root_ / "classifier", root_ / "damaged", fs::copy_options::recursive);
  const std::vector<std::string> command{
      "explain", "--model", "damaged", "--text",
      "good film good film good film good film good film good film good film "
      "good film good film good film good film good film"};
  std::string yaml = contents("damaged/bundle.yaml");
  yaml.replace(yaml.find("max_length: 17"), 14, "max_length: 99");
  write_file(root_ / "damaged/bundle.yaml", yaml);
  EXPECT_THAT(mistake(command), AllOf(HasSubstr("damaged fails on a sequence of 26 ids: "),
                                      Not(HasSubstr("Traceback")), Not(HasSubstr("\\n"))));
  const std::string script = contents("damaged/model.pt");
  write_file(root_ / "damaged/model.pt", script.substr(0, script.size() / 2));
  EXPECT_THAT(mistake(command),
              AllOf(HasSubstr("damaged/model.pt is not a TorchScript module, or is damaged: "),
                    Not(HasSubstr("miniz"))));
  write_file(root_ / "damaged/model.pt", script);
  write_file(root_ / "damaged/tokenizer_config.json", "{\"x\": ");
  EXPECT_THAT(mistake(command), AllOf(HasSubstr("damaged/tokenizer_config.json: parse error at line 1"),
                                      Not(HasSubstr("exception"))));
}

TEST_F(ExplainText, ATokenizerWithoutAMask) {
  fs::copy(root_ / "classifier", root_ / "maskless", fs::copy_options::recursive);
  std::string yaml = contents("maskless/bundle.yaml");
  yaml.replace(yaml.find("mask_id: 4"), 10, "mask_id: -1");
  write_file(root_ / "maskless/bundle.yaml", yaml);
  EXPECT_THAT(mistake({"explain", "--model", "maskless", "--text", "good film"}),
              HasSubstr("removal \"mask\" needs a mask token, and maskless has none; delete, pad and"));
  EXPECT_EQ(
      program({"explain", "--model", "maskless", "--text", "good film", "--removal", "delete"}).exit_code, 0);
}

}  // namespace
}  // namespace why
