#include "experiments/report/pag_drawing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiments/report/made_up_samples.h"

namespace why {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string no_title(const std::string& item) { return item; }

// 0 o-> 1 <-> 2 --> 4 o-o 3, the root is 4
TEST(PagDrawing, DotShowsBothMarksTheRootAndTheExplanation) {
  const Sample sample = made_up_sample(0);
  const MixedGraph& graph = sample.graphs[0].graph;
  const std::vector<int> members = {2};
  const DrawnPart part = part_around_root(graph, 4, members);
  EXPECT_THAT(part.nodes, ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(part.distance, ElementsAre(0, 1, 1, 2, 3));
  const std::string dot = dot_of_part(sample, graph, part, members, no_title);
  EXPECT_THAT(dot, HasSubstr(R"(
  n4 [label="recommended\ntop", fillcolor="#222222", fontcolor=white, color="#222222"];
  n3 [label="4\ni3"];
  n2 [label="3\ni2", fillcolor="#ffd480", color=black, penwidth=3.5];
  n1 [label="2\ni1"];
  n0 [label="1\ni0"];
  { rank=same; n4; }
  { rank=same; n3; n2; }
  { rank=same; n1; }
  { rank=same; n0; }
  n4 -> n3 [arrowtail=odot, arrowhead=odot, color="#000000"];
  n4 -> n2 [arrowtail=normal, arrowhead=none, color="#000000"];
  n2 -> n1 [arrowtail=normal, arrowhead=normal, color="#000000"];
  n1 -> n0 [arrowtail=normal, arrowhead=odot, color="#8a8a8a"];
}
)"));
}

TEST(PagDrawing, EdgesWithinAColumnDoNotShapeTheLayout) {
  Sample sample = made_up_sample(0);
  const MixedGraph graph = graph_of_numbers(5, "0 --> 4, 1 --> 4, 0 --- 1");
  const std::string dot = dot_of_part(sample, graph, part_around_root(graph, 4, {}), {}, no_title);
  EXPECT_THAT(dot,
              HasSubstr("n1 -> n0 [arrowtail=none, arrowhead=none, color=\"#8a8a8a\", constraint=false];"));
}

TEST(PagDrawing, QuotesBackslashesAndEntitiesInTitlesStayText) {
  const Sample sample = made_up_sample(0);
  const MixedGraph& graph = sample.graphs[0].graph;
  const auto title_of = [](const std::string&) { return std::string(R"("a" \ <b> &lt;)"); };
  const std::string dot =
      dot_of_part(sample, graph, part_around_root(graph, 4, {}, {.max_nodes = 2}), {}, title_of);
  EXPECT_THAT(dot, HasSubstr(R"(n3 [label="4\n\"a\" \\ <b> &amp;lt;"];)"));
}

// 4 - 3 - 2 - 1 - 0 with a limit of three nodes
TEST(PagDrawing, NearestNodesAreDrawnAndThePathToTheExplanationAlways) {
  const MixedGraph chain = graph_of_numbers(6, "4 --- 3, 3 --- 2, 2 --- 1, 1 --- 0");
  EXPECT_THAT(part_around_root(chain, 4, {}, {.max_nodes = 3}).nodes, ElementsAre(4, 3, 2));
  const std::vector<int> far = {0}, unconnected = {5};
  EXPECT_THAT(part_around_root(chain, 4, far, {.max_nodes = 3}).nodes, ElementsAre(4, 3, 2, 1, 0));
  EXPECT_THAT(part_around_root(chain, 4, {}, {.max_distance = 1}).nodes, ElementsAre(4, 3));
  EXPECT_THAT(part_around_root(chain, 4, far, {.max_distance = 1}).nodes, ElementsAre(4, 3, 2, 1, 0));
  const DrawnPart part = part_around_root(chain, 4, unconnected, {.max_nodes = 3});
  EXPECT_THAT(part.nodes, ElementsAre(4, 3, 2));
  EXPECT_EQ(part.connected, 4);
}

TEST(PagDrawing, CaptionSaysWhatIsLeftOut) {
  const Sample sample = made_up_sample(0);
  const HeadGraph head{1, graph_of_numbers(5, "0 o-> 1, 1 --> 4, 2 --> 4")};
  const auto sentence = [&](std::size_t max_nodes) {
    return sentence_about(sample, head, part_around_root(head.graph, 4, {}, {.max_nodes = max_nodes}));
  };
  const std::string apart = "; without any connection to the recommendation: 1 item.";
  EXPECT_EQ(sentence(16), "Head 1: drawn are 3 of 4 items and 3 of 3 edges" + apart);
  EXPECT_EQ(sentence(3),
            "Head 1: drawn are 2 of 4 items and 2 of 3 edges; left out: 1 item farther away" + apart);
}

TEST(PagDrawing, TitlesAreWrappedByLettersNotBytes) {
  EXPECT_THAT(wrap("Cité des enfants perdus, La (1995)", 12, 4),
              ElementsAre("Cité des", "enfants", "perdus, La", "(1995)"));
  EXPECT_THAT(wrap("ééééé", 2, 4), ElementsAre("éé", "éé", "é"));
  EXPECT_THAT(wrap("one two three four", 5, 2), ElementsAre("one", "two…"));
  EXPECT_THAT(wrap("abcdefgh ij", 4, 1), ElementsAre("abc…"));
  EXPECT_THAT(wrap("", 4, 1), ElementsAre());
}

}  // namespace
}  // namespace why
