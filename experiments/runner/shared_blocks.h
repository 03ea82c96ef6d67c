// Blocks of samples shared among ranks, through files that all of them see.
//
//   RUN/ranks/<number>/samples.jsonl   the lines of the blocks that this rank explained, in its own order
//   RUN/ranks/<number>/timings.jsonl   a line a block, written behind its samples: with it, the block is done
//
// Block b belongs to rank b mod count. A rank without blocks of its own takes up others' that nobody is at
// yet; the first rank, which stays to the end, also those at which nothing has moved for long. So a rank that
// is killed costs time and no results, and no rank waits for a lock. Two ranks may then explain the same
// block: they write the same lines, and one of them is taken.
//
// What has been done is learned from timings.jsonl alone, of which only new lines are read.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "experiments/runner/rank.h"

namespace why {

class SharedBlocks {
 public:
  using Clock = std::chrono::steady_clock;

  static std::filesystem::path folder_in(const std::filesystem::path& run);

  // Opens the journals of `rank`, and cuts what a killed process left behind their last whole block. Samples
  // before `done` need nobody. UserError when they do not fit each other, and while another process is this
  // rank.
  SharedBlocks(const std::filesystem::path& run, const Rank& rank, std::size_t done, std::size_t num_samples);

  struct Block {
    std::size_t first, count;  // samples
  };
  // The one that begins with this sample; nothing behind the last.
  static std::optional<Block> block_at(std::size_t first, std::size_t num_samples);

  // The block to explain next, or nothing when there is none for this rank. The first rank waits here for the
  // blocks at which others are, and takes one up when none has been finished for `patience` seconds, or three
  // times as long as the slowest block took.
  std::optional<Block> next(std::chrono::duration<double> patience = std::chrono::seconds(10));

  // This rank's own block behind that one, unless it is known to be done: what `next` probably gives then.
  std::optional<Block> behind(const Block& block) const;

  void append(const Block& block, std::span<const std::string> lines, double seconds);

  // Samples in blocks that some rank has done, as far as known.
  std::size_t samples_done() const { return samples_done_; }

  struct Lines {
    std::vector<std::string> lines;
    double seconds;
  };
  // What was written of a block that is done.
  Lines read(std::size_t block) const;

 private:
  struct Entry {  // a line of timings.jsonl
    std::size_t first, count;
    std::uint64_t bytes;
    double seconds;
  };
  struct Place {  // in a rank's samples.jsonl
    int rank;
    std::uint64_t begin, bytes;
    double seconds;
  };
  struct Seen {  // of a rank's timings.jsonl
    std::uint64_t timings = 0, samples = 0;
  };

  Block block_of(std::size_t number) const;
  bool is_done(std::size_t block) const { return block < before_ || blocks_[block].has_value(); }
  void read_news();
  void read_news_of(int rank);
  bool all_done() const;
  Entry entry_of(const std::filesystem::path& path, const std::string& line) const;
  std::optional<std::size_t> choose() const;
  std::optional<std::size_t> choose_or_wait(std::chrono::duration<double> patience);

  std::filesystem::path folder_;
  Rank rank_;
  std::size_t num_samples_, before_;
  std::vector<std::optional<Place>> blocks_;
  std::map<int, Seen> seen_;
  std::size_t samples_done_ = 0;
  double slowest_ = 0;
  Clock::time_point news_ = Clock::now();
  std::optional<Journal> samples_, timings_;
};

}  // namespace why
