#include "models/formats/tokenizer.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/bundle.h"
#include "models/formats/json.h"
#include "models/formats/tokenizers/bpe.h"
#include "models/formats/tokenizers/json_fields.h"
#include "models/formats/tokenizers/pipeline.h"
#include "models/formats/tokenizers/precompiled.h"
#include "models/formats/tokenizers/sentencepiece_model.h"
#include "models/formats/tokenizers/settings.h"
#include "models/formats/tokenizers/tokenizer_json.h"
#include "models/formats/tokenizers/unigram.h"
#include "models/formats/tokenizers/wordpiece.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr char kTokenizerFile[] = "tokenizer.json";
constexpr char kWordPieceFile[] = "vocab.txt";
constexpr char kBpeFile[] = "vocab.json", kMergesFile[] = "merges.txt";
constexpr char kXlmRobertaFile[] = "sentencepiece.bpe.model", kAlbertFile[] = "spiece.model";
constexpr int kMaxVocabularyDepth = 2;

// What the tokens are called where no file says so.
struct TokenNames {
  const char *cls, *sep, *pad, *mask, *unknown;
};
constexpr TokenNames kBertNames = {"[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"};
constexpr TokenNames kAlbertNames = {"[CLS]", "[SEP]", "<pad>", "[MASK]", "<unk>"};
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

std::vector<std::string> read_lines(const fs::path& file) {
  const std::string contents = read_file(file);
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < contents.size();) {
    const std::size_t end = std::min(contents.find('\n', begin), contents.size());
    out.push_back(contents.substr(begin, end - begin));
    if (out.back().ends_with('\r')) out.back().pop_back();
    begin = end + 1;
  }
  return out;
}

// A token a line.
Vocabulary read_vocabulary_lines(const fs::path& file) {
  std::vector<Vocabulary::Entry> entries;
  for (auto& token : read_lines(file))
    entries.push_back({std::move(token), static_cast<std::int64_t>(entries.size())});
  return Vocabulary(std::move(entries), file.string());
}

// cls and sep go around every text, so a vocabulary without them is of no use.
void check_ends(const PipelineParts& parts, const TokenizerSettings& settings, const TokenNames& names) {
  const auto check = [&](int id, const char* role, const char* name) {
    WHY_CHECK(id >= 0, parts.name, ": the vocabulary has no \"", settings.role(role, name).content,
              "\", which begins or ends every text");
  };
  check(parts.special.cls, "cls_token", names.cls);
  check(parts.special.sep, "sep_token", names.sep);
}

std::unique_ptr<SubwordModel> read_bpe_files(const fs::path& vocabulary, const fs::path& merges) {
  const auto json = parse_json(read_file(vocabulary), vocabulary.string(), kMaxVocabularyDepth);
  BpeOptions options;
  const auto lines = read_lines(merges);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty() && !lines[i].starts_with("#version"))
      options.merges.push_back(split_merge(lines[i], text(merges.string(), ':', i + 1)));
  return make_bpe(read_vocabulary(JsonFields(json, vocabulary.string())), options, merges.string());
}

std::unique_ptr<Tokenizer> open_wordpiece(const fs::path& file, const TokenizerSettings& settings) {
  const std::vector<std::string> known = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer",
                                          "MobileBertTokenizer"};
  check_class(settings, file, known);
  PipelineParts parts;
  parts.name = file.string();
  WordPieceOptions options;
  options.unknown = settings.role("unk_token", kBertNames.unknown).content;
  parts.model = make_wordpiece(read_vocabulary_lines(file), options);
  parts.added = settings.added;
  BertNormalizerOptions bert;
  bert.lowercase = settings.do_lower_case.value_or(true);
  bert.chinese_characters = settings.tokenize_chinese_chars.value_or(true);
  bert.strip_accents = settings.strip_accents;
  parts.normalizers = {bert_normalizer(bert)};
  parts.pre_tokenizers = {split_bert};
  settle_special(parts, settings, kBertNames);
  check_ends(parts, settings, kBertNames);
  parts.before = {parts.special.cls};
  parts.after = {parts.special.sep};
  return make_pipeline(std::move(parts));
}

// RoBERTa's: vocab.json and, beside it, the merges, a line each.
std::unique_ptr<Tokenizer> open_byte_level(const fs::path& file, const TokenizerSettings& settings) {
  const std::vector<std::string> known = {"RobertaTokenizer", "BartTokenizer", "LongformerTokenizer"};
  check_class(settings, file, known);
  PipelineParts parts;
  parts.name = file.string();
  parts.model = read_bpe_files(file, file.parent_path() / kMergesFile);
  parts.added = settings.added;
  ByteLevelOptions bytes;
  bytes.add_prefix_space = settings.add_prefix_space.value_or(false);
  parts.pre_tokenizers = {byte_level(bytes)};
  parts.unspell = unspell_bytes;
  settle_special(parts, settings, kRobertaNames);
  check_ends(parts, settings, kRobertaNames);
  parts.before = {parts.special.cls};
  parts.after = {parts.special.sep};
  parts.trim_offsets = true;
  parts.keeps_added_space = bytes.add_prefix_space;
  return make_pipeline(std::move(parts));
}

// ---- A SentencePiece model alone

enum class SentencePieceKind { xlm_roberta, albert };

SentencePieceKind sentencepiece_kind(const fs::path& file, const TokenizerSettings& settings) {
  const std::vector<std::string> known = {"XLMRobertaTokenizer", "AlbertTokenizer"};
  check_class(settings, file, known);
  const bool by_name = settings.tokenizer_class != known[0] && settings.tokenizer_class != known[1];
  const bool albert = by_name ? file.filename() == kAlbertFile : settings.tokenizer_class == known[1];
  return albert ? SentencePieceKind::albert : SentencePieceKind::xlm_roberta;
}

