#include "models/formats/bundle.h"

#include <algorithm>
#include <set>

#include "core/errors.h"
#include "core/files.h"
#include "core/records.h"

namespace why {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr double kMaxSize = 1e6;  // of any width or length; keeps products of two of them countable

// bundle.yaml is BundleInfo and the version of the format.
struct BundleFile {
  int format = 0;
  BundleInfo info;
};

void describe(Fields& fields, BundleFile& file) {
  fields.field("format", file.format, "version of this format", required());
  describe(fields, file.info);
}

Constraint size(double low = 1) {
  Constraint constraint = in_range(low, kMaxSize);
  constraint.required = low > 0;
  return constraint;
}

std::vector<std::string> read_items(const fs::path& path) {
  std::vector<std::string> items = whole_lines(path);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].ends_with('\r')) items[i].pop_back();
    WHY_CHECK(!items[i].empty(), path.string(), ":", i + 1, ": the item id is empty");
    WHY_CHECK(seen.insert(items[i]).second, path.string(), ":", i + 1, ": item \"", items[i],
              "\" is there a second time");
  }
  return items;
}

bool is_recommender(const std::string& architecture) {
  return std::count(kRecommenders.begin(), kRecommenders.end(), architecture) > 0;
}

// Numbers that contradict each other would only show as wrong predictions.
void check_recommender(const BundleInfo& info, const std::string& name) {
  WHY_CHECK(info.architecture == "torchscript" || info.inner > 0, name, ": key \"inner\" is missing");
  WHY_CHECK(static_cast<int>(info.items.size()) == info.outputs, name, ": outputs is ", info.outputs,
            ", but ", kItemsFile, " holds ", info.items.size(), " items");
  const auto is_item = [&](int id) { return id >= info.first_item && id < info.first_item + info.outputs; };
  WHY_CHECK(!is_item(info.pad_id), name, ": pad_id ", info.pad_id, " is the id of an item");
  WHY_CHECK(!is_item(info.mask_id) && info.mask_id != info.pad_id, name, ": mask_id ", info.mask_id,
            " is the id of an item or of padding");
  WHY_CHECK(!info.append_mask || info.mask_id >= 0, name, ": append_mask needs a mask_id");
  WHY_CHECK(info.max_history() >= 1, name, ": max_length ", info.max_length, " leaves no room for a history");
}

void check_text_model(const BundleInfo& info, const std::string& name) {
  WHY_CHECK(info.pad_id < info.vocabulary, name, ": pad_id ", info.pad_id, " is not in the vocabulary of ",
            info.vocabulary);
  WHY_CHECK(info.mask_id < info.vocabulary, name, ": mask_id ", info.mask_id, " is not in the vocabulary of ",
            info.vocabulary);
  WHY_CHECK(info.kind != "classifier" || info.labels.size() >= 2, name,
            ": a classifier needs two labels or more, not ", info.labels.size());
  const std::set<std::string> different(info.labels.begin(), info.labels.end());
  WHY_CHECK(different.size() == info.labels.size(), name, ": a label is there twice");
  WHY_CHECK(info.kind != "masked-lm" || info.mask_id >= 0, name, ": a masked-lm needs a mask_id");
}

void check(const BundleInfo& info, const fs::path& file) {
  const auto name = file.string();
  WHY_CHECK(info.hidden % info.heads == 0, name, ": hidden (", info.hidden, ") is not a multiple of heads (",
            info.heads, ")");
  WHY_CHECK(info.architecture == "torchscript" || info.is_text() != is_recommender(info.architecture), name,
            ": a ", info.kind, " cannot be of architecture ", info.architecture);
  info.is_text() ? check_text_model(info, name) : check_recommender(info, name);
}

// The bundle's base, from where the user stands or from where the bundle lies.
fs::path find_base(const BundleInfo& info, const fs::path& file) {
  std::error_code ignored;
  const fs::path base(info.base);
  if (fs::exists(base, ignored)) return base;
  const fs::path folder = fs::absolute(info.path, ignored).lexically_normal();
  for (fs::path above = folder; base.is_relative() && !above.empty(); above = above.parent_path()) {
    if (fs::exists(above / base, ignored)) return above / base;
    if (above == above.parent_path()) break;
  }
  throw UserError(text(file.string(), ": the model that this is an adapter to, ", info.base,
                       ", is not there, neither here nor in a folder above the bundle"));
}

