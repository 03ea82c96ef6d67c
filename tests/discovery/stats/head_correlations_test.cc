// Many heads at once give the bits of the functions that they stand for, one after the other. On a device
// with our kernels, and on the CPU where these are compiled against the stand-in, that is said of the
// kernels.
#include "discovery/stats/head_correlations.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <deque>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "core/errors.h"
#include "core/random.h"
#include "discovery/stats/covariance.h"
#include "tests/available_devices.h"
#include "tests/copy_on.h"

namespace why {
namespace {

using ::testing::HasSubstr;
using Groups = std::vector<std::vector<int>>;

constexpr int kSamples = 64;

// Probabilities [n, n], or outputs [n, m].
std::vector<float> random_head(Estimator estimator, int n, int m, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out;
  for (int row = 0; row < n; ++row) {
    std::vector<float> values(static_cast<std::size_t>(m));
    float sum = 0;
    for (float& value : values) sum += value = std::exp(2 * static_cast<float>(random.normal()));
    for (const float value : values) out.push_back(estimator == Estimator::outputs ? value : value / sum);
  }
  return out;
}

Correlation one_after_the_other(const HeadValues& head, Estimator estimator) {
  const std::span values(head.values, head.size());
  SquareMatrix covariance = estimator == Estimator::outputs    ? output_covariance(values, head.n, head.m)
                            : estimator == Estimator::centered ? centered_attention_covariance(values, head.n)
                                                               : attention_covariance(values, head.n);
  if (head.has_groups()) covariance = mean_covariance(covariance, *head.groups);
  return correlation_from_covariance(covariance, kSamples);
}

void expect_same_bits(const Correlation& found, const Correlation& wanted) {
  EXPECT_EQ(found.sample_size, wanted.sample_size);
  ASSERT_EQ(found.matrix.n, wanted.matrix.n);
  for (std::size_t i = 0; i < wanted.matrix.values.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(found.matrix.values[i]),
              std::bit_cast<std::uint64_t>(wanted.matrix.values[i]))
        << "entry " << i << " of " << wanted.matrix.n << " variables";
}

class HeadCorrelations : public testing::TestWithParam<std::tuple<Device, Estimator>> {
 protected:
  Device device() const { return std::get<0>(GetParam()); }
  Estimator estimator() const { return std::get<1>(GetParam()); }
  int columns(int n) const { return estimator() == Estimator::outputs ? 16 + n % 3 : n; }

  // `groups` must outlive the head.
  void add(int n, std::vector<float> values, const Groups* groups = nullptr) {
    hosts_.push_back(std::move(values));
    const int m = static_cast<int>(hosts_.back().size()) / n;
    on_host_.push_back({hosts_.back().data(), n, m, groups});
    copies_.push_back(copy_on(device(), hosts_.back()));
    on_device_.push_back({copies_.back().get(), n, m, groups});
  }
  void add(int n, const Groups* groups = nullptr) {
    add(n, random_head(estimator(), n, columns(n), static_cast<std::uint64_t>(n)), groups);
  }

  std::vector<Correlation> found() const {
    return correlate_heads(on_device_, estimator(), kSamples, device(), 2);
  }
  void expect_each() const {
    const std::vector<Correlation> all = found();
    ASSERT_EQ(all.size(), on_host_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      expect_same_bits(all[i], one_after_the_other(on_host_[i], estimator()));
      EXPECT_EQ(all[i].on_device != nullptr, device().is_cuda());
      EXPECT_EQ(all[i].device, device());
    }
  }
  void expect_refused(const std::string& part) const {
    std::string sentence;
    try {
      for (const HeadValues& head : on_host_) one_after_the_other(head, estimator());
    } catch (const UserError& error) {
      sentence = error.what();
    }
    EXPECT_THAT(sentence, HasSubstr(part));
    EXPECT_THAT([&] { found(); }, testing::ThrowsMessage<UserError>(sentence));
  }

