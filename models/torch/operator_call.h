// One operator's arguments, kept from a record-function callback. Only valid inside a start callback is the
// reading; the copy made here lasts (a reference per tensor).
//
// Trap: an operator that the TorchScript interpreter runs reports the interpreter's whole stack, of which its
// arguments are the last entries. An operator called from C++ reports its arguments alone. So they are
// counted from the end, and asked for by their names in the operator's schema, which differ less between
// versions of LibTorch than their number.
#pragma once

#include <ATen/record_function.h>

#include <string>
#include <string_view>
#include <vector>

namespace why {

class OperatorCall {
 public:
  explicit OperatorCall(const at::RecordFunction& function);

  // None when the operator has no such argument (in this version of LibTorch).
  const c10::IValue& operator[](std::string_view name) const;
  const std::vector<c10::IValue>& arguments() const { return arguments_; }

  // What the operator returned; to be asked in the end callback of the same operator.
  c10::IValue result(const at::RecordFunction& function, std::size_t index = 0) const;

 private:
  std::vector<std::string> names_;
  std::vector<c10::IValue> arguments_;
  std::size_t num_results_ = 0;
};

}  // namespace why
