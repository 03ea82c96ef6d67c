#include "models/formats/tokenizers/tokenizer_json.h"

#include <array>
#include <limits>

#include "core/errors.h"
#include "models/formats/json.h"
#include "models/formats/tokenizers/bpe.h"
#include "models/formats/tokenizers/json_fields.h"
#include "models/formats/tokenizers/precompiled.h"
#include "models/formats/tokenizers/unigram.h"
#include "models/formats/tokenizers/wordpiece.h"

namespace why {
namespace {

constexpr int kMaxDepth = 32;  // of steps inside sequences of steps, and of BPE's lists of pairs

[[noreturn]] void unknown_step(const JsonFields& step, const std::string& what, const std::string& known) {
  throw UserError(text(step.where(), " is the ", what, " \"", step.text("type"),
                       "\", which is not supported; known: ", known));
}

std::u32string text32(const std::string& utf8) { return to_utf32(decode_utf8(utf8)); }

// ---- Normalizers

BertNormalizerOptions bert_options(const JsonFields& step, const TokenizerSettings& settings) {
  BertNormalizerOptions options;
  options.clean_text = step.flag("clean_text", true);
  options.chinese_characters =
      settings.tokenize_chinese_chars.value_or(step.flag("handle_chinese_chars", true));
  options.lowercase = settings.do_lower_case.value_or(step.flag("lowercase", true));
  options.strip_accents = settings.strip_accents;
  if (!options.strip_accents && step.has("strip_accents")) options.strip_accents = step.flag("strip_accents");
  return options;
}

Normalizer replacement(const JsonFields& step) {
  const JsonFields pattern = step.object("pattern");
  const std::u32string content = text32(step.text("content"));
  if (pattern.has("String")) {
    const std::u32string literal = text32(pattern.text("String"));
    WHY_CHECK(!literal.empty(), pattern.path("String"), " is empty");
    return [literal, content](AlignedText text) { return replace(text, literal, content); };
  }
  const std::string regex = pattern.text("Regex");
  if (regex == " {2,}") return [content](AlignedText text) { return replace_blanks(text, content); };
  WHY_CHECK(regex == R"(\s{2,}|[\n\r\t])", pattern.path("Regex"), " is \"", regex,
            "\", which is not supported; known: \" {2,}\" (two or more blanks), ",
            R"("\s{2,}|[\n\r\t]" (the same of any white space, and a line end or tab))");
  return [content](AlignedText text) { return replace_white_space(text, content); };
}

void read_normalizer(const JsonFields& step, const TokenizerSettings& settings,
                     std::vector<Normalizer>& out) {
  const std::string type = step.text("type");
  if (type == "Sequence") {
    const auto& steps = step.list("normalizers");
    for (std::size_t i = 0; i < steps.size(); ++i)
      read_normalizer(JsonFields(steps[i], text(step.path("normalizers"), '[', i, ']')), settings, out);
  } else if (type == "BertNormalizer") {
    out.push_back(bert_normalizer(bert_options(step, settings)));
  } else if (type == "Lowercase") {
    out.push_back([](AlignedText text) { return lowercase(text); });
  } else if (type == "NFD" || type == "NFKD") {
    const bool compatible = type == "NFKD";
    out.push_back([compatible](AlignedText text) { return decompose(text, compatible); });
  } else if (type == "NFC" || type == "NFKC") {
    const bool compatible = type == "NFKC";
    out.push_back([compatible](AlignedText text) { return compose(text, compatible); });
  } else if (type == "StripAccents") {
    out.push_back([](AlignedText text) { return strip_accents(text); });
  } else if (type == "Strip") {
    const bool left = step.flag("strip_left"), right = step.flag("strip_right");
    out.push_back([left, right](AlignedText text) { return strip(text, left, right); });
  } else if (type == "Precompiled") {
    const std::string where = step.path("precompiled_charsmap");
    out.push_back(precompiled_normalizer(decode_base64(step.text("precompiled_charsmap"), where), where));
  } else if (type == "Replace") {
    out.push_back(replacement(step));
  } else {
    unknown_step(step, "normalizer",
                 "Sequence, BertNormalizer, Lowercase, NFC, NFKC, NFD, NFKD, StripAccents, Strip, Replace, "
                 "Precompiled");
  }
}

// ---- Pre-tokenizers

MetaspaceOptions read_metaspace(const JsonFields& step) {
  MetaspaceOptions options;
  const std::u32string replacement = text32(step.text("replacement", "▁"));
  WHY_CHECK(replacement.size() == 1, step.path("replacement"), " is not one character");
  options.replacement = replacement.front();
  options.split = step.flag("split", true);
  const std::string scheme =
      step.text("prepend_scheme", step.flag("add_prefix_space", true) ? "always" : "never");
  const std::array<std::string, 3> schemes = {"always", "first", "never"};
  check_known("prepend_scheme", scheme, schemes);
  using Prepend = MetaspaceOptions::Prepend;
  options.prepend = scheme == "always"  ? Prepend::always
                    : scheme == "first" ? Prepend::first
                                        : Prepend::never;
  return options;
}

void read_pre_tokenizer(const JsonFields& step, const TokenizerSettings& settings, PipelineParts& parts) {
  const std::string type = step.text("type");
  auto& out = parts.pre_tokenizers;
  if (type == "Sequence") {
    const auto& steps = step.list("pretokenizers");
    for (std::size_t i = 0; i < steps.size(); ++i)
      read_pre_tokenizer(JsonFields(steps[i], text(step.path("pretokenizers"), '[', i, ']')), settings,
                         parts);
  } else if (type == "BertPreTokenizer") {
    out.push_back(split_bert);
  } else if (type == "WhitespaceSplit") {
    out.push_back(split_space);
  } else if (type == "ByteLevel") {
    ByteLevelOptions options;
    options.add_prefix_space = settings.add_prefix_space.value_or(step.flag("add_prefix_space", true));
    options.use_pattern = step.flag("use_regex", true);
    out.push_back(byte_level(options));
    parts.unspell = unspell_bytes;
  } else if (type == "Metaspace") {
    const MetaspaceOptions options = read_metaspace(step);
    out.push_back(metaspace(options));
    parts.unspell = [blank = options.replacement](const std::string& token) {
      return unspell_blanks(token, blank);
    };
  } else {
    unknown_step(step, "pre-tokenizer", "Sequence, BertPreTokenizer, WhitespaceSplit, ByteLevel, Metaspace");
  }
}

// ---- Models

std::unique_ptr<SubwordModel> read_wordpiece(const JsonFields& model) {
  WordPieceOptions options;
  options.unknown = model.text("unk_token", options.unknown);
  options.prefix = model.text("continuing_subword_prefix", options.prefix);
  if (model.has("max_input_chars_per_word")) {
    const auto limit = model.integer("max_input_chars_per_word");
    WHY_CHECK(limit >= 1, model.path("max_input_chars_per_word"), " is ", limit);
    options.max_characters = static_cast<std::size_t>(limit);
  }
  return make_wordpiece(read_vocabulary(model.object("vocab")), options);
}

// ["a b", …] or [["a", "b"], …]
std::pair<std::string, std::string> read_merge(const nlohmann::json& merge, const std::string& where) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  WHY_CHECK(merge.is_string(), where, " is ", merge.type_name(), ", not a pair of tokens");
  return split_merge(merge.get<std::string>(), where);
}

std::unique_ptr<SubwordModel> read_bpe(const JsonFields& model) {
  BpeOptions options;
  const auto& merges = model.list("merges");
  options.merges.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i)
    options.merges.push_back(read_merge(merges[i], text(model.path("merges"), '[', i, ']')));
  if (model.has("unk_token")) options.unknown = model.text("unk_token");
  options.fuse_unknown = model.flag("fuse_unk", false);
  options.byte_fallback = model.flag("byte_fallback", false);
  options.ignore_merges = model.flag("ignore_merges", false);
  options.continuing_prefix = model.text("continuing_subword_prefix", "");
  options.end_suffix = model.text("end_of_word_suffix", "");
  WHY_CHECK(!model.has("dropout") || model.value("dropout") == 0.0, model.path("dropout"),
            " is set: its ids are drawn by chance, which is not supported");
  return make_bpe(read_vocabulary(model.object("vocab")), options, model.where());
}

