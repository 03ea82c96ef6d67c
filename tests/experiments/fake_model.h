// Models written in the test: scores are a function of the sequence, attention is made up.
#pragma once

#include <cmath>
#include <functional>
#include <utility>

#include "models/formats/tokenizer.h"
#include "models/model.h"

namespace why {

class FakeModel : public Model {
 public:
  using Scoring = std::function<std::vector<float>(const Sequence&)>;

  // Items 1 .. num_items are called "item1" ..; 0 is padding and num_items + 1 the mask.
  FakeModel(int num_items, int max_length, Scoring scoring) : scoring_(std::move(scoring)) {
    info_.path = "fake";
    info_.kind = "recommender";
    info_.architecture = "fake";
    info_.layers = 1;
    info_.heads = 2;
    info_.hidden = 64;
    info_.max_length = max_length;
    info_.outputs = num_items;
    info_.mask_id = num_items + 1;
    info_.append_mask = true;
    for (int i = 1; i <= num_items; ++i) info_.items.push_back("item" + std::to_string(i));
  }

  const BundleInfo& info() const override { return info_; }
  BundleInfo& change_info() { return info_; }

  Scores predict(std::span<const Sequence> batch) override {
    batches.push_back(static_cast<int>(batch.size()));
    Scores out{static_cast<int>(batch.size()), info_.outputs, {}};
    for (const auto& sequence : batch) {
      seen.push_back(sequence);
      const auto row = scoring_(sequence);
      out.values.insert(out.values.end(), row.begin(), row.end());
    }
    return out;
  }

  // Each row attends to itself, to its neighbours and a little to everything; the heads differ.
  std::vector<Attention> attend(std::span<const Sequence> batch, int) override {
    std::vector<Attention> out;
    for (const auto& sequence : batch) {
      seen.push_back(sequence);
      const int n = static_cast<int>(sequence.size());
      Attention attention{info_.heads, n, 2, {}, {}};
      for (int head = 0; head < info_.heads; ++head)
        for (int query = 0; query < n; ++query) {
          std::vector<float> row;
          float sum = 0;
          for (int key = 0; key < n; ++key) {
            row.push_back(
                std::exp(-std::abs(static_cast<float>(query - key)) * static_cast<float>(head + 1)));
            sum += row.back();
          }
          for (const float value : row) attention.probabilities.push_back(value / sum);
          attention.outputs.push_back(row[0] / sum);
          attention.outputs.push_back(row[static_cast<std::size_t>(n / 2)] / sum);
        }
      out.push_back(std::move(attention));
    }
    return out;
  }

  std::vector<int> batches;    // sizes of what predict was asked
  std::vector<Sequence> seen;  // every sequence, in the order asked

 private:
  Scoring scoring_;
  BundleInfo info_;
};

// A classifier with these labels, or without any a masked-lm. Its scoring does not see hidden tokens.
class FakeTextModel : public FakeModel {
 public:
  FakeTextModel(const Tokenizer& tokenizer, std::vector<std::string> labels, Scoring scoring)
      : FakeModel(1, 64, std::move(scoring)) {
    BundleInfo& info = change_info();
    info.kind = labels.empty() ? "masked-lm" : "classifier";
    info.outputs = labels.empty() ? tokenizer.size() : static_cast<int>(labels.size());
    info.vocabulary = tokenizer.size();
    info.pad_id = tokenizer.special().pad;
    info.mask_id = tokenizer.special().mask;
    info.append_mask = false;
    info.items.clear();
    info.labels = std::move(labels);
  }

  Scores predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible) override {
    std::vector<Sequence> shown(batch.begin(), batch.end());
    for (std::size_t b = 0; b < shown.size(); ++b)
      for (std::size_t i = visible[b].size(); i-- > 0;)
        if (!visible[b][i]) shown[b].erase(shown[b].begin() + static_cast<std::ptrdiff_t>(i));
    return predict(shown);
  }
};

}  // namespace why
