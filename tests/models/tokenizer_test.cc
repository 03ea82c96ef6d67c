// Tokenizers against golden files that tests/models/tokenizers/make_golden.py wrote with the Hugging Face
// libraries, and what damaged files are answered with.
#include "models/formats/tokenizer.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

fs::path source() { return std::getenv("WHYFORMER_SOURCE"); }
fs::path fixtures() { return source() / "tests/models/tokenizers"; }

std::vector<std::string> lines(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  WHY_ASSERT(in);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string written(const Encoding& encoding) {
  std::string out;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i)
    out += text(i ? " " : "", encoding.ids[i], ':', encoding.spans[i].begin, '-', encoding.spans[i].end);
  return out;
}

// A folder of the test's own, removed at its end.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(fs::temp_directory_path() /
              text("tokenizer_", ::getpid(), "_",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(path_);
  }
  ~ScratchFolder() { fs::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

class Golden : public ::testing::TestWithParam<const char*> {};

TEST_P(Golden, HardLinesGetTheIdsAndOffsetsOfTheFastTokenizer) {
  const std::string name = GetParam();
  const auto tokenizer = open_tokenizer(name == "minilm" ? source() / ".deps/minilm" : fixtures() / name);
  const auto hard = lines(fixtures() / "hard_lines.txt"), golden = lines(fixtures() / (name + ".golden"));
  ASSERT_EQ(hard.size(), golden.size());
  ASSERT_GE(hard.size(), 43u);
  for (std::size_t i = 0; i < hard.size(); ++i)
    EXPECT_EQ(written(tokenizer->encode(hard[i])), golden[i]) << "line " << i + 1 << ": " << hard[i];
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, Golden,
                         ::testing::Values("bert-uncased", "bert-cased", "minilm", "roberta", "roberta-files",
                                           "xlm-roberta", "xlm-roberta-model", "albert", "albert-model",
                                           "deberta", "modernbert"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Tokenizer, TokensSpellTheTextAgain) {
  const std::string text = "a good film, not bad";
  for (const std::string name : {"roberta", "roberta-files", "modernbert", "deberta", "xlm-roberta", "albert",
                                 "xlm-roberta-model", "albert-model"}) {
    const auto tokenizer = open_tokenizer(fixtures() / name);
    const Encoding encoding = tokenizer->encode(text);
    std::string again;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
      const auto id = static_cast<int>(encoding.ids[i]);
      if (encoding.special[i])
        EXPECT_EQ(tokenizer->text(id), tokenizer->token(id)) << name;
      else
        again += tokenizer->text(id);
    }
    EXPECT_THAT(again, testing::AnyOf(text, " " + text)) << name;
  }
  const auto pieces = open_tokenizer(fixtures() / "bert-uncased");
  for (int id = 0; id < pieces->size(); ++id) EXPECT_EQ(pieces->text(id), pieces->token(id));
}

TEST(Tokenizer, ATokenOfHalfALetterStaysAsItIsWritten) {
  const auto tokenizer = open_tokenizer(fixtures() / "roberta");
  const auto text_of = [&](const std::string& token) {
    for (int id = 0; id < tokenizer->size(); ++id)
      if (tokenizer->token(id) == token) return tokenizer->text(id);
    return std::string("no such token");
  };
  EXPECT_EQ(text_of("Ã"), "Ã");  // the first byte of é
  EXPECT_EQ(text_of("Ġ"), " ");
  EXPECT_EQ(text_of("Ċ"), "\n");
}

TEST(Tokenizer, TokensKnowTheirBytesAndWhichAreSpecial) {
  const auto tokenizer = open_tokenizer(source() / ".deps/minilm");
  const Encoding encoding = tokenizer->encode("Café [MASK] \xFF!");
  std::vector<std::string> pieces;
  for (const auto id : encoding.ids) pieces.push_back(tokenizer->token(static_cast<int>(id)));
  EXPECT_THAT(pieces, ElementsAre("[CLS]", "cafe", "[MASK]", "!", "[SEP]"));
  EXPECT_THAT(encoding.spans,
              ElementsAre(TextSpan{0, 0}, TextSpan{0, 5}, TextSpan{6, 12}, TextSpan{14, 15}, TextSpan{0, 0}));
  EXPECT_THAT(encoding.special, ElementsAre(1, 0, 1, 0, 1));
  EXPECT_EQ(tokenizer->size(), 30522);
  EXPECT_EQ(tokenizer->special().cls, 101);
  EXPECT_EQ(tokenizer->special().sep, 102);
  EXPECT_EQ(tokenizer->special().pad, 0);
  EXPECT_EQ(tokenizer->special().mask, 103);
  EXPECT_EQ(tokenizer->special().unknown, 100);
  EXPECT_THROW(tokenizer->token(30522), UserError);
}

TEST(Tokenizer, TheFileOfAVocabularyGivesTheIdsOfTokenizerJson) {
  const ScratchFolder folder;
  fs::copy_file(source() / ".deps/minilm/vocab.txt", folder / "vocab.txt");
  const auto from_lines = open_tokenizer(folder.path()),
             from_json = open_tokenizer(source() / ".deps/minilm");
  for (const auto& line : lines(fixtures() / "hard_lines.txt"))
    EXPECT_EQ(written(from_lines->encode(line)), written(from_json->encode(line)));
}

TEST(Tokenizer, AModelOfSentencePieceIsTakenAsXlmRobertaCountsItsPieces) {
  const auto tokenizer = open_tokenizer(fixtures() / "xlm-roberta-model");
  EXPECT_EQ(tokenizer->token(0), "<s>");
  EXPECT_EQ(tokenizer->token(1), "<pad>");
  EXPECT_EQ(tokenizer->token(2), "</s>");
  EXPECT_EQ(tokenizer->token(3), "<unk>");
  EXPECT_EQ(tokenizer->token(4), "▁");
  EXPECT_EQ(tokenizer->token(tokenizer->size() - 1), "<mask>");
  EXPECT_EQ(tokenizer->special().mask, tokenizer->size() - 1);
}

// Small enough to do by hand: "abab" joins b a first (rank 0) -> a ba b -> (a ba is rank 1) aba b.
TEST(Bpe, JoinsThePairThatWasLearnedFirst) {
  const ScratchFolder folder;
  write_file(folder / "vocab.json", R"({"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ba": 4, "aba": 5, "Ġ": 6})");
  write_file(folder / "merges.txt", "#version: 0.2\nb a\na ba\n");
  const auto tokenizer = open_tokenizer(folder.path());
  EXPECT_EQ(written(tokenizer->encode("abab b")), "0:0-0 5:0-3 3:3-4 6:5-5 3:5-6 1:0-0");
  EXPECT_EQ(written(tokenizer->encode("axb")), "0:0-0 2:0-1 3:1-2 1:0-0")
      << "x is left out as they leave it out";
}

// ---- Damaged files

constexpr char kTiny[] = R"({
  "added_tokens": [{"id": 1, "content": "[CLS]", "special": true}, {"id": 2, "content": "[SEP]", "special": true}],
  "normalizer": {"type": "BertNormalizer"},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
  "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##b": 4}}
})";