// [["token", score], …]
std::unique_ptr<SubwordModel> read_unigram(const JsonFields& model) {
  const auto& list = model.list("vocab");
  std::vector<Vocabulary::Entry> entries;
  UnigramOptions options;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& entry = list[i];
    WHY_CHECK(entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number(),
              model.path("vocab"), '[', i, "] is not a token and its score");
    entries.push_back({entry[0].get<std::string>(), static_cast<std::int64_t>(i)});
    options.scores.push_back(entry[1].get<double>());
  }
  if (model.has("unk_id")) {
    const auto unknown = model.integer("unk_id");
    WHY_CHECK(unknown >= 0 && unknown < static_cast<std::int64_t>(list.size()), model.path("unk_id"), " is ",
              unknown, ", but there are ", list.size(), " tokens");
    options.unknown = static_cast<int>(unknown);
  }
  options.byte_fallback = model.flag("byte_fallback", false);
  return make_unigram(Vocabulary(std::move(entries), model.path("vocab")), options);
}

std::unique_ptr<SubwordModel> read_model(const JsonFields& model) {
  // Old files do not say the type.
  const std::string type = model.text("type", model.has("merges")   ? "BPE"
                                              : model.has("unk_id") ? "Unigram"
                                                                    : "WordPiece");
  if (type == "WordPiece") return read_wordpiece(model);
  if (type == "BPE") return read_bpe(model);
  if (type == "Unigram") return read_unigram(model);
  unknown_step(model, "model", "WordPiece, BPE, Unigram");
}

