// The tasks on texts with models written here: scores are known, so the smallest sets are too.
#include "experiments/tasks/text_task.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "core/errors.h"
#include "tests/experiments/fake_model.h"
#include "tests/experiments/small_tokenizer.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

bool holds(const Sequence& sequence, std::int64_t id) {
  return std::find(sequence.begin(), sequence.end(), id) != sequence.end();
}

// Without conditioning, all nodes of the fake model's attention are correlated: the graphs are complete and
// propose every set.
TaskOptions propose_everything() {
  TaskOptions options;
  options.explanation.graph.samples = "1000000";
  options.explanation.graph.max_order = 0;
  options.controls = {"permuted", "random"};
  options.exhaustive_calls = 1000;
  return options;
}

class TextTask : public ::testing::Test {
 protected:
  // "negative" while both "not" and "good" are there.
  FakeTextModel classifier() const {
    return FakeTextModel(*tokenizer_.shared(), {"negative", "positive"}, [this](const Sequence& ids) {
      const bool negative = holds(ids, tokenizer_.id("not")) && holds(ids, tokenizer_.id("good"));
      return std::vector<float>{negative ? 2.0f : 0.0f, 1.0f};
    });
  }

  // "whale" at the mask while "blue" is there, else "fish".
  FakeTextModel filler() const {
    return FakeTextModel(*tokenizer_.shared(), {}, [this](const Sequence& ids) {
      std::vector<float> scores(static_cast<std::size_t>(tokenizer_->size()), 0.0f);
      scores[static_cast<std::size_t>(tokenizer_.id("[UNK]"))] = 9;  // no word, so no answer
      scores[static_cast<std::size_t>(tokenizer_.id("whale"))] = holds(ids, tokenizer_.id("blue")) ? 3 : 1;
      scores[static_cast<std::size_t>(tokenizer_.id("fish"))] = 2;
      return scores;
    });
  }

  Sample explained(FakeTextModel& model, const std::string& text, const TaskOptions& options,
                   TextUnit unit = TextUnit::word) const {
    const TextReader reader(model.info(), tokenizer_.shared(), unit);
    std::vector<Subject> subjects;
    subjects.push_back(text_subject(model, reader, {0, "", text, ""}, options));
    return explain(model, std::move(subjects), options).front();
  }

  std::string error(FakeTextModel model, const std::string& text) const {
    try {
      TextReader(model.info(), tokenizer_.shared(), TextUnit::word).read(text);
    } catch (const UserError& problem) {
      return problem.what();
    }
    return "no error";
  }

  SmallTokenizer tokenizer_{
      {"the", "film", "##s", "is", "not", "good", "bad", "blue", "whale", "fish", ".", ",", "a", "big"}};
};

std::set<std::vector<int>> members(const MethodResult& method) {
  std::set<std::vector<int>> out;
  for (const auto& set : method.sets) out.insert(set.members);
  return out;
}

TEST_F(TextTask, FindsTheWordsThatMakeAVerdict) {
  auto model = classifier();
  const Sample sample = explained(model, "The film is, not good", propose_everything());
  EXPECT_EQ(sample.task, "sentiment");
  EXPECT_THAT(sample.parts, ElementsAre("The", "film", "is,", "not", "good"));
  EXPECT_EQ(sample.answer, "negative");
  EXPECT_EQ(sample.score, 2);
  EXPECT_THAT(sample.top10, ElementsAre("negative", "positive"));
  ASSERT_TRUE(sample.text);
  EXPECT_EQ(sample.text->text, "The film is, not good");
  EXPECT_EQ(sample.text->spans[2], (TextSpan{9, 12}));
  EXPECT_EQ(sample.text->unit, "word");
  EXPECT_NEAR(sample.text->probability, 1 / (1 + std::exp(-1.0)), 1e-6);
  ASSERT_THAT(sample.graphs, SizeIs(2));
  EXPECT_EQ(sample.graphs[0].graph.num_nodes(), 6);

  for (const char* name : {"cleann", "exhaustive"}) {
    const auto& method = sample.methods.at(name);
    ASSERT_EQ(method.status, SearchStatus::minimal);
    EXPECT_EQ(members(method), (std::set<std::vector<int>>{{3}, {4}}));
    EXPECT_EQ(method.sets.front().replacement, "positive");
    EXPECT_EQ(method.sets.front().replacement_rank, 2);
    EXPECT_EQ(method.sets.front().margin, -1);
  }
}