class Damaged : public ::testing::Test {
 protected:
  std::string error(const std::function<void()>& work) {
    try {
      work();
    } catch (const UserError& thrown) {
      return thrown.what();
    }
    return "nothing thrown";
  }

  std::string opening(const std::string& file, const std::string& contents) {
    write_file(folder_ / file, contents);
    return error([&] { open_tokenizer(folder_.path()); });
  }

  std::string with(const std::string& from, const std::string& to) {
    std::string json = kTiny;
    const auto at = json.find(from);
    WHY_ASSERT(at != std::string::npos);
    return opening("tokenizer.json", json.replace(at, from.size(), to));
  }

  ScratchFolder folder_;
};

TEST_F(Damaged, ATokenizerWithoutAMaskOpensAndSaysMinusOne) {
  write_file(folder_ / "tokenizer.json", kTiny);
  const auto tokenizer = open_tokenizer(folder_.path());
  EXPECT_EQ(tokenizer->special().mask, -1);
  EXPECT_EQ(tokenizer->special().pad, -1);
  EXPECT_THAT(tokenizer->encode("ab AB c").ids, ElementsAre(1, 3, 4, 3, 4, 0, 2));
}

TEST_F(Damaged, WhatIsNotSupportedIsNamed) {
  EXPECT_THAT(
      with("\"WordPiece\"", "\"WordLevel\""),
      HasSubstr(
          "tokenizer.json: model is the model \"WordLevel\", which is not supported; known: WordPiece"));
  EXPECT_THAT(with("\"BertNormalizer\"", "\"Nmt\""),
              HasSubstr("normalizer is the normalizer \"Nmt\", which is not"));
  EXPECT_THAT(with("\"BertPreTokenizer\"", "\"Split\""), HasSubstr("the pre-tokenizer \"Split\""));
  EXPECT_THAT(with("\"BertProcessing\"", "\"Odd\""), HasSubstr("the post-processor \"Odd\""));
  write_file(folder_ / "vocab.txt", "[UNK]\n");
  fs::remove(folder_ / "tokenizer.json");
  EXPECT_THAT(opening("tokenizer_config.json", R"({"tokenizer_class": "BertJapaneseTokenizer"})"),
              HasSubstr("unknown tokenizer_class \"BertJapaneseTokenizer\""));
}