// ---- Tokens

void read_added(const JsonFields& file, std::vector<AddedToken>& out) {
  if (!file.has("added_tokens")) return;
  const auto& tokens = file.list("added_tokens");
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const JsonFields fields(tokens[i], text(file.path("added_tokens"), '[', i, ']'));
    AddedToken token;
    token.content = fields.text("content");
    const std::int64_t id = fields.integer("id");
    WHY_CHECK(id >= 0 && id < std::numeric_limits<int>::max(), fields.path("id"), " is ", id);
    token.id = static_cast<int>(id);
    token.special = fields.flag("special", false);
    token.single_word = fields.flag("single_word", false);
    token.strip_left = fields.flag("lstrip", false);
    token.strip_right = fields.flag("rstrip", false);
    token.normalized = fields.flag("normalized", !token.special);
    if (!token.content.empty()) out.push_back(std::move(token));
  }
}

int checked_id(std::int64_t id, const PipelineParts& parts, const std::string& where) {
  bool known = id >= 0 && id < parts.model->vocabulary().size();
  for (const auto& token : parts.added) known = known || token.id == id;
  WHY_CHECK(known, where, " names the id ", id, ", which no token has");
  return static_cast<int>(id);
}

// ["[SEP]", 102]
int read_pair(const JsonFields& step, const std::string& key, const PipelineParts& parts) {
  const auto& pair = step.list(key);
  WHY_CHECK(pair.size() == 2 && pair[1].is_number_integer(), step.path(key), " is not a token and its id");
  return checked_id(pair[1].get<std::int64_t>(), parts, step.path(key));
}

void read_template(const JsonFields& step, PipelineParts& parts) {
  const auto& single = step.list("single");
  bool after = false;
  for (std::size_t i = 0; i < single.size(); ++i) {
    const JsonFields item(single[i], text(step.path("single"), '[', i, ']'));
    if (item.has("Sequence")) {
      WHY_CHECK(!after, item.where(), " is a second text; a template holds one");
      after = true;
      continue;
    }
    const std::string name = item.object("SpecialToken").text("id");
    const JsonFields token = step.object("special_tokens").object(name);
    for (const auto& id : token.list("ids")) {
      WHY_CHECK(id.is_number_integer(), token.path("ids"), " holds ", id.type_name(), ", not ids");
      (after ? parts.after : parts.before)
          .push_back(checked_id(id.get<std::int64_t>(), parts, token.path("ids")));
    }
  }
  WHY_CHECK(after, step.path("single"), " leaves the text out");
}

void read_post_processor(const JsonFields& step, const TokenizerSettings& settings, PipelineParts& parts) {
  const std::string type = step.text("type");
  if (type == "Sequence") {
    const auto& steps = step.list("processors");
    for (std::size_t i = 0; i < steps.size(); ++i)
      read_post_processor(JsonFields(steps[i], text(step.path("processors"), '[', i, ']')), settings, parts);
  } else if (type == "TemplateProcessing") {
    read_template(step, parts);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    parts.before.push_back(read_pair(step, "cls", parts));
    parts.after.push_back(read_pair(step, "sep", parts));
  } else if (type != "ByteLevel") {
    unknown_step(step, "post-processor",
                 "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel");
  }
  if (type == "RobertaProcessing" || type == "ByteLevel") {
    parts.trim_offsets = step.flag("trim_offsets", true);
    parts.keeps_added_space = settings.add_prefix_space.value_or(step.flag("add_prefix_space", true));
  }
}

}  // namespace

PipelineParts parse_tokenizer_json(std::string_view contents, const std::string& name,
                                   const TokenizerSettings& settings) {
  const nlohmann::json json = parse_json(contents, name, kMaxDepth);
  const JsonFields file(json, name);
  PipelineParts parts;
  parts.name = name;
  parts.model = read_model(file.object("model"));
  read_added(file, parts.added);
  if (file.has("normalizer")) read_normalizer(file.object("normalizer"), settings, parts.normalizers);
  if (file.has("pre_tokenizer")) read_pre_tokenizer(file.object("pre_tokenizer"), settings, parts);
  if (file.has("post_processor")) read_post_processor(file.object("post_processor"), settings, parts);
  return parts;
}

}  // namespace why
