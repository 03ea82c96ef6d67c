// Models as the rest of the program sees them: ids in, scores and attention out. No Torch in this header, so
// that whoever uses models compiles in a second; the implementation lives in a library that is opened on
// demand (backend.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/device.h"

namespace why {

using Sequence = std::vector<std::int64_t>;    // token or item ids of one input, without padding
using TokenFlags = std::vector<std::uint8_t>;  // one flag an id of a sequence

// Where a model came from, as its author wrote it down; free text, empty where nothing was said.
struct Provenance {
  std::string data, seed, command, program, figures;
};

// What bundle.yaml says (models/formats/bundle.h). A bundle is a folder: bundle.yaml, weights, and a file of
// item ids or what a tokenizer needs.
struct BundleInfo {
  std::string path;
  // "recommender", "classifier", "masked-lm", or "encoder": a text model without a head, which answers the
  // final state of its first token and explains nothing
  std::string kind = "recommender";
  std::string architecture = "bert4rec";  // or "bert", ...; "torchscript" for a user's own model.pt
  int layers = 0, heads = 0;
  int hidden = 0;      // width of the model
  int inner = 0;       // width of its feed-forward layers; 0 for a user's own model
  int max_length = 0;  // longest sequence, all special tokens included
  int outputs = 0;     // scores per input: items, labels or the vocabulary
  int pad_id = 0;
  int mask_id = -1;          // -1: none
  bool append_mask = false;  // the prediction is read at a mask appended to the history (BERT4Rec)
  // items[i] is the dataset's own id of model id i + first_item; score j belongs to items[j]
  int first_item = 1;
  std::vector<std::string> items;
  // text models: ids are 0 .. vocabulary - 1, as the tokenizer of the bundle gives them
  int vocabulary = 0;
  std::vector<std::string> labels;  // of a classifier: score j is that of labels[j]
  // of an adapter: the Hugging Face folder that it changes, as written and as found, and what is put on it
  std::string base, base_path, base_sha256;
  std::string head = "pooled";  // as the family has it; "linear": on the final state of the first token
  Provenance provenance;

  bool is_text() const { return kind != "recommender"; }
  // Where the tokenizer's files are.
  const std::string& tokenizer_path() const { return base_path.empty() ? path : base_path; }

  // Longest history that leaves room for the mask.
  int max_history() const { return max_length - (append_mask ? 1 : 0); }
};

// The input whose scores rank the item after `history`.
inline Sequence prediction_input(const BundleInfo& info, Sequence history) {
  if (info.append_mask) history.push_back(info.mask_id);
  return history;
}

// [B, outputs], row-major.
struct Scores {
  int rows = 0, columns = 0;
  std::vector<float> values;
  std::span<const float> row(int b) const {
    return std::span(values).subspan(static_cast<std::size_t>(b) * static_cast<std::size_t>(columns),
                                     static_cast<std::size_t>(columns));
  }
};

// Attention of one layer for one sequence; padding is already cut away.
struct Attention {
  int heads = 0, tokens = 0, width = 0;
  std::vector<float> probabilities;  // [H, T, T], row = query; rows sum to 1
  std::vector<float> outputs;        // [H, T, width], probabilities times values
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const BundleInfo& info() const = 0;

  // Scores of each sequence, padded to the longest and run as one batch: logits of the items or labels, for a
  // masked-lm logits of the vocabulary at the sequence's first mask. Rows differ in their last digits
  // with the batch's make-up, so callers keep their batches fixed. UserError for an id or a length the model
  // does not take.
  virtual Scores predict(std::span<const Sequence> batch) = 0;

  // The same where visible[b] holds 0 for tokens that no token may attend to, as if they were padding in
  // their places; empty flags hide nothing. UserError from a model that cannot do so.
  virtual Scores predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible);

  // States of the last layer, [T, hidden] of each sequence. UserError from a model that does not give them: a
  // module without a method states(ids, mask).
  virtual std::vector<std::vector<float>> states(std::span<const Sequence> batch);

  // Attention of `layer` (0-based, negative from the end) for each sequence, captured from one forward pass;
  // of a masked-lm also where nothing is masked.
  virtual std::vector<Attention> attend(std::span<const Sequence> batch, int layer = -1) = 0;
};

}  // namespace why
