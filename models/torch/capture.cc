#include "models/torch/capture.h"

#include <ATen/record_function.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <list>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "core/errors.h"
#include "models/torch/operator_call.h"
#include "models/torch/recompute.h"

namespace why {
namespace {

enum class Kind {
  softmax,
  product,  // of a softmax with values
  carrier,  // hands a softmax on: the same map, perhaps scaled or reshaped
  sdpa,
  fused,
  opaque  // anything else done to a softmax
};

const std::map<std::string_view, Kind>& kinds() {
  static const std::map<std::string_view, Kind> table = [] {
    std::map<std::string_view, Kind> kind = {
        {"aten::scaled_dot_product_attention", Kind::sdpa},
        {"aten::_native_multi_head_attention", Kind::fused},
    };
    for (const char* name :
         {"aten::softmax", "aten::_softmax", "aten::special_softmax", "aten::_safe_softmax"})
      kind[name] = Kind::softmax;
    for (const char* name : {"aten::matmul", "aten::bmm", "aten::einsum"}) kind[name] = Kind::product;
    for (const char* name : {"aten::dropout",      "aten::dropout_",    "aten::native_dropout",
                             "aten::to",           "aten::_to_copy",    "aten::type_as",
                             "aten::contiguous",   "aten::clone",       "aten::detach",
                             "aten::alias",        "aten::view",        "aten::reshape",
                             "aten::_unsafe_view", "aten::flatten",     "aten::unflatten",
                             "aten::expand",       "aten::squeeze",     "aten::unsqueeze",
                             "aten::mul",          "aten::mul_",        "aten::div",
                             "aten::div_",         "aten::masked_fill", "aten::masked_fill_",
                             "aten::where",        "aten::nan_to_num"})
      kind[name] = Kind::carrier;
    return kind;
  }();
  return table;
}

Kind kind_of(const at::RecordFunction& function) {
  const auto found = kinds().find(function.name());
  return found == kinds().end() ? Kind::opaque : found->second;
}

bool reduced_precision(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kHalf || tensor.scalar_type() == at::kBFloat16;
}

// A tensor that is recognised again without being kept alive. While this exists no other tensor takes its
// address.
class Mark {
 public:
  explicit Mark(const at::Tensor& tensor) : tensor_(tensor.getIntrusivePtr()) {}
  bool is(const at::Tensor& tensor) const {
    return tensor_._unsafe_get_target() == tensor.unsafeGetTensorImpl();
  }
  bool alive() const { return !tensor_.expired(); }

 private:
  c10::weak_intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl> tensor_;
};

// A softmax that may turn out to be attention, and the tensors that carry it towards its values.
struct Candidate {
  at::Tensor map;
  std::vector<Mark> carriers;

  bool carried_by(const at::Tensor& tensor) const {
    return map.is_same(tensor) ||
           std::any_of(carriers.begin(), carriers.end(), [&](const Mark& mark) { return mark.is(tensor); });
  }
  // Nobody else holds the map or one of its carriers.
  bool abandoned() const {
    return map.use_count() == 1 &&
           std::none_of(carriers.begin(), carriers.end(), [](const Mark& mark) { return mark.alive(); });
  }
};

// The product of an einsum with its dimensions in the order batch, query, width; none when the equation is no
// product of the map [batch..., query, key] with values.
//
//   bhij,bjhd->bihd   answer [B, T, H, d]  =>  [B, H, T, d]
std::optional<at::Tensor> einsum_product(std::string equation, bool map_first, std::int64_t map_dims,
                                         const at::Tensor& answer) {
  std::erase(equation, ' ');
  const auto comma = equation.find(','), arrow = equation.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) return std::nullopt;
  std::string map = equation.substr(0, comma), values = equation.substr(comma + 1, arrow - comma - 1);
  std::string out = equation.substr(arrow + 2);
  if (!map_first) std::swap(map, values);

