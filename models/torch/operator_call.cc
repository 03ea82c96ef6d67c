#include "models/torch/operator_call.h"

#include <algorithm>

#include "core/errors.h"

namespace why {

OperatorCall::OperatorCall(const at::RecordFunction& function) {
  const auto schema = function.operator_schema();
  WHY_ASSERT(schema.has_value());
  const auto& parameters = schema->arguments();
  const auto stack = function.inputs();
  WHY_ASSERT(stack.size() >= parameters.size());
  arguments_.assign(stack.end() - static_cast<std::ptrdiff_t>(parameters.size()), stack.end());
  for (const auto& parameter : parameters) names_.push_back(parameter.name());
  num_results_ = schema->returns().size();
}

const c10::IValue& OperatorCall::operator[](std::string_view name) const {
  static const c10::IValue none;
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? none : arguments_[static_cast<std::size_t>(found - names_.begin())];
}

c10::IValue OperatorCall::result(const at::RecordFunction& function, std::size_t index) const {
  const auto& stack = function.outputs();  // the whole stack again
  WHY_ASSERT(index < num_results_ && stack.size() >= num_results_);
  return stack[stack.size() - num_results_ + index];
}

}  // namespace why
