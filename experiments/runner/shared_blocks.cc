#include "experiments/runner/shared_blocks.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/errors.h"
#include "experiments/runner/run_folder.h"

namespace why {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr char kSamples[] = "samples.jsonl", kTimings[] = "timings.jsonl";
constexpr auto kBetweenLooks = std::chrono::milliseconds(50);
constexpr double kTooLong = 3;  // times the slowest block

// The whole lines behind `begin`, with their line breaks.
std::string news_in(const fs::path& path, std::uint64_t begin) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  std::string news{std::istreambuf_iterator<char>(file), {}};
  news.resize(news.rfind('\n') + 1);  // npos + 1 is 0
  return news;
}

std::optional<int> rank_named(const std::string& folder) {
  int rank = 0;
  const auto [end, failure] = std::from_chars(folder.data(), folder.data() + folder.size(), rank);
  if (failure != std::errc() || end != folder.data() + folder.size() || rank < 0) return std::nullopt;
  return rank;
}

}  // namespace

fs::path SharedBlocks::folder_in(const fs::path& run) { return run / "ranks"; }

SharedBlocks::SharedBlocks(const fs::path& run, const Rank& rank, std::size_t done, std::size_t num_samples)
    : folder_(folder_in(run)),
      rank_(rank),
      num_samples_(num_samples),
      before_((done + RunFolder::kBlock - 1) / RunFolder::kBlock),
      blocks_((num_samples + RunFolder::kBlock - 1) / RunFolder::kBlock),
      samples_done_(done) {
  const fs::path own = folder_ / std::to_string(rank.number);
  std::error_code failure;
  fs::create_directories(own, failure);
  WHY_CHECK(!failure, "cannot make ", own.string(), ": ", failure.message());
  samples_.emplace(Journal::open(own / kSamples));
  timings_.emplace(Journal::open(own / kTimings));
  const auto timings = whole_lines(own / kTimings);
  std::size_t samples = 0;
  for (const auto& line : timings) samples += entry_of(own / kTimings, line).count;
  samples_->keep(samples);
  timings_->keep(timings.size());
}

std::optional<SharedBlocks::Block> SharedBlocks::block_at(std::size_t first, std::size_t num_samples) {
  if (first >= num_samples) return std::nullopt;
  return Block{first, std::min(RunFolder::kBlock, num_samples - first)};
}

SharedBlocks::Block SharedBlocks::block_of(std::size_t number) const {
  return *block_at(number * RunFolder::kBlock, num_samples_);
}

SharedBlocks::Entry SharedBlocks::entry_of(const fs::path& path, const std::string& line) const {
  const Json json = Json::parse(line, nullptr, false);
  try {
    const Entry entry{json.at("first"), json.at("samples"), json.at("bytes"), json.at("seconds")};
    const std::size_t block = entry.first / RunFolder::kBlock;
    if (entry.first % RunFolder::kBlock == 0 && block < blocks_.size() &&
        entry.count == block_of(block).count)
      return entry;
  } catch (const Json::exception&) {
  }
  throw UserError(text(path.string(), " is damaged: \"", line, "\" is no block of this run"));
}

void SharedBlocks::read_news() {
  std::error_code gone;  // the first rank removes the folder when all is done
  for (fs::directory_iterator each(folder_, gone), end; !gone && each != end; each.increment(gone))
    if (const auto rank = rank_named(each->path().filename().string())) read_news_of(*rank);
}

void SharedBlocks::read_news_of(int rank) {
  const fs::path path = folder_ / std::to_string(rank) / kTimings;
  Seen& seen = seen_[rank];
  const std::string news = news_in(path, seen.timings);
  seen.timings += news.size();
  for (const auto& line : lines_of(news)) {
    const Entry entry = entry_of(path, line);
    const std::size_t block = entry.first / RunFolder::kBlock;
    if (!is_done(block)) {
      blocks_[block] = Place{rank, seen.samples, entry.bytes, entry.seconds};
      samples_done_ += entry.count;
    }
    seen.samples += entry.bytes;
    slowest_ = std::max(slowest_, entry.seconds);
    news_ = Clock::now();
  }
}

