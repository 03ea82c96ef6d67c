// `whyformer explain`, as a user runs it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/experiments/small_recommender.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ExplainCommand = SmallRecommender;

std::vector<std::string> explain(const std::string& items, const std::vector<std::string>& more = {}) {
  std::vector<std::string> out{"explain", "--model", "model",   "--data", "data",
                               "--alpha", "0.2",     "--items", items};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST_F(ExplainCommand, TitlesAndIdsMeanTheSame) {
  const auto by_title = program(explain("Film 2 (1982); film 3 (1983);Film 4"));
  ASSERT_EQ(by_title.exit_code, 0) << by_title.err;
  EXPECT_EQ(by_title.err, "");
  EXPECT_THAT(by_title.out,
              AllOf(HasSubstr("From 3 items the model recommends"), HasSubstr("Film "),
                    HasSubstr("The causal graphs around the recommendation (icd, alpha 0.2, 16 samples)"),
                    HasSubstr("Status: ")));
  EXPECT_EQ(program(explain("102; 103; 104")).out, by_title.out);
}

TEST_F(ExplainCommand, AOneItemHistoryIsRefused) {
  EXPECT_THAT(mistake(explain("Film 5 (1985)")), HasSubstr("the history holds one item, \"Film 5 (1985)\""));
}

TEST_F(ExplainCommand, AHistoryLongerThanTheModelTakesIsRefused) {
  EXPECT_THAT(mistake(explain("102;103;104;105;106;107;108;109")),
              HasSubstr("the history holds 8 items, more than the 6 that model takes"));
  EXPECT_EQ(program(explain("102;103;104;105;106;107")).exit_code, 0);
}

TEST_F(ExplainCommand, JsonIsTheRecord) {
  const auto run = program(explain("102;103;104", {"--json", "--max-set-size", "2", "--heads", "each"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["history"], nlohmann::json({"102", "103", "104"}));
  EXPECT_EQ(json["titles"]["102"], "Film 2 (1982)");
  EXPECT_EQ(json["methods"]["cleann"]["legal"].size(), 2u);
  EXPECT_EQ(json["graphs"].size(), 2u);
}

TEST_F(ExplainCommand, EveryOptionDoesSomethingOrIsRefused) {
  for (const auto& options : std::vector<std::vector<std::string>>{{"--search", "fci"},
                                                                   {"--search", "pc", "--max-order", "1"},
                                                                   {"--samples", "head_dim"},
                                                                   {"--samples", "100"},
                                                                   {"--heads", "1"},
                                                                   {"--removal", "mask"},
                                                                   {"--max-calls", "1"},
                                                                   {"--threads", "1", "--device", "cpu"}}) {
    const auto run = program(explain("102;103;104;105", options));
    EXPECT_EQ(run.exit_code, 0) << options[0] << run.err;
  }
  EXPECT_THAT(mistake(explain("102;103", {"--search", "fcii"})), HasSubstr("fcii"));
  EXPECT_THAT(mistake(explain("102;103", {"--samples", "3"})),
              HasSubstr("a number of at least 4, not \"3\""));
  EXPECT_THAT(mistake(explain("102;103", {"--alpha", ""})), HasSubstr("--alpha: must lie between 0 and 1"));
  EXPECT_THAT(mistake(explain("102;103", {"--heads", "2"})), HasSubstr("there is no head 2"));
  EXPECT_THAT(mistake(explain("102;103", {"--max-set-size", "0"})), HasSubstr("--max-set-size"));
  EXPECT_THAT(mistake(explain("102;103", {"--device", "cuda:77"})), HasSubstr("cuda:77"));
}

// The next best item that a title can name: 100 and 101 share theirs.
std::string another_answer(const nlohmann::json& explanation) {
  const auto& top = explanation["top10"];
  const auto found = std::find_if(top.begin() + 1, top.end(),
                                  [](const auto& item) { return item != "100" && item != "101"; });
  return found->get<std::string>();
}

TEST_F(ExplainCommand, InsteadOfOneOtherItem) {
  const auto any = nlohmann::json::parse(program(explain("102;103;104;105", {"--json"})).out);
  const std::string answer = any["recommended"], second = another_answer(any);
  EXPECT_FALSE(any["settings"].contains("instead_of"));
  const std::string title = any["titles"][second];

  const auto by_id = program(explain("102;103;104;105", {"--instead-of", second, "--json"}));
  ASSERT_EQ(by_id.exit_code, 0) << by_id.err;
  EXPECT_EQ(program(explain("102;103;104;105", {"--instead-of", title, "--json"})).out, by_id.out);
  const auto json = nlohmann::json::parse(by_id.out);
  EXPECT_EQ(json["settings"]["instead_of"], second);
  EXPECT_EQ(json["recommended"], answer);
  for (const auto& set : json["methods"]["cleann"]["sets"]) EXPECT_EQ(set["replacement"], second);

  const auto words = program(explain("102;103;104;105", {"--instead-of", second, "--html", "why.html"}));
  EXPECT_THAT(words.out, ::testing::AnyOf(HasSubstr("It would recommend " + title + " instead without"),
                                          HasSubstr("changes the recommendation to " + title)));
  EXPECT_THAT(contents("why.html"), AllOf(HasSubstr("” and not “" + title + "”?"), HasSubstr("instead of")));
  for (const char* method : {"knockout", "attention-gradient:any", "leave-one-out:smart", "random-order"})
    EXPECT_EQ(program(explain("102;103;104;105", {"--instead-of", second, "--method", method})).exit_code, 0);

  const auto refused = [&](const std::string& other, const std::vector<std::string>& more = {}) {
    std::vector<std::string> options{"--instead-of", other};
    options.insert(options.end(), more.begin(), more.end());
    return mistake(explain("102;103;104;105", options));
  };
  EXPECT_THAT(refused("999"), HasSubstr("--instead-of: no item has the title or the id \"999\""));
  EXPECT_THAT(refused(""), HasSubstr("--instead-of: no item has the title or the id \"\""));
  EXPECT_THAT(refused("Film 3"), HasSubstr("--instead-of: \"Film 3 (1983)\" is in the history"));
  EXPECT_THAT(refused(answer), HasSubstr("is what the model answers"));
  EXPECT_THAT(refused(second, {"--method", "accent"}),
              HasSubstr("\"accent\" chooses the other answer itself"));
}

TEST_F(ExplainCommand, EachLineOfAFileMayAskAboutAnotherAnswer) {
  const auto any = nlohmann::json::parse(program(explain("102;103;104;105", {"--json"})).out);
  const std::string answer = any["recommended"], second = another_answer(any);
  const std::string line = R"({"items": "102;103;104;105")";
  const auto lines = [&](const std::string& other) {
    write_file(root_ / "lines.jsonl", text(line, "}\n", line, R"(, "instead_of": ")", other, "\"}\n"));
    return std::vector<std::string>{"explain", "--model",     "model",  "--data",  "data",
                                    "--input", "lines.jsonl", "--json", "--alpha", "0.2"};
  };
  const auto run = program(lines(second));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  std::istringstream out(run.out);
  std::string first_line, second_line;
  std::getline(out, first_line);
  std::getline(out, second_line);
  EXPECT_FALSE(nlohmann::json::parse(first_line)["settings"].contains("instead_of"));
  const auto json = nlohmann::json::parse(second_line);
  EXPECT_EQ(json["settings"]["instead_of"], second);
  for (const auto& set : json["methods"]["cleann"]["sets"]) EXPECT_EQ(set["replacement"], second);

  EXPECT_THAT(mistake(lines("999")), HasSubstr("lines.jsonl:2: instead_of: no item has the title or the id"));
  EXPECT_THAT(mistake(lines(answer)),
              AllOf(HasSubstr("lines.jsonl:2: instead_of: \""), HasSubstr("is what the model answers")));
}

TEST_F(ExplainCommand, OptionsOfAGraphAreIdleWhereNoneIsLearned) {
  const auto run = program(explain("102;103;104", {"--method", "attention:smart", "--search", "fci"}));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "warning: --search says how a graph is learned, and method \"attention:smart\" learns none\n"
            "warning: --alpha says how a graph is learned, and method \"attention:smart\" learns none\n");
  for (const std::string method : {"accent", "random-order"})
    EXPECT_THAT(program(explain("102;103;104", {"--method", method, "--search", "fci"})).err,
                HasSubstr("warning: --search says how a graph is learned, and method \"" + method + "\""));
  for (const std::string method : {"cleann", "attention:graph"})
    EXPECT_EQ(program(explain("102;103;104", {"--method", method, "--search", "fci"})).err, "");
}

// The committed SASRec reads in order; the BERT4Rec that is trained here does not.
TEST_F(ExplainCommand, ACausalModelGivesAnOrder) {
  const char* source = std::getenv("WHYFORMER_SOURCE");
  const auto sasrec = std::filesystem::absolute(source ? source : ".") / "checkpoints/sasrec-ml-100k";
  std::filesystem::create_directories(root_ / "seen");
  std::string lines = "user_id:token\titem_id:token\ttimestamp:float\n";
  for (const char* item : {"50", "181", "172", "1", "174"}) lines += text("u\t", item, "\t1\n");
  write_file(root_ / "seen/seen.inter", lines);
  const auto run = program({"explain", "--model", sasrec.string(), "--data", "seen", "--items",
                            "50;181;172;1;174", "--search", "ordicd", "--alpha", "0.01", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out);
  EXPECT_EQ(json["settings"]["search"], "ordicd");
  int edges = 0;
  for (const auto& graph : json["graphs"])
    for (const auto& edge : graph["edges"]) {
      ++edges;
      const auto line = edge.get<std::string>();  // "2 o-> 5", the arrowhead at the later end
      EXPECT_LT(std::stoi(line), std::stoi(line.substr(line.rfind(' ')))) << line;
      EXPECT_THAT(line, HasSubstr("-> ")) << line;
    }
  EXPECT_GT(edges, 0);

  EXPECT_THAT(
      mistake(explain("102;103;104", {"--search", "ordicd"})),
      HasSubstr("search \"ordicd\" needs causal attention, and in model a token reads later ones too"));
}

TEST_F(ExplainCommand, TitlesThatDoNotFit) {
  EXPECT_THAT(mistake(explain("Film 2 (1982); Flim 3 (1983)")),
              AllOf(HasSubstr("Flim 3"), HasSubstr("Film 3")));
  EXPECT_THAT(mistake(explain("Film 1 (1981)")), AllOf(HasSubstr("100"), HasSubstr("101")));  // two films
  EXPECT_THAT(mistake(explain("102,103")), HasSubstr("\"102,103\"; items are separated by ';', not ','"));
  EXPECT_THAT(mistake(explain("999;102")), HasSubstr("no item has the title or the id \"999\""));
  EXPECT_THAT(mistake(explain("9\n9;102")), HasSubstr("\"9\\n9\""));
  EXPECT_THAT(mistake(explain("")), HasSubstr("the history is empty"));
  EXPECT_THAT(mistake(explain(" ; ")), HasSubstr("the history is empty"));
  EXPECT_THAT(mistake({"explain", "--model", "model"}), HasSubstr("--items"));
}

TEST_F(ExplainCommand, ModelsAndDataThatAreNotThere) {
  EXPECT_THAT(mistake({"explain", "--model", "nowhere", "--items", "102;103"}),
              HasSubstr("the model nowhere does not exist"));
  EXPECT_THAT(mistake({"explain", "--model", "data", "--items", "102;103"}), HasSubstr("bundle.yaml"));
  EXPECT_THAT(mistake({"explain", "--model", "model", "--data", "nowhere", "--items", "102;103"}),
              HasSubstr("the data nowhere does not exist"));
  const auto damaged = copy_of_model("damaged");
  write_file(damaged / "model.pt", "not a model");
  write_file(damaged / "model.safetensors", "not weights");
  EXPECT_NE(mistake({"explain", "--model", damaged.string(), "--data", "data", "--items", "102;103"}), "");
}

}  // namespace
}  // namespace why
