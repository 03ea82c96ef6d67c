// Tokens and their ids, which are 0 .. size - 1 without a gap.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace why {

class Vocabulary {
 public:
  struct Entry {
    std::string token;
    std::int64_t id = 0;
  };

  Vocabulary() = default;

  // UserError that begins with `name` for a token or an id given twice and for ids with a gap.
  Vocabulary(std::vector<Entry> entries, const std::string& name);

  int find(std::string_view token) const {  // -1: none
    const auto found = ids_.find(token);
    return found == ids_.end() ? -1 : found->second;
  }
  const std::string& token(int id) const { return tokens_.at(static_cast<std::size_t>(id)); }
  int size() const { return static_cast<int>(tokens_.size()); }
  std::size_t longest() const { return longest_; }  // bytes

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> ids_;
  std::size_t longest_ = 0;
};

}  // namespace why
