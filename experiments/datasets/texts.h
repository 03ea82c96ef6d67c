// Texts with a verdict: the data of sentiment.
//
//   const TextDataset data = find_texts("…/sst2");
//   read_texts(data, TextPart::test)[0]      {"test:1", "no movement , no yuks , …", 0}
//
// Two formats, told apart by the files that are there:
//
//   sst2   train.tsv, dev.tsv, test.tsv        text, tab, 0 or 1; a quote is a quote. GLUE's header
//                                              (sentence, label) is skipped
//   imdb   {train,test}/{neg,pos}/ID_STARS.txt one review a file, in the order of the folders and IDs;
//                                              there is no validation part (set_aside below makes one)
//
// Bytes that are no UTF-8 stay, since tokenizers take them. IMDB's "<br />" is read as a line break.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/random.h"

namespace why {

enum class TextPart { train, validation, test };

struct LabelledText {
  std::string id;  // "dev:17", the line of a file; "test/pos/123_9"
  std::string text;
  int label = 0;  // in TextDataset::labels
};

struct TextDataset {
  std::filesystem::path folder;
  std::string format;  // "sst2", "imdb"
  std::vector<std::string> labels = {"negative", "positive"};
};

// UserError, which says where the data are to be had, for a folder in neither format.
TextDataset find_texts(const std::filesystem::path& folder);

// In the order of the files; empty for a part that the format or the folder does not have. UserError, named
// as file:line with its content, for a line that is not text and label, an empty text or an unknown label.
std::vector<LabelledText> read_texts(const TextDataset& data, TextPart part);

// Takes `count` of the texts away (all, when there are fewer) and answers them, both in their old order.
std::vector<LabelledText> set_aside(std::vector<LabelledText>& texts, std::size_t count, Random random);

}  // namespace why
