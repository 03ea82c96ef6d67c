#include "models/torch/read_out.h"

#include "core/errors.h"

namespace why {

std::string read_out_script(const std::string& last_layer) {
  const std::string attention = text("self.", last_layer, ".attention");
  return R"(
def row_of(self, states: Tensor, place: Tensor) -> Tensor:
    return states.gather(1, place.view(-1, 1, 1).expand(-1, 1, states.size(2))).squeeze(1)

def weigh_row(self, below: Tensor, place: Tensor, keep: Tensor) -> Tensor:
    row = self.row_of(below, place).unsqueeze(1)
    weights = )" +
         attention + R"(.weigh(row, below, keep.view(1, 1, keep.size(0), keep.size(1)))
    nothing = torch.logical_not(keep.any(1)).view(1, 1, -1, 1)
    return weights.masked_fill(nothing, 0.0)

def score_row(self, below: Tensor, place: Tensor, attention: Tensor, direct: bool) -> Tensor:
    row = self.row_of(below, place).unsqueeze(1)
    attended = )" +
         attention + ".join(" + attention + R"(.read(attention, below))
    if direct:
        state = self.)" +
         last_layer + R"(.finish_direct(row, attended)
    else:
        state = self.)" +
         last_layer + R"(.finish(row, attended)
    return self.score(state.squeeze(0))

def values_of_row(self, below: Tensor) -> Tensor:
    return )" +
         attention + R"(.projected_values(below)

def knock_out(self, ids: Tensor, mask: Tensor, keep: Tensor) -> Tensor:
    below, place = self.read_by_last(ids, mask)
    return self.score_row(below, place, self.weigh_row(below, place, keep), False)
)";
}

bool has_read_out(const torch::jit::Module& module) {
  for (const auto* method : {"read_by_last", "weigh_row", "score_row", "values_of_row", "knock_out"})
    if (!module.find_method(method)) return false;
  return true;
}

}  // namespace why
