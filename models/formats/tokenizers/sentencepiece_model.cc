#include "models/formats/tokenizers/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include <optional>
#include <string_view>

#include "core/errors.h"
#include "core/files.h"

namespace why {
namespace {

// ---- The two fields of the file that the library keeps to itself. A message of protocol buffers is a row of
// fields, each a key (field number and wire type) and a number or bytes.

constexpr std::uint64_t kTrainerSpec = 2, kModelType = 3;  // of ModelProto, of TrainerSpec
constexpr std::uint64_t kNormalizerSpec = 3, kRules = 2;   // of ModelProto, of NormalizerSpec

struct Field {
  std::uint64_t number = 0, value = 0;
  std::string_view bytes;
};

class Fields {
 public:
  explicit Fields(std::string_view message) : rest_(message) {}

  // Empty at the end, and at what is no field.
  std::optional<Field> next() {
    const auto key = number();
    if (!key) return std::nullopt;
    Field field;
    field.number = *key >> 3;
    switch (*key & 7) {
      case 0: {
        const auto value = number();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        return bytes(field, 8);
      case 2: {
        const auto length = number();
        return length ? bytes(field, *length) : std::nullopt;
      }
      case 5:
        return bytes(field, 4);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<Field> bytes(Field field, std::uint64_t length) {
    if (length > rest_.size()) return std::nullopt;
    field.bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return field;
  }

  std::string_view rest_;
};

// The last field of that number, as protocol buffers have it.
std::optional<Field> find(std::string_view message, std::uint64_t number) {
  std::optional<Field> found;
  Fields fields(message);
  while (const auto field = fields.next())
    if (field->number == number) found = field;
  return found;
}

std::optional<Field> find(std::string_view message, std::uint64_t outer, std::uint64_t inner) {
  const auto part = find(message, outer);
  return part ? find(part->bytes, inner) : std::nullopt;
}

class Library : public SubwordModel {
 public:
  Library(std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor, Vocabulary vocabulary,
          std::vector<int> ids)
      : processor_(std::move(processor)), vocabulary_(std::move(vocabulary)), ids_(std::move(ids)) {}

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  void split(std::string_view word, std::vector<Subword>& out) const override {
    const auto encoded = processor_->EncodeAsImmutableProto(word);
    for (const auto& piece : encoded.pieces())
      out.push_back({ids_.at(piece.id()), piece.begin(), piece.end()});
  }

 private:
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  Vocabulary vocabulary_;
  std::vector<int> ids_;
};

// Most of what is wrong the library answers with a status; its dictionaries throw, as over a piece that
// begins with a zero byte.
void load(sentencepiece::SentencePieceProcessor& processor, const std::string& contents,
          const std::string& name) {
  const auto check = [&](bool fine, std::string_view reason) {
    WHY_CHECK(fine, name, " is no SentencePiece model: ", reason);
  };
  try {
    const auto status = processor.LoadFromSerializedProto(contents);
    check(status.ok(), status.error_message());
  } catch (const UserError&) {
    throw;
  } catch (const std::exception& error) {
    const std::string_view message = error.what();  // "FILE:LINE: exception: failed to insert key: …"
    check(false, message.substr(message.rfind(": ") == message.npos ? 0 : message.rfind(": ") + 2));
  }
}

}  // namespace

SentencePieceModel::SentencePieceModel(const std::filesystem::path& file) {
  const std::string contents = read_file(file);
  sentencepiece::SetMinLogLevel(3);  // errors are thrown here, not printed there
  auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
  load(*processor, contents, file.string());
  const auto type = find(contents, kTrainerSpec, kModelType);
  const std::uint64_t code = type ? type->value : 1;
  WHY_CHECK(code == 1 || code == 2, file.string(), " is a SentencePiece model of type ", code,
            ", which is not supported; known: 1 (unigram), 2 (BPE)");
  type_ = code == 1 ? Type::unigram : Type::bpe;
  if (const auto rules = find(contents, kNormalizerSpec, kRules)) rules_ = rules->bytes;
  for (int id = 0; id < processor->GetPieceSize(); ++id)
    pieces_.push_back({processor->IdToPiece(id), processor->GetScore(id), processor->IsControl(id),
                       processor->IsUnknown(id)});
  processor_ = std::move(processor);
}

std::unique_ptr<SubwordModel> SentencePieceModel::as_it_is(Vocabulary vocabulary,
                                                           std::vector<int> ids) const {
  WHY_ASSERT(ids.size() == pieces_.size());
  return std::make_unique<Library>(processor_, std::move(vocabulary), std::move(ids));
}

}  // namespace why