  // "..." stands for as many leading dimensions as the map has unnamed
  const std::size_t named = map.size() - (map.find("...") == std::string::npos ? 0 : 3);
  if (named > static_cast<std::size_t>(map_dims)) return std::nullopt;
  const std::string unnamed = std::string("<>^_").substr(0, static_cast<std::size_t>(map_dims) - named);
  for (std::string* labels : {&map, &values, &out}) {
    if (const auto at = labels->find("..."); at != std::string::npos) labels->replace(at, 3, unnamed);
  }
  if (map.size() != static_cast<std::size_t>(map_dims) || out.size() != map.size()) return std::nullopt;

  const char key = map.back();
  std::vector<std::int64_t> order;
  std::string width = out;
  for (const char label : map.substr(0, map.size() - 1)) {
    const auto position = out.find(label);
    if (position == std::string::npos) return std::nullopt;
    order.push_back(static_cast<std::int64_t>(position));
    std::erase(width, label);
  }
  if (width.size() != 1 || width[0] == key || values.find(key) == std::string::npos) return std::nullopt;
  order.push_back(static_cast<std::int64_t>(out.find(width[0])));
  return answer.permute(order);
}

// What a start callback remembers for the end callback of the same operator.
struct Event : at::ObserverContext {
  Event(Kind k, OperatorCall c) : kind(k), call(std::move(c)) {}

  Kind kind;
  OperatorCall call;
  Candidate* candidate = nullptr;  // of a product or carrier
  at::Tensor carrier;              // the argument that carries it
};

// Turns the operators of one forward pass into layers.
class Recorder {
 public:
  explicit Recorder(const CaptureOptions& options) : options_(options) {
    WHY_CHECK(options.layers > 0 && options.heads > 0, options.model, " declares ", options.layers,
              " layers of ", options.heads, " heads");
    for (const int layer : options.wanted) {
      const int index = layer < 0 ? layer + options.layers : layer;
      WHY_CHECK(index >= 0 && index < options.layers, options.model, " has no layer ", layer, ", only ",
                options.layers, " layers");
      kept_.emplace(index, LayerAttention{});
    }
  }

  // Null for operators of no interest, and for all that run inside one of interest.
  std::unique_ptr<Event> enter(const at::RecordFunction& function);
  void leave(const at::RecordFunction& function, Event& event);

