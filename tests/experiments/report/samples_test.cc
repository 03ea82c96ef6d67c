#include "experiments/report/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(Samples, LineHasTheKeysOfTheRunFolder) {
  EXPECT_EQ(
      to_json_line(made_up_sample(7)),
      R"({"sample":7,"user":"u7","history":["i0","i1","i2","i3"],"excluded":4,"recommended":"top","score":1.5,)"
      R"("top10":["top","r","i9"],"graphs":[{"head":0,"edges":["0 o-> 1","1 <-> 2","2 --> 4","3 o-o 4"],)"
      R"("root_degree":2}],"methods":{"cleann":{"status":"minimal","bound":null,"sets":[{"members":[2],)"
      R"("items":["i2"],"replacement":"r","replacement_rank":2,"margin":-0.25,"depth":1,"heads":[0]}],)"
      R"("legal":[2,1,0],"possible":[4,6,4],"calls":[2,0,0],"passes":2,)"
      R"("first_hit":2,"ranking_calls":1,"first_hit_with_ranking":3},)"
      R"("permuted":{"status":"none","bound":null,"sets":[],"legal":[2,1,0],"possible":[4,6,4],)"
      R"("calls":[2,1,0],"passes":3,"first_hit":0,"ranking_calls":0,"first_hit_with_ranking":0},)"
      R"("random":{"status":"budget","bound":"max_calls","sets":[],"legal":[2,1,0],"possible":[4,6,4],)"
      R"("calls":[2,0,0],"passes":3,"first_hit":0,"ranking_calls":0,"first_hit_with_ranking":0}},)"
      R"("warnings":[]})");
}

TEST(Samples, WhatIsWrittenReadsBackTheSame) {
  Sample sample = made_up_sample(1);
  sample.parts[0] = "\"quoted\" </script> \\ é";
  sample.score = std::nullopt;
  sample.methods["cleann"].sets[0].replacement_rank = std::nullopt;
  sample.methods["cleann"].sets[0].margin = -1.0 / 3;
  sample.warnings = {"one", "two"};
  const std::string line = to_json_line(sample);
  const Sample read = parse_sample(line, "x:1");
  EXPECT_EQ(to_json_line(read), line);
  EXPECT_EQ(read.graphs[0].graph, sample.graphs[0].graph);
  EXPECT_EQ(read.methods.at("cleann").sets[0].margin, -1.0 / 3);
  EXPECT_EQ(read.methods.at("random").bound, SearchBound::max_calls);
}

TEST(Samples, RankingsReadBackTheSame) {
  Sample sample = made_up_sample(1);
  sample.rankings["attention"] = {{0.5, -1, 1e-7, 0}, 0.25, -0.125};
  sample.rankings["rollout"] = {{0, 0, 0, 0}, {}, {}};
  const std::string line = to_json_line(sample);
  EXPECT_EQ(to_json_line(parse_sample(line, "x:1")), line);
  EXPECT_EQ(error_of([&] { parse_sample(replaced(line, "[0.5,-1.0,", "[0.5,"), "x:1"); }),
            "x:1: rankings.attention.scores holds 3 numbers for 4 parts");
}

TEST(Samples, ARecordOfAnEarlierVersionKnowsNoFirstHit) {
  const std::string line = to_json_line(made_up_sample(1));
  const std::string earlier =
      replaced(line, R"(,"first_hit":2,"ranking_calls":1,"first_hit_with_ranking":3)", "");
  const MethodResult read = parse_sample(earlier, "x:1").methods.at("cleann");
  EXPECT_EQ(read.first_hit, 2);  // no later than the last call
  EXPECT_EQ(read.ranking_calls, 0);
  EXPECT_EQ(read.first_hit_with_ranking, 2);
}

TEST(Samples, AMethodThatGoesByNoSizeReadsBackTheSame) {
  Sample sample = made_up_sample(1);
  MethodResult& method = sample.methods["attention:pure"] = sample.methods["cleann"];
  method.status = SearchStatus::found;
  method.legal = method.possible = {};
  const std::string line = to_json_line(sample);
  EXPECT_EQ(to_json_line(parse_sample(line, "x:1")), line);
}

