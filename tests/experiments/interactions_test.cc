// The three formats on small invented data sets written here.
#include "experiments/datasets/interactions.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class Interactions : public ::testing::Test {
 protected:
  Interactions() {
    folder_ = std::filesystem::temp_directory_path() /
              text("interactions_", ::getpid(), "_",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~Interactions() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& contents) { write_file(folder_ / name, contents); }
  InteractionData read() { return read_interactions(folder_); }

  std::filesystem::path folder_;
};

const char kInterHeader[] = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n";
const char kItemHeader[] = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n";

TEST_F(Interactions, RecBoleSortsByTimeThenFileOrderAndNumbersItemsFromOne) {
  write("films.inter", text(kInterHeader,
                            "b\t30\t5\t200\n"
                            "a\t4\t1\t100\n"
                            "b\t4\t3\t50\n"
                            "b\t100\t3\t200\n"));
  const auto data = read();
  EXPECT_EQ(data.format, "recbole");
  EXPECT_THAT(data.users, ElementsAre("a", "b"));
  EXPECT_THAT(data.items, ElementsAre("4", "30", "100"));  // as numbers
  EXPECT_THAT(data.histories[0], ElementsAre(1));
  EXPECT_THAT(data.histories[1], ElementsAre(1, 2, 3));  // 50, then the tie at 200 as in the file
}

TEST_F(Interactions, RecBoleColumnsMayStandInAnyOrder) {
  write("films.inter", "timestamp:float\tuser_id:token\titem_id:token\n2.5e2\tu\ty\n1\tu\tx\n");
  EXPECT_THAT(read().histories[0], ElementsAre(1, 2));
}

TEST_F(Interactions, TitlesCarryTheirYearWhereItIsOne) {
  write("films.inter", text(kInterHeader, "1\t1\t5\t1\n1\t2\t5\t2\n1\t3\t5\t3\n1\t4\t5\t4\n1\t5\t5\t5\n"));
  write("films.item", text(kItemHeader,
                           "1\tThe Slow Comet\t1999\tDrama\n"
                           "2\tnowhere\tnowhere\tunknown\n"
                           "3\tHarbour III: Low Tide (1991)\tV\tFamily\n"
                           "4\tUndated\n"));
  const auto titles = read().titles;
  EXPECT_EQ(titles.title("1"), "The Slow Comet (1999)");
  EXPECT_EQ(titles.title("2"), "nowhere");
  EXPECT_EQ(titles.title("3"), "Harbour III: Low Tide (1991)");
  EXPECT_EQ(titles.title("4"), "Undated");
  EXPECT_EQ(titles.title("5"), "5");  // no row at all
  EXPECT_EQ(titles.find("5"), "5");
}

TEST_F(Interactions, OfficialMl100kIsLatin1) {
  write("u.data", "7\t2\t3\t20\n7\t1\t4\t10\n");
  write("u.item", "1|Caf\xe9 Nuit (1980)|01-Jan-1980||url|0|1\n2|Plain (1981)|||\n");
  const auto data = read();
  EXPECT_EQ(data.format, "ml-100k");
  EXPECT_THAT(data.histories[0], ElementsAre(1, 2));
  EXPECT_EQ(data.titles.title("1"), "Café Nuit (1980)");
  EXPECT_EQ(data.titles.find("Café Nuit"), "1");
}

TEST_F(Interactions, OfficialMl1mUsesDoubleColons) {
  write("ratings.dat", "1::9::5::978300760\r\n1::8::3::978300000\r\n2::8::4::5\r\n");
  write("movies.dat", "8::Ni\xf1o: A Story (1970)::Drama|Comedy\n9::Nine (1971)::War\n");
  const auto data = read();
  EXPECT_EQ(data.format, "ml-1m");
  EXPECT_THAT(data.histories[0], ElementsAre(1, 2));
  EXPECT_THAT(data.histories[1], ElementsAre(1));
  EXPECT_EQ(data.titles.title("8"), "Niño: A Story (1970)");
}

