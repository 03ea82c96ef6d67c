#include "models/formats/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "core/errors.h"
#include "core/files.h"
#include "models/formats/json.h"

namespace why {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

constexpr std::size_t kPrefix = 8;                 // bytes of the header's length
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the reference implementation's limit
constexpr int kMaxDepth = 3;                       // tensors / fields / lists of numbers
constexpr std::size_t kMaxRank = 16;

struct TypeInfo {
  TensorType type;
  const char* name;
  std::size_t bytes;
};
constexpr TypeInfo kTypes[] = {{TensorType::f32, "F32", 4},
                               {TensorType::f16, "F16", 2},
                               {TensorType::bf16, "BF16", 2},
                               {TensorType::i64, "I64", 8}};

const TypeInfo& type_info(TensorType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeInfo& t) { return t.type == type; });
}

// ---- Reading

struct Entry {
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

// One tensor's line of the header; `what` is `FILE: tensor "NAME"`.
class EntryReader {
 public:
  EntryReader(const nlohmann::json& fields, std::string what) : fields_(fields), what_(std::move(what)) {}

  Entry read() const {
    WHY_CHECK(fields_.is_object(), what_, " is described by ", fields_.type_name(), ", not by an object");
    for (const auto& [key, value] : fields_.items())
      WHY_CHECK(key == "dtype" || key == "shape" || key == "data_offsets", what_, " has an unknown field \"",
                key, "\"");
    Entry entry;
    const TypeInfo& type = read_type();
    entry.type = type.type;
    entry.shape = read_shape();
    std::tie(entry.begin, entry.end) = read_offsets();
    check_size(entry, type);
    return entry;
  }

 private:
  const nlohmann::json& field(const char* key) const {
    const auto found = fields_.find(key);
    WHY_CHECK(found != fields_.end(), what_, " has no ", key);
    return *found;
  }

  const TypeInfo& read_type() const {
    const auto& name = field("dtype");
    for (const auto& type : kTypes)
      if (name == type.name) return type;
    throw UserError(text(what_, " is of type ",
                         name.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace),
                         "; known: F32, F16, BF16, I64"));
  }

  std::vector<std::int64_t> read_shape() const {
    const auto& shape = field("shape");
    WHY_CHECK(shape.is_array() && shape.size() <= kMaxRank, what_,
              " has a shape that is not a list of at most ", kMaxRank, " sizes");
    std::vector<std::int64_t> out;
    for (const auto& size : shape) {
      WHY_CHECK(size.is_number_unsigned() &&
                    size.get<std::uint64_t>() <=
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
                what_, " has a size that is not a whole number in its shape");
      out.push_back(size.get<std::int64_t>());
    }
    return out;
  }

  std::pair<std::uint64_t, std::uint64_t> read_offsets() const {
    const auto& offsets = field("data_offsets");
    WHY_CHECK(offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
                  offsets[1].is_number_unsigned(),
              what_, " has data_offsets that are not two whole numbers");
    const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
    WHY_CHECK(begin <= end, what_, " ends at byte ", end, ", before its begin at ", begin);
    return {begin, end};
  }

  void check_size(const Entry& entry, const TypeInfo& type) const {
    std::uint64_t bytes = type.bytes;
    for (const auto size : entry.shape)
      WHY_CHECK(!__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes), what_,
                " has a shape too large to count");
    WHY_CHECK(bytes == entry.end - entry.begin, what_, " has ", entry.end - entry.begin,
              " bytes, but its shape needs ", bytes);
  }

  const nlohmann::json& fields_;
  std::string what_;
};

// The tensors must lie one after the other and fill the file.
void check_layout(const std::map<std::string, Entry>& entries, std::uint64_t available,
                  const std::string& file) {
  std::vector<std::pair<std::string, const Entry*>> order;
  for (const auto& [name, entry] : entries) order.emplace_back(name, &entry);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  std::uint64_t expected = 0;
  for (const auto& [name, entry] : order) {
    WHY_CHECK(entry->end <= available, file, ": tensor \"", name, "\" ends at byte ", entry->end, " of ",
              available, "; the file is cut short or damaged");
    WHY_CHECK(entry->begin >= expected, file, ": tensor \"", name, "\" overlaps the one before it");
    WHY_CHECK(entry->begin == expected, file, ": there is a hole of ", entry->begin - expected,
              " bytes before tensor \"", name, "\"");
    expected = entry->end;
  }
  WHY_CHECK(expected == available, file, ": ", available - expected,
            " bytes after the last tensor belong to none");
}

std::uint64_t header_length(std::span<const std::byte> contents, const std::string& file) {
  WHY_CHECK(contents.size() >= kPrefix, file, ": ", contents.size(),
            " bytes are too few for a safetensors file");
  std::uint64_t length = 0;
  std::memcpy(&length, contents.data(), kPrefix);
  WHY_CHECK(length <= kMaxHeader, file, ": the header would be ", length,
            " bytes long; this is no safetensors file");
  WHY_CHECK(length <= contents.size() - kPrefix, file, ": the header is ", length, " bytes long, but only ",
            contents.size() - kPrefix, " follow; the file is cut short");
  return length;
}

