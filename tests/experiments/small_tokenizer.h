// A WordPiece tokenizer of a test's own words, in a folder that goes when the test does.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/tokenizer.h"

namespace why {

// [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, then the words; letters and marks that stand for themselves.
class SmallTokenizer {
 public:
  explicit SmallTokenizer(const std::vector<std::string>& words,
                          const std::vector<std::string>& special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]",
                                                                     "[MASK]"}) {
    static int count = 0;
    folder_ = std::filesystem::path(testing::TempDir()) / text("small_tokenizer_", ::getpid(), "_", ++count);
    std::filesystem::create_directories(folder_);
    std::string lines;
    for (const auto& list : {special, words})
      for (const auto& word : list) lines += word + "\n";
    write_file(folder_ / "vocab.txt", lines);
    tokenizer_ = open_tokenizer(folder_);
  }
  ~SmallTokenizer() { std::filesystem::remove_all(folder_); }
  SmallTokenizer(const SmallTokenizer&) = delete;
  SmallTokenizer& operator=(const SmallTokenizer&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::shared_ptr<const Tokenizer> shared() const { return tokenizer_; }
  const Tokenizer* operator->() const { return tokenizer_.get(); }

  int id(const std::string& word) const {
    for (int id = 0; id < tokenizer_->size(); ++id)
      if (tokenizer_->token(id) == word) return id;
    ADD_FAILURE() << "no token " << word;
    return -1;
  }

 private:
  std::filesystem::path folder_;
  std::shared_ptr<const Tokenizer> tokenizer_;
};

}  // namespace why