// The tokens of a file by our ids, their scores, and our ids by those of the file.
struct PieceTable {
  std::vector<Vocabulary::Entry> entries;
  std::vector<double> scores;
  std::vector<int> ids;
  int unknown = -1;

  int add(const std::string& token, double score) {
    const auto id = static_cast<int>(entries.size());
    entries.push_back({token, id});
    scores.push_back(score);
    return id;
  }
};

// fairseq's order: <s> <pad> </s> <unk>, then what the file holds behind <unk> <s> </s>, then <mask>.
PieceTable xlm_roberta_table(const SentencePieceModel& model, const TokenizerSettings& settings,
                             const std::string& name) {
  const auto& pieces = model.pieces();
  WHY_CHECK(pieces.size() >= 3 && pieces[0].unknown && pieces[1].control && pieces[2].control, name,
            ": the first pieces of XLM-R's file are <unk>, <s> and </s>; these are not");
  PieceTable table;
  const int begin = table.add(settings.role("bos_token", kRobertaNames.cls).content, 0);
  table.add(settings.role("pad_token", kRobertaNames.pad).content, 0);
  const int end = table.add(settings.role("eos_token", kRobertaNames.sep).content, 0);
  table.unknown = table.add(settings.role("unk_token", kRobertaNames.unknown).content, 0);
  table.ids = {table.unknown, begin, end};
  for (std::size_t i = 3; i < pieces.size(); ++i)
    table.ids.push_back(table.add(pieces[i].text, pieces[i].score));
  table.add(settings.role("mask_token", kRobertaNames.mask).content, 0);
  return table;
}

PieceTable table_of(const SentencePieceModel& model) {
  PieceTable table;
  for (const auto& piece : model.pieces()) {
    table.ids.push_back(table.add(piece.text, piece.score));
    if (piece.unknown) table.unknown = table.ids.back();
  }
  return table;
}

// ALBERT changes texts before SentencePiece sees them.
std::vector<Normalizer> albert_normalizers(const TokenizerSettings& settings) {
  std::vector<Normalizer> out;
  for (const char32_t* quotes : {U"``", U"''"})
    out.push_back([quotes](AlignedText text) { return replace(text, quotes, U"\""); });
  if (!settings.keep_accents.value_or(false)) {
    out.push_back([](AlignedText text) { return decompose(text, true); });
    out.push_back([](AlignedText text) { return strip_accents(text); });
  }
  if (settings.do_lower_case.value_or(true)) out.push_back([](AlignedText text) { return lowercase(text); });
  return out;
}

std::unique_ptr<Tokenizer> open_sentencepiece(const fs::path& file, const TokenizerSettings& settings) {
  const bool albert = sentencepiece_kind(file, settings) == SentencePieceKind::albert;
  const TokenNames& names = albert ? kAlbertNames : kRobertaNames;
  const SentencePieceModel model(file);
  PipelineParts parts;
  parts.name = file.string();
  parts.unspell = [](const std::string& token) {
    return unspell_blanks(token, MetaspaceOptions{}.replacement);
  };
  PieceTable table = albert ? table_of(model) : xlm_roberta_table(model, settings, parts.name);
  Vocabulary vocabulary(std::move(table.entries), parts.name);
  if (albert) parts.normalizers = albert_normalizers(settings);
  if (model.type() == SentencePieceModel::Type::unigram) {
    if (!model.rules().empty())
      parts.normalizers.push_back(precompiled_normalizer(model.rules(), parts.name));
    MetaspaceOptions blanks;
    if (!settings.add_prefix_space.value_or(true)) blanks.prepend = MetaspaceOptions::Prepend::never;
    parts.pre_tokenizers = {split_space, metaspace(blanks)};
    UnigramOptions options;
    options.scores = std::move(table.scores);
    options.unknown = table.unknown;
    parts.model = make_unigram(std::move(vocabulary), options);
  } else {
    parts.model = model.as_it_is(std::move(vocabulary), std::move(table.ids));
  }
  parts.added = settings.added;
  settle_special(parts, settings, names);
  check_ends(parts, settings, names);
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
  if (there(kBpeFile)) return open_byte_level(folder / kBpeFile, settings);
  for (const char* name : {kXlmRobertaFile, kAlbertFile})
    if (there(name)) return open_sentencepiece(folder / name, settings);
  throw UserError(text(folder.string(), " holds no tokenizer: no ", kTokenizerFile, ", ", kWordPieceFile,
                       ", ", kBpeFile, ", ", kXlmRobertaFile, " or ", kAlbertFile));
}

std::unique_ptr<Tokenizer> open_tokenizer_of_model(const fs::path& folder) {
  std::error_code ignored;
  return open_tokenizer(
      fs::exists(folder / kBundleFile, ignored) ? fs::path(read_bundle(folder).tokenizer_path()) : folder);
}

std::size_t added_behind(const Encoding& encoding) {
  const std::size_t tokens = encoding.ids.size();
  std::size_t count = 0;
  while (count < tokens && encoding.special[tokens - 1 - count] && encoding.spans[tokens - 1 - count].empty())
    ++count;
  return count;
}

Encoding cut_to(Encoding encoding, std::size_t max_length) {
  const std::size_t tokens = encoding.ids.size();
  if (tokens <= max_length) return encoding;
  const std::size_t behind = std::min(added_behind(encoding), max_length), kept = max_length - behind;
  const auto cut = [&](auto& values) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(kept),
                 values.end() - static_cast<std::ptrdiff_t>(behind));
  };
  cut(encoding.ids);
  cut(encoding.spans);
  cut(encoding.special);
  return encoding;
}

}  // namespace why