TEST_F(Damaged, VocabulariesMustCountFromZeroWithoutGapsOrRepetitions) {
  EXPECT_THAT(with("\"a\": 3", "\"a\": 9"), HasSubstr("has 5 tokens, but none with the id 3"));
  EXPECT_THAT(with("\"a\": 3", "\"a\": 4"), HasSubstr("have the same id 4"));
  EXPECT_THAT(with("\"a\": 3", "\"##b\": 3"), HasSubstr("the key \"##b\" twice"));
  EXPECT_THAT(with("\"a\": 3", "\"a\": -3"), HasSubstr("none with the id 0"));
  EXPECT_THAT(with("\"a\": 3", "\"a\": \"3\""), HasSubstr("model.vocab.\"a\" is string, not an id"));
  EXPECT_THAT(with("\"a\": 3", "\"a\": 99999999999999"), HasSubstr("none with the id 3"));
  EXPECT_THAT(with("{\"id\": 1,", "{\"id\": 3,"),
              HasSubstr("\"[CLS]\" has the id 3, but the vocabulary gives it 1"));
  EXPECT_THAT(with("\"[CLS]\", \"special\"", "\"[NEW]\", \"special\""),
              HasSubstr("id 1, which is that of \"[CLS]\""));
  EXPECT_THAT(with("{\"id\": 1, \"content\": \"[CLS]\"", "{\"id\": 77, \"content\": \"[NEW]\""),
              HasSubstr("has the id 77, but there are only 5 tokens before it"));
  EXPECT_THAT(with("\"sep\": [\"[SEP]\", 2]", "\"sep\": [\"[SEP]\", 5]"),
              HasSubstr("the id 5, which no token has"));
  fs::remove(folder_ / "tokenizer.json");
  EXPECT_THAT(opening("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\na\n"), HasSubstr("twice, with the ids 3 and 4"));
  EXPECT_THAT(opening("vocab.txt", ""), HasSubstr("the vocabulary is empty"));
  EXPECT_THAT(opening("vocab.txt", "[UNK]\na\n"), HasSubstr("no \"[CLS]\", which begins or ends every text"));
}

TEST_F(Damaged, MergesMustBeOfTokens) {
  write_file(folder_ / "vocab.json", R"({"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4})");
  EXPECT_THAT(opening("merges.txt", "a b\na c\n"), HasSubstr("merge 2 (\"a\" \"c\") needs the token \"ac\""));
  EXPECT_THAT(opening("merges.txt", "a b\nb\n"), HasSubstr("merges.txt:2: \"b\" is not two tokens"));
  EXPECT_THAT(opening("merges.txt", "a b c\n"), HasSubstr("merges.txt:1: \"a b c\" is not two tokens"));
  fs::remove(folder_ / "merges.txt");
  EXPECT_THAT(error([&] { open_tokenizer(folder_.path()); }), HasSubstr("there is no file"));
  EXPECT_THAT(opening("vocab.json", R"({"a": 0})"), HasSubstr("merges.txt"));
}

TEST_F(Damaged, SentencePieceFilesAreCheckedByTheirLibrary) {
  EXPECT_THAT(opening("spiece.model", "not a model"), HasSubstr("spiece.model is no SentencePiece model"));
  EXPECT_THAT(opening("spiece.model", ""), HasSubstr("spiece.model is no SentencePiece model"));
  const std::string whole = read_file(fixtures() / "albert-model/spiece.model");
  EXPECT_THAT(opening("spiece.model", whole.substr(0, whole.size() / 2)),
              HasSubstr("is no SentencePiece model"));
  EXPECT_THAT(opening("spiece.model", read_file(source() / "tests/fuzz/corpus/sentencepiece/zero_byte")),
              EndsWith("spiece.model is no SentencePiece model: zero-length key"));
  EXPECT_THAT(opening("spiece.model", whole), "nothing thrown");
  EXPECT_THAT(opening("tokenizer_config.json", R"({"tokenizer_class": "XLMRobertaTokenizer"})"),
              HasSubstr("the first pieces of XLM-R's file are <unk>, <s> and </s>; these are not"));
  EXPECT_THAT(opening("tokenizer_config.json", R"({"tokenizer_class": "T5Tokenizer"})"),
              HasSubstr("unknown tokenizer_class \"T5Tokenizer\""));
}