  std::deque<std::vector<float>> hosts_;
  std::vector<std::shared_ptr<const float>> copies_;
  std::vector<HeadValues> on_host_, on_device_;
};

TEST_P(HeadCorrelations, OfTokens) {
  for (int n = estimator() == Estimator::centered ? 2 : 1; n <= 70; ++n) add(n);
  add(201);
  expect_each();
}

TEST_P(HeadCorrelations, OfGroups) {
  const Groups each{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}}, some{{5, 2}, {0, 7, 3}, {4}},
      overlapping{{0, 1, 2, 3}, {3, 4}, {4, 5, 6, 7, 0}, {7}}, one{{1, 6}};
  for (const Groups* groups : {&each, &some, &some, &overlapping, &one}) add(8, groups);
  add(9, &some);  // others with the same groups
  add(12);
  add(70, &overlapping);
  expect_each();
}

TEST_P(HeadCorrelations, OfManyHeadsOfSomeInputs) {
  Groups words;
  for (int token = 0; token + 1 < 23; token += 2) words.push_back({token, token + 1});
  for (int head = 0; head < 12; ++head)
    for (const int n : {23, 31})
      add(n,
          random_head(estimator(), n, estimator() == Estimator::outputs ? 32 : n,
                      static_cast<std::uint64_t>(100 + head)),
          head % 2 == 0 ? &words : nullptr);
  expect_each();
}

TEST_P(HeadCorrelations, OfNoHeads) { expect_each(); }

TEST_P(HeadCorrelations, OfRowsThatAreTheSame) {
  std::vector<float> values = random_head(estimator(), 6, columns(6), 1);
  const auto m = static_cast<std::ptrdiff_t>(columns(6));
  std::copy_n(values.begin(), m, values.begin() + 4 * m);
  add(6, values);
  expect_each();
  EXPECT_EQ(found().front().matrix(0, 4), 1);
}

TEST_P(HeadCorrelations, OfTinyAndHugeValues) {
  for (const float scale : {1e-30f, 1e30f}) {
    std::vector<float> values = random_head(estimator(), 9, columns(9), 1);
    for (float& value : values) value *= scale;
    add(9, std::move(values));
  }
  expect_each();
}

TEST_P(HeadCorrelations, RefuseWhatIsNotFinite) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), INFINITY, -std::numeric_limits<float>::infinity()}) {
    std::vector<float> values = random_head(estimator(), 7, columns(7), 1);
    values[static_cast<std::size_t>(2 * columns(7) + 3)] = value;
    add(5);
    add(7, values);
    expect_refused("at row 2, column 3 (counted from 0)");
    on_host_.clear();
    on_device_.clear();
  }
}

TEST_P(HeadCorrelations, RefuseATokenWithoutVariance) {
  std::vector<float> values = random_head(estimator(), 7, columns(7), 1);
  const auto m = static_cast<std::size_t>(columns(7));
  if (estimator() == Estimator::centered)  // every row is the mean of all
    for (std::size_t row = 1; row < 7; ++row) std::copy_n(values.begin(), m, values.begin() + row * m);
  else
    std::fill_n(values.begin() + 3 * m, m, 0.0f);
  add(5);
  add(7, values);
  expect_refused(estimator() == Estimator::centered
                     ? "variable number 0 (counted from 0) has variance 0, so it has no correlation"
                     : "variable number 3 (counted from 0) has variance 0, so it has no correlation");
}

std::string device_and_estimator(const testing::TestParamInfo<std::tuple<Device, Estimator>>& given) {
  const Estimator estimator = std::get<1>(given.param);
  return std::string(std::get<0>(given.param).is_cuda() ? "cuda_" : "cpu_") +
         (estimator == Estimator::outputs    ? "outputs"
          : estimator == Estimator::centered ? "centered"
                                             : "attention");
}

INSTANTIATE_TEST_SUITE_P(Devices, HeadCorrelations,
                         testing::Combine(testing::ValuesIn(available_devices()),
                                          testing::Values(Estimator::attention, Estimator::centered,
                                                          Estimator::outputs)),
                         device_and_estimator);

TEST(HeadCorrelationsOnADevice, ThatTheProgramWasBuiltWithout) {
  if (has_cuda_kernels()) GTEST_SKIP() << "it was built with CUDA";
  EXPECT_THROW(correlate_heads({}, Estimator::attention, kSamples, {Device::Kind::cuda, 0}, 1), UserError);
}

#ifdef WHYFORMER_HAS_CUDA

// Else the suite above could pass on the CPU alone.
TEST(HeadCorrelationsOnADevice, LeaveToTheCpuOnlyWhatItRefuses) {
  if (available_devices().size() < 2) GTEST_SKIP() << "no CUDA device";
  const Device device = available_devices()[1];
  const std::vector<float> good = random_head(Estimator::attention, 9, 9, 1);
  std::vector<float> bad = good;
  bad[80] = NAN;
  const auto a = copy_on(device, good), b = copy_on(device, bad);
  const std::vector<HeadValues> heads{{a.get(), 9, 9}, {b.get(), 9, 9}, {a.get(), 9, 9}};
  const auto found = cuda::correlate_heads(heads, Estimator::attention, kSamples, device.index);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].num_variables(), 9);
  EXPECT_EQ(found[1].num_variables(), 0);
  EXPECT_EQ(found[1].on_device, nullptr);
  EXPECT_EQ(found[2].num_variables(), 9);
  EXPECT_EQ(cuda::values_of(heads[0], device.index), good);
}

#endif

}  // namespace
}  // namespace why
