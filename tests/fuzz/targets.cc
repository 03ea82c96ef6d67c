#include "tests/fuzz/targets.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <sstream>

#include "core/config.h"
#include "core/errors.h"
#include "core/files.h"
#include "discovery/graph/formats.h"
#include "discovery/search/knowledge_file.h"
#include "experiments/datasets/interactions.h"
#include "experiments/datasets/texts.h"
#include "experiments/graph_files.h"
#include "experiments/tables/correlation_csv.h"
#include "experiments/tables/csv.h"
#include "models/formats/safetensors.h"
#include "models/formats/tokenizer.h"
#include "models/formats/tokenizers/pipeline.h"
#include "models/formats/tokenizers/settings.h"
#include "models/formats/tokenizers/tokenizer_json.h"

namespace why {
namespace {

namespace fs = std::filesystem;

// A line that visits every kind of character; what tokenizers that were read are tried on.
constexpr std::string_view kText = "Caf\u00e9 \u6771\u4eac [MASK] <mask> don't \u0301\u200d \xFF  12,5\r\n";

// Every promise of Encoding that holds for any tokenizer and any text.
void check(const Tokenizer& tokenizer, std::string_view text) {
  const Encoding encoding = tokenizer.encode(text);
  WHY_ASSERT(encoding.spans.size() == encoding.ids.size() && encoding.special.size() == encoding.ids.size());
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    WHY_ASSERT(encoding.ids[i] >= 0 && encoding.ids[i] < tokenizer.size());
    WHY_ASSERT(encoding.spans[i].begin <= encoding.spans[i].end && encoding.spans[i].end <= text.size());
  }
}

void safetensors(std::string_view bytes) {
  const auto file = SafeTensors::parse(std::as_bytes(std::span(bytes)), "input");
  for (const auto& [name, tensor] : file.tensors())
    if (tensor.type == TensorType::i64)
      tensor.integers();
    else
      tensor.floats();
}

void tokenizer_json(std::string_view bytes) {
  check(*make_pipeline(parse_tokenizer_json(bytes, "input", {})), kText);
}

// A folder whose file of that name holds the bytes; the others are well. It is gone after `read`.
template <class Read>
void in_folder(const std::string& file, std::string_view bytes,
               const std::vector<std::pair<std::string, std::string>>& others, const Read& read) {
  static const fs::path folder = fs::temp_directory_path() / text("fuzz_", ::getpid());
  fs::create_directories(folder);
  for (const auto& [name, contents] : others) write_file(folder / name, contents);
  write_file(folder / file, bytes);
  try {
    read(folder);
  } catch (...) {
    fs::remove_all(folder);
    throw;
  }
  fs::remove_all(folder);
}

void open_with(const std::string& file, std::string_view bytes,
               const std::vector<std::pair<std::string, std::string>>& others) {
  in_folder(file, bytes, others, [](const fs::path& folder) { check(*open_tokenizer(folder), kText); });
}

constexpr char kLines[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";
constexpr char kTokens[] = R"({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6})";

// The first file of a fixture, once read, for texts.
const Tokenizer& fixture(const std::string& name) {
  static std::map<std::string, std::unique_ptr<Tokenizer>> opened;
  auto& tokenizer = opened[name];
  if (!tokenizer) {
    const char* source = std::getenv("WHYFORMER_SOURCE");
    tokenizer = open_tokenizer(fs::path(source ? source : ".") / "tests/models/tokenizers" / name);
  }
  return *tokenizer;
}

struct Nested {
  std::string name = "a";
  double number = 1;
};
void describe(Fields& fields, Nested& value) {
  fields.field("name", value.name, "a choice", one_of({"a", "b"}));
  fields.field("number", value.number, "a number", in_range(0, 1e6));
}
struct Everything {
  bool flag = false;
  int count = 0;
  std::uint64_t seed = 0;
  std::string text;
  std::vector<std::string> list;
  Nested nested;
};
void describe(Fields& fields, Everything& value) {
  fields.field("flag", value.flag, "");
  fields.field("count", value.count, "");
  fields.field("seed", value.seed, "");
  fields.field("text", value.text, "");
  fields.field("list", value.list, "");
  fields.section("nested", value.nested, "");
}

// What was read is written as YAML and read again.
void yaml(std::string_view bytes) {
  Everything value, again;
  ConfigTree::parse(std::string(bytes), "input").read(value);
  const std::string written = to_yaml(value);
  ConfigTree::parse(written, "written").read(again);
  WHY_ASSERT(to_yaml(again) == written);
}

void csv(std::string_view bytes) {
  const auto cells = [](const auto& table) {
    return static_cast<std::size_t>(table.rows) * static_cast<std::size_t>(table.columns());
  };
  try {
    const Table numbers = parse_table(bytes, "input", Missing::kept);
    WHY_ASSERT(numbers.values.size() == cells(numbers));
    for (const double value : numbers.values) WHY_ASSERT(!std::isinf(value));
  } catch (const UserError&) {  // words are no numbers
  }
  const CategoryTable words = parse_categories(bytes, "input");
  WHY_ASSERT(words.codes.size() == cells(words) && words.levels.size() == words.names.size());
  for (std::size_t i = 0; i < words.codes.size(); ++i)
    WHY_ASSERT(words.codes[i] >= -1 &&
               words.codes[i] < static_cast<int>(words.levels[i % words.names.size()].size()));
}

void correlation(std::string_view bytes) {
  const auto [names, correlation] = parse_correlation(bytes, "input", 10);
  const SquareMatrix& r = correlation.matrix;
  for (int x = 0; x < r.n; ++x)
    for (int y = 0; y < r.n; ++y) WHY_ASSERT(r(x, y) == r(y, x) && std::abs(r(x, y)) <= 1 && r(x, x) == 1);
  is_indefinite(correlation);
}

// What was read is written and read again.
void graph(const std::string& format, std::string_view bytes) {
  const NamedGraph named =
      format == "json" ? parse_graph_json(bytes, "input") : read_graph(format, bytes, "input");
  for (const auto& other : kGraphTextFormats) {
    const std::string written = write_graph(other, named.graph, named.names);
    const NamedGraph again = read_graph(other, written, "written");
    WHY_ASSERT(to_edges(again.graph, again.names) == to_edges(named.graph, named.names));
  }
}

std::multiset<std::string> lines_of(const std::string& written) {
  std::istringstream in(written);
  std::multiset<std::string> out;
  for (std::string line; std::getline(in, line);) out.insert(line);
  return out;
}

// Lists may alternate in what is read, so nodes may be numbered otherwise in what is written.
void dag(std::string_view bytes) {
  const std::string written = to_text(parse_dag(bytes, "input"));
  WHY_ASSERT(lines_of(to_text(parse_dag(written, "written"))) == lines_of(written));
}

void knowledge(std::string_view bytes) {
  static const std::vector<std::string> kNames = {"a", "b", "c", "d", "e"};
  const Knowledge known = parse_knowledge(bytes, "input", kNames);
  for (Node x = 0; x < 5; ++x)
    for (Node y = 0; y < 5; ++y) {
      if (x == y) continue;
      WHY_ASSERT(known.mark(x, y) != Mark::tail || known.mark(y, x) == Mark::arrow);
      if (known.mark(x, y) != Mark::none) known.rule(x, y);
    }
  known.total_order();
}

// Every history is of items that there are, and every item is found again by its id or is told of.
void interactions(const std::string& file, std::string_view bytes,
                  const std::vector<std::pair<std::string, std::string>>& others) {
  in_folder(file, bytes, others, [](const fs::path& folder) {
    const InteractionData data = read_interactions(folder);
    WHY_ASSERT(data.histories.size() == data.users.size());
    for (const auto& history : data.histories)
      for (const auto item : history)
        WHY_ASSERT(item >= 1 && item <= static_cast<std::int64_t>(data.items.size()));
    WHY_ASSERT(histories_for(data, data.items) == data.histories);
    for (const auto& item : data.items) try {
        data.titles.find(data.titles.title(item));
      } catch (const UserError&) {  // several items of one title
      }
  });
}

constexpr char kInter[] = "user_id:token\titem_id:token\ttimestamp:float\nu\ta\t1\nu\tb\t2\n";
constexpr char kRatings[] = "1::1::5::1\n1::2::5::2\n", kUData[] = "1\t1\t5\t1\n1\t2\t5\t2\n";

void texts_tsv(std::string_view bytes) {
  in_folder("test.tsv", bytes, {}, [](const fs::path& folder) {
    const TextDataset set = find_texts(folder);
    for (const auto& each : read_texts(set, TextPart::test))
      WHY_ASSERT(each.label >= 0 && each.label < static_cast<int>(set.labels.size()));
  });
}

}  // namespace

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> targets = {
      {"safetensors", safetensors},
      {"tokenizer_json", tokenizer_json},
      {"tokenizer_config",
       [](auto bytes) {
         open_with("tokenizer_config.json", bytes, {{"vocab.txt", kLines}});
       }},
      {"vocab_txt", [](auto bytes) { open_with("vocab.txt", bytes, {}); }},
      {"vocab_json",
       [](auto bytes) {
         open_with("vocab.json", bytes, {{"merges.txt", "a b\n"}});
       }},
      {"merges_txt",
       [](auto bytes) {
         open_with("merges.txt", bytes, {{"vocab.json", kTokens}});
       }},
      {"sentencepiece", [](auto bytes) { open_with("spiece.model", bytes, {}); }},
      {"text",
       [](auto bytes) {
         for (const char* name : {"bert-uncased", "roberta", "xlm-roberta", "albert"})
           check(fixture(name), bytes);
       }},
      {"yaml", yaml},
      {"csv", csv},
      {"correlation", correlation},
      {"dag", dag},
      {"graph_edges", [](auto bytes) { graph("edges", bytes); }},
      {"graph_json", [](auto bytes) { graph("json", bytes); }},
      {"graph_dot", [](auto bytes) { graph("dot", bytes); }},
      {"graph_tetrad", [](auto bytes) { graph("tetrad", bytes); }},
      {"graph_graphml", [](auto bytes) { graph("graphml", bytes); }},
      {"graph_pcalg", [](auto bytes) { graph("pcalg", bytes); }},
      {"knowledge", knowledge},
      {"atomic_inter", [](auto bytes) { interactions("a.inter", bytes, {}); }},
      {"atomic_item",
       [](auto bytes) {
         interactions("a.item", bytes, {{"a.inter", kInter}});
       }},
      {"ratings_dat", [](auto bytes) { interactions("ratings.dat", bytes, {}); }},
      {"movies_dat",
       [](auto bytes) {
         interactions("movies.dat", bytes, {{"ratings.dat", kRatings}});
       }},
      {"u_data", [](auto bytes) { interactions("u.data", bytes, {}); }},
      {"u_item",
       [](auto bytes) {
         interactions("u.item", bytes, {{"u.data", kUData}});
       }},
      {"texts_tsv", texts_tsv}};
  return targets;
}

}  // namespace why
