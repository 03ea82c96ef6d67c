#include "experiments/methods.h"

#include <gmock/gmock.h>

#include "core/errors.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

auto refuses(const std::string& written, const std::string& because) {
  return testing::ResultOf([written](int) { return [written] { parse_method(written); }; },
                           ThrowsMessage<UserError>(HasSubstr(because)));
}

TEST(Methods, ANameAndAWay) {
  EXPECT_EQ(parse_method("cleann").base, "cleann");
  EXPECT_EQ(parse_method("attention").way, Way::by_size);
  EXPECT_EQ(parse_method("knockout:any").base, "knockout");
  EXPECT_EQ(parse_method("knockout:any").way, Way::any_size);
  EXPECT_EQ(parse_method("knockout:graph").way, Way::legal_first);
  EXPECT_EQ(parse_method("rollout:after-cleann").way, Way::after_graphs);
  EXPECT_EQ(parse_method("rollout:predicted").way, Way::predicted);
  EXPECT_EQ(parse_method("pure-attention").base, "attention");
  EXPECT_EQ(parse_method("pure-attention").way, Way::pure);
  EXPECT_EQ(parse_method("smart-attention").way, Way::smart);
  EXPECT_THAT(kMethods, AllOf(Contains("accent"), Contains("random-order"), Not(Contains("permuted")),
                              Not(Contains("exhaustive"))));
  EXPECT_THAT(kWays, ElementsAre("predicted", "pure", "smart", "any", "graph", "after-cleann"));
}

TEST(Methods, WhatIsUnknownIsAnsweredWithWhatIsKnown) {
  EXPECT_THAT(0, refuses("atention", "unknown method \"atention\""));
  EXPECT_THAT(0, refuses("atention", "cleann, knockout, attention-gradient"));
  EXPECT_THAT(0, refuses("permuted", "unknown method \"permuted\""));
  EXPECT_THAT(0, refuses("attention:best", "\"best\""));
  EXPECT_THAT(0, refuses("attention:best", "predicted, pure, smart, any"));
  EXPECT_THAT(0, refuses("attention:", "predicted, pure, smart, any"));
  EXPECT_THAT(0, refuses("cleann:pure", "method \"cleann\" is no ranking"));
  EXPECT_THAT(0, refuses("pure-attention:any", "method \"pure-attention\" is no ranking"));
  EXPECT_THAT(0, refuses("", "unknown method \"\""));
}

TEST(Methods, WaysAreOfARanking) {
  EXPECT_EQ(ranking_of("attention"), "attention");
  EXPECT_EQ(ranking_of("knockout:any"), "knockout");
  EXPECT_EQ(ranking_of("smart-attention"), "attention");
  for (const char* none : {"cleann", "accent", "random-order", "permuted", "exhaustive", "unheard-of"})
    EXPECT_EQ(ranking_of(none), "") << none;
}

TEST(Methods, EachHasALabelASentenceAndAPlace) {
  for (const auto& method : kMethods) {
    EXPECT_NE(method_text(method).label, method);
    EXPECT_TRUE(method_text(method).sentence.ends_with(".")) << method;
  }
  EXPECT_EQ(method_text("attention:pure").label, "Attention, pure");
  EXPECT_EQ(method_text("something else").label, "something else");
  EXPECT_EQ(method_text("attention:else").label, "attention:else");
  const std::vector<std::string> order = {"cleann",         "permuted",      "random",
                                          "knockout",       "knockout:pure", "attention",
                                          "pure-attention", "exhaustive",    "unknown"};
  for (std::size_t i = 1; i < order.size(); ++i)
    EXPECT_LT(method_place(order[i - 1]), method_place(order[i])) << order[i];
}

}  // namespace
}  // namespace why
