// That a bootstrap's samples are searched in launches of many, which its results do not show.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "experiments/bootstrap.h"
#include "tests/cuda_stand_in/cuda_runtime.h"

namespace why {
namespace {

DiscoveryInput table_on_device() {
  Random random(3);
  std::string csv = "a,b,c,d";
  for (int row = 0; row < 60; ++row) {
    const double a = random.normal(), b = random.normal() + a, c = random.normal() + b;
    csv += text('\n', a, ',', b, ',', c, ',', random.normal() + a + c);
  }
  const auto file = std::filesystem::temp_directory_path() / text("bootstrap_launches_", ::getpid(), ".csv");
  write_file(file, csv + "\n");
  DiscoveryInput out = read_table_input(file.string(), {.device = {Device::Kind::cuda, 0}});
  std::filesystem::remove(file);
  return out;
}

int launches(int samples) {
  const DiscoveryInput input = table_on_device();
  const int before = cuda_stand_in::launches();
  EXPECT_EQ(run_bootstrap(input, {}, {.samples = samples, .threads = 2}).done, samples);
  return cuda_stand_in::launches() - before;
}

TEST(BootstrapOnADevice, LaunchesManySearchesAtATime) {
  EXPECT_EQ(launches(1), 1);
  EXPECT_EQ(launches(30), 1);
  EXPECT_EQ(launches(1025), 2);
}

}  // namespace
}  // namespace why
