// The folder that --model takes:
//
//   bundle.yaml         what the model is; strict keys (describe below lists them)
//
// and of a recommender
//
//   model.safetensors   weights of an architecture that the program builds itself, or
//   model.pt            a TorchScript module
//   items.txt           the dataset's own item ids, one a line; line j has the score j
//
// of a text model
//
//   model.pt            a TorchScript module
//   tokenizer.json, vocab.txt, …   what open_tokenizer reads (tokenizer.h)
//
// or, in place of these two, an adapter (peft.h) to a Hugging Face folder that stays where it is:
//
//   adapter_config.json, adapter_model.safetensors
//   bundle.yaml names the folder as `base`, looked for in the current folder, then in the bundle and in the
//   folders above it, and the SHA-256 of its model.safetensors
//
// No Torch: a bundle can be looked at, and refused, in milliseconds.
#pragma once

#include <filesystem>

#include "core/config.h"
#include "models/model.h"

namespace why {

inline constexpr char kBundleFile[] = "bundle.yaml";
inline constexpr char kItemsFile[] = "items.txt";
inline constexpr char kWeightsFile[] = "model.safetensors";
inline constexpr char kScriptFile[] = "model.pt";

// The recommenders and the families of encoders that are built here.
inline const std::vector<std::string> kRecommenders = {"bert4rec", "sasrec"};
inline const std::vector<std::string> kEncoderFamilies = {"bert",        "distilbert", "roberta",
                                                          "xlm-roberta", "electra",    "albert"};

// The keys of bundle.yaml; which there are depends on the kind.
void describe(Fields& fields, BundleInfo& info);

// How many scores a text model gives an input.
int text_outputs(const BundleInfo& info);

// UserError for a folder without bundle.yaml, for an unknown or missing key, numbers that do not fit each
// other, items that are missing, repeated or too few, and a base that is not found.
BundleInfo read_bundle(const std::filesystem::path& folder);
// The same without looking for the base of an adapter.
BundleInfo read_bundle_alone(const std::filesystem::path& folder);

// bundle.yaml, and items.txt of a recommender, into a folder that exists; the rest is the caller's.
void write_bundle(const std::filesystem::path& folder, const BundleInfo& info);

}  // namespace why