TEST_F(TextTask, EveryRemovalDoesWhatItsNameSays) {
  const int the = tokenizer_.id("the"), film = tokenizer_.id("film"), s = tokenizer_.id("##s"),
            good = tokenizer_.id("good"), cls = 2, sep = 3;
  auto model = classifier();
  const TextReader reader(model.info(), tokenizer_.shared(), TextUnit::word);
  auto options = propose_everything();
  const auto asked_without_film = [&](const std::string& removal) {
    options.explanation.sets.removal = removal;
    const auto subject = text_subject(model, reader, {0, "", "the films good", ""}, options);
    judge_alone(*subject.judge, {1});
    return model.seen.back();
  };
  EXPECT_EQ(asked_without_film("auto"), (Sequence{cls, the, 4, 4, good, sep}));
  EXPECT_EQ(asked_without_film("mask"), (Sequence{cls, the, 4, 4, good, sep}));
  EXPECT_EQ(asked_without_film("pad"), (Sequence{cls, the, 0, 0, good, sep}));
  EXPECT_EQ(asked_without_film("delete"), (Sequence{cls, the, good, sep}));
  EXPECT_EQ(asked_without_film("attention-mask"), (Sequence{cls, the, good, sep}));  // the rest is hidden
  EXPECT_TRUE(holds(reader.read("the films good").ids, film) && holds(reader.read("the films good").ids, s));
}

TEST_F(TextTask, UnitsArePartsOfTheGraph) {
  auto model = classifier();
  const Sample pieces = explained(model, "the films, not good", propose_everything(), TextUnit::piece);
  EXPECT_THAT(pieces.parts, ElementsAre("the", "film", "s", ",", "not", "good"));
  EXPECT_EQ(pieces.text->unit, "piece");
  const Sample sentences =
      explained(model, "The film. Is not good. A fish.", propose_everything(), TextUnit::sentence);
  EXPECT_THAT(sentences.parts, ElementsAre("The film.", "Is not good.", "A fish."));
  EXPECT_EQ(members(sentences.methods.at("exhaustive")), (std::set<std::vector<int>>{{1}}));
}

TEST_F(TextTask, AMaskedWordIsExplainedByTheOthers) {
  auto model = filler();
  const Sample sample = explained(model, "The blue [MASK] is big.", propose_everything());
  EXPECT_EQ(sample.task, "masked-word");
  EXPECT_EQ(sample.answer, "whale");
  EXPECT_THAT(sample.parts, ElementsAre("The", "blue", "is", "big."));
  EXPECT_EQ(sample.top10[1], "fish");
  EXPECT_THAT(sample.top10, SizeIs(10));
  const auto& found = sample.methods.at("cleann");
  EXPECT_EQ(members(found), (std::set<std::vector<int>>{{1}}));
  EXPECT_EQ(found.sets.front().replacement, "fish");
  // attention is read with the answer in the mask's place, and padding is what removes
  EXPECT_TRUE(std::any_of(model.seen.begin(), model.seen.end(), [&](const Sequence& ids) {
    return holds(ids, tokenizer_.id("whale")) && holds(ids, tokenizer_.id("blue"));
  }));
  EXPECT_TRUE(std::any_of(model.seen.begin(), model.seen.end(),
                          [](const Sequence& ids) { return ids[2] == 0 && ids[3] == 4; }));
}

TEST_F(TextTask, AnotherMaskWouldBeAnotherQuestion) {
  auto model = filler();
  auto options = propose_everything();
  options.explanation.sets.removal = "mask";
  EXPECT_THAT([&] { explained(model, "The blue [MASK] is big.", options); },
              ThrowsMessage<UserError>(HasSubstr("would add masks to the one that is asked about")));
}

TEST_F(TextTask, RemovalMaskNeedsAMask) {
  auto model = classifier();
  model.change_info().mask_id = -1;
  auto options = propose_everything();
  EXPECT_THAT([&] { explained(model, "the film", options); },
              ThrowsMessage<UserError>(
                  HasSubstr("removal \"mask\" needs a mask token, and fake has none; delete, pad and")));
  options.explanation.sets.removal = "delete";
  EXPECT_EQ(explained(model, "the film", options).answer, "positive");
}

TEST_F(TextTask, TextsThatCannotBeExplained) {
  EXPECT_EQ(error(classifier(), ""), "the text is empty");
  EXPECT_THAT(error(classifier(), "., ."),
              HasSubstr("the text \"., .\" holds no word with a letter or a digit"));
  EXPECT_THAT(error(classifier(), " \n "), HasSubstr("the text \" \\n \" holds no word"));
  EXPECT_THAT(error(classifier(), "good."), HasSubstr("the text \"good.\" holds one word"));
  EXPECT_THAT(error(filler(), "the blue whale"), HasSubstr("the text has no [MASK]"));
  EXPECT_THAT(error(filler(), "[MASK] blue [MASK]"), HasSubstr("the text has 2 masks"));
  EXPECT_THAT(error(filler(), "[MASK] ."), HasSubstr("holds no word"));
}

TEST_F(TextTask, InvalidUtf8IsReadAsTokenizersReadIt) {
  auto model = classifier();
  const Sample sample = explained(model, "not\xff good \xc3", propose_everything());
  EXPECT_EQ(sample.text->text, "not\uFFFD good \uFFFD");
  EXPECT_THAT(sample.parts, ElementsAre("not\uFFFD", "good"));
  EXPECT_THAT(to_json_line(sample), HasSubstr("not\uFFFD good \uFFFD"));
}

