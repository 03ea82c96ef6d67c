#include "experiments/tasks/text_units.h"

#include <gmock/gmock.h>

#include "tests/experiments/small_tokenizer.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TextUnits : public ::testing::Test {
 protected:
  // "word:tokens" of each part, tokens as the vocabulary writes them.
  std::vector<std::string> parts(const std::string& text, TextUnit unit) const {
    const Encoding encoding = tokenizer_->encode(text);
    std::vector<std::string> out;
    for (const auto& node : text_nodes(text, encoding, unit)) {
      std::string line = text.substr(node.span.begin, node.span.end - node.span.begin) + ":";
      for (const int token : node.tokens)
        line += " " + tokenizer_->token(static_cast<int>(encoding.ids[static_cast<std::size_t>(token)]));
      out.push_back(line);
    }
    return out;
  }

  SmallTokenizer tokenizer_{{"the", "film", "##s", "is", "not", "good", "don", "t",  "cafe", "'",  ".",
                             ",",   "-",    "!",   "?",  "2",   "##0",  "東",  "京", "a",    "##b"}};
};

TEST_F(TextUnits, WordsAreWhatStandsBetweenBlanks) {
  EXPECT_THAT(parts("The films, the film - don't!", TextUnit::word),
              ElementsAre("The: the", "films,: film ##s ,", "the: the", "film: film", "don't!: don ' t !"));
}

TEST_F(TextUnits, WhatHoldsNoLetterOrDigitIsNoWord) {
  EXPECT_THAT(parts("- . film !? 20", TextUnit::word), ElementsAre("film: film", "20: 2 ##0"));
  EXPECT_THAT(parts(" - ,. !? ", TextUnit::word), IsEmpty());
  EXPECT_THAT(parts("", TextUnit::word), IsEmpty());
}

TEST_F(TextUnits, OffsetsAreThoseOfTheTextAsWritten) {
  EXPECT_THAT(parts("CAFÉ\u00a0東京\n\tunknownword", TextUnit::word),
              ElementsAre("CAFÉ: cafe", "東京: 東 京", "unknownword: [UNK]"));
}

TEST_F(TextUnits, SpecialTokensBelongToNoWord) {
  EXPECT_THAT(parts("the [MASK]. film[SEP]good", TextUnit::word),
              ElementsAre("the: the", "film: film", "good: good"));
}

TEST_F(TextUnits, AWordThatTheTokenizerDropsIsNone) {
  // U+2060 (word joiner) is a control character to BERT
  EXPECT_THAT(parts("\u2060 film", TextUnit::word), ElementsAre("film: film"));
}

TEST_F(TextUnits, PiecesAreTokens) {
  EXPECT_THAT(parts("Films, [MASK] 20", TextUnit::piece),
              ElementsAre("Film: film", "s: ##s", ",: ,", "2: 2", "0: ##0"));
}

TEST_F(TextUnits, SentencesEndAsUnicodeSays) {
  EXPECT_THAT(parts("The film is not good. The films! - \nA cafe", TextUnit::sentence),
              ElementsAre("The film is not good.: the film is not good .", "The films! -: the film ##s ! -",
                          "A cafe: a cafe"));
  EXPECT_THAT(parts("the film is. not good", TextUnit::sentence),
              ElementsAre("the film is. not good: the film is . not good"));
}

TEST_F(TextUnits, ATokenThatReachesIntoTwoWordsGoesToTheLargerShare) {
  Encoding encoding;
  encoding.ids = {5, 6};
  encoding.spans = {{0, 4}, {4, 9}};  // "ab c", "def g"
  encoding.special = {0, 0};
  const auto nodes = text_nodes("ab cdef g", encoding, TextUnit::word);
  ASSERT_EQ(nodes.size(), 2u);  // "g" has no token
  EXPECT_EQ(nodes[0].span, (TextSpan{0, 2}));
  EXPECT_THAT(nodes[0].tokens, ElementsAre(0));
  EXPECT_EQ(nodes[1].span, (TextSpan{3, 7}));
  EXPECT_THAT(nodes[1].tokens, ElementsAre(1));
}

TEST_F(TextUnits, InvalidBytesBecomeTheReplacementCharacter) {
  EXPECT_EQ(valid_utf8("a\xff\xfe é \xe2\x82"), "a\uFFFD\uFFFD é \uFFFD");
}

}  // namespace
}  // namespace why
