// Reads the fields of a JSON object; every error names the file and the path inside it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/formats/tokenizers/vocabulary.h"

namespace why {

class JsonFields {
 public:
  // UserError when `value` is not an object.
  JsonFields(const nlohmann::json& value, std::string where);

  bool has(const std::string& key) const;  // and it is not null

  // UserError when the key is missing or has another type.
  std::string text(const std::string& key) const;
  bool flag(const std::string& key) const;
  std::int64_t integer(const std::string& key) const;
  const nlohmann::json& list(const std::string& key) const;
  JsonFields object(const std::string& key) const;
  const nlohmann::json& value(const std::string& key) const;

  std::string text(const std::string& key, const std::string& otherwise) const;
  bool flag(const std::string& key, bool otherwise) const;
  double number(const std::string& key, double otherwise) const;

  // UserError when the key is missing or beyond [low, high].
  int count(const std::string& key, int low, int high) const;
  int count(const std::string& key, int low, int high, int otherwise) const;

  std::string path(const std::string& key) const;  // "FILE: model.vocab"
  const std::string& where() const { return where_; }
  const nlohmann::json& json() const { return *value_; }

 private:
  const nlohmann::json& typed(const std::string& key, bool good, const char* wanted) const;

  const nlohmann::json* value_;
  std::string where_;
};

// {"token": id, …}
Vocabulary read_vocabulary(const JsonFields& tokens);

}  // namespace why
