#include "experiments/runner/text_run.h"

#include <fmt/format.h>

#include <numeric>

#include "core/errors.h"
#include "core/files.h"
#include "core/random.h"
#include "experiments/datasets/texts.h"
#include "experiments/paths.h"
#include "experiments/report/markup.h"
#include "experiments/tasks/text_task.h"

namespace why {
namespace {

TextPart part_of(const std::string& split) {
  return split == "train" ? TextPart::train : split == "validation" ? TextPart::validation : TextPart::test;
}

std::string digest(const std::vector<LabelledText>& texts) {
  std::string all;
  for (const auto& each : texts) all += text(each.id, '\t', each.label, '\t', each.text, '\n');
  return sha256(all);
}

class TextRun : public TaskRun {
 public:
  explicit TextRun(const RunConfig& config) : config_(config) {
    open_model_of_run(*this, config);
    reader_ =
        std::make_unique<TextReader>(info, open_tokenizer(info.tokenizer_path()), parse_unit(config.unit));
    WHY_CHECK(config.data.empty() || config.texts.empty(), "a run takes data or texts, not both");
    WHY_CHECK(config.task == "sentiment" || !config.texts.empty(), "texts is empty: nothing to explain");
    config.texts.empty() ? take_data() : take_listed();
  }

  std::size_t num_samples() const override { return queries_.size(); }
  std::string source(std::size_t number) const override { return queries_[number].source; }

  Subject subject(Model& model, std::size_t number) const override {
    return text_subject(model, *reader_, queries_[number], options);
  }

  std::string in_words() const override {
    const std::string from = config_.texts.empty()
                                 ? fmt::format("of the {} part of {}", config_.split, config_.data)
                                 : std::string("of the configuration");
    std::string out = fmt::format(
        "{} {}, explained on {} ({}, {}, {})", counted(static_cast<std::int64_t>(queries_.size()), "text"),
        from, config_.model, what_it_tells(), counted(info.layers, "layer"), counted(info.heads, "head"));
    if (too_short_ > 0) out += fmt::format("; {} of fewer than two {}s left out", too_short_, config_.unit);
    if (too_long_ > 0)
      out += fmt::format("; {} of more than {} tokens left out", too_long_, config_.max_tokens);
    if (outside_ > 0)
      out += fmt::format("; {} of another number of {}s than {} left out", outside_, config_.unit,
                         bounds_in_words());
    return out;
  }

 private:
  std::string what_it_tells() const {
    return info.kind == "classifier" ? counted(static_cast<std::int64_t>(info.labels.size()), "label")
                                     : counted(info.outputs, "token");
  }

  void take_listed() {
    for (std::size_t i = 0; i < config_.texts.size(); ++i) {
      const std::string source = text("text ", i + 1);
      try {
        reader_->read(config_.texts[i]);
      } catch (const UserError& error) {
        throw UserError(text(source, ": ", error.what()));
      }
      if (enough()) break;
      add(source, config_.texts[i], "");
    }
  }

  void take_data() {
    const TextDataset data =
        find_texts(config_.data.empty() ? std::filesystem::path() : find_path(config_.data, "the data"));
    std::vector<LabelledText> texts = read_texts(data, part_of(config_.split));
    WHY_CHECK(!texts.empty(), data.folder.string(), " has no labelled texts in its ", config_.split, " part");
    data_hashes = {{config_.split, digest(texts)}};
    if (config_.shuffle) Random(config_.seed).child("texts").shuffle(std::span(texts));
    for (const auto& each : texts) {
      if (enough()) break;
      if (fits(each)) add(each.id, each.text, data.labels[static_cast<std::size_t>(each.label)]);
    }
    WHY_CHECK(!queries_.empty(), data.folder.string(), " has no text in its ", config_.split, " part of two ",
              config_.unit, "s or more",
              config_.max_tokens > 0 ? text(" and at most ", config_.max_tokens, " tokens") : "",
              outside_ > 0 ? text(", and within the bounds of min_parts and max_parts") : "");
  }

  bool enough() const {
    return config_.limit > 0 && queries_.size() == static_cast<std::size_t>(config_.limit);
  }

  bool fits(const LabelledText& each) {
    TextInput input;
    try {
      input = reader_->look_at(each.text);
    } catch (const UserError& error) {
      throw UserError(text(each.id, ": ", error.what()));
    }
    if (config_.max_tokens > 0 && input.num_tokens > static_cast<std::size_t>(config_.max_tokens)) {
      ++too_long_;
      return false;
    }
    const std::size_t parts = input.nodes.size();
    if (parts < 2) {
      ++too_short_;
      return false;
    }
    const bool inside = parts >= static_cast<std::size_t>(config_.min_parts) &&
                        (config_.max_parts == 0 || parts <= static_cast<std::size_t>(config_.max_parts));
    if (!inside) ++outside_;
    return inside;
  }

  std::string bounds_in_words() const {
    if (config_.max_parts == 0) return fmt::format("{} or more", config_.min_parts);
    return fmt::format("{} to {}", std::max(config_.min_parts, 2), config_.max_parts);
  }

  void add(const std::string& source, const std::string& written, const std::string& label) {
    queries_.push_back({static_cast<std::int64_t>(queries_.size()), source, written, label});
  }

  RunConfig config_;
  std::unique_ptr<TextReader> reader_;
  std::vector<TextQuery> queries_;
  std::size_t too_short_ = 0, too_long_ = 0, outside_ = 0;
};

}  // namespace

std::unique_ptr<TaskRun> open_text_run(const RunConfig& config) { return std::make_unique<TextRun>(config); }

}  // namespace why
