#include "models/formats/tokenizers/vocabulary.h"

#include <algorithm>

#include "core/errors.h"

namespace why {

Vocabulary::Vocabulary(std::vector<Entry> entries, const std::string& name) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.id < b.id; });
  WHY_CHECK(!entries.empty(), name, ": the vocabulary is empty");
  for (std::size_t i = 1; i < entries.size(); ++i)
    WHY_CHECK(entries[i - 1].id != entries[i].id, name, ": the tokens \"", entries[i - 1].token, "\" and \"",
              entries[i].token, "\" have the same id ", entries[i].id);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto& [token, id] = entries[i];
    WHY_CHECK(id == static_cast<std::int64_t>(i), name, ": the vocabulary has ", entries.size(),
              " tokens, but none with the id ", i, "; the next, \"", token, "\", has ", id);
    const bool fresh = ids_.emplace(token, static_cast<int>(i)).second;
    WHY_CHECK(fresh, name, ": the token \"", token, "\" is in the vocabulary twice, with the ids ",
              ids_[token], " and ", id);
    longest_ = std::max(longest_, token.size());
    tokens_.push_back(std::move(token));
  }
}

}  // namespace why
