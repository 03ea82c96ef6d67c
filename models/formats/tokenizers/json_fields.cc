#include "models/formats/tokenizers/json_fields.h"

#include "core/errors.h"

namespace why {

JsonFields::JsonFields(const nlohmann::json& value, std::string where)
    : value_(&value), where_(std::move(where)) {
  WHY_CHECK(value.is_object(), where_, " is ", value.type_name(), ", not an object");
}

bool JsonFields::has(const std::string& key) const {
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

std::string JsonFields::path(const std::string& key) const {
  return where_ + (where_.find(": ") == std::string::npos ? ": " : ".") + key;
}

const nlohmann::json& JsonFields::value(const std::string& key) const {
  WHY_CHECK(has(key), path(key), " is missing");
  return *value_->find(key);
}

const nlohmann::json& JsonFields::typed(const std::string& key, bool good, const char* wanted) const {
  const auto& found = value(key);
  WHY_CHECK(good, path(key), " is ", found.type_name(), ", not ", wanted);
  return found;
}

std::string JsonFields::text(const std::string& key) const {
  return typed(key, value(key).is_string(), "a string").get<std::string>();
}

bool JsonFields::flag(const std::string& key) const {
  return typed(key, value(key).is_boolean(), "true or false").get<bool>();
}

std::int64_t JsonFields::integer(const std::string& key) const {
  return typed(key, value(key).is_number_integer(), "a whole number").get<std::int64_t>();
}

const nlohmann::json& JsonFields::list(const std::string& key) const {
  return typed(key, value(key).is_array(), "a list");
}

JsonFields JsonFields::object(const std::string& key) const { return JsonFields(value(key), path(key)); }

std::string JsonFields::text(const std::string& key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

bool JsonFields::flag(const std::string& key, bool otherwise) const {
  return has(key) ? flag(key) : otherwise;
}

double JsonFields::number(const std::string& key, double otherwise) const {
  return has(key) ? typed(key, value(key).is_number(), "a number").get<double>() : otherwise;
}

int JsonFields::count(const std::string& key, int low, int high) const {
  const std::int64_t found = integer(key);
  WHY_CHECK(found >= low && found <= high, path(key), " is ", found, ", not between ", low, " and ", high);
  return static_cast<int>(found);
}

int JsonFields::count(const std::string& key, int low, int high, int otherwise) const {
  return has(key) ? count(key, low, high) : otherwise;
}

Vocabulary read_vocabulary(const JsonFields& tokens) {
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(tokens.json().size());
  for (const auto& [token, id] : tokens.json().items()) {
    WHY_CHECK(id.is_number_integer(), tokens.path("\"" + token + "\""), " is ", id.type_name(),
              ", not an id");
    entries.push_back({token, id.get<std::int64_t>()});
  }
  return Vocabulary(std::move(entries), tokens.where());
}

}  // namespace why