bool SharedBlocks::all_done() const {
  for (std::size_t block = 0; block < blocks_.size(); ++block)
    if (!is_done(block)) return false;
  return true;
}

std::optional<std::size_t> SharedBlocks::choose() const {
  const auto number = static_cast<std::size_t>(rank_.number), count = static_cast<std::size_t>(rank_.count);
  for (std::size_t block = number; block < blocks_.size(); block += count)
    if (!is_done(block)) return block;

  // the first that a rank has not done is the one it is at
  std::vector<bool> at_one(count);
  std::vector<std::size_t> waiting;
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    if (is_done(block)) continue;
    if (at_one[block % count]) waiting.push_back(block);
    at_one[block % count] = true;
  }
  if (waiting.empty()) return std::nullopt;
  return waiting[waiting.size() - 1 - number % waiting.size()];  // from the end, each rank another
}

std::optional<std::size_t> SharedBlocks::choose_or_wait(std::chrono::duration<double> patience) {
  read_news();
  if (const auto block = choose()) return block;
  if (!rank_.is_first()) return std::nullopt;
  for (news_ = Clock::now(); !all_done(); std::this_thread::sleep_for(kBetweenLooks), read_news()) {
    if (const auto block = choose()) return block;
    const std::chrono::duration<double> waited = Clock::now() - news_;
    if (waited < patience || waited.count() < kTooLong * slowest_) continue;
    for (std::size_t block = 0; block < blocks_.size(); ++block)
      if (!is_done(block)) return block;
  }
  return std::nullopt;
}

std::optional<SharedBlocks::Block> SharedBlocks::next(std::chrono::duration<double> patience) {
  if (!fs::exists(folder_)) return std::nullopt;
  const auto block = choose_or_wait(patience);
  if (!block) return std::nullopt;
  return block_of(*block);
}

std::optional<SharedBlocks::Block> SharedBlocks::behind(const Block& block) const {
  const auto count = static_cast<std::size_t>(rank_.count);
  const std::size_t number = block.first / RunFolder::kBlock, next = number + count;
  const bool is_own = number % count == static_cast<std::size_t>(rank_.number);
  if (!is_own || next >= blocks_.size() || is_done(next)) return std::nullopt;
  return block_of(next);
}

void SharedBlocks::append(const Block& block, std::span<const std::string> lines, double seconds) {
  if (!fs::exists(folder_)) return;  // all is over: the first rank took this block up too
  samples_->append(lines);
  std::uint64_t bytes = 0;
  for (const auto& line : lines) bytes += line.size() + 1;
  const std::string timing =
      Json{{"first", block.first}, {"samples", lines.size()}, {"bytes", bytes}, {"seconds", seconds}}.dump();
  timings_->append(std::span(&timing, 1));
}

SharedBlocks::Lines SharedBlocks::read(std::size_t block) const {
  WHY_ASSERT(block < blocks_.size() && blocks_[block].has_value());
  const Place& place = *blocks_[block];
  const fs::path path = folder_ / std::to_string(place.rank) / kSamples;
  const auto check = [&](bool whole) {
    WHY_CHECK(whole, path.string(), " is damaged: the samples from ", block * RunFolder::kBlock,
              " on are not whole");
  };
  std::error_code failure;
  const std::uint64_t size = fs::file_size(path, failure);
  check(!failure && place.begin <= size && place.bytes <= size - place.begin);
  std::string contents(place.bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(place.begin));
  file.read(contents.data(), static_cast<std::streamsize>(contents.size()));
  Lines out{lines_of(contents), place.seconds};
  check(file && out.lines.size() == block_of(block).count);
  return out;
}

}  // namespace why
