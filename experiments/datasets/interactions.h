// Who watched what, in which order: the data of sequential recommenders.
//
//   const InteractionData data = read_interactions(".deps/ml-100k");
//   data.histories[u]                       model ids 1 .. items, oldest first
//   data.titles.find("Toy Story (1995)")    "1"
//
// Three formats, told apart by the files that are there:
//
//   RecBole     NAME.inter, NAME.item   tabs; first line `field:type`; UTF-8. A title is movie_title,
//   followed
//                                       by release_year in brackets where that is a year: Toy Story (1995)
//   ml-100k     u.data, u.item          tabs, `|`; no header; ISO-8859-1
//   ml-1m       ratings.dat, movies.dat `::`; no header; ISO-8859-1
//
// A file of titles may be missing, and so may a title: such items go by their id. Ratings are not looked at:
// an interaction is one whatever its stars. Interactions of a user are sorted by time; equal times keep the
// order of the file. A repeated (user, item) pair stays, since one may watch a film again; a line that
// repeats user, item and time is dropped.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"

namespace why {

// Titles by the dataset's own item ids, and the way back.
class ItemTitles {
 public:
  // An empty title leaves an item that goes by its id, and does not overwrite one that is there.
  void add(const std::string& id, const std::string& title);

  // The title, or the id itself where there is no title.
  const std::string& title(const std::string& id) const;

  // The id of the item that is meant: by its exact title, by the title in other capitals (ASCII), by its id,
  // or by the title without its year; the first of these that fits anything. UserError with the ids when
  // several items fit, and with the nearest title when none does.
  std::string find(std::string_view text) const;

  std::size_t size() const { return titles_.size(); }

 private:
  std::map<std::string, std::string> titles_;
};

struct InteractionData {
  std::string folder;
  std::string format;                        // "recbole", "ml-100k", "ml-1m"
  std::vector<std::filesystem::path> files;  // what was read
  std::vector<std::string> users;            // the dataset's ids, sorted (as numbers where all are numbers)
  std::vector<std::string> items;            // likewise; model id i is items[i - 1]
  std::vector<Sequence> histories;           // [users] whole histories as model ids
  ItemTitles titles;
};

// UserError for a folder in none of the formats and for a malformed line, named as file:line with its
// content. Cost: one pass over the files (0.1 s for the 100,000 lines of ML-100K).
InteractionData read_interactions(const std::filesystem::path& folder);

// The same histories in the ids of a model whose items are in another order. UserError for an item that the
// model does not know.
std::vector<Sequence> histories_for(const InteractionData& data, const std::vector<std::string>& model_items);

}  // namespace why
