#include "models/formats/tokenizer.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/tokenizers/pipeline.h"
#include "models/formats/tokenizers/settings.h"
#include "models/formats/tokenizers/tokenizer_json.h"
#include "models/formats/tokenizers/wordpiece.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kTokenizerFile[] = "tokenizer.json";
constexpr char kWordPieceFile[] = "vocab.txt";

// What the tokens are called where no file says so.
struct TokenNames {
  const char *cls, *sep, *pad, *mask, *unknown;
};
constexpr TokenNames kBertNames = {"[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"};
constexpr TokenNames kRobertaNames = {"<s>", "</s>", "<pad>", "<mask>", "<unk>"};

int find(const PipelineParts& parts, const std::string& token) {
  for (const auto& added : parts.added)
    if (added.content == token) return added.id;
  return parts.model->vocabulary().find(token);
}

// The id of a role, and the token itself among those that are cut out of the text.
int settle(PipelineParts& parts, const TokenizerSettings& settings, const std::string& role,
           const std::string& otherwise) {
  AddedToken token = settings.role(role, otherwise);
  token.id = find(parts, token.content);
  const auto same = [&](const AddedToken& added) { return added.content == token.content; };
  if (token.id >= 0 && std::none_of(parts.added.begin(), parts.added.end(), same))
    parts.added.push_back(token);
  return token.id;
}

void settle_special(PipelineParts& parts, const TokenizerSettings& settings, const TokenNames& names) {
  parts.special.cls = settle(parts, settings, "cls_token", names.cls);
  parts.special.sep = settle(parts, settings, "sep_token", names.sep);
  parts.special.pad = settle(parts, settings, "pad_token", names.pad);
  parts.special.mask = settle(parts, settings, "mask_token", names.mask);
  parts.special.unknown = settle(parts, settings, "unk_token", names.unknown);
}

void check_class(const TokenizerSettings& settings, const fs::path& file,
                 std::span<const std::string> known) {
  if (settings.tokenizer_class.empty() || settings.tokenizer_class == "PreTrainedTokenizer") return;
  try {
    check_known("tokenizer_class", settings.tokenizer_class, known);
  } catch (const UserError& error) {
    throw UserError(text(file.string(), ": ", error.what()));
  }
}

// A token a line.
Vocabulary read_lines(const fs::path& file) {
  const std::string contents = read_file(file);
  std::vector<Vocabulary::Entry> entries;
  for (std::size_t begin = 0; begin < contents.size();) {
    const std::size_t end = std::min(contents.find('\n', begin), contents.size());
    std::string token = contents.substr(begin, end - begin);
    if (token.ends_with('\r')) token.pop_back();
    entries.push_back({std::move(token), static_cast<std::int64_t>(entries.size())});
    begin = end + 1;
  }
  return Vocabulary(std::move(entries), file.string());
}

std::unique_ptr<Tokenizer> open_wordpiece(const fs::path& file, const TokenizerSettings& settings) {
  const std::vector<std::string> known = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer",
                                          "MobileBertTokenizer"};
  check_class(settings, file, known);
  PipelineParts parts;
  parts.name = file.string();
  WordPieceOptions options;
  options.unknown = settings.role("unk_token", kBertNames.unknown).content;
  parts.model = make_wordpiece(read_lines(file), options);
  parts.added = settings.added;
  BertNormalizerOptions bert;
  bert.lowercase = settings.do_lower_case.value_or(true);
  bert.chinese_characters = settings.tokenize_chinese_chars.value_or(true);
  bert.strip_accents = settings.strip_accents;
  parts.normalizers = {bert_normalizer(bert)};
  parts.pre_tokenizers = {split_bert};
  settle_special(parts, settings, kBertNames);
  for (const int id : {parts.special.cls, parts.special.sep})
    WHY_CHECK(id >= 0, file.string(), ": the vocabulary has no \"",
              settings
                  .role(id == parts.special.cls ? "cls_token" : "sep_token",
                        id == parts.special.cls ? kBertNames.cls : kBertNames.sep)
                  .content,
              "\", which begins or ends every text");
  parts.before = {parts.special.cls};
  parts.after = {parts.special.sep};
  return make_pipeline(std::move(parts));
}

std::unique_ptr<Tokenizer> open_json(const fs::path& file, const TokenizerSettings& settings) {
  PipelineParts parts = parse_tokenizer_json(read_file(file), file.string(), settings);
  const bool bert = find(parts, kBertNames.cls) >= 0;
  settle_special(parts, settings, bert ? kBertNames : kRobertaNames);
  return make_pipeline(std::move(parts));
}

}  // namespace

std::unique_ptr<Tokenizer> open_tokenizer(const fs::path& folder) {
  std::error_code ignored;
  WHY_CHECK(fs::exists(folder, ignored), "there is no folder ", folder.string());
  WHY_CHECK(fs::is_directory(folder, ignored), folder.string(), " is a file; a tokenizer is a folder with ",
            kTokenizerFile, " or a vocabulary");
  const TokenizerSettings settings = read_settings(folder);
  const auto there = [&](const char* name) { return fs::exists(folder / name, ignored); };
  if (there(kTokenizerFile)) return open_json(folder / kTokenizerFile, settings);
  if (there(kWordPieceFile)) return open_wordpiece(folder / kWordPieceFile, settings);
  throw UserError(
      text(folder.string(), " holds no tokenizer: no ", kTokenizerFile, " and no ", kWordPieceFile));
}

}  // namespace why
