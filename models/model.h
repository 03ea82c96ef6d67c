// Models as the rest of the program sees them: ids in, scores and attention out. No Torch in this header, so
// that whoever uses models compiles in a second; the implementation lives in a library that is opened on
// demand (backend.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
  // A token reads itself and those before it only. Found when the model is loaded: no key of bundle.yaml.
  bool causal = false;
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

enum class AttentionPart { probabilities, outputs };

// Attention of one layer for one sequence; padding is already cut away.
struct Attention {
  int heads = 0, tokens = 0, width = 0;
  std::vector<float> probabilities;  // [H, T, T], row = query; rows sum to 1
  std::vector<float> outputs;        // [H, T, width], probabilities times values

  // Where attend_on_device left one of them, in place of both vectors: the same shape, in the memory of
  // `device`, complete for every stream.
  Device device = {};
  std::shared_ptr<const float> device_probabilities = {}, device_outputs = {};
};

// How a margin m = score[output] - score[other] is shared out among the tokens of an input. A is the
// attention of the last layer's read-out row: the row of the token where the scores are read (a classifier's
// first token, the first mask, a recommender's last item or appended mask).
enum class Attribution {
  attention_gradient,  // A * dm/dA, summed over heads: the first order of a smaller A, nothing renormalised
  logit_attribution,  // the same along the direct path: norms keep the scale they have at this input, nothing
                      // passes through the last feed-forward block, what follows it is linearised
  value_norm,         // A times the length of the value after the output matrix, summed over heads; no margin
  gradient_input,     // embedding * dm/d(embedding)
  integrated_gradients  // (embedding - baseline) * the mean of dm/d(embedding) on the straight line from the
                        // baseline (integration_baseline): they sum to m(input) - m(baseline), save for
                        // the error of the midpoint rule
};

std::string name_of(Attribution method);  // "attention gradient", ...

constexpr int kIntegrationSteps = 64;

// The input that integrated gradients start from: every token is the mask, or padding where there is no mask.
// A text's first token stays: the scores are read there.
Sequence integration_baseline(const BundleInfo& info, Sequence input);

// Several threads may ask one model at the same time.
class Model {
 public:
  virtual ~Model() = default;

  // Calls work, in a thread that was begun for it; what it asks of the model waits on a GPU for nothing that
  // other threads ask.
  virtual void on_own_stream(const std::function<void()>& work) { work(); }

  virtual const BundleInfo& info() const = 0;

  // Scores of each sequence, padded to the longest and run as one batch: logits of the items or labels, for a
  // masked-lm logits of the vocabulary at the sequence's first mask. Rows differ in their last digits
  // with the batch's make-up, so callers keep their batches fixed. UserError for an id or a length the model
  // does not take.
  virtual Scores predict(std::span<const Sequence> batch) = 0;

  // The same where visible[b] holds 0 for tokens that no token may attend to, as if they were padding in
  // their places; empty flags hide nothing. UserError from a model that cannot do so.
  virtual Scores predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible);

  // The scores of one sequence in a pass of its own. shares_passes: does the model put sequences that predict
  // was asked for beside others?
  virtual Scores predict_alone(const Sequence& input, const TokenFlags& visible);
  virtual bool shares_passes() const { return false; }

  // States of the last layer, [T, hidden] of each sequence. UserError from a model that does not give them: a
  // module without a method states(ids, mask).
  virtual std::vector<std::vector<float>> states(std::span<const Sequence> batch);

  // Attention of `layer` (0-based, negative from the end) for each sequence, captured from one forward pass;
  // of a masked-lm also where nothing is masked.
  virtual std::vector<Attention> attend(std::span<const Sequence> batch, int layer = -1) = 0;

  // The same, but a model that computes on this CUDA device leaves `part` there, and nothing else. Any other
  // answers as attend does.
  virtual std::vector<Attention> attend_on_device(std::span<const Sequence> batch, int layer,
                                                  AttentionPart part, Device device);

  // Scores of `input` when the read-out row of the last layer alone does not read the tokens at these
  // positions (0-based): one row of scores for each set, {} giving predict's. The other keys share
  // its attention among them (softmax over what is left), and all that follows is run again: output
  // projection, residual, norms, feed-forward block, head. With all keys removed the row reads zeros, so
  // that its own state and the projection's bias are left.
  //
  // Cost: the layers below once, then one row of the last layer for each set (figures: torch_model.h).
  // UserError for a position outside of the input, and from a model that cannot do so.
  virtual Scores knock_out(const Sequence& input, std::span<const std::vector<int>> removed);
  virtual bool offers_knock_out() const { return false; }

  // A value for each token of `input`; output and other are columns of its scores, steps is of
  // integrated_gradients. Cost: a forward pass and a backward one, of the last layer only where the method
  // reads attention of a model that is built here; of integrated_gradients `steps` of both.
  // UserError for columns that the model does not have, and from a model that does not offer the method.
  virtual std::vector<float> attribute(const Sequence& input, Attribution method, int output, int other,
                                       int steps = kIntegrationSteps);
  virtual bool offers(Attribution) const { return false; }
};

}  // namespace why
