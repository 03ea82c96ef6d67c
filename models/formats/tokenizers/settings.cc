#include "models/formats/tokenizers/settings.h"

#include <algorithm>
#include <charconv>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/json.h"
#include "models/formats/tokenizers/json_fields.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 16;
constexpr const char* kRoles[] = {"cls_token", "sep_token", "pad_token", "mask_token",
                                  "unk_token", "bos_token", "eos_token"};

// A token is a string, or an object with its flags.
AddedToken read_token(const nlohmann::json& value, const std::string& where) {
  AddedToken token;
  token.special = true;
  if (value.is_string()) {
    token.content = value.get<std::string>();
    return token;
  }
  const JsonFields fields(value, where);
  token.content = fields.text("content");
  token.single_word = fields.flag("single_word", false);
  token.strip_left = fields.flag("lstrip", false);
  token.strip_right = fields.flag("rstrip", false);
  token.normalized = fields.flag("normalized", false);
  token.special = fields.flag("special", true);
  return token;
}

std::optional<bool> optional_flag(const JsonFields& fields, const char* key) {
  return fields.has(key) ? std::optional(fields.flag(key)) : std::nullopt;
}

void read_roles(const JsonFields& fields, TokenizerSettings& settings) {
  for (const char* role : kRoles)
    if (fields.has(role) && !settings.special.contains(role))
      settings.special[role] = read_token(fields.value(role), fields.path(role));
}

int parse_id(const std::string& digits, const std::string& where) {
  int id = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  WHY_CHECK(error == std::errc() && end == digits.data() + digits.size() && id >= 0, where, ": \"", digits,
            "\" is not an id");
  return id;
}

void read_config(const JsonFields& fields, TokenizerSettings& settings) {
  settings.tokenizer_class = fields.text("tokenizer_class", "");
  if (settings.tokenizer_class.ends_with("Fast"))
    settings.tokenizer_class.resize(settings.tokenizer_class.size() - 4);
  settings.do_lower_case = optional_flag(fields, "do_lower_case");
  settings.strip_accents = optional_flag(fields, "strip_accents");
  settings.tokenize_chinese_chars = optional_flag(fields, "tokenize_chinese_chars");
  settings.keep_accents = optional_flag(fields, "keep_accents");
  settings.add_prefix_space = optional_flag(fields, "add_prefix_space");
  read_roles(fields, settings);
  if (!fields.has("added_tokens_decoder")) return;
  const JsonFields decoder = fields.object("added_tokens_decoder");
  for (const auto& [id, token] : decoder.json().items()) {
    settings.added.push_back(read_token(token, decoder.path(id)));
    settings.added.back().id = parse_id(id, decoder.where());
  }
}

// {"[NEW]": 30522}, as old versions wrote it.
void read_added(const JsonFields& fields, TokenizerSettings& settings) {
  for (const auto& [content, id] : fields.json().items()) {
    AddedToken token;
    token.content = content;
    token.id = static_cast<int>(fields.integer(content));
    token.normalized = true;
    const auto same = [&](const AddedToken& other) { return other.content == token.content; };
    if (std::none_of(settings.added.begin(), settings.added.end(), same)) settings.added.push_back(token);
  }
}

template <class Read>
void read_if_there(const fs::path& file, TokenizerSettings& settings, Read read) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  const auto json = parse_json(read_file(file), file.string(), kMaxDepth);
  read(JsonFields(json, file.string()), settings);
}

}  // namespace

AddedToken TokenizerSettings::role(const std::string& name, const std::string& otherwise) const {
  if (const auto found = special.find(name); found != special.end()) return found->second;
  AddedToken token;
  token.content = otherwise;
  token.special = true;
  return token;
}

TokenizerSettings read_settings(const fs::path& folder) {
  TokenizerSettings settings;
  read_if_there(folder / "tokenizer_config.json", settings, read_config);
  read_if_there(folder / "special_tokens_map.json", settings, read_roles);
  read_if_there(folder / "added_tokens.json", settings, read_added);
  return settings;
}

}  // namespace why