  // LibTorch swallows what a callback throws; it is kept for finish().
  template <class Work>
  void guarded(const Work& work) {
    if (failure_) return;
    const at::DisableRecordFunctionGuard not_ourselves;
    try {
      work();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  std::vector<LayerAttention> finish();

 private:
  Candidate* find_candidate(c10::ArrayRef<c10::IValue> arguments, at::Tensor& carrier);
  void propose(const Event& event, const at::Tensor& map);
  void follow(const Event& event, const c10::IValue& answer);
  void multiply(const Event& event, const at::Tensor& answer);
  void recompute(const at::RecordFunction& function, const Event& event);

  std::string objection(at::IntArrayRef shape) const;
  at::Tensor by_head(const at::Tensor& folded) const;
  bool wanted() const { return kept_.count(count_) > 0; }
  void confirm(std::string_view form, at::IntArrayRef shape);
  void keep(const at::Tensor& probabilities, const at::Tensor& outputs, double tolerance);
  void drop_abandoned();
  void reject(const std::string& what) { ++rejected_[what]; }
  std::string what_was_seen() const;

  const CaptureOptions& options_;
  int inside_ = 0;  // operators of interest that run now; 0 or 1
  int count_ = 0;   // attention blocks so far
  std::list<Candidate> candidates_;
  std::map<int, LayerAttention> kept_;
  std::map<std::string, int> counted_, rejected_;  // for the error
  std::exception_ptr failure_;
};

std::unique_ptr<Event> Recorder::enter(const at::RecordFunction& function) {
  if (inside_ > 0) return nullptr;
  const Kind kind = kind_of(function);
  const bool starts = kind == Kind::softmax || kind == Kind::sdpa || kind == Kind::fused;
  at::Tensor carrier;
  // most operators end here; reading a schema costs more than they do
  if (!starts && !find_candidate(function.inputs(), carrier)) return nullptr;
  if (!function.operator_name()) return nullptr;

  auto event = std::make_unique<Event>(kind, OperatorCall(function));
  if (!starts) event->candidate = find_candidate(event->call.arguments(), event->carrier);
  if (!starts && !event->candidate) return nullptr;  // it only lay on the interpreter's stack
  ++inside_;
  return event;
}

void Recorder::leave(const at::RecordFunction& function, Event& event) {
  --inside_;
  if (function.outputs().empty()) return;  // it threw
  switch (event.kind) {
    case Kind::softmax:
      return propose(event, event.call.result(function).toTensor());
    case Kind::carrier:
      return follow(event, event.call.result(function));
    case Kind::product:
      return multiply(event, event.call.result(function).toTensor());
    case Kind::sdpa:
    case Kind::fused:
      return recompute(function, event);
    case Kind::opaque:
      return;
  }
}

// The first candidate among the arguments, and which argument carries it.
Candidate* Recorder::find_candidate(c10::ArrayRef<c10::IValue> arguments, at::Tensor& carrier) {
  if (candidates_.empty()) return nullptr;
  const auto carried = [&](const at::Tensor& tensor) -> Candidate* {
    const auto found = std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
      return tensor.defined() && candidate.carried_by(tensor);
    });
    if (found == candidates_.end()) return nullptr;
    carrier = tensor;
    return &*found;
  };
  for (const c10::IValue& argument : arguments) {
    Candidate* candidate = nullptr;
    if (argument.isTensor()) candidate = carried(argument.toTensor());
    if (argument.isTensorList()) {
      for (const at::Tensor& tensor : argument.toTensorVector())
        if (!candidate) candidate = carried(tensor);
    }
    if (candidate) return candidate;
  }
  return nullptr;
}

void Recorder::propose(const Event& event, const at::Tensor& map) {
  drop_abandoned();
  const c10::IValue& dim = event.call["dim"];
  const bool last = dim.isInt() && (dim.toInt() == -1 || dim.toInt() == map.dim() - 1);
  const std::string problem = last ? objection(map.sizes()) : "not over the last dimension";
  if (!problem.empty()) return reject(text("softmax ", map.sizes(), " (", problem, ")"));
  // a model without trainable weights builds its graph from here on
  if (options_.differentiable && wanted() && !map.requires_grad()) map.requires_grad_(true);
  candidates_.push_back({map, {}});
}

void Recorder::follow(const Event& event, const c10::IValue& answer) {
  if (!answer.isTensor()) return;
  const at::Tensor next = answer.toTensor();
  const auto tail = [](const at::Tensor& t) {
    return t.dim() < 2 ? t.sizes() : t.sizes().slice(t.dim() - 2);
  };
  if (next.numel() != event.carrier.numel() || tail(next) != tail(event.carrier)) return;
  if (!event.candidate->carried_by(next)) event.candidate->carriers.emplace_back(next);
}

void Recorder::multiply(const Event& event, const at::Tensor& answer) {
  std::optional<at::Tensor> outputs;
  if (const c10::IValue& equation = event.call["equation"]; equation.isString()) {
    const auto operands = event.call["tensors"].toTensorVector();
    if (operands.size() == 2)
      outputs = einsum_product(equation.toStringRef(), operands[0].is_same(event.carrier),
                               event.carrier.dim(), answer);
  } else if (event.call.arguments()[0].toTensor().is_same(event.carrier) &&
             answer.dim() == event.carrier.dim()) {
    outputs = answer;
  }
  if (!outputs) return;

  const at::Tensor& map = event.candidate->map;
  // outputs are copied, since models add to them in place
  if (wanted()) {
    keep(by_head(map), by_head(*outputs).clone(), reduced_precision(map) ? 1e-2 : 1e-3);
    if (options_.differentiable) kept_[count_].softmax = map;
  }
  confirm("softmax", map.sizes());
  candidates_.remove_if([&](const Candidate& candidate) { return &candidate == event.candidate; });
}

void Recorder::recompute(const at::RecordFunction& function, const Event& event) {
  drop_abandoned();
  const bool sdpa = event.kind == Kind::sdpa;
  const std::string_view form = sdpa ? "scaled_dot_product_attention" : "_native_multi_head_attention";
  const at::Tensor query = event.call["query"].toTensor(), key = event.call["key"].toTensor();

  std::vector<std::int64_t> shape;  // of the map
  if (query.is_nested()) {
    const std::int64_t longest = query._nested_tensor_size().select(1, 0).max().item<std::int64_t>();
    shape = {query.size(0), event.call["num_head"].toInt(), longest, longest};
  } else if (sdpa) {
    shape = query.sizes().vec();
    shape.back() = key.size(-2);
  } else {
    shape = {query.size(0), event.call["num_head"].toInt(), query.size(1), key.size(1)};
  }
  if (const std::string problem = objection(shape); !problem.empty())
    return reject(text(form, " ", at::IntArrayRef(shape), " (", problem, ")"));

  if (wanted()) {
    const Recomputed again =
        sdpa ? recompute_scaled_dot_product(event.call) : recompute_multi_head(event.call);
    const double tolerance = reduced_precision(query) ? 5e-2 : 5e-3;
    const double error = relative_error(again.answer, event.call.result(function).toTensor());
    WHY_CHECK(error <= tolerance, options_.model, ": attention of layer ", count_,
              " computed again from the inputs of ", form, " differs from its answer by ", error,
              " (is there a dropout in evaluation?)");
    keep(by_head(again.probabilities), by_head(again.outputs), 1e-3);
  }
  confirm(form, shape);
}

// Why a map of this shape is no self-attention of this model; empty when it is.
std::string Recorder::objection(at::IntArrayRef shape) const {
  if (shape.size() != 3 && shape.size() != 4) return "not [B, H, T, T] or [B*H, T, T]";
  if (shape[shape.size() - 1] != shape[shape.size() - 2]) return "as many queries as keys are wanted";
  if (shape.size() == 4 && shape[1] != options_.heads) return text(options_.heads, " heads are wanted");
  if (shape.size() == 3 && shape[0] % options_.heads != 0)
    return text("no multiple of ", options_.heads, " heads");
  return {};
}

// [B, H, T, x] of [B*H, T, x] or [H*B, T, x]
at::Tensor Recorder::by_head(const at::Tensor& folded) const {
  if (folded.dim() == 4) return folded;
  if (options_.head_major) return folded.unflatten(0, {options_.heads, -1}).transpose(0, 1);
  return folded.unflatten(0, {-1, options_.heads});
}

void Recorder::confirm(std::string_view form, at::IntArrayRef shape) {
  ++counted_[text(form, " ", at::IntArrayRef(shape))];
  ++count_;
}

void Recorder::keep(const at::Tensor& probabilities, const at::Tensor& outputs, double tolerance) {
  const auto plain = [](const at::Tensor& t) {
    return reduced_precision(t) ? t.detach().to(at::kFloat) : t.detach();
  };
  const LayerAttention layer{plain(probabilities), plain(outputs)};
  const at::Tensor sums = layer.probabilities.sum(-1);
  const at::Tensor wrong = (sums - 1.0).abs().gt(tolerance).logical_and(sums.ne(0.0));  // false for NaN
  WHY_CHECK(!wrong.any().item<bool>(), options_.model, ": a row of attention in layer ", count_, " sums to ",
            sums.masked_select(wrong)[0].item<double>(), " instead of 1");
  kept_[count_] = layer;
}

void Recorder::drop_abandoned() {
  for (auto candidate = candidates_.begin(); candidate != candidates_.end();) {
    if (!candidate->abandoned()) {
      ++candidate;
      continue;
    }
    reject(text("softmax ", candidate->map.sizes(), " (no product with values follows)"));
    candidate = candidates_.erase(candidate);
  }
}

std::vector<LayerAttention> Recorder::finish() {
  if (failure_) std::rethrow_exception(failure_);
  for (const Candidate& candidate : candidates_)
    reject(text("softmax ", candidate.map.sizes(), " (no product with values follows)"));
  WHY_CHECK(count_ == options_.layers, options_.model, " ran ", count_, " attention blocks where ",
            options_.layers, " layers of ", options_.heads, " heads are declared; ", what_was_seen());
  std::vector<LayerAttention> layers;
  for (const int layer : options_.wanted)
    layers.push_back(kept_.at(layer < 0 ? layer + options_.layers : layer));
  return layers;
}

// "counted 3 x softmax [2, 2, 5, 5]; not counted 1 x softmax [2, 7] (...)"
std::string Recorder::what_was_seen() const {
  const auto list = [](const std::map<std::string, int>& seen) {
    std::string all;
    for (const auto& [what, times] : seen) all += text(all.empty() ? "" : ", ", times, " x ", what);
    return all.empty() ? std::string("nothing") : all;
  };
  return text("counted ", list(counted_), "; not counted ", list(rejected_));
}

thread_local Recorder* recorder = nullptr;

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  std::unique_ptr<at::ObserverContext> event;
  if (recorder) recorder->guarded([&] { event = recorder->enter(function); });
  return event;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (recorder && context)
    recorder->guarded([&] { recorder->leave(function, static_cast<Event&>(*context)); });
}