void describe_recommender(Fields& fields, BundleInfo& info) {
  fields.field("outputs", info.outputs, "scores an input, one an item", size());
  fields.field("pad_id", info.pad_id, "id that fills short sequences", in_range(0, 2 * kMaxSize));
  fields.field("mask_id", info.mask_id, "id of the mask; -1: none", in_range(-1, 2 * kMaxSize));
  fields.field("append_mask", info.append_mask, "the prediction is read at a mask appended to the history");
  fields.field("first_item", info.first_item, "model id of the first line of items.txt",
               in_range(0, kMaxSize));
}

void describe_text_model(Fields& fields, BundleInfo& info) {
  fields.field("vocabulary", info.vocabulary, "ids are 0 to vocabulary - 1", size());
  fields.field("pad_id", info.pad_id, "id that fills short sequences", in_range(0, kMaxSize));
  fields.field("mask_id", info.mask_id, "id of the mask; -1: none", in_range(-1, kMaxSize));
  if (info.kind == "classifier")
    fields.field("labels", info.labels, "what is told apart, in the order of the scores", required());
  if (info.architecture == "torchscript") return;
  fields.field("base", info.base, "of an adapter: the Hugging Face folder that it changes");
  if (info.base.empty()) return;
  fields.field("base_sha256", info.base_sha256, "of the base's model.safetensors", required());
  fields.field("head", info.head, "pooled: as the family has it; linear: on the final state of [CLS]",
               one_of({"pooled", "linear"}));
}

}  // namespace

int text_outputs(const BundleInfo& info) {
  if (info.kind == "classifier") return static_cast<int>(info.labels.size());
  return info.kind == "masked-lm" ? info.vocabulary : info.hidden;
}

void describe(Fields& fields, Provenance& provenance) {
  fields.field("data", provenance.data, "what it was trained on");
  fields.field("seed", provenance.seed, "of the training");
  fields.field("command", provenance.command, "that made it");
  fields.field("program", provenance.program, "version of the program that ran it");
  fields.field("figures", provenance.figures, "how good it is");
}

void describe(Fields& fields, BundleInfo& info) {
  std::vector<std::string> architectures = kRecommenders;
  architectures.push_back("torchscript");
  architectures.insert(architectures.end(), kEncoderFamilies.begin(), kEncoderFamilies.end());
  Constraint kind = one_of({"recommender", "classifier", "masked-lm", "encoder"});
  Constraint architecture = one_of(architectures);
  kind.required = architecture.required = true;
  fields.field("kind", info.kind, "what the model predicts: items, labels, the masked word, or nothing",
               kind);
  fields.field("architecture", info.architecture,
               "these recommenders and encoders are built here; torchscript is a model.pt of your own",
               architecture);
  fields.field("layers", info.layers, "attention layers", size());
  fields.field("heads", info.heads, "attention heads a layer", size());
  fields.field("hidden", info.hidden, "width of the model", size());
  fields.field("inner", info.inner, "width of the feed-forward layers", size(0));
  fields.field("max_length", info.max_length, "longest sequence, all special tokens included", size());
  info.is_text() ? describe_text_model(fields, info) : describe_recommender(fields, info);
  fields.section("provenance", info.provenance, "where the model came from");
}

BundleInfo read_bundle_alone(const fs::path& folder) {
  std::error_code ignored;
  WHY_CHECK(fs::exists(folder, ignored), "there is no model folder ", folder.string());
  WHY_CHECK(fs::is_directory(folder, ignored), folder.string(), " is a file; a model is a folder with a ",
            kBundleFile);
  const auto file = folder / kBundleFile;
  WHY_CHECK(fs::exists(file, ignored), folder.string(), " is not a model: it has no ", kBundleFile);

  BundleFile read;
  ConfigTree::load(file.string()).read(read);
  WHY_CHECK(read.format == kFormat, file.string(), ": format ", read.format,
            " is not known; known: ", kFormat);
  read.info.path = folder.string();
  if (read.info.is_text())
    read.info.outputs = text_outputs(read.info);
  else
    read.info.items = read_items(folder / kItemsFile);
  check(read.info, file);
  return read.info;
}

BundleInfo read_bundle(const fs::path& folder) {
  BundleInfo info = read_bundle_alone(folder);
  if (!info.base.empty()) info.base_path = find_base(info, folder / kBundleFile).string();
  return info;
}

void write_bundle(const fs::path& folder, const BundleInfo& info) {
  check(info, folder / kBundleFile);
  if (!info.is_text()) {
    std::string items;
    for (const auto& item : info.items) items.append(item).push_back('\n');
    write_file(folder / kItemsFile, items);
  }
  write_file(folder / kBundleFile, to_yaml(BundleFile{kFormat, info}));
}

}  // namespace why
