#include "experiments/datasets/interactions.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>

#include "core/errors.h"
#include "core/printable.h"
#include "experiments/datasets/line_reader.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// ---- Interactions

struct Interaction {
  std::string user, item;
  double time = 0;
};

Interaction parse_interaction(const LineReader& lines, std::string_view user, std::string_view item,
                              std::string_view time) {
  if (user.empty()) lines.fail("the user id is empty");
  if (item.empty()) lines.fail("the item id is empty");
  Interaction out{std::string(user), std::string(item), 0};
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), out.time);
  if (error != std::errc() || end != time.data() + time.size() || !std::isfinite(out.time))
    lines.fail(text("\"", time, "\" is not a time in seconds"));
  return out;
}

// What one format's folder holds; a reader a format fills it.
struct RawData {
  std::string format;
  std::vector<fs::path> files;
  std::vector<Interaction> interactions;
  ItemTitles titles;
};

// ---- RecBole's atomic files

// Column of `field` in a header of `field:type`, if it is there.
std::optional<std::size_t> find_field(const Columns& header, std::string_view field) {
  for (std::size_t i = 0; i < header.size(); ++i)
    if (header[i].substr(0, header[i].find(':')) == field) return i;
  return std::nullopt;
}

Columns read_header(LineReader& lines, std::string_view& line) {
  if (!lines.next(line)) lines.fail("the file is empty; wanted a first line of field:type");
  const Columns header = split(line, "\t");
  for (const auto column : header)
    if (column.find(':') == std::string_view::npos)
      lines.fail(text("column \"", column, "\" is not of the form field:type"));
  return header;
}

std::size_t need_field(const LineReader& lines, const Columns& header, std::string_view field) {
  const auto column = find_field(header, field);
  if (!column) lines.fail(text("there is no column ", field));
  return *column;
}

std::vector<Interaction> read_inter(const fs::path& path) {
  LineReader lines(path, Charset::utf8);
  std::string_view line;
  const Columns header = read_header(lines, line);
  const auto user = need_field(lines, header, "user_id");
  const auto item = need_field(lines, header, "item_id");
  const auto time = need_field(lines, header, "timestamp");

  std::vector<Interaction> out;
  while (lines.next(line)) {
    const Columns columns = split(line, "\t");
    if (columns.size() != header.size())
      lines.fail(text("wanted ", header.size(), " columns, found ", columns.size()));
    out.push_back(parse_interaction(lines, columns[user], columns[item], columns[time]));
  }
  return out;
}

bool is_year(std::string_view word) {
  return word.size() == 4 &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

ItemTitles read_item(const fs::path& path) {
  LineReader lines(path, Charset::utf8);
  std::string_view line;
  const Columns header = read_header(lines, line);
  const auto id = need_field(lines, header, "item_id");
  const auto name = find_field(header, "movie_title");
  const auto year = find_field(header, "release_year");

  // Real files lack trailing fields in some rows, so a short row is read as far as it goes.
  ItemTitles titles;
  while (lines.next(line)) {
    const Columns columns = split(line, "\t");
    if (columns.size() > header.size())
      lines.fail(text("wanted ", header.size(), " columns, found ", columns.size()));
    const auto field = [&](std::optional<std::size_t> column) {
      return column && *column < columns.size() ? columns[*column] : std::string_view();
    };
    if (field(id).empty()) lines.fail("the item id is empty");
    const bool dated = !field(name).empty() && is_year(field(year));
    titles.add(std::string(field(id)),
               dated ? text(field(name), " (", field(year), ")") : std::string(field(name)));
  }
  return titles;
}

// ---- MovieLens folders: columns by position, no header

struct MovieLensFormat {
  std::string name, interactions, titles, interaction_separator, title_separator;
};

const MovieLensFormat kMovieLensFormats[] = {
    {"ml-100k", "u.data", "u.item", "\t", "|"},
    {"ml-1m", "ratings.dat", "movies.dat", "::", "::"},
};

std::vector<Interaction> read_ratings(const fs::path& path, const MovieLensFormat& format) {
  LineReader lines(path, Charset::latin1);
  std::vector<Interaction> out;
  for (std::string_view line; lines.next(line);) {
    const Columns columns = split(line, format.interaction_separator);
    if (columns.size() != 4)
      lines.fail(text("wanted user, item, rating and time, found ", columns.size(), " columns"));
    out.push_back(parse_interaction(lines, columns[0], columns[1], columns[3]));
  }
  return out;
}

ItemTitles read_movies(const fs::path& path, const MovieLensFormat& format) {
  LineReader lines(path, Charset::latin1);
  ItemTitles titles;
  for (std::string_view line; lines.next(line);) {
    const Columns columns = split(line, format.title_separator);
    if (columns.size() < 2 || columns[0].empty())
      lines.fail(text("wanted item id", format.title_separator, "title"));
    titles.add(std::string(columns[0]), std::string(columns[1]));
  }
  return titles;
}

// ---- Which format a folder is in

struct Layout {
  std::string format;
  fs::path interactions, titles;  // titles may not exist
  std::function<std::vector<Interaction>(const fs::path&)> read_interactions;
  std::function<ItemTitles(const fs::path&)> read_titles;
};

std::optional<fs::path> only_inter_file(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".inter") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  WHY_CHECK(found.size() < 2, folder.string(), " holds several data sets: ", found[0].filename().string(),
            " and ", found[1].filename().string());
  return found.empty() ? std::nullopt : std::optional(found[0]);
}

