// The same frequencies on every device and for every number of threads. On a device with our kernels, and on
// the CPU where these are compiled against the stand-in, that is said of samples searched in one launch.
#include "experiments/bootstrap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "tests/available_devices.h"

namespace why {
namespace {

class RunBootstrap : public testing::TestWithParam<Device> {
 protected:
  RunBootstrap() {
    folder_ = std::filesystem::temp_directory_path() / text("bootstrap_", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  ~RunBootstrap() override { std::filesystem::remove_all(folder_); }

  // Variables, each a sum of noise and of some before it; one more is 1 in so many rows and 0 in the others.
  DiscoveryInput table(int variables, int rows, int rare, TestOptions options = {}) const {
    Random random(7);
    std::string csv = "rare";
    for (int x = 0; x < variables; ++x) csv += text(",v", x);
    for (int row = 0; row < rows; ++row) {
      csv += text('\n', row < rare ? 1 : 0);
      std::vector<double> values;
      for (int x = 0; x < variables; ++x) {
        double value = random.normal();
        for (int y = x % 3; y < x; y += 3) value += .5 * values[static_cast<std::size_t>(y)];
        values.push_back(value);
        csv += text(',', value);
      }
    }
    const auto file = folder_ / text("table_", variables, ".csv");
    write_file(file, csv + "\n");
    return read_table_input(file.string(), options);
  }

  std::filesystem::path folder_;
};

void expect_same(const MarkCounts& found, const MarkCounts& wanted) {
  EXPECT_EQ(found.circle, wanted.circle);
  EXPECT_EQ(found.arrow, wanted.arrow);
  EXPECT_EQ(found.tail, wanted.tail);
}

void expect_same(const Bootstrap& found, const Bootstrap& wanted) {
  EXPECT_EQ(found.done, wanted.done);
  EXPECT_EQ(found.constant, wanted.constant);
  ASSERT_EQ(found.pairs.size(), wanted.pairs.size());
  for (std::size_t i = 0; i < wanted.pairs.size(); ++i) {
    EXPECT_EQ(found.pairs[i].x, wanted.pairs[i].x);
    EXPECT_EQ(found.pairs[i].y, wanted.pairs[i].y);
    EXPECT_EQ(found.pairs[i].edge, wanted.pairs[i].edge);
    expect_same(found.pairs[i].at_x, wanted.pairs[i].at_x);
    expect_same(found.pairs[i].at_y, wanted.pairs[i].at_y);
  }
}

TEST_P(RunBootstrap, GivesWhatTheCpuGives) {
  for (const char* test : {"fisher-z", "t"})
    for (const char* algorithm : {"fci", "icd", "rfci", "pc"}) {
      SCOPED_TRACE(text(test, " ", algorithm));
      const SearchOptions search{.algorithm = algorithm, .max_order = 2, .max_pds_order = 2};
      const Bootstrap wanted =
          run_bootstrap(table(8, 150, 2, {.test = test, .device = {}}), search, {.samples = 40});
      EXPECT_GT(wanted.constant, 0);  // the rare variable, in every seventh sample
      EXPECT_EQ(wanted.done + wanted.constant, 40);
      const DiscoveryInput input = table(8, 150, 2, {.test = test, .device = GetParam()});
      EXPECT_EQ(input.batch_device, GetParam());
      for (const int threads : {1, 3})
        expect_same(run_bootstrap(input, search, {.samples = 40, .threads = threads}), wanted);
    }
}

TEST_P(RunBootstrap, OfMoreSamplesThanAreDrawnAtATime) {
  const SearchOptions search{.max_order = 1, .max_pds_order = 0};
  const BootstrapOptions options{.samples = 1100, .threads = 2};
  expect_same(run_bootstrap(table(3, 40, 9, {.device = GetParam()}), search, options),
              run_bootstrap(table(3, 40, 9), search, options));
}

TEST_P(RunBootstrap, OfAWideTable) {
  const SearchOptions search{.algorithm = "pc", .max_order = 1};
  expect_same(run_bootstrap(table(65, 90, 9, {.device = GetParam()}), search, {.samples = 3}),
              run_bootstrap(table(65, 90, 9), search, {.samples = 3}));
}

TEST_P(RunBootstrap, LeavesOutWhatIsNotFinished) {
  const DiscoveryInput input = table(6, 150, 20, {.device = GetParam()});
  const auto looks = std::make_shared<std::atomic<int>>(0);
  const auto stopping_after = [&](int count) {
    *looks = 0;
    return run_bootstrap(input, {}, {.samples = 20, .threads = 2}, [=] { return ++*looks > count; });
  };
  EXPECT_EQ(stopping_after(0).done, 0);
  // a search on the CPU looks many times, one in a launch once
  for (const int count : GetParam().is_cuda() ? std::vector{5, 10, 15} : std::vector{10, 30}) {
    const Bootstrap some = stopping_after(count);
    EXPECT_LT(some.done, 20);
    EXPECT_TRUE(some.done > 0 || !GetParam().is_cuda());  // a launch keeps what came before the stop
    EXPECT_EQ(some.constant, 0);
    for (const PairCounts& pair : some.pairs) EXPECT_LE(pair.edge, some.done);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, RunBootstrap, testing::ValuesIn(available_devices()), device_label);

}  // namespace
}  // namespace why
