#include "models/model.h"

#include <gmock/gmock.h>

#include "core/errors.h"

namespace why {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// What any model is until it says otherwise.
class Plain : public Model {
 public:
  Plain() { info_.path = "models/plain"; }
  const BundleInfo& info() const override { return info_; }
  Scores predict(std::span<const Sequence>) override { return {}; }
  std::vector<Attention> attend(std::span<const Sequence>, int) override { return {}; }

 private:
  BundleInfo info_;
};

TEST(Model, WhatItDoesNotOfferIsRefusedByName) {
  Plain model;
  EXPECT_FALSE(model.offers_knock_out());
  EXPECT_FALSE(model.offers(Attribution::value_norm));
  EXPECT_THAT(
      [&] {
        model.knock_out({1, 2}, {});
      },
      ThrowsMessage<UserError>(HasSubstr("models/plain offers no knock-out: ")));
  EXPECT_THAT(
      [&] {
        model.attribute({1, 2}, Attribution::gradient_input, 0, 1);
      },
      ThrowsMessage<UserError>("models/plain offers no gradient x input"));
}

TEST(IntegrationBaseline, MasksAllButTheFirstTokenOfAText) {
  BundleInfo info;
  info.pad_id = 7;
  info.mask_id = 3;
  EXPECT_THAT(integration_baseline(info, {1, 2, 5}), ElementsAre(3, 3, 3));
  info.kind = "classifier";
  EXPECT_THAT(integration_baseline(info, {1, 2, 5}), ElementsAre(1, 3, 3));
  info.mask_id = -1;
  EXPECT_THAT(integration_baseline(info, {1, 2, 5}), ElementsAre(1, 7, 7));
}

}  // namespace
}  // namespace why