std::map<std::string, std::string> read_metadata(const nlohmann::json& fields, const std::string& file) {
  WHY_CHECK(fields.is_object(), file, ": __metadata__ is not an object");
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : fields.items()) {
    WHY_CHECK(value.is_string(), file, ": __metadata__ \"", key, "\" is not a text");
    out[key] = value.get<std::string>();
  }
  return out;
}

struct Mapping {
  void* address = nullptr;
  std::size_t size = 0;
  ~Mapping() {
    if (address) ::munmap(address, size);
  }
};

std::shared_ptr<Mapping> map_file(const std::filesystem::path& path) {
  std::error_code ignored;
  WHY_CHECK(std::filesystem::exists(path, ignored), "there is no file ", path.string());
  WHY_CHECK(std::filesystem::is_regular_file(path, ignored), path.string(), " is not a file");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  WHY_CHECK(descriptor >= 0, "cannot open ", path.string(), ": ", std::strerror(errno));
  struct stat status {};
  auto mapping = std::make_shared<Mapping>();
  if (::fstat(descriptor, &status) == 0 && status.st_size > 0) {
    void* address =
        ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address != MAP_FAILED) {
      mapping->address = address;
      mapping->size = static_cast<std::size_t>(status.st_size);
    }
  }
  ::close(descriptor);
  WHY_CHECK(mapping->address || status.st_size == 0, "cannot map ", path.string(), ": ",
            std::strerror(errno));
  return mapping;
}

// ---- Half precision

float widen_f16(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu, fraction = bits & 0x3ffu;
  if (exponent == 0) {  // zero and subnormal: fraction / 2^24
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -value : value;
  }
  const std::uint32_t wide = exponent == 0x1f ? 0xffu : exponent + 112;  // the biases differ by 127 - 15
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float widen_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

template <class Bits, class Widen>
std::vector<float> widened(const TensorView& tensor, const Widen& widen) {
  std::vector<float> out(tensor.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits;  // copied, for tensors need not be aligned
    std::memcpy(&bits, tensor.bytes.data() + i * sizeof bits, sizeof bits);
    out[i] = widen(bits);
  }
  return out;
}

}  // namespace

std::string type_name(TensorType type) { return type_info(type).name; }

std::size_t TensorView::size() const { return bytes.size() / type_info(type).bytes; }

std::vector<float> TensorView::floats() const {
  switch (type) {
    case TensorType::f32:
      return widened<float>(*this, [](float value) { return value; });
    case TensorType::f16:
      return widened<std::uint16_t>(*this, widen_f16);
    case TensorType::bf16:
      return widened<std::uint16_t>(*this, widen_bf16);
    case TensorType::i64:
      break;
  }
  throw UserError("a tensor of type I64 was found where floating-point numbers are wanted");
}

std::vector<std::int64_t> TensorView::integers() const {
  WHY_CHECK(type == TensorType::i64, "a tensor of type ", type_name(type),
            " was found where integers are wanted");
  std::vector<std::int64_t> out(size());
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

SafeTensors SafeTensors::parse(std::span<const std::byte> contents, const std::string& name) {
  const auto length = header_length(contents, name);
  const std::string_view header(reinterpret_cast<const char*>(contents.data()) + kPrefix, length);
  WHY_CHECK(header.starts_with('{'), name, ": the header does not begin with {");
  const nlohmann::json json = parse_json(header, name, kMaxDepth);

  SafeTensors out;
  out.name_ = name;
  std::map<std::string, Entry> entries;
  for (const auto& [key, fields] : json.items()) {
    if (key == "__metadata__")
      out.metadata_ = read_metadata(fields, name);
    else
      entries[key] = EntryReader(fields, text(name, ": tensor \"", key, "\"")).read();
  }
  const auto data = contents.subspan(kPrefix + length);
  check_layout(entries, data.size(), name);
  for (auto& [key, entry] : entries)
    out.tensors_[key] = {entry.type, std::move(entry.shape),
                         data.subspan(entry.begin, entry.end - entry.begin)};
  return out;
}

SafeTensors SafeTensors::open(const std::filesystem::path& path) {
  const auto mapping = map_file(path);
  SafeTensors out = parse({static_cast<const std::byte*>(mapping->address), mapping->size}, path.string());
  out.mapping_ = mapping;
  return out;
}

const TensorView& SafeTensors::at(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  if (found != tensors_.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [name, view] : tensors_) known.push_back(name);
  const auto nearest = nearest_name(tensor, known);
  throw UserError(text(name_, " has no tensor \"", tensor, "\"",
                       nearest.empty() ? "" : text("; the nearest is \"", nearest, "\"")));
}

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  // Wide types first, so that every tensor is aligned to its own width.
  std::vector<std::pair<std::string, const TensorView*>> order;
  for (const auto& [name, tensor] : tensors) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return type_info(a.second->type).bytes > type_info(b.second->type).bytes;
  });

  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : order) {
    const std::uint64_t end = offset + tensor->bytes.size();
    header[name] = {
        {"dtype", type_name(tensor->type)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }

  std::string head = header.dump();
  head.append((kPrefix - head.size() % kPrefix) % kPrefix, ' ');
  const std::uint64_t length = head.size();
  std::string contents(reinterpret_cast<const char*>(&length), kPrefix);
  contents += head;
  for (const auto& [name, tensor] : order)
    contents.append(reinterpret_cast<const char*>(tensor->bytes.data()), tensor->bytes.size());
  write_file(path, contents);
}

}  // namespace why
