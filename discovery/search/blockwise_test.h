// A correlation test whose batches are looked through by a device: discovery/stats/set_blocks.h.
//
//   const auto test = on_device(CorrelationTest(correlation, {.alpha = 0.01}), device);
//
// The sets of many pairs go to the device in blocks; of each block it says where the first set in doubt is,
// and what stands from there to the block's end is asked on the CPU, one after the other. Answers, counts and
// p-values are those of CorrelationTest, bit for bit.
//
// On the CPU alone remain: questions without a conditioning set, sets of more than kLargestBlockSet
// variables, pools that are not ascending, and batches so small that a device would wait for them longer than
// the CPU needs.
#pragma once

#include <functional>
#include <memory>

#include "core/device.h"
#include "discovery/search/correlation_test.h"
#include "discovery/stats/set_blocks.h"

namespace why {

class BlockwiseTest : public CorrelationTest {
 public:
  using MakeScanner = std::function<std::unique_ptr<SetScanner>(const SquareMatrix&)>;

  // Batches of fewer sets than `least_sets` stay on the CPU.
  BlockwiseTest(CorrelationTest test, const MakeScanner& make_scanner,
                std::int64_t least_sets = kSetsWorthADevice);
  BlockwiseTest(const BlockwiseTest&) = delete;  // the scanner reads this one's matrix

  std::vector<Separation> separate(std::span<const PoolTask> tasks) const override;
  std::vector<Separation> separate(std::span<const ListTask> tasks) const override;

  static constexpr std::int64_t kSetsWorthADevice = 100'000;

 private:
  template <class Task>
  std::vector<Separation> separate_all(std::span<const Task> tasks) const;

  std::unique_ptr<SetScanner> scanner_;  // one batch at a time
  std::int64_t least_sets_;
};

// The test as it is, or with its batches on a CUDA device. UserError where this program was built without
// CUDA.
std::unique_ptr<CorrelationTest> on_device(CorrelationTest test, Device device);

}  // namespace why