TEST_F(Interactions, ASecondViewingStaysAndARepeatedLineDoesNot) {
  write("films.inter", text(kInterHeader, "1\t1\t5\t1\n1\t2\t5\t2\n1\t1\t5\t3\n1\t1\t4\t3\n"));
  EXPECT_THAT(read().histories[0], ElementsAre(1, 2, 1));
}

TEST_F(Interactions, MalformedLinesAreNamed) {
  const auto message = [&](const std::string& rows) {
    write("films.inter", rows);
    try {
      read();
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_THAT(message(text(kInterHeader, "1\t1\t5\t1\n1\t2\t5\n")),
              HasSubstr("films.inter:3: wanted 4 columns, found 3: \"1\\t2\\t5\""));
  EXPECT_THAT(message(text(kInterHeader, "1\t1\t5\tnoon\n")),
              HasSubstr(":2: \"noon\" is not a time in seconds"));
  EXPECT_THAT(message(text(kInterHeader, "1\t1\t5\tnan\n")), HasSubstr("is not a time"));
  EXPECT_THAT(message(text(kInterHeader, "\t1\t5\t1\n")), HasSubstr(":2: the user id is empty"));
  EXPECT_THAT(message(text(kInterHeader, "1\t\t5\t1\n")), HasSubstr(":2: the item id is empty"));
  EXPECT_THAT(message("user_id:token\titem_id:token\n"), HasSubstr(":1: there is no column timestamp"));
  EXPECT_THAT(message("1\t2\t3\n"), HasSubstr("column \"1\" is not of the form field:type"));
  EXPECT_THAT(message(""), HasSubstr("the file is empty"));
  EXPECT_THAT(message(kInterHeader), HasSubstr("holds no interactions"));
  EXPECT_THAT(message(text(kInterHeader, "\xff\t1\t5\t1\n")),
              HasSubstr(":2: the line is not UTF-8: \"\\xff\\t1"));
}

TEST_F(Interactions, MalformedMovieLensLinesAreNamed) {
  write("u.data", "7\t2\t3\n");
  EXPECT_THAT(
      [&] { read(); },
      ThrowsMessage<UserError>(HasSubstr("u.data:1: wanted user, item, rating and time, found 3 columns")));
  write("u.data", "7\t2\t3\t1\n");
  write("u.item", "2|Fine\njust words\n");
  EXPECT_THAT([&] { read(); },
              ThrowsMessage<UserError>(HasSubstr("u.item:2: wanted item id|title: \"just words\"")));
}

TEST_F(Interactions, FoldersThatHoldNoDataSetSayWhatIsWanted) {
  EXPECT_THAT([&] { read(); },
              ThrowsMessage<UserError>(HasSubstr("u.data (ml-100k) or ratings.dat (ml-1m)")));
  EXPECT_THAT([&] { read_interactions(folder_ / "absent"); }, ThrowsMessage<UserError>(HasSubstr("absent")));
  write("a.inter", kInterHeader);
  write("b.inter", kInterHeader);
  EXPECT_THAT([&] { read(); }, ThrowsMessage<UserError>(HasSubstr("several data sets: a.inter and b.inter")));
}

TEST(ItemTitles, FindsExactlyThenInOtherCapitalsThenByIdThenWithoutTheYear) {
  ItemTitles titles;
  titles.add("1", "The Slow Comet (1999)");
  titles.add("2", "the slow comet (1999)");
  titles.add("3", "Glass, A Harbour (1980)");
  titles.add("4", "42");
  titles.add("42", "Forty-Two (1990)");
  EXPECT_EQ(titles.find("The Slow Comet (1999)"), "1");
  EXPECT_EQ(titles.find("GLASS, A HARBOUR (1980)"), "3");
  EXPECT_EQ(titles.find("glass, a harbour"), "3");
  EXPECT_EQ(titles.find("42"), "4");  // a title goes before an id
  EXPECT_EQ(titles.find("3"), "3");
  titles.add("187", "Dunes (1970)");
  titles.add("188", "187 (1997)");
  EXPECT_EQ(titles.find("187"), "187");  // an id goes before a title without its year
  EXPECT_EQ(titles.find("187 (1997)"), "188");
  EXPECT_THAT(
      [&] { titles.find("THE SLOW COMET (1999)"); },
      ThrowsMessage<UserError>(AllOf(HasSubstr("fits several items"),
                                     HasSubstr("1 = The Slow Comet (1999), 2 = the slow comet (1999)"))));
  EXPECT_THAT([&] { titles.find("Glas, A Harbor (1980)"); },
              ThrowsMessage<UserError>(HasSubstr("did you mean \"Glass, A Harbour (1980)\"?")));
  EXPECT_THAT([&] { titles.find(""); },
              ThrowsMessage<UserError>(HasSubstr("no item has the title or the id \"\"")));
}

TEST(ItemTitles, HintsAtTheNearestTitleWhateverItsYearAndSubtitle) {
  ItemTitles titles;
  titles.add("1", "Comet (Kom3t) (1995)");
  titles.add("2", "Commit (1996)");
  titles.add("3", "Harbour (1940)");
  titles.add("4", "Harbour (1988)");
  titles.add("5", "Old Harbour Nights (1999)");
  const auto hint = [&](const char* name, const char* wanted) {
    EXPECT_THAT([&] { titles.find(name); }, ThrowsMessage<UserError>(HasSubstr(wanted)));
  };
  hint("Comet (1995)", "did you mean \"Comet (Kom3t) (1995)\"?");
  hint("Harbour (1989)", "did you mean \"Harbour (1988)\"?");
  hint("Harbor (1941)", "did you mean \"Harbour (1940)\"?");
  hint("Old Harbour", "did you mean \"Old Harbour Nights (1999)\"?");  // not "Harbour"
  titles.add("6", "Dune, The (1970)");
  titles.add("7", "June (1971)");
  titles.add("8", "Dune, The: The Return (1972)");
  for (const char* name : {"The Dune", "Dune", "Dunes, The", "A Dune (1971)"})
    hint(name, "did you mean \"Dune, The (1970)\"?");
  hint("The Return", "no item has the title or the id \"The Return\"");
  EXPECT_THAT([&] { titles.find("Nowhere Near (1999)"); },
              ThrowsMessage<UserError>("no item has the title or the id \"Nowhere Near (1999)\""));
  hint("99999", "no item has the title or the id \"99999\"");
}

TEST_F(Interactions, HistoriesFollowTheModelsOrderOfItems) {
  write("films.inter", text(kInterHeader, "1\t10\t5\t1\n1\t20\t5\t2\n"));
  const auto data = read();
  EXPECT_THAT(histories_for(data, {"5", "20", "10"})[0], ElementsAre(3, 2));
  EXPECT_THAT([&] { histories_for(data, {"10"}); }, ThrowsMessage<UserError>(HasSubstr("item 20 (20) of")));
}

// The real data set, where scripts/setup has put it.
TEST(Ml100k, HasItsPublishedSize) {
  const char* source = std::getenv("WHYFORMER_SOURCE");
  const auto folder = std::filesystem::path(source ? source : ".") / ".deps/ml-100k";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto data = read_interactions(folder);
  EXPECT_EQ(data.users.size(), 943u);
  EXPECT_EQ(data.items.size(), 1682u);
  std::size_t interactions = 0, shortest = 1000;
  for (const auto& history : data.histories) {
    interactions += history.size();
    shortest = std::min(shortest, history.size());
  }
  EXPECT_EQ(interactions, 100000u);
  EXPECT_EQ(shortest, 20u);
  EXPECT_EQ(data.titles.find("Toy Story (1995)"), "1");
}

}  // namespace
}  // namespace why
