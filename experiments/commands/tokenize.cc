#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/errors.h"
#include "experiments/commands/commands.h"
#include "models/formats/tokenizer.h"

namespace why {
namespace {

enum class Output { ids, pieces, json };

std::vector<std::string> pieces_of(const Tokenizer& tokenizer, const Encoding& encoding) {
  std::vector<std::string> out;
  for (const auto id : encoding.ids) out.push_back(tokenizer.token(static_cast<int>(id)));
  return out;
}

std::string to_json(const Tokenizer& tokenizer, const Encoding& encoding) {
  nlohmann::ordered_json line;
  line["ids"] = encoding.ids;
  line["pieces"] = pieces_of(tokenizer, encoding);
  line["spans"] = nlohmann::ordered_json::array();
  for (const auto& span : encoding.spans) line["spans"].push_back({span.begin, span.end});
  line["special"] = encoding.special;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string to_line(const Tokenizer& tokenizer, const Encoding& encoding, Output output) {
  if (output == Output::json) return to_json(tokenizer, encoding);
  if (output == Output::pieces) return fmt::format("{}", fmt::join(pieces_of(tokenizer, encoding), " "));
  return fmt::format("{}", fmt::join(encoding.ids, " "));
}

void tokenize(const std::string& model, Output output) {
  const auto tokenizer = open_tokenizer_of_model(model);
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::string answer = to_line(*tokenizer, tokenizer->encode(line), output);
    std::fwrite(answer.data(), 1, answer.size(), stdout);
    std::fputc('\n', stdout);
  }
  WHY_CHECK(!std::ferror(stdin), "cannot read stdin");  // std::cin reads through it
}

}  // namespace

void add_tokenize(CLI::App& app) {
  auto* command = app.add_subcommand(
      "tokenize", "token ids of the lines on stdin, a line each; bytes that are no UTF-8 are read as U+FFFD");
  const auto model = std::make_shared<std::string>();
  const auto pieces = std::make_shared<bool>(false), json = std::make_shared<bool>(false);
  command->add_option("--model", *model, "a bundle or a Hugging Face folder: tokenizer.json or a vocabulary")
      ->required();
  auto* as_pieces =
      command->add_flag("--pieces", *pieces, "the tokens as the vocabulary writes them, in place of ids");
  command
      ->add_flag(
          "--json", *json,
          "an object a line: ids, pieces, spans (bytes of the line; [0, 0] if added), special (0 or 1)")
      ->excludes(as_pieces);
  command->callback([=] { tokenize(*model, *json ? Output::json : *pieces ? Output::pieces : Output::ids); });
}

}  // namespace why
