#include "experiments/tasks/text_reader.h"

#include <algorithm>

#include "core/errors.h"
#include "core/printable.h"

namespace why {
namespace {

constexpr std::string_view kMaskInTexts = "[MASK]";
constexpr std::size_t kMostShown = 40;  // letters of a text in an error

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

const std::string& name_of(TextUnit unit) { return kUnits[static_cast<std::size_t>(unit)]; }

}  // namespace

TextReader::TextReader(const BundleInfo& model, std::shared_ptr<const Tokenizer> tokenizer, TextUnit unit)
    : model_(model), tokenizer_(std::move(tokenizer)), unit_(unit) {
  if (model_.kind == "masked-lm") {
    WHY_CHECK(model_.mask_id >= 0 && tokenizer_->special().mask == model_.mask_id, model_.path,
              " cannot say a masked word: its tokenizer has no mask token with the bundle's mask_id ",
              model_.mask_id);
  } else {
    WHY_ASSERT(model_.kind == "classifier");
    const Encoding nothing = tokenizer_->encode("");
    WHY_CHECK(!nothing.ids.empty() && nothing.special[0] && nothing.ids[0] == tokenizer_->special().cls,
              "the tokenizer of ", model_.path,
              " puts no [CLS] token in front of a text, and that is what is explained");
  }
}

std::string TextReader::prepared(std::string_view text) const {
  std::string out = valid_utf8(text);
  const int mask = tokenizer_->special().mask;
  return mask < 0 ? out : replaced(std::move(out), kMaskInTexts, tokenizer_->token(mask));
}

void TextReader::cut(TextInput& input, Encoding& encoding) const {
  const std::size_t tokens = encoding.ids.size(), most = static_cast<std::size_t>(model_.max_length);
  if (tokens <= most) return;
  const std::size_t words = text_nodes(input.text, encoding, TextUnit::word).size();
  WHY_CHECK(added_behind(encoding) < most, model_.path, " takes ", most, " tokens, too few for any text");
  encoding = cut_to(std::move(encoding), most);
  const std::size_t seen = text_nodes(input.text, encoding, TextUnit::word).size();
  input.warnings.push_back(::why::text("the text has ", tokens, " tokens and the model takes ", most,
                                       ": the last ", words - seen, " of its ", words,
                                       " words were left out"));
}

int TextReader::target_of(const Encoding& encoding) const {
  if (model_.kind == "classifier") return 0;
  const auto& ids = encoding.ids;
  const auto masks = std::count(ids.begin(), ids.end(), model_.mask_id);
  WHY_CHECK(masks > 0, "the text has no ", kMaskInTexts, " within the ", model_.max_length, " tokens that ",
            model_.path, " takes; it stands for the word that the model is to predict");
  WHY_CHECK(masks == 1, "the text has ", masks, " masks, and one can be asked about");
  return static_cast<int>(std::find(ids.begin(), ids.end(), model_.mask_id) - ids.begin());
}

TextInput TextReader::look_at(std::string_view text) const {
  TextInput out;
  out.text = prepared(text);
  Encoding encoding = tokenizer_->encode(out.text);
  out.num_tokens = encoding.ids.size();
  cut(out, encoding);
  out.target = target_of(encoding);
  out.nodes = text_nodes(out.text, encoding, unit_);
  out.ids = std::move(encoding.ids);
  return out;
}

TextInput TextReader::read(std::string_view text) const {
  WHY_CHECK(!text.empty(), "the text is empty");
  TextInput out = look_at(text);
  const std::string shown = printable(out.text, kMostShown), &part = name_of(unit_);
  WHY_CHECK(!out.nodes.empty(), "the text \"", shown, "\" holds no ", part,
            unit_ == TextUnit::piece ? "" : " with a letter or a digit", ", so nothing in it can explain");
  WHY_CHECK(out.nodes.size() > 1, "the text \"", shown, "\" holds one ", part,
            ": without it nothing is left to answer from");
  return out;
}

}  // namespace why
