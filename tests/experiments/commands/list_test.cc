#include "tests/experiments/commands/program_test.h"

namespace why {
namespace {

std::string source_file(const std::string& name) {
  const char* source = std::getenv("WHYFORMER_SOURCE");
  return read_file(std::filesystem::path(source ? source : ".") / name);
}

class List : public ProgramTest {};

TEST_F(List, PrintsTheKeysAsTheDocumentHasThem) {
  EXPECT_TRUE(output_of({"list", "--keys"}) == source_file("docs/configuration.md"))
      << "renew it: build/whyformer list --keys > docs/configuration.md";
}

TEST_F(List, NamesMethodsAndWhatTheyDo) {
  const std::string out = output_of({"list"});
  EXPECT_THAT(out, testing::HasSubstr("searches    icd"));
  EXPECT_THAT(out, testing::HasSubstr("cleann"));
}

}  // namespace
}  // namespace why
