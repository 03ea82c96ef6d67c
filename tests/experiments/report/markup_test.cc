#include "experiments/report/markup.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace why {
namespace {

TEST(Markup, TextIsMadeValidAndEscaped) {
  EXPECT_EQ(clean_text("a\xff\tb\x01\u00e9"), "a\ufffd b \u00e9");
  EXPECT_EQ(escape_markup("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST(Markup, JsonInAScriptCannotEndIt) {
  EXPECT_EQ(json_for_script({{"a", "</script><!--"}}), R"({"a":"\u003c/script>\u003c!--"})");
}

TEST(Markup, InlineSvgHasIdsOfItsOwnAndNoNameSpaces) {
  const char* document =
      "<?xml?><!DOCTYPE svg \"http://x\">\n"
      "<svg xmlns=\"http://a\" xmlns:xlink='http://b' width=\"1\"><!-- n1&#45;&gt;n2 -->"
      "<title>n1</title><g id=\"a\" fill=\"url(#a)\"/><use xlink:href='#a'/></svg>";
  EXPECT_EQ(inline_svg(document, "f1-", "a \"b\""),
            "<svg role=\"img\" aria-label=\"a &quot;b&quot;\"   width=\"1\">"
            "<g id=\"f1-a\" fill=\"url(#f1-a)\"/><use xlink:href='#f1-a'/></svg>");
}

TEST(Markup, NumbersCarryTheirNoun) {
  EXPECT_EQ(counted(1, "item"), "1 item");
  EXPECT_EQ(counted(0, "item"), "0 items");
}

}  // namespace
}  // namespace why
