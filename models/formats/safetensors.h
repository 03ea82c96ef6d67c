// Tensors in a file, as https://github.com/huggingface/safetensors defines it:
//
//   u64 N, little endian | N bytes of JSON | the tensors' bytes, row-major, little endian, without holes
//
// The file is mapped, not read: opening costs the header, a tensor costs its pages. Every offset, length and
// shape is checked when the file is opened, so that a damaged or hostile file is a UserError that names the
// file and the tensor, never a crash. (A file that another program cuts short while it is open is beyond
// this.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace why {

// The types that models here need; a file with any other is refused.
enum class TensorType { f32, f16, bf16, i64 };

std::string type_name(TensorType type);  // "F32", as in the file

struct TensorView {
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  std::size_t size() const;                    // number of elements
  std::vector<float> floats() const;           // F32, F16 and BF16, widened; UserError for I64
  std::vector<std::int64_t> integers() const;  // I64 only
};

class SafeTensors {
 public:
  static SafeTensors open(const std::filesystem::path& path);

  // The same on bytes in memory, which must outlive the result; `name` stands for the file in errors.
  static SafeTensors parse(std::span<const std::byte> contents, const std::string& name);

  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // UserError that names the file and the nearest tensor when there is none of that name.
  const TensorView& at(const std::string& tensor) const;

 private:
  std::string name_;
  std::shared_ptr<const void> mapping_;  // keeps the bytes behind the views
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

// Written beside the target and renamed. The same tensors give the same bytes.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace why