TEST(Samples, ATextHasItsOwnKeysAndReadsBackTheSame) {
  const Sample sample = made_up_text(4);
  const std::string line = to_json_line(sample);
  EXPECT_TRUE(
      line.starts_with(R"({"sample":4,"task":"sentiment","source":"test:4","text":"A <b>dull</b> film,\n)"))
      << line;
  EXPECT_THAT(line,
              testing::HasSubstr(R"("unit":"word","label":"negative","probability":0.875,"spans":[[0,1],)"));
  EXPECT_THAT(line, testing::HasSubstr(R"("answer":"negative","score":2.5,"top10":["negative","positive"])"));
  EXPECT_THAT(line, testing::HasSubstr(R"("members":[1,3],"parts":["<b>dull</b>","dull"])"));
  EXPECT_EQ(to_json_line(parse_sample(line, "x:1")), line);
  EXPECT_EQ(error_of([&] { parse_sample(replaced(line, "[0,1]", "[0,999]"), "x:1"); }),
            "x:1: spans[0] is no part of the text's 60 bytes");
  EXPECT_EQ(error_of([&] { parse_sample(replaced(line, "[0,1],", ""), "x:1"); }),
            "x:1: spans holds 5 places for 6 parts");
}

TEST(Samples, HistoryMayBeEmpty) {
  Sample sample;
  sample.graphs = {{0, MixedGraph(1)}};
  EXPECT_EQ(parse_sample(to_json_line(sample), "x:1").graphs[0].graph.num_nodes(), 1);
}

TEST(Samples, DamagedLinesNamePlaceKeyAndValue) {
  const std::string good = to_json_line(made_up_sample(0));
  const auto error = [&](const std::string& what, const std::string& with) {
    return error_of([&] { parse_sample(replaced(good, what, with), "samples.jsonl:3"); });
  };
  EXPECT_EQ(error_of([&] { parse_sample(good.substr(0, 20), "samples.jsonl:3"); }),
            "samples.jsonl:3: no JSON object: {\"sample\":0,\"user\":\"");
  EXPECT_EQ(error("\"history\":[", "\"hystory\":["), "samples.jsonl:3: key \"history\" is missing");
  EXPECT_EQ(error("\"user\":\"u0\"", "\"user\":5"), "samples.jsonl:3: user must be text, not 5");
  EXPECT_EQ(error("\"excluded\":4", "\"excluded\":4.5"),
            "samples.jsonl:3: excluded must be a whole number, not 4.5");
  EXPECT_EQ(error("\"members\":[2]", "\"members\":[4]"),
            "samples.jsonl:3: methods.cleann.sets[0].members holds position 4, but there are 4 parts");
  EXPECT_EQ(error("\"members\":[2]", "\"members\":[4294967298]"),
            "samples.jsonl:3: methods.cleann.sets[0].members[0] is out of range: 4294967298");
  EXPECT_EQ(error("\"members\":[2]", "\"members\":[18446744073709551615]"),
            "samples.jsonl:3: methods.cleann.sets[0].members[0] is out of range: 18446744073709551615");
  EXPECT_EQ(error("\"user\":\"u0\"", "\"user\":[\"" + std::string(99, 'a') + "\"]"),
            "samples.jsonl:3: user must be text, not [\"" + std::string(58, 'a') + "…");
  EXPECT_EQ(error("\"members\":[2]", "\"members\":[]"),
            "samples.jsonl:3: methods.cleann.sets[0].members must name at least one position");
  EXPECT_EQ(error("\"status\":\"minimal\"", "\"status\":\"maximal\""),
            "samples.jsonl:3: methods.cleann.status is \"maximal\"; known: minimal, found, none, budget");
  EXPECT_EQ(error("\"status\":\"minimal\"", "\"status\":\"none\""),
            "samples.jsonl:3: methods.cleann has status \"none\" with 1 set");
  EXPECT_EQ(error("3 o-o 4", "3 o-o 5"),
            "samples.jsonl:3: graphs[0].edges has node \"5\", but the nodes are 0 to 4");
  EXPECT_THAT(error("3 o-o 4", "3 o=o 4"), testing::StartsWith("samples.jsonl:3: graphs[0].edges:"));
}

TEST(Samples, FileIsReadLineByLineAndACutLastLineIsLeftOut) {
  const auto folder = made_up_run("samples_cut", {made_up_sample(0), made_up_sample(1)});
  std::vector<std::int64_t> numbers;
  const auto note = [&](const Sample& sample) { numbers.push_back(sample.number); };
  EXPECT_FALSE(for_each_sample(folder / "samples.jsonl", note));
  EXPECT_THAT(numbers, testing::ElementsAre(0, 1));

  numbers.clear();
  const std::string whole = read_file(folder / "samples.jsonl");
  write_file(folder / "samples.jsonl", whole.substr(0, whole.size() - 1));
  EXPECT_TRUE(for_each_sample(folder / "samples.jsonl", note));
  EXPECT_THAT(numbers, testing::ElementsAre(0));
}

TEST(Samples, DamagedFileNamesFileAndLine) {
  const auto folder = made_up_run("samples_damaged", {made_up_sample(0)});
  const auto path = folder / "samples.jsonl";
  write_file(path, read_file(path) + "oops\n");
  const auto ignore = [](const Sample&) {};
  EXPECT_EQ(error_of([&] { for_each_sample(path, ignore); }), path.string() + ":2: no JSON object: oops");
  EXPECT_EQ(error_of([&] { for_each_sample(folder / "none", ignore); }),
            "cannot read " + (folder / "none").string());
}

TEST(Samples, ASampleBehindALaterOneNamesFileAndLine) {
  const auto folder = made_up_run("samples_twice", {made_up_sample(0), made_up_sample(1), made_up_sample(1)});
  const auto path = folder / "samples.jsonl";
  const auto ignore = [](const Sample&) {};
  EXPECT_EQ(error_of([&] { for_each_sample(path, ignore); }),
            path.string() + ":3: sample 1 stands behind sample 1: the file is not as the run wrote it");
}

}  // namespace
}  // namespace why
