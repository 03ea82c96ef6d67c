// A model that many searches ask at once, and whose batches are made of the questions of them all.
//
//   SharedBatches shared(model);
//   shared.run(searches.size(), [&](std::size_t i) { searches[i].run(); });   // each asks `shared`
//
// A search asks for some ten sets at a time, which leaves a GPU idle. Here each search has a thread of its
// own, and as soon as all that are still at work wait for an answer, their questions become one batch: sorted
// by length and cut so that little of it is padding. The first questions of all go together, then the second
// ones, and so on, whatever the threads do; so a run's batches are the same every time. The model itself is
// asked by the calling thread only.
//
// What has to be asked in a pass of its own (predict_alone: near ties, and what a record states) is; so are
// attention, attributions and knock-outs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

#include "models/model.h"

namespace why {

class SharedBatches : public Model {
 public:
  // The model must outlive it. At most `tokens` of a batch, padding included, unless one sequence is longer.
  explicit SharedBatches(Model& model, std::size_t tokens = std::size_t{1} << 15)
      : model_(model), tokens_(tokens) {}

  // work(i) for every i in [0, count), each in a thread of its own; waits for all. The first exception, of
  // one of them or of the model, is thrown by whatever the others ask next, and then here.
  void run(std::size_t count, const std::function<void(std::size_t)>& work);

  const BundleInfo& info() const override { return model_.info(); }
  Scores predict(std::span<const Sequence> batch) override;
  Scores predict_visible(std::span<const Sequence> batch, std::span<const TokenFlags> visible) override;
  Scores predict_alone(const Sequence& input, const TokenFlags& visible) override;
  bool shares_passes() const override { return true; }
  std::vector<std::vector<float>> states(std::span<const Sequence> batch) override;
  std::vector<Attention> attend(std::span<const Sequence> batch, int layer) override;
  std::vector<Attention> attend_on_device(std::span<const Sequence> batch, int layer, AttentionPart part,
                                          Device device) override;
  Scores knock_out(const Sequence& input, std::span<const std::vector<int>> removed) override;
  bool offers_knock_out() const override { return model_.offers_knock_out(); }
  std::vector<float> attribute(const Sequence& input, Attribution method, int output, int other,
                               int steps) override;
  bool offers(Attribution method) const override { return model_.offers(method); }

 private:
  // What one thread waits for.
  struct Question {
    std::size_t asker;
    std::span<const Sequence> ids;         // of a batch ...
    std::span<const TokenFlags> visible;   // ... empty: nothing is hidden
    std::function<void()> ask_alone = {};  // else: in a pass of its own
    Scores scores = {};
    bool is_asked = false, answered = false;  // is_asked: alone, at this moment
    std::exception_ptr error = {};
  };
  struct Row {
    Question* question;
    std::size_t number;
  };

  Scores ask(std::span<const Sequence> ids, std::span<const TokenFlags> visible);
  template <class Ask>
  auto ask_alone(Ask&& ask);
  void wait_for_answer(Question& question);
  void answer_until_done();
  void answer_alone(std::unique_lock<std::mutex>& lock);
  void answer_together();
  void answer_rows(std::span<const Row> rows);

  Model& model_;
  std::size_t tokens_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Question*> waiting_;
  std::ptrdiff_t at_work_ = 0;
  std::exception_ptr failure_;
};

}  // namespace why
