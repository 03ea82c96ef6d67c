// tokenizer.json, the file of the Hugging Face library: every step of a tokenizer by name.
//
// Known are the steps that encoders of the BERT family use. Any other is a UserError that names it: a step
// left out would give other ids without a word.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/formats/tokenizers/pipeline.h"
#include "models/formats/tokenizers/settings.h"

namespace why {

// `name` stands for the file in errors. The settings go before what the file says, as they do in
// Transformers.
PipelineParts parse_tokenizer_json(std::string_view contents, const std::string& name,
                                   const TokenizerSettings& settings);

}  // namespace why
