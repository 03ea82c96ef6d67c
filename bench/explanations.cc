// Explanations a second, by the length of the text, and what of the time the model takes.
//
//   bench_explanations BUNDLE [--benchmark_…]      BUNDLE: a text classifier, checkpoints/minilm-sst2 for one
//
//   explain/words_N/SEARCH   whole explanations (attention, graphs of all heads, sets of up to 3 words), one
//                            text each time
//   judge/words_N            the judge's verdicts on 64 pairs of words of one text, or all there are
//   forward/words_N          a bare loop: the model on a ready batch of the same 64 inputs
//
// Texts are drawn from the words of a list. One thread.
#include <memory>

#include "bench/bench_program.h"
#include "core/errors.h"
#include "core/random.h"
#include "experiments/tasks/text_task.h"
#include "models/backend.h"

namespace why {
namespace {

constexpr int kTexts = 8, kSets = 64;

std::string made_up_text(int words, std::uint64_t seed) {
  static const std::vector<std::string> kWords = {
      "the",   "film",  "is",  "a",    "story", "of",   "two",   "people", "and",  "it",   "never", "quite",
      "works", "but",   "not", "bad",  "slow",  "good", "scene", "actor",  "with", "no",   "heart", "very",
      "funny", "great", "in",  "dull", "music", "that", "well",  "made",   "plot", "weak", "fresh", "end"};
  Random random(seed);
  std::string out;
  for (int i = 0; i < words; ++i)
    out += (i > 0 ? " " : "") + kWords[static_cast<std::size_t>(random.below(kWords.size()))];
  return out;
}

struct Bench {
  std::unique_ptr<Model> model;
  std::unique_ptr<TextReader> reader;
  TaskOptions options;

  Subject subject(int words, int number) {
    const auto seed = static_cast<std::uint64_t>(1000 * words + number);
    return text_subject(*model, *reader, {number, "made up", made_up_text(words, seed), ""}, options);
  }
};

using SharedBench = std::shared_ptr<Bench>;

void add(const std::string& name, std::function<void(benchmark::State&)> work) {
  benchmark::RegisterBenchmark(name.c_str(), std::move(work))->Unit(benchmark::kMillisecond)->UseRealTime();
}

void explain_texts(benchmark::State& state, Bench& bench, int words, const std::string& search) {
  TaskOptions options = bench.options;
  options.explanation.graph.search = search;
  std::int64_t texts = 0, calls = 0;
  for (auto _ : state) {
    std::vector<Subject> subjects;
    subjects.push_back(bench.subject(words, static_cast<int>(texts++ % kTexts)));
    for (const Sample& sample : explain(*bench.model, std::move(subjects), options))
      for (const auto& [name, method] : sample.methods)
        for (const std::int64_t asked : method.calls) calls += asked;
  }
  state.counters["explanations"] =
      benchmark::Counter(static_cast<double>(texts), benchmark::Counter::kIsRate);
  state.counters["calls"] = static_cast<double>(calls) / static_cast<double>(texts);
}

// The first pairs of words, kSets at most.
std::vector<KeepMask> masks(int candidates) {
  std::vector<KeepMask> out;
  for (int a = 0; a < candidates && static_cast<int>(out.size()) < kSets; ++a)
    for (int b = a + 1; b < candidates && static_cast<int>(out.size()) < kSets; ++b) {
      out.emplace_back(static_cast<std::size_t>(candidates), std::uint8_t{1});
      out.back()[static_cast<std::size_t>(a)] = out.back()[static_cast<std::size_t>(b)] = 0;
    }
  return out;
}

void count_inputs(benchmark::State& state, std::size_t batch) {
  state.counters["inputs"] =
      benchmark::Counter(static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate);
}

void judge_sets(benchmark::State& state, Bench& bench, int words) {
  const Subject subject = bench.subject(words, 0);
  const auto asked = masks(subject.judge->num_candidates());
  for (auto _ : state) benchmark::DoNotOptimize(subject.judge->judge(asked));
  count_inputs(state, asked.size());
}

// The same inputs, made before.
void forward(benchmark::State& state, Bench& bench, int words) {
  const Subject subject = bench.subject(words, 0);
  std::vector<Sequence> batch;
  for (const KeepMask& keep : masks(subject.judge->num_candidates())) {
    batch.push_back(subject.observed);
    for (std::size_t i = 0; i < keep.size(); ++i)
      if (!keep[i])
        for (const int token : subject.nodes[i])
          batch.back()[static_cast<std::size_t>(token)] = bench.model->info().mask_id;
  }
  for (auto _ : state) benchmark::DoNotOptimize(bench.model->predict(batch));
  count_inputs(state, batch.size());
}

void register_all(const Arguments& arguments) {
  WHY_CHECK(arguments.size() == 1, "usage: bench_explanations BUNDLE [--benchmark_…]");
  backend().set_threads(1);
  const auto bench = std::make_shared<Bench>();
  bench->model = backend().load(arguments[0], Device{});
  const BundleInfo& info = bench->model->info();
  WHY_CHECK(info.kind == "classifier", arguments[0], " is a ", info.kind,
            ", and this program needs a classifier");
  bench->reader =
      std::make_unique<TextReader>(info, open_tokenizer(info.tokenizer_path()), parse_unit("word"));
  resolve(bench->options.explanation, "sentiment");
  for (const int words : {8, 16, 32, 64, 128}) {
    for (const std::string search : {"icd", "fci"})
      add(text("explain/words_", words, "/", search),
          [=](benchmark::State& state) { explain_texts(state, *bench, words, search); });
    add(text("judge/words_", words), [=](benchmark::State& state) { judge_sets(state, *bench, words); });
    add(text("forward/words_", words), [=](benchmark::State& state) { forward(state, *bench, words); });
  }
}

}  // namespace
}  // namespace why

int main(int argc, char** argv) { return why::run_benchmarks(argc, argv, why::register_all); }
