// What a knock-out and the attributions cost beside a forward pass, of an input of 22 tokens (a sentence of
// 20 words, and the two special tokens), on one thread.
//
//   bench_knock_out BUNDLE [--benchmark_…]
//
//   forward          the input once
//   forwards_singles the input with each of its inner 20 tokens hidden, as one batch: what is spared
//   singles, pairs   a knock-out of each of the inner tokens, and of each two of them: 20 and 190 sets
//   the rest         Attribution by its name, one input
//
// Before anything is timed, a knock-out of nothing must give the scores of the forward pass.
#include <cmath>
#include <memory>

#include "bench/bench_program.h"
#include "core/errors.h"
#include "core/random.h"
#include "models/backend.h"

namespace why {
namespace {

constexpr int kWords = 20;
constexpr float kTolerance = 1e-4f;

Sequence random_input(const BundleInfo& info) {
  Random random(1);
  const auto ids = static_cast<std::uint64_t>(info.is_text() ? info.vocabulary : info.outputs);
  Sequence out;
  for (int i = 0; i < kWords + 2; ++i)
    out.push_back(static_cast<std::int64_t>(random.below(ids - 1)) + (info.is_text() ? 0 : info.first_item));
  if (info.kind == "masked-lm" || info.append_mask) out.back() = info.mask_id;
  return out;
}

std::vector<std::vector<int>> singles() {
  std::vector<std::vector<int>> out;
  for (int i = 1; i <= kWords; ++i) out.push_back({i});
  return out;
}

std::vector<std::vector<int>> pairs() {
  std::vector<std::vector<int>> out;
  for (int i = 1; i <= kWords; ++i)
    for (int j = i + 1; j <= kWords; ++j) out.push_back({i, j});
  return out;
}

void check(Model& model, const Sequence& input) {
  const std::vector<std::vector<int>> nothing = {{}};
  const Scores plain = model.predict({&input, 1}), again = model.knock_out(input, nothing);
  for (int i = 0; i < plain.columns; ++i)
    WHY_CHECK(std::abs(plain.row(0)[static_cast<std::size_t>(i)] -
                       again.row(0)[static_cast<std::size_t>(i)]) <= kTolerance,
              "a knock-out of nothing differs from the forward pass in score ", i);
}

void time(const std::string& name, std::function<void()> work) {
  benchmark::RegisterBenchmark(name.c_str(), [work = std::move(work)](benchmark::State& state) {
    for (auto _ : state) work();
  })->Unit(benchmark::kMillisecond);
}

void register_all(const Arguments& arguments) {
  WHY_CHECK(arguments.size() == 1, "one bundle is wanted");
  backend().set_threads(1);
  const std::shared_ptr<Model> model = backend().load(arguments[0], Device{});
  const Sequence input = random_input(model->info());
  check(*model, input);

  const std::vector<Sequence> many(kWords, input);
  std::vector<TokenFlags> visible(kWords, TokenFlags(input.size(), 1));
  for (std::size_t i = 0; i < kWords; ++i) visible[i][i + 1] = 0;
  time("forward", [=] { model->predict({&input, 1}); });
  time("forwards_singles", [=] { model->predict_visible(many, visible); });
  time("singles", [=, sets = singles()] { model->knock_out(input, sets); });
  time("pairs", [=, sets = pairs()] { model->knock_out(input, sets); });
  for (const auto method :
       {Attribution::attention_gradient, Attribution::logit_attribution, Attribution::value_norm,
        Attribution::gradient_input, Attribution::integrated_gradients})
    if (model->offers(method)) time(name_of(method), [=] { model->attribute(input, method, 0, 1); });
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) { return why::run_benchmarks(argc, argv, why::register_all); }