Layout find_layout(const fs::path& folder) {
  WHY_CHECK(fs::exists(folder), "there is no data folder ", folder.string());
  WHY_CHECK(fs::is_directory(folder), folder.string(), " is a file, not a data folder");
  if (const auto inter = only_inter_file(folder))
    return {"recbole", *inter, fs::path(*inter).replace_extension(".item"), read_inter, read_item};
  for (const auto& format : kMovieLensFormats)
    if (fs::exists(folder / format.interactions))
      return {format.name, folder / format.interactions, folder / format.titles,
              [&format](const fs::path& path) { return read_ratings(path, format); },
              [&format](const fs::path& path) { return read_movies(path, format); }};
  throw UserError(
      text(folder.string(),
           " holds no interactions: wanted NAME.inter (RecBole), u.data (ml-100k) or ratings.dat (ml-1m)"));
}

// ---- Putting users' histories together

bool all_numbers(const std::set<std::string>& ids) {
  return std::all_of(ids.begin(), ids.end(), [](const std::string& id) {
    return id.find_first_not_of("0123456789") == std::string::npos;
  });
}

std::vector<std::string> sorted_ids(const std::set<std::string>& ids) {
  std::vector<std::string> out(ids.begin(), ids.end());
  if (all_numbers(ids))
    std::stable_sort(out.begin(), out.end(),
                     [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  return out;
}

std::unordered_map<std::string, std::size_t> positions(const std::vector<std::string>& ids) {
  std::unordered_map<std::string, std::size_t> out;
  for (std::size_t i = 0; i < ids.size(); ++i) out.emplace(ids[i], i);
  return out;
}

std::vector<Sequence> sort_histories(std::vector<Interaction> interactions, const InteractionData& data) {
  std::stable_sort(interactions.begin(), interactions.end(),
                   [](const Interaction& a, const Interaction& b) { return a.time < b.time; });
  const auto user_at = positions(data.users), item_at = positions(data.items);
  std::vector<Sequence> histories(data.users.size());
  std::vector<std::set<std::pair<double, std::size_t>>> seen(data.users.size());
  for (const auto& one : interactions) {
    const auto user = user_at.at(one.user), item = item_at.at(one.item);
    if (!seen[user].emplace(one.time, item).second) continue;
    histories[user].push_back(static_cast<std::int64_t>(item + 1));
  }
  return histories;
}

// ---- Titles

constexpr std::size_t kShownTitle = 80;  // in an error

std::string lower(std::string_view title) {
  std::string out(title);
  for (char& letter : out)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return out;
}

// "Toy Story (1995)" -> "Toy Story"
std::string_view without_year(std::string_view title) {
  constexpr std::size_t kSuffix = 7;  // " (1995)"
  if (title.size() <= kSuffix) return title;
  const auto suffix = title.substr(title.size() - kSuffix);
  return suffix.starts_with(" (") && is_year(suffix.substr(2, 4)) && suffix.ends_with(')')
             ? title.substr(0, title.size() - kSuffix)
             : title;
}

// What people remember of a title: without year, capitals, what stands in brackets, and the article, which
// MovieLens puts behind: "Godfather, The (1972)" -> "godfather"
std::string core_of(const std::string& title) {
  std::string out = lower(title.substr(0, title.find(" (")));
  for (const std::string article : {"the", "a", "an"}) {
    const std::string before = article + " ", behind = ", " + article;
    if (out.size() > before.size() && out.starts_with(before)) return out.substr(before.size());
    if (out.size() > behind.size() && out.ends_with(behind)) return out.substr(0, out.size() - behind.size());
  }
  return out;
}

// The shortest that begins with the words of `name`: of series and subtitles people say the beginning.
std::string shortest_continuation(const std::string& name, const std::vector<std::string>& cores) {
  std::string out;
  for (const auto& core : cores) {
    if (name.empty() || core.size() <= name.size() || !core.starts_with(name)) continue;
    const bool whole_word = !std::isalnum(static_cast<unsigned char>(core[name.size()]));
    if (whole_word && (out.empty() || core.size() < out.size())) out = core;
  }
  return out;
}

// By their cores first, so that a year does not outweigh a word; then as a whole, so that it is not lost.
std::string nearest_title(std::string_view name, const std::map<std::string, std::string>& titles) {
  std::map<std::string, std::vector<std::string>> by_core;
  for (const auto& [id, title] : titles)
    if (!title.empty()) by_core[core_of(title)].push_back(title);
  std::vector<std::string> cores;
  for (const auto& [core, same] : by_core) cores.push_back(core);
  const std::string core = core_of(std::string(name));
  std::string nearest = by_core.count(core) ? core : shortest_continuation(core, cores);
  if (nearest.empty()) nearest = nearest_name(core, cores);
  if (nearest.empty()) return {};
  const auto& same = by_core.at(nearest);
  const std::string whole = nearest_name(name, same);
  return whole.empty() ? same.front() : whole;
}

}  // namespace

void ItemTitles::add(const std::string& id, const std::string& title) {
  auto& known = titles_[id];
  if (!title.empty()) known = title;
}

const std::string& ItemTitles::title(const std::string& id) const {
  const auto found = titles_.find(id);
  return found == titles_.end() || found->second.empty() ? id : found->second;
}

std::string ItemTitles::find(std::string_view name) const {
  const std::string folded = lower(name);
  using Fit = std::function<bool(const std::string& id, const std::string& title)>;
  const Fit fits[] = {
      [&](const auto&, const auto& title) { return title == name; },
      [&](const auto&, const auto& title) { return lower(title) == folded; },
      [&](const auto& id, const auto&) { return id == name; },
      [&](const auto&, const auto& title) { return lower(without_year(title)) == folded; },
  };
  for (const auto& fit : fits) {
    std::set<std::string> ids;
    for (const auto& [id, title] : titles_)
      if (fit(id, title)) ids.insert(id);
    if (ids.size() == 1) return *ids.begin();
    if (ids.empty()) continue;
    std::string list;
    for (const auto& id : sorted_ids(ids)) list += text(list.empty() ? "" : ", ", id, " = ", title(id));
    throw UserError(text("the title \"", printable(name, kShownTitle),
                         "\" fits several items; say which by its id: ", list));
  }

  const std::string nearest = nearest_title(name, titles_);
  throw UserError(text("no item has the title or the id \"", printable(name, kShownTitle), "\"",
                       nearest.empty() ? "" : text("; did you mean \"", nearest, "\"?")));
}

InteractionData read_interactions(const fs::path& folder) {
  const Layout layout = find_layout(folder);
  InteractionData data;
  data.folder = folder.string();
  data.format = layout.format;
  data.files.push_back(layout.interactions);
  std::vector<Interaction> interactions = layout.read_interactions(layout.interactions);
  WHY_CHECK(!interactions.empty(), layout.interactions.string(), " holds no interactions");
  if (fs::exists(layout.titles)) {
    data.files.push_back(layout.titles);
    data.titles = layout.read_titles(layout.titles);
  }

  std::set<std::string> users, items;
  for (const auto& one : interactions) {
    users.insert(one.user);
    items.insert(one.item);
  }
  data.users = sorted_ids(users);
  data.items = sorted_ids(items);
  for (const auto& item : data.items) data.titles.add(item, "");
  data.histories = sort_histories(std::move(interactions), data);
  return data;
}

std::vector<Sequence> histories_for(const InteractionData& data,
                                    const std::vector<std::string>& model_items) {
  const auto model_at = positions(model_items);
  std::vector<std::int64_t> model_id(data.items.size());
  for (std::size_t i = 0; i < data.items.size(); ++i) {
    const auto found = model_at.find(data.items[i]);
    WHY_CHECK(found != model_at.end(), "item ", data.items[i], " (", data.titles.title(data.items[i]),
              ") of ", data.folder, " is not among the model's ", model_items.size(), " items");
    model_id[i] = static_cast<std::int64_t>(found->second + 1);
  }
  std::vector<Sequence> out = data.histories;
  for (auto& history : out)
    for (auto& item : history) item = model_id[static_cast<std::size_t>(item - 1)];
  return out;
}

}  // namespace why