TEST_F(Damaged, UnigramsNeedScoresAndAnUnknownTokenThatIsThere) {
  const auto model = [&](const std::string& fields) {
    return opening("tokenizer.json", "{\"model\": {\"type\": \"Unigram\", " + fields + "}}");
  };
  EXPECT_THAT(model(R"("vocab": [["<unk>", 0], ["a", -1]], "unk_id": 2)"),
              HasSubstr("unk_id is 2, but there are 2"));
  EXPECT_THAT(model(R"("vocab": [["<unk>", 0], ["a"]])"),
              HasSubstr("model.vocab[1] is not a token and its score"));
  EXPECT_THAT(model(R"("vocab": [["a", 0], ["a", 1]])"), HasSubstr("twice, with the ids 0 and 1"));
  EXPECT_THAT(model(R"("vocab": [])"), HasSubstr("the vocabulary is empty"));
  EXPECT_THAT(
      opening("tokenizer.json", R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"},
                                            "model": {"type": "Unigram", "vocab": [["a", 0]]}})"),
      HasSubstr("normalizer.precompiled_charsmap is too short"));
  EXPECT_THAT(
      opening("tokenizer.json", R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "A*=="},
                                            "model": {"type": "Unigram", "vocab": [["a", 0]]}})"),
      HasSubstr("is not base64"));
}

TEST_F(Damaged, AWordThatNeedsAMissingUnknownTokenIsNamed) {
  write_file(folder_ / "tokenizer.json",
             std::string(kTiny).replace(std::string(kTiny).find("[UNK]"), 5, "other"));
  const auto tokenizer = open_tokenizer(folder_.path());
  EXPECT_THAT(tokenizer->encode("ab").ids, ElementsAre(1, 3, 4, 2));
  EXPECT_THAT(error([&] { tokenizer->encode("ab zz"); }),
              HasSubstr("the word \"zz\" is not in the vocabulary, and the vocabulary has no \"[UNK]\""));
}

TEST_F(Damaged, BrokenJsonAndFilesThatAreNone) {
  EXPECT_THAT(opening("tokenizer.json", std::string(kTiny).substr(0, 200)), HasSubstr("tokenizer.json: "));
  EXPECT_THAT(opening("tokenizer.json", std::string(100'000, '[')),
              HasSubstr("nested more than 32 levels deep"));
  EXPECT_THAT(opening("tokenizer.json", "[]"), HasSubstr("tokenizer.json is array, not an object"));
  EXPECT_THAT(opening("tokenizer.json", "{}"), HasSubstr("tokenizer.json: model is missing"));
  EXPECT_THAT(with("[\"[CLS]\", 1]", "[\"[CLS]\"]"),
              HasSubstr("post_processor.cls is not a token and its id"));
  fs::remove(folder_ / "tokenizer.json");
  fs::create_directory(folder_ / "tokenizer.json");
  EXPECT_THAT(error([&] { open_tokenizer(folder_.path()); }),
              EndsWith("tokenizer.json is a folder, not a file"));
  fs::remove(folder_ / "tokenizer.json");
  EXPECT_THAT(error([&] { open_tokenizer(folder_.path()); }), HasSubstr("holds no tokenizer"));
  EXPECT_THAT(error([&] { open_tokenizer(folder_ / "nowhere"); }), HasSubstr("there is no folder"));
  EXPECT_THAT(opening("vocab.txt", "[UNK]\n[CLS]\n[SEP]\n"), "nothing thrown");
  EXPECT_THAT(error([&] { open_tokenizer(folder_ / "vocab.txt"); }),
              HasSubstr("is a file; a tokenizer is a folder"));
  EXPECT_THAT(opening("tokenizer_config.json", "{\"do_lower_case\": 1}"),
              HasSubstr("do_lower_case is number"));
}

TEST(CutTo, KeepsTheSpecialTokensAtTheEnd) {
  const auto tokenizer = open_tokenizer(fixtures() / "bert-uncased");
  const Encoding whole = tokenizer->encode("the film was good, and the end was not");
  const Encoding cut = cut_to(whole, 5);
  EXPECT_THAT(cut.ids, ElementsAre(whole.ids[0], whole.ids[1], whole.ids[2], whole.ids[3], whole.ids.back()));
  EXPECT_EQ(cut.spans[3], whole.spans[3]);
  EXPECT_EQ(cut.special.back(), 1);
  EXPECT_EQ(cut_to(whole, whole.ids.size()).ids, whole.ids);
  EXPECT_THAT(cut_to(whole, 1).ids, ElementsAre(whole.ids.back()));
  // a special token that stands in the text is text
  const Encoding written = tokenizer->encode("good [SEP]");
  EXPECT_THAT(cut_to(written, 3).ids, ElementsAre(written.ids[0], written.ids[1], written.ids.back()));
}

}  // namespace
}  // namespace why