TEST_F(TextTask, ALongTextLosesItsEndAndSaysSo) {
  auto model = classifier();
  std::string text = "not good";
  for (int i = 0; i < 99'998; ++i) text += " film";
  const TextReader reader(model.info(), tokenizer_.shared(), TextUnit::word);
  const TextInput input = reader.read(text);
  EXPECT_THAT(input.ids, SizeIs(64));
  EXPECT_EQ(input.ids.front(), 2);
  EXPECT_EQ(input.ids.back(), 3);
  EXPECT_THAT(input.nodes, SizeIs(62));
  EXPECT_EQ(input.num_tokens, 100'002u);
  EXPECT_THAT(input.warnings,
              ElementsAre("the text has 100002 tokens and the model takes 64: the last 99938 of its 100000 "
                          "words were left out"));
}

TEST_F(TextTask, AMaskBehindTheCutIsNotSeen) {
  std::string text;
  for (int i = 0; i < 70; ++i) text += "film ";
  EXPECT_THAT(error(filler(), text + "[MASK]"), HasSubstr("no [MASK] within the 64 tokens"));
}

TEST_F(TextTask, BeyondTwoHundredWordsTheMostAttendedAreNodes) {
  auto model = classifier();
  model.change_info().max_length = 512;
  std::string text = "not good";
  for (int i = 0; i < 248; ++i) text += i % 2 ? " big" : " film";
  TaskOptions options;
  options.explanation.graph.max_order = 0;
  const TextReader reader(model.info(), tokenizer_.shared(), TextUnit::word);
  const Subject subject = text_subject(model, reader, {0, "", text, ""}, options);
  EXPECT_EQ(subject.judge->num_candidates(), 200);
  EXPECT_THAT(subject.nodes, SizeIs(201));
  // the fake model attends to what is near, so the first words stay
  EXPECT_THAT(subject.nodes.front(), ElementsAre(1));
  EXPECT_THAT(subject.nodes[199], ElementsAre(200));
  EXPECT_THAT(subject.nodes.back(), ElementsAre(0));
  EXPECT_EQ(subject.sample.text->spans.size(), 200u);
  EXPECT_THAT(subject.sample.warnings, ElementsAre(HasSubstr("of the text's 250 parts the 200 that")));
}

TEST_F(TextTask, ASampleNamesItsSourceLabelAndErrors) {
  auto model = classifier();
  const TextReader reader(model.info(), tokenizer_.shared(), TextUnit::word);
  const auto options = propose_everything();
  const auto subject = text_subject(model, reader, {3, "dev:17", "not good", "Negative"}, options);
  EXPECT_EQ(subject.sample.number, 3);
  EXPECT_EQ(subject.sample.source, "dev:17");
  EXPECT_EQ(subject.sample.text->label, "negative");
  EXPECT_THAT(
      [&] {
        text_subject(model, reader, {3, "dev:17", "good", ""}, options);
      },
      ThrowsMessage<UserError>(HasSubstr("dev:17: the text \"good\" holds one word")));
}

TEST_F(TextTask, ReplayFindsWhatWasReported) {
  auto model = classifier();
  auto options = propose_everything();
  const TextReader reader(model.info(), tokenizer_.shared(), TextUnit::word);
  const TextQuery query{0, "t", "the film is not good", ""};
  std::vector<Subject> subjects;
  subjects.push_back(text_subject(model, reader, query, options));
  Sample sample = parse_sample(to_json_line(explain(model, std::move(subjects), options).front()), "x:1");
  const Replay good = replay(text_subject(model, reader, query, options), sample);
  EXPECT_GT(good.sets, 0);
  EXPECT_EQ(good.same_answer, good.sets);
  options.explanation.sets.removal = "delete";
  EXPECT_EQ(replay(text_subject(model, reader, query, options), sample).same_answer, good.sets);
  sample.methods.at("cleann").sets.front().members = {0};
  sample.methods.at("cleann").sets.front().parts = {"the"};
  EXPECT_THAT(replay(text_subject(model, reader, query, options), sample).wrong,
              ElementsAre("source t, cleann: the"));
}

TEST_F(TextTask, AModelThatDoesNotFit) {
  auto model = classifier();
  model.change_info().outputs = 1;
  model.change_info().labels = {"score"};
  EXPECT_THAT([&] { explained(model, "not good", propose_everything()); },
              ThrowsMessage<UserError>(HasSubstr("has one output")));
  auto maskless = filler();
  maskless.change_info().mask_id = 1;
  EXPECT_THAT([&] { TextReader(maskless.info(), tokenizer_.shared(), TextUnit::word); },
              ThrowsMessage<UserError>(HasSubstr("no mask token with the bundle's mask_id 1")));
}

}  // namespace
}  // namespace why