// Callbacks of this thread, for the life of this object.
class Listening {
 public:
  explicit Listening(Recorder& listener) {
    WHY_ASSERT(recorder == nullptr);
    recorder = &listener;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  ~Listening() {
    at::removeCallback(handle_);
    recorder = nullptr;
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  at::CallbackHandle handle_;
};

// float32 noise of another batch is below 1e-5, half precision's below 5e-3
constexpr double kSameMap = 5e-3;
constexpr int kProfilingRuns = 2;  // then TorchScript runs what it has optimised

// What a TorchScript error says after its traceback.
std::string last_line(std::string_view message) {
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  return std::string(message.substr(message.rfind('\n') + 1));  // npos + 1 is 0
}

std::vector<LayerAttention> cut(const LayerAttention& attention, const at::Tensor& keep) {
  const at::Tensor& probabilities = attention.probabilities;
  WHY_ASSERT(keep.dim() == 2 && keep.size(0) == probabilities.size(0));
  std::vector<LayerAttention> sequences;
  for (std::int64_t b = 0; b < keep.size(0); ++b) {
    const at::Tensor kept = keep[b].nonzero().squeeze(1).to(probabilities.device());
    WHY_CHECK(kept.numel() > 0, "sequence ", b, " of the batch holds nothing but padding");
    const std::int64_t length = kept[-1].item<std::int64_t>() + 1;
    WHY_CHECK(length <= probabilities.size(2), "attention over ", probabilities.size(2),
              " tokens for a sequence of ", length);
    sequences.push_back({probabilities[b].index_select(1, kept).index_select(2, kept),
                         attention.outputs[b].index_select(1, kept)});
  }
  return sequences;
}

// The maps of one sequence, or of all, of every layer: maps[layer][sequence].
using Maps = std::vector<std::vector<LayerAttention>>;

Maps capture_cut(const ModelForward& forward, const CaptureOptions& options, const at::Tensor& ids,
                 const at::Tensor& mask) {
  const CapturedAttention captured = [&] {
    try {
      return capture_attention([&] { return forward(ids, mask); }, options);
    } catch (const UserError&) {
      throw;
    } catch (const std::exception& error) {
      const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
      const std::string reason = torch_error ? torch_error->what_without_backtrace() : error.what();
      throw UserError(text(options.model, " fails on ", ids.size(0), " sequences of ", ids.size(1),
                           " tokens: ", last_line(reason)));
    }
  }();
  Maps maps;
  for (const LayerAttention& layer : captured.layers) {
    WHY_CHECK(layer.probabilities.size(0) == ids.size(0), options.model, ": attention of ",
              layer.probabilities.size(0), " sequences of ", options.heads, " heads for a batch of ",
              ids.size(0));
    maps.push_back(cut(layer, mask));
  }
  return maps;
}

// The largest difference between a sequence's attention in the batch and alone.
double largest_difference(const Maps& batch, const std::vector<Maps>& alone) {
  double largest = 0.0;
  for (std::size_t layer = 0; layer < batch.size(); ++layer) {
    for (std::size_t b = 0; b < alone.size(); ++b) {
      const LayerAttention &together = batch[layer][b], &single = alone[b][layer][0];
      largest = std::max({largest, relative_error(single.probabilities, together.probabilities),
                          relative_error(single.outputs, together.outputs)});
    }
  }
  return largest;
}

}  // namespace

CapturedAttention capture_attention(const std::function<c10::IValue()>& forward,
                                    const CaptureOptions& options) {
  turn_off_fusion();
  Recorder listener(options);
  c10::IValue answer;
  {
    const Listening listening(listener);
    answer = forward();
  }
  return {listener.finish(), std::move(answer)};
}

CaptureOptions check_capture(const ModelForward& forward, const CaptureOptions& options,
                             const at::Tensor& ids, const at::Tensor& mask) {
  WHY_ASSERT(ids.dim() == 2 && ids.size(0) >= 2 && mask.sizes() == ids.sizes());
  CaptureOptions every = options;
  every.wanted.resize(static_cast<std::size_t>(options.layers));
  std::iota(every.wanted.begin(), every.wanted.end(), 0);

  for (int run = 0; run < kProfilingRuns; ++run) capture_cut(forward, every, ids, mask);
  std::vector<Maps> alone;
  for (std::int64_t b = 0; b < ids.size(0); ++b) {
    const at::Tensor single = ids[b].masked_select(mask[b]).unsqueeze(0);
    alone.push_back(capture_cut(forward, every, single, at::ones_like(single, at::kBool)));
  }

  // batch-major first; only the folded 3-D form reads differently the other way
  CaptureOptions checked = options;
  double smallest = std::numeric_limits<double>::infinity();
  for (const bool head_major : {false, true}) {
    every.head_major = checked.head_major = head_major;
    const double difference = largest_difference(capture_cut(forward, every, ids, mask), alone);
    if (difference <= kSameMap) return checked;
    smallest = std::min(smallest, difference);
  }
  throw UserError(text(options.model,
                       ": a sequence's attention in a padded batch differs from its attention alone by ",
                       smallest, ": does forward use its mask?"));
}

std::vector<LayerAttention> cut_padding(const LayerAttention& attention, const at::Tensor& keep) {
  std::vector<LayerAttention> sequences = cut(attention, keep);
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    const at::Tensor right = (sequences[b].probabilities.sum(-1) - 1.0).abs().le(1e-2);  // false for NaN
    WHY_CHECK(
        right.all().item<bool>(), "attention of sequence ", b,
        " of the batch has a row that does not sum to 1 without its padding: does the model use its mask?");
  }
  return sequences;
}

void turn_off_fusion() {
  // not written again where it is off: other threads may be reading it
  if (torch::jit::tensorExprFuserEnabled()) torch::jit::setTensorExprFuserEnabled(false);
}

}  // namespace why
